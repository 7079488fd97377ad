//! `POST /api/v1/tickets`, `GET /api/v1/tickets/{system}/{id}`; a slash in either part is percent-encoded.

use axum::extract::State;
use kb_actions::tickets;
use kb_domain::{Action, Ticket};
use kb_http::route::{create, get};
use kb_http::{Answer, Api, At, Caller, Created, Deps, Rejection, StrictJson};
use kb_store::repo::Stored;
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

fn body(stored: Stored<Ticket>) -> StoredTicket {
    StoredTicket {
        ticket: stored.value,
        version: stored.version,
    }
}

async fn put(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(ticket): StrictJson<Ticket>,
) -> Result<Created, Rejection> {
    let kept = tickets::put(&deps.kb, &ctx, ticket).await?;
    let body = body(kept.value().ticket.clone());
    let (system, id) = (&body.ticket.system, &body.ticket.id);
    let location = format!("/api/v1/tickets/{system}/{id}");
    let answer = if kept.value().is_new {
        Answer::created(&body, location)
    } else {
        Answer::ok(&body)
    };
    let answer = answer.version(body.version);
    Ok(Created::of(kept, answer))
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((system, id)): At<(String, String)>,
) -> Result<Answer, Rejection> {
    let body = body(tickets::read(&deps.kb, &ctx, &system, &id).await?);
    Ok(Answer::ok(&body).version(body.version))
}
