//! `POST /api/v1/tickets`, `GET /api/v1/tickets/{id}`; the id is `system` and id with a slash between, percent-encoded.

use axum::extract::{Path, State};
use axum::http::Method;
use axum::routing::{get, post};
use kb_actions::tickets;
use kb_domain::{Right, Ticket};
use kb_http::{Answer, Api, Caller, Deps, Operation, Policy, Rejection, SchemaOf, StrictJson};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A ticket with its conversation.
#[derive(ToSchema)]
#[schema(as = Ticket)]
#[expect(
    dead_code,
    reason = "describes the JSON of kb_domain::Ticket, which knows no OpenAPI"
)]
struct TicketSchema {
    /// The system it lives in, for example `zendesk:acme`.
    system: String,
    /// Its id there.
    id: String,
    subject: Option<String>,
    description: Option<String>,
    /// `{author: customer|agent|system, text, at?}`, oldest first.
    messages: Option<Vec<Value>>,
    tags: Option<Vec<String>>,
    locale: Option<String>,
    recipients: Option<Vec<String>>,
}

pub(crate) fn routes() -> Api {
    let ticket = || Some(SchemaOf::of::<TicketSchema>());
    let base = Operation {
        method: Method::POST,
        path: "/api/v1/tickets",
        policy: Policy::Needs(Right::Suggest),
        summary: "Keep a ticket as it is now",
        query: &[],
        if_match: false,
        body: ticket(),
        answer: (201, ticket()),
    };
    let read = Operation {
        method: Method::GET,
        path: "/api/v1/tickets/{system}/{id}",
        summary: "A ticket",
        body: None,
        answer: (200, ticket()),
        ..base.clone()
    };
    Api::new().route(base, post(put)).route(read, get(one))
}

fn body(ticket: &Ticket, version: u64) -> Value {
    let mut body = json!(ticket);
    body["version"] = version.into();
    body
}

async fn put(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    StrictJson(ticket): StrictJson<Ticket>,
) -> Result<Answer, Rejection> {
    let (stored, new) = tickets::put(&deps.kb, &scope, ticket).await?;
    let body = body(&stored.value, stored.version);
    let location = format!(
        "/api/v1/tickets/{}/{}",
        stored.value.system, stored.value.id
    );
    let answer = if new {
        Answer::created(&body, location)
    } else {
        Answer::ok(&body)
    };
    Ok(answer.version(stored.version))
}

async fn one(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path((system, id)): Path<(String, String)>,
) -> Result<Answer, Rejection> {
    let stored = tickets::get(&deps.kb, &scope, &system, &id).await?;
    Ok(Answer::ok(&body(&stored.value, stored.version)).version(stored.version))
}
