//! Tickets.

use crate::error::Error;
use crate::kb::{Kb, Scope};
use kb_domain::{Message, Right, Ticket};
use kb_events::EventKind;
use kb_store::repo::StoredTicket;

/// How often a write begins again because another one came between.
const ATTEMPTS: usize = 50;

/// Keeps a ticket as it is now; a repeated post of the same ticket writes nothing. Of several at once each is written, one
/// after the other. Answers whether it was new.
pub async fn put(kb: &Kb, scope: &Scope, ticket: Ticket) -> Result<(StoredTicket, bool), Error> {
    scope.demand(Right::Suggest)?;
    ticket.check()?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let before = kb.tickets.get(&ticket.system, &ticket.id).await?;
        match write(kb, scope, before, &ticket).await {
            Err(Error::Stale { .. }) if attempts < ATTEMPTS => {}
            done => return done,
        }
    }
}

/// Adds a message to a ticket; two that are added at once both stay.
pub async fn reply(
    kb: &Kb,
    scope: &Scope,
    (system, id): (&str, &str),
    message: Message,
) -> Result<(), Error> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let before = get(kb, scope, system, id).await?;
        let mut ticket = before.value.clone();
        ticket.messages.push(message.clone());
        ticket.check()?;
        match write(kb, scope, Some(before), &ticket).await {
            Err(Error::Stale { .. }) if attempts < ATTEMPTS => {}
            done => return done.map(|_| ()),
        }
    }
}

async fn write(
    kb: &Kb,
    scope: &Scope,
    before: Option<StoredTicket>,
    ticket: &Ticket,
) -> Result<(StoredTicket, bool), Error> {
    if let Some(same) = before.as_ref().filter(|b| b.value == *ticket) {
        return Ok((same.clone(), false));
    }
    let mut tx = kb.begin(scope.now);
    kb.tickets
        .put(&mut tx, ticket, before.as_ref().map(|b| b.version));
    let subject = format!("ticket:{}:{}", ticket.system, ticket.id);
    let version = kb
        .commit(tx, scope, EventKind::TicketPut, subject, &[])
        .await?;
    let stored = StoredTicket {
        value: ticket.clone(),
        version,
    };
    Ok((stored, before.is_none()))
}

/// One ticket.
pub async fn get(kb: &Kb, scope: &Scope, system: &str, id: &str) -> Result<StoredTicket, Error> {
    scope.demand(Right::Suggest)?;
    kb.tickets
        .get(system, id)
        .await?
        .ok_or(Error::NotFound("ticket"))
}

/// Tickets of a system, by id.
pub async fn list(
    kb: &Kb,
    scope: &Scope,
    system: &str,
    limit: usize,
    cursor: Option<String>,
) -> Result<(Vec<StoredTicket>, Option<String>), Error> {
    scope.demand(Right::Suggest)?;
    Ok(kb.tickets.list(system, limit, cursor).await?)
}
