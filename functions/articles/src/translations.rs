//! Translations: list, read, save, change, publish.

use crate::answer::{TranslationAnswer, TranslationLine};
use axum::extract::State;
use axum::http::HeaderMap;
use kb_actions::translations::{self, TranslationView};
use kb_actions::{Error, RequestContext, articles};
use kb_domain::{Action, ArticleId, Locale, Resource, TranslationDraft};
use kb_http::route::{get, patch, post, put};
use kb_http::{
    Answer, Api, At, Caller, Deps, IfMatch, PageQuery, Paging, Param, Patch, Rejection, StrictJson,
    StrictQuery, only_new, writable,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const TRANSLATIONS: &str = "/api/v1/articles/{article}/translations";
const TRANSLATION: &str = "/api/v1/articles/{article}/translations/{locale}";
const PUBLISH: &str = "/api/v1/articles/{article}/translations/{locale}/publish";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(TRANSLATIONS, list)
                .anybody()
                .doc("The languages of an article")
                .lists::<TranslationLine>(),
        )
        .with(
            get(TRANSLATION, read)
                .anybody()
                .doc("A translation with its text")
                .query(&[Param("revision", "`live`, or `working` for those who edit")])
                .answers::<TranslationAnswer>(),
        )
        .with(
            put(TRANSLATION, replace)
                .needs(Action::Edit)
                .doc("Save a draft; If-Match unless it is the first. Read-only fields may be sent back as they were read")
                .takes::<TranslationDraft>()
                .answers::<TranslationAnswer>(),
        )
        .with(
            patch(TRANSLATION, update)
                .needs(Action::Edit)
                .doc("Save a draft by a merge patch")
                .patches::<TranslationDraft>()
                .answers::<TranslationAnswer>(),
        )
        .with(
            post(PUBLISH, publish)
                .needs(Action::Publish)
                .doc("Make the working revision live")
                .if_match()
                .answers::<TranslationAnswer>(),
        )
}

async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ArticleId>,
    StrictQuery(query): StrictQuery<PageQuery>,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let list = format!("translations of {id}");
    let paging = Paging::read(&deps, &ctx, &list, query.limit, query.cursor.as_deref()).await?;
    let (found, next) = paging.cut(whole.translations, |t| t.value.locale.to_string());
    let items = found.iter().map(|t| TranslationLine::of(&ctx, t)).collect();
    Ok(Answer::ok(
        &paging.page(&deps, items, next.as_deref()).await?,
    ))
}

/// Which revision is read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Which {
    Live,
    #[default]
    Working,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadQuery {
    #[serde(default)]
    revision: Which,
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((id, locale)): At<(ArticleId, Locale)>,
    StrictQuery(query): StrictQuery<ReadQuery>,
    headers: HeaderMap,
) -> Result<Answer, Rejection> {
    let working = matches!(query.revision, Which::Working);
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let view = translations::view(&deps.kb, &ctx, &whole, &locale, working).await?;
    // The version moves with every draft, and only those who edit have a use for it.
    Ok(if ctx.edits(&whole.head.value) {
        answer(&ctx, &view).unless_known(&headers)
    } else {
        Answer::ok(&TranslationAnswer::of(&ctx, &view))
    })
}

fn answer(ctx: &RequestContext, view: &TranslationView) -> Answer {
    Answer::ok(&TranslationAnswer::of(ctx, view)).version(view.translation.version)
}

async fn replace(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((id, locale)): At<(ArticleId, Locale)>,
    headers: HeaderMap,
    StrictJson(sent): StrictJson<Map<String, Value>>,
) -> Result<Answer, Rejection> {
    let if_match = IfMatch::of(&headers)?;
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let view = translations::working(&deps.kb, &ctx, &whole, &locale).await?;
    let before = match (&view, if_match) {
        (None, None) => json!({"article": id, "locale": locale}),
        (None, Some(_)) => return Err(Error::NotFound(Resource::Translation).into()),
        (Some(view), None) if only_new(&headers) => {
            let current = view.translation.version;
            return Err(Error::Stale { current }.into());
        }
        (Some(_), None) => return Err(IfMatch::missing()),
        (Some(view), Some(if_match)) => {
            if_match.check(view.translation.version)?;
            json!(TranslationAnswer::of(&ctx, view))
        }
    };
    let draft: TranslationDraft = writable(sent, &before)?;
    let view = translations::save(&deps.kb, &ctx, &whole, &locale, view, draft).await?;
    Ok(answer(&ctx, &view))
}

async fn update(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((id, locale)): At<(ArticleId, Locale)>,
    patch: Patch<TranslationDraft>,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let view = translations::working(&deps.kb, &ctx, &whole, &locale).await?;
    let view = view.ok_or(Error::NotFound(Resource::Translation))?;
    let version = view.translation.version;
    let before = TranslationAnswer::of(&ctx, &view).without_note();
    let draft = patch.onto(version, &before)?;
    let view = translations::save(&deps.kb, &ctx, &whole, &locale, Some(view), draft).await?;
    Ok(answer(&ctx, &view))
}

async fn publish(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((id, locale)): At<(ArticleId, Locale)>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let found = whole.translation(&locale);
    let found = found.ok_or(Error::NotFound(Resource::Translation))?;
    if_match.check(found.version)?;
    let working = translations::view(&deps.kb, &ctx, &whole, &locale, true).await?;
    let view = translations::publish(&deps.kb, &ctx, &whole, working).await?;
    Ok(answer(&ctx, &view))
}
