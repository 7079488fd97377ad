//! Tickets.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{Action, Message, Resource, Ticket};
use kb_events::{Attempts, Happened, Prepared};
use kb_store::repo::Stored;
use kb_store::{Query, keys};

/// A ticket as kept, and whether it is new.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The ticket.
    pub ticket: Stored<Ticket>,
    /// Whether there was none before.
    pub is_new: bool,
}

/// Keeps a ticket as it is now; a repeated post of the same ticket writes nothing. The commit fails as stale when another post
/// comes between: the caller begins again.
pub async fn put(kb: &Kb, ctx: &RequestContext, ticket: Ticket) -> Result<Prepared<Kept>, Error> {
    ctx.demand(Action::SeeTickets)?;
    ticket.check()?;
    let key = keys::ticket(&ticket.system, &ticket.id);
    let before = kb.store().get::<Ticket>(&key).await?;
    Ok(prepare(kb, ctx, before.as_ref(), ticket))
}

/// Adds a message to a ticket; two that are added at once both stay.
pub async fn reply(
    kb: &Kb,
    ctx: &RequestContext,
    (system, id): (&str, &str),
    message: Message,
) -> Result<(), Error> {
    let mut attempts = Attempts::default();
    loop {
        let before = read(kb, ctx, system, id).await?;
        let mut ticket = before.value.clone();
        ticket.messages.push(message.clone());
        ticket.check()?;
        let written = prepare(kb, ctx, Some(&before), ticket);
        match written.commit(kb.store()).await.map_err(Error::from) {
            Err(error) if attempts.again(error.is_stale()) => {}
            done => return done.map(|_| ()),
        }
    }
}

fn prepare(
    kb: &Kb,
    ctx: &RequestContext,
    before: Option<&Stored<Ticket>>,
    ticket: Ticket,
) -> Prepared<Kept> {
    if let Some(same) = before.filter(|b| b.value == ticket) {
        return Prepared::nothing(Kept {
            ticket: same.clone(),
            is_new: false,
        });
    }
    let mut work = ctx.work();
    work.replace_or_insert(before, &ticket);
    let put = Happened::TicketPut {
        system: ticket.system.clone(),
        ticket: ticket.id.clone(),
    };
    work.happened(ctx.author(kb), put, |version| Kept {
        ticket: Stored {
            value: ticket,
            version,
        },
        is_new: before.is_none(),
    })
}

/// One ticket.
pub async fn read(
    kb: &Kb,
    ctx: &RequestContext,
    system: &str,
    id: &str,
) -> Result<Stored<Ticket>, Error> {
    ctx.demand(Action::SeeTickets)?;
    let found = kb.store().get(&keys::ticket(system, id)).await?;
    found.ok_or(Error::NotFound(Resource::Ticket))
}

/// Tickets of a system, by id.
pub async fn list(
    kb: &Kb,
    ctx: &RequestContext,
    system: &str,
    limit: usize,
    cursor: Option<String>,
) -> Result<(Vec<Stored<Ticket>>, Option<String>), Error> {
    ctx.demand(Action::SeeTickets)?;
    let query = Query {
        limit,
        cursor,
        ..Query::partition(keys::ticket_partition(system), ctx.now.unix_seconds())
    };
    Ok(kb.store().page(&query).await?)
}
