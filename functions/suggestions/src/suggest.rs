//! `POST /api/v1/suggestions`.

use axum::extract::State;
use axum::http::Method;
use axum::routing::post;
use kb_actions::suggest;
use kb_domain::{Action, Channel, Ticket};
use kb_http::schema::TicketSchema;
use kb_http::{
    Answer, Api, Caller, Deps, Operation, PassageAnswer, Policy, Rejection, SchemaOf, StrictJson,
    snippet, strength,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) fn routes() -> Api {
    let operation = Operation {
        method: Method::POST,
        path: "/api/v1/suggestions",
        policy: Policy::Needs(Action::Suggest),
        summary: "Articles for a ticket with its whole conversation",
        query: &[],
        if_match: false,
        body: Some(SchemaOf::of::<SuggestBody>()),
        answer: (200, Some(SchemaOf::of::<SuggestAnswer>())),
    };
    Api::new().route(operation, post(handle))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SuggestBody {
    /// The ticket.
    #[schema(value_type = TicketSchema)]
    ticket: Ticket,
    /// How many, 1 to 20; 5 by default.
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
struct SuggestAnswer {
    id: String,
    /// Key terms of the ticket, most telling first.
    terms: Vec<String>,
    suggestions: Vec<Suggestion>,
}

#[derive(Serialize, ToSchema)]
struct Suggestion {
    article: String,
    revision: String,
    locale: String,
    title: String,
    url: String,
    path: Vec<String>,
    passage: PassageAnswer,
    /// Who may read it, in short: what goes to a customer must be public.
    audience: String,
    strength: String,
    reason: ReasonAnswer,
}

#[derive(Serialize, ToSchema)]
struct ReasonAnswer {
    terms: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<String>,
    text: String,
}

async fn handle(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(body): StrictJson<SuggestBody>,
) -> Result<Answer, Rejection> {
    let limit = body.limit.unwrap_or(5);
    if !(1..=20).contains(&limit) {
        let detail = "1 to 20 suggestions stand beside a ticket";
        return Err(kb_domain::Error::field("/limit", "range", detail).into());
    }
    let found = suggest::suggest(&deps.kb, &ctx, body.ticket, limit, Channel::Api).await?;
    let registry = deps.kb.registry(&ctx.gate).await?;
    let suggestions = found.suggestions.into_iter().map(|(placed, reason)| {
        let hit = placed.hit;
        let audience = hit
            .audience
            .and_then(|id| registry.get(&id))
            .map_or_else(|| "unknown".to_owned(), ToString::to_string);
        let words = reason.terms.join(", ");
        let text = reason.heading.as_ref().map_or_else(
            || format!("matches {words}"),
            |h| format!("matches {words} in '{h}'"),
        );
        Suggestion {
            article: hit.article.to_string(),
            revision: hit.revision.to_string(),
            locale: hit.locale.to_string(),
            title: hit.title,
            url: placed.url,
            path: placed.path,
            passage: PassageAnswer {
                anchor: hit.anchor,
                heading: hit.heading,
                snippet: snippet(&hit.snippet),
            },
            audience,
            strength: strength(hit.strength).to_owned(),
            reason: ReasonAnswer {
                terms: reason.terms,
                heading: reason.heading,
                text,
            },
        }
    });
    Ok(Answer::ok(&SuggestAnswer {
        id: found.id.to_string(),
        terms: found.terms,
        suggestions: suggestions.collect(),
    }))
}
