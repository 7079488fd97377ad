//! `POST /api/v1/tickets`, `GET /api/v1/tickets/{id}`; the id is `system` and id with a slash between, percent-encoded.

use axum::extract::{Path, State};
use axum::http::Method;
use axum::routing::get;
use kb_actions::tickets;
use kb_domain::{Action, Ticket};
use kb_http::schema::TicketSchema;
use kb_http::{
    Answer, Api, Caller, Created, Deps, Operation, Policy, Rejection, SchemaOf, StrictJson,
};
use kb_store::repo::Stored;
use serde::Serialize;
use utoipa::ToSchema;

/// A ticket as it is kept.
#[derive(Serialize, ToSchema)]
struct StoredTicket<'a> {
    #[serde(flatten)]
    #[schema(value_type = TicketSchema)]
    ticket: &'a Ticket,
    version: u64,
}

pub(crate) fn routes() -> Api {
    let ticket = || Some(SchemaOf::of::<StoredTicket<'static>>());
    let base = Operation {
        method: Method::POST,
        path: "/api/v1/tickets",
        policy: Policy::Needs(Action::SeeTickets),
        summary: "Keep a ticket as it is now",
        query: &[],
        if_match: false,
        body: Some(SchemaOf::of::<TicketSchema>()),
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
    Api::new().create(base, put).route(read, get(one))
}

fn body(stored: &Stored<Ticket>) -> StoredTicket<'_> {
    StoredTicket {
        ticket: &stored.value,
        version: stored.version,
    }
}

async fn put(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(ticket): StrictJson<Ticket>,
) -> Result<Created, Rejection> {
    let kept = tickets::put(&deps.kb, &ctx, ticket).await?;
    let stored = &kept.value().ticket;
    let body = body(stored);
    let location = format!(
        "/api/v1/tickets/{}/{}",
        stored.value.system, stored.value.id
    );
    let answer = if kept.value().is_new {
        Answer::created(&body, location)
    } else {
        Answer::ok(&body)
    };
    let answer = answer.version(stored.version);
    Ok(Created::of(kept, answer))
}

async fn one(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((system, id)): Path<(String, String)>,
) -> Result<Answer, Rejection> {
    let stored = tickets::read(&deps.kb, &ctx, &system, &id).await?;
    Ok(Answer::ok(&body(&stored)).version(stored.version))
}
