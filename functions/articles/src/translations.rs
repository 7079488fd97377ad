//! Translations: read, save, publish, history.

use crate::answer::{article_id, translation};
use crate::operation;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, header};
use axum::routing::{get, post, put};
use kb_actions::translations;
use kb_domain::{Body, Locale, Right, TranslationDraft};
use kb_http::{
    Answer, Api, Caller, Deps, IfMatch, Operation, Param, Rejection, SchemaOf, StrictJson,
    StrictQuery,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

const TRANSLATION: &str = "/api/v1/articles/{article}/translations/{locale}";

pub(crate) fn routes() -> Api {
    let read = Operation {
        query: &[Param("revision", "`live`, or `working` for those who edit")],
        ..operation(
            Method::GET,
            TRANSLATION,
            "A translation with its text",
            Right::View,
        )
    };
    let save = Operation {
        body: Some(SchemaOf::of::<DraftBody>()),
        ..operation(
            Method::PUT,
            TRANSLATION,
            "Save a draft; If-Match unless it is the first",
            Right::Edit,
        )
    };
    let publish = Operation {
        if_match: true,
        ..operation(
            Method::POST,
            "/api/v1/articles/{article}/translations/{locale}/publish",
            "Make the working revision live",
            Right::Publish,
        )
    };
    let revisions = Operation {
        query: &[Param("cursor", "where the page before ended")],
        ..operation(
            Method::GET,
            "/api/v1/articles/{article}/translations/{locale}/revisions",
            "Revisions, newest first",
            Right::Edit,
        )
    };
    Api::new()
        .route(read, get(read_handler))
        .route(save, put(save_handler))
        .route(publish, post(publish_handler))
        .route(revisions, get(revisions_handler))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DraftBody {
    title: String,
    #[serde(default)]
    summary: String,
    /// `{format: markdown|html|text, source}`
    #[schema(value_type = Object)]
    body: Body,
    #[serde(default)]
    note: String,
}

fn locale_of(text: &str) -> Result<Locale, Rejection> {
    text.parse()
        .map_err(|e: kb_domain::Error| Rejection::parameter("locale", e.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadQuery {
    revision: Option<String>,
}

async fn read_handler(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path((id, locale)): Path<(String, String)>,
    StrictQuery(query): StrictQuery<ReadQuery>,
) -> Result<Answer, Rejection> {
    let working = match query.revision.as_deref() {
        Some("live") => false,
        None | Some("working") => true,
        Some(_) => return Err(Rejection::parameter("revision", "live or working")),
    };
    let view = translations::read(
        &deps.kb,
        &scope,
        article_id(&id)?,
        &locale_of(&locale)?,
        working,
    )
    .await?;
    let answer = Answer::ok(&translation(&scope, &view));
    // The version moves with every draft, and only those who edit have a use for it.
    Ok(if scope.viewer.may(Right::Edit) {
        answer.version(view.translation.version)
    } else {
        answer
    })
}

async fn save_handler(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path((id, locale)): Path<(String, String)>,
    headers: HeaderMap,
    StrictJson(body): StrictJson<DraftBody>,
) -> Result<Answer, Rejection> {
    let (id, locale) = (article_id(&id)?, locale_of(&locale)?);
    scope.demand(Right::Edit)?;
    let exists = kb_actions::articles::read(&deps.kb, &scope, id)
        .await?
        .translation(&locale)
        .is_some();
    let version = match headers
        .get(header::IF_MATCH)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.trim().trim_matches('"').parse().ok())
    {
        None if exists => {
            let detail =
                "send If-Match with the ETag of the version that the change is made for".to_owned();
            return Err(Rejection::Request("precondition-required", detail));
        }
        version => version,
    };
    let draft = TranslationDraft {
        title: body.title,
        summary: body.summary,
        body: body.body,
        note: body.note,
    };
    let view = translations::save(&deps.kb, &scope, id, &locale, version, draft).await?;
    Ok(Answer::ok(&translation(&scope, &view)).version(view.translation.version))
}

async fn publish_handler(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path((id, locale)): Path<(String, String)>,
    IfMatch(version): IfMatch,
) -> Result<Answer, Rejection> {
    let view = translations::publish(
        &deps.kb,
        &scope,
        article_id(&id)?,
        &locale_of(&locale)?,
        version,
    )
    .await?;
    Ok(Answer::ok(&translation(&scope, &view)).version(view.translation.version))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevisionsQuery {
    cursor: Option<String>,
}

async fn revisions_handler(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path((id, locale)): Path<(String, String)>,
    StrictQuery(query): StrictQuery<RevisionsQuery>,
) -> Result<Answer, Rejection> {
    let (id, locale) = (article_id(&id)?, locale_of(&locale)?);
    let list = format!("revisions of {id} in {locale} for {}", scope.viewer.name);
    let cursor = query
        .cursor
        .map(|c| deps.cursors.open(&list, &c))
        .transpose()?;
    let (page, next) = translations::revisions(&deps.kb, &scope, id, &locale, 50, cursor).await?;
    let items: Vec<_> = page.iter().map(|r| json!({"id": r.id, "number": r.number, "title": r.title, "author": r.author, "note": r.note, "at": r.at, "hash": r.hash})).collect();
    Ok(Answer::ok(
        &json!({"items": items, "next": next.map(|n| deps.cursors.seal(&list, &n))}),
    ))
}
