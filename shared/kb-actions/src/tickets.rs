//! Tickets.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use futures::future::try_join_all;
use kb_domain::{Action, Message, Resource, Ticket};
use kb_events::{Attempts, Happened, Prepared};
use kb_store::repo::Stored;
use kb_store::{Condition, Key, Query, keys};

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
    ctx.demand_for(Action::SeeTickets, &ticket.system)?;
    ticket.check()?;
    let before = find(kb, &ticket.system, &ticket.id).await?;
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
        ctx.demand_for(Action::SeeTickets, system)?;
        let found = find(kb, system, id).await?;
        let before = found.ok_or(Error::NotFound(Resource::Ticket))?;
        let mut ticket = before.ticket.value.clone();
        ticket.messages.push(message.clone());
        ticket.check()?;
        let written = prepare(kb, ctx, Some(&before), ticket);
        match written.commit(kb.store()).await.map_err(Error::from) {
            Err(error) if attempts.again(error.is_stale()) => {}
            done => return done.map(|_| ()),
        }
    }
}

/// A ticket that was found, and where.
struct Found {
    ticket: Stored<Ticket>,
    /// Its key, where an older program wrote it; it moves with the next write.
    older: Option<Key>,
}

/// Looks where tickets are, and then where an older program put them.
async fn find(kb: &Kb, system: &str, id: &str) -> Result<Option<Found>, Error> {
    let older = keys::older_ticket(system, id);
    for (key, older) in [
        (keys::ticket(system, id), None),
        (older.clone(), Some(older)),
    ] {
        let found = kb.store().get::<Ticket>(&key).await?;
        // The older partition of one system may have the name of a newer one of another.
        if let Some(ticket) = found.filter(|t| t.value.system == system && t.value.id == id) {
            return Ok(Some(Found { ticket, older }));
        }
    }
    Ok(None)
}

fn prepare(
    kb: &Kb,
    ctx: &RequestContext,
    before: Option<&Found>,
    ticket: Ticket,
) -> Prepared<Kept> {
    if let Some(same) = before.filter(|b| b.ticket.value == ticket) {
        return Prepared::nothing(Kept {
            ticket: same.ticket.clone(),
            is_new: false,
        });
    }
    let mut work = ctx.work();
    match before {
        Some(Found {
            ticket: before,
            older: Some(key),
        }) => {
            work.delete(key.clone(), Condition::Version(before.version));
            work.insert(&ticket);
        }
        other => work.replace_or_insert(other.map(|b| &b.ticket), &ticket),
    }
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
    ctx.demand_for(Action::SeeTickets, system)?;
    let found = find(kb, system, id).await?;
    let found = found.ok_or(Error::NotFound(Resource::Ticket))?;
    Ok(found.ticket)
}

/// Tickets of a system, by id, from `cursor` on, and where the next ones begin.
pub async fn list(
    kb: &Kb,
    ctx: &RequestContext,
    system: &str,
    limit: usize,
    cursor: Option<String>,
) -> Result<(Vec<Stored<Ticket>>, Option<String>), Error> {
    ctx.demand_for(Action::SeeTickets, system)?;
    let partitions = keys::ticket_partitions(system).into_iter();
    let pages = partitions.map(|partition| {
        let query = Query {
            limit: limit + 1,
            from: cursor.clone(),
            ..Query::partition(partition, ctx.now.unix_seconds())
        };
        async move { kb.store().page::<Ticket>(&query).await }
    });
    let mut found: Vec<Stored<Ticket>> = Vec::new();
    for (tickets, _) in try_join_all(pages).await? {
        found.extend(tickets.into_iter().filter(|t| t.value.system == system));
    }
    found.sort_by_cached_key(|t| keys::ticket_sort(&t.value.id));
    let next = found.get(limit).map(|t| keys::ticket_sort(&t.value.id));
    found.truncate(limit);
    Ok((found, next))
}
