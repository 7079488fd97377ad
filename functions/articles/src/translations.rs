//! Translations: list, read, save, change, publish.

use crate::answer::{TranslationAnswer, TranslationLine, article_id};
use crate::operation;
use crate::portals::object;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::routing::{get, patch, post, put};
use kb_actions::translations::{self, TranslationView};
use kb_actions::{Error, RequestContext, articles};
use kb_domain::{Action, Body, Locale, Resource, TranslationDraft};
use kb_http::schema::{BodySchema, FormatSchema};
use kb_http::{
    Answer, Api, Caller, Deps, IfMatch, Operation, PAGE_PARAMS, PageQuery, Paging, Param,
    Rejection, SchemaOf, StrictJson, StrictQuery, merge, writable,
};
use kb_store::repo::ArticleWithTexts;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

const TRANSLATIONS: &str = "/api/v1/articles/{article}/translations";
const TRANSLATION: &str = "/api/v1/articles/{article}/translations/{locale}";

/// The fields that an author writes.
const WRITABLE: [&str; 4] = ["title", "summary", "body", "note"];

pub(crate) fn routes() -> Api {
    let answer = || (200, Some(SchemaOf::of::<TranslationAnswer>()));
    let list_all = Operation {
        query: &PAGE_PARAMS,
        answer: (200, Some(SchemaOf::of::<TranslationList>())),
        ..operation(
            Method::GET,
            TRANSLATIONS,
            "The languages of an article",
            Action::Read,
        )
    };
    let read = Operation {
        query: &[Param("revision", "`live`, or `working` for those who edit")],
        answer: answer(),
        ..operation(
            Method::GET,
            TRANSLATION,
            "A translation with its text",
            Action::Read,
        )
    };
    let save = Operation {
        body: Some(SchemaOf::of::<DraftBody>()),
        answer: answer(),
        ..operation(
            Method::PUT,
            TRANSLATION,
            "Save a draft; If-Match unless it is the first",
            Action::Edit,
        )
    };
    let change = Operation {
        body: Some(SchemaOf::of::<DraftPatch>()),
        if_match: true,
        answer: answer(),
        ..operation(
            Method::PATCH,
            TRANSLATION,
            "Save a draft by a merge patch",
            Action::Edit,
        )
    };
    let publish_it = Operation {
        if_match: true,
        answer: answer(),
        ..operation(
            Method::POST,
            "/api/v1/articles/{article}/translations/{locale}/publish",
            "Make the working revision live",
            Action::Publish,
        )
    };
    Api::new()
        .route(list_all, get(list))
        .route(read, get(one))
        .route(save, put(replace))
        .route(change, patch(update))
        .route(publish_it, post(publish))
}

/// What an author saves. Fields that are answered and not named here may be sent back as they were read.
#[derive(Deserialize, ToSchema)]
struct DraftBody {
    title: String,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    summary: String,
    #[schema(value_type = BodySchema)]
    body: Body,
    /// Why this edit is made.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: String,
}

/// A merge patch (RFC 7396): fields that are absent stay.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never made")]
struct DraftPatch {
    title: Option<String>,
    /// null for none.
    summary: Option<String>,
    body: Option<BodyPatch>,
    /// Why this edit is made; never kept from the edit before.
    note: Option<String>,
}

/// A part of a body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never made")]
struct BodyPatch {
    format: Option<FormatSchema>,
    source: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct TranslationList {
    items: Vec<TranslationLine>,
    next: Option<String>,
}

pub(crate) fn locale_of(text: &str) -> Result<Locale, Rejection> {
    text.parse()
        .map_err(|e: kb_domain::Error| Rejection::parameter("locale", e.to_string()))
}

async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    StrictQuery(query): StrictQuery<PageQuery>,
) -> Result<Answer, Rejection> {
    let whole = articles::read(&deps.kb, &ctx, article_id(&id)?).await?;
    let list = format!("translations of {}", whole.head.value.id);
    let paging = Paging::read(&deps, &ctx, &list, query.limit, query.cursor.as_deref()).await?;
    let (page, next) = paging.cut(whole.translations, |t| t.value.locale.to_string());
    Ok(Answer::ok(&TranslationList {
        items: page.iter().map(|t| TranslationLine::of(&ctx, t)).collect(),
        next: paging.next(&deps, next.as_deref()).await?,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadQuery {
    revision: Option<String>,
}

async fn one(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((id, locale)): Path<(String, String)>,
    StrictQuery(query): StrictQuery<ReadQuery>,
    headers: HeaderMap,
) -> Result<Answer, Rejection> {
    let working = match query.revision.as_deref() {
        Some("live") => false,
        None | Some("working") => true,
        Some(_) => return Err(Rejection::parameter("revision", "live or working")),
    };
    let (id, locale) = (article_id(&id)?, locale_of(&locale)?);
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let view = translations::view(&deps.kb, &ctx, &whole, &locale, working).await?;
    // The version moves with every draft, and only those who edit have a use for it.
    Ok(if ctx.viewer.may(Action::Edit) {
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
    Path((id, locale)): Path<(String, String)>,
    headers: HeaderMap,
    StrictJson(sent): StrictJson<Map<String, Value>>,
) -> Result<Answer, Rejection> {
    let (id, locale) = (article_id(&id)?, locale_of(&locale)?);
    let if_match = IfMatch::of(&headers)?;
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let view = translations::working(&deps.kb, &ctx, &whole, &locale).await?;
    let before = match (&view, if_match) {
        (None, None) => json!({"article": id, "locale": locale}),
        (None, Some(_)) => return Err(Error::NotFound(Resource::Translation).into()),
        (Some(_), None) => return Err(IfMatch::missing()),
        (Some(view), Some(version)) => {
            IfMatch(version).check(view.translation.version)?;
            json!(TranslationAnswer::of(&ctx, view))
        }
    };
    let draft: DraftBody = writable(sent, &before, &WRITABLE)?;
    save(&deps, &ctx, &whole, &locale, view, draft).await
}

async fn update(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((id, locale)): Path<(String, String)>,
    if_match: IfMatch,
    StrictJson(sent): StrictJson<Map<String, Value>>,
) -> Result<Answer, Rejection> {
    let (id, locale) = (article_id(&id)?, locale_of(&locale)?);
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let view = translations::working(&deps.kb, &ctx, &whole, &locale).await?;
    let view = view.ok_or(Error::NotFound(Resource::Translation))?;
    if_match.check(view.translation.version)?;
    let before = json!(TranslationAnswer::of(&ctx, &view));
    let mut merged = before.clone();
    // A note tells of one edit.
    merge(&mut merged, json!({"note": null}));
    merge(&mut merged, Value::Object(sent));
    let draft: DraftBody = writable(object(merged), &before, &WRITABLE)?;
    save(&deps, &ctx, &whole, &locale, Some(view), draft).await
}

async fn save(
    deps: &Deps,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
    locale: &Locale,
    before: Option<TranslationView>,
    draft: DraftBody,
) -> Result<Answer, Rejection> {
    let draft = TranslationDraft {
        title: draft.title,
        summary: draft.summary,
        body: draft.body,
        note: draft.note,
    };
    let view = translations::save(&deps.kb, ctx, whole, locale, before, draft).await?;
    Ok(answer(ctx, &view))
}

async fn publish(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((id, locale)): Path<(String, String)>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let (id, locale) = (article_id(&id)?, locale_of(&locale)?);
    let whole = articles::read(&deps.kb, &ctx, id).await?;
    let found = whole
        .translation(&locale)
        .ok_or(Error::NotFound(Resource::Translation))?;
    if_match.check(found.version)?;
    let working = translations::view(&deps.kb, &ctx, &whole, &locale, true).await?;
    let view = translations::publish(&deps.kb, &ctx, &whole, working).await?;
    Ok(answer(&ctx, &view))
}
