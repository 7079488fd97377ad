//! `POST /api/v1/tickets`, `GET /api/v1/tickets/{system}/{id}`; a slash in either part is percent-encoded.

use axum::extract::State;
use kb_actions::tickets;
use kb_domain::{Action, Ticket};
use kb_http::route::{create, get};
use kb_http::{Answer, Api, At, Caller, Deps, Rejection, StrictJson};
use kb_store::repo;
use serde::Serialize;
use utoipa::ToSchema;

/// A ticket as it is kept.
#[derive(Serialize, ToSchema)]
struct StoredTicket {
    #[serde(flatten)]
    ticket: Ticket,
    version: u64,
}

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            create("/api/v1/tickets", put)
                .needs(Action::SeeTickets)
                .doc("Keep a ticket as it is now")
                .takes::<Ticket>()
                .answers::<StoredTicket>(),
        )
        .with(
            get("/api/v1/tickets/{system}/{id}", read)
                .needs(Action::SeeTickets)
                .doc("A ticket")
                .answers::<StoredTicket>(),
        )
}

fn body(stored: repo::StoredTicket) -> StoredTicket {
    StoredTicket {
        ticket: stored.value,
        version: stored.version,
    }
}

async fn put(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(ticket): StrictJson<Ticket>,
) -> Result<Answer, Rejection> {
    let (stored, new) = tickets::put(&deps.kb, &ctx, ticket).await?;
    let location = format!(
        "/api/v1/tickets/{}/{}",
        stored.value.system, stored.value.id
    );
    let body = body(stored);
    let answer = if new {
        Answer::created(&body, location)
    } else {
        Answer::ok(&body)
    };
    Ok(answer.version(body.version))
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((system, id)): At<(String, String)>,
) -> Result<Answer, Rejection> {
    let body = body(tickets::get(&deps.kb, &ctx, &system, &id).await?);
    Ok(Answer::ok(&body).version(body.version))
}
