//! Tickets.

use crate::error::Error;
use crate::kb::{Kb, RequestContext};
use kb_domain::{Action, Message, Resource, Ticket};
use kb_events::EventKind;
use kb_store::repo::StoredTicket;

/// How often a write begins again because another one came between.
const ATTEMPTS: usize = 50;

/// Keeps a ticket as it is now; a repeated post of the same ticket writes nothing. Of several at once each is written, one
/// after the other. Answers whether it was new.
pub async fn put(
    kb: &Kb,
    ctx: &RequestContext,
    ticket: Ticket,
) -> Result<(StoredTicket, bool), Error> {
    ctx.demand(Action::SeeTickets)?;
    ticket.check()?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let before = kb.tickets.get(&ticket.system, &ticket.id).await?;
        match write(kb, ctx, before, &ticket).await {
            Err(Error::Stale { .. }) if attempts < ATTEMPTS => {}
            done => return done,
        }
    }
}

/// Adds a message to a ticket; two that are added at once both stay.
pub async fn reply(
    kb: &Kb,
    ctx: &RequestContext,
    (system, id): (&str, &str),
    message: Message,
) -> Result<(), Error> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let before = get(kb, ctx, system, id).await?;
        let mut ticket = before.value.clone();
        ticket.messages.push(message.clone());
        ticket.check()?;
        match write(kb, ctx, Some(before), &ticket).await {
            Err(Error::Stale { .. }) if attempts < ATTEMPTS => {}
            done => return done.map(|_| ()),
        }
    }
}

async fn write(
    kb: &Kb,
    ctx: &RequestContext,
    before: Option<StoredTicket>,
    ticket: &Ticket,
) -> Result<(StoredTicket, bool), Error> {
    if let Some(same) = before.as_ref().filter(|b| b.value == *ticket) {
        return Ok((same.clone(), false));
    }
    let mut tx = kb.begin(ctx.now);
    kb.tickets
        .put(&mut tx, ticket, before.as_ref().map(|b| b.version));
    let subject = format!("ticket:{}:{}", ticket.system, ticket.id);
    let version = kb
        .commit(tx, ctx, EventKind::TicketPut, subject, &[])
        .await?;
    let stored = StoredTicket {
        value: ticket.clone(),
        version,
    };
    Ok((stored, before.is_none()))
}

/// One ticket.
pub async fn get(
    kb: &Kb,
    ctx: &RequestContext,
    system: &str,
    id: &str,
) -> Result<StoredTicket, Error> {
    ctx.demand(Action::SeeTickets)?;
    kb.tickets
        .get(system, id)
        .await?
        .ok_or(Error::NotFound(Resource::Ticket))
}

/// Tickets of a system, by id.
pub async fn list(
    kb: &Kb,
    ctx: &RequestContext,
    system: &str,
    limit: usize,
    cursor: Option<String>,
) -> Result<(Vec<StoredTicket>, Option<String>), Error> {
    ctx.demand(Action::SeeTickets)?;
    Ok(kb.tickets.list(system, limit, cursor).await?)
}
