//! Connections to other systems: made, tried, started, stopped, taken back, and what an admin says of what comes in.

mod health;
mod status;

pub use health::health;
pub use status::{Status, compared, keep_report, last_compared, report, status, stumbled};

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::remote::{Connection, Dying, Mapping, OAuthClient, Shape, Use};
use kb_domain::{Action, ConnectionId, Error as DomainError, Resource, Timestamp};
use kb_events::{Author, Change, Happened, Timer, Work};
use kb_store::keys;
use kb_store::record::Stored;
use kb_store::repo::{ConnectionClaim, Connections, Portals, Progress};
use std::collections::BTreeMap;

/// The stream of articles, in the rows of its progress.
pub const ARTICLES: &str = "articles";

/// The job that brings in what changes.
pub const PULL: &str = "crm.pull";
/// The job that compares everything.
pub const RECONCILE: &str = "crm.reconcile";
/// The job that reads and reports.
pub const TRIAL: &str = "crm.try";

/// What a new connection is made of.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// Which kind of system.
    pub vendor: String,
    /// The account, for example `zendesk:acme`.
    pub system: String,
    /// The answers to the vendor's questions.
    pub answers: BTreeMap<String, String>,
    /// By which client consent is asked for.
    pub client: Option<OAuthClient>,
}

/// What is done with a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It reads and reports, and writes nothing.
    Try,
    /// It works from now on.
    Start,
    /// It asks nobody until it is resumed.
    Pause,
    /// It goes on.
    Resume,
    /// What a listing missed may be taken away.
    Allow,
    /// Everything is listed and compared now.
    Reconcile,
}

/// Every connection, by name.
pub async fn list(kb: &Kb, ctx: &RequestContext) -> Result<Vec<Stored<Connection>>, Error> {
    ctx.demand(Action::Configure)?;
    let mut all = Connections::all(kb.store()).await?;
    all.sort_by(|a, b| a.value.name.cmp(&b.value.name));
    Ok(all)
}

/// One connection: by its id, or by its account.
pub async fn read(kb: &Kb, ctx: &RequestContext, name: &str) -> Result<Stored<Connection>, Error> {
    ctx.demand(Action::Configure)?;
    let found = match name.parse::<ConnectionId>() {
        Ok(id) => Connections::one(kb.store(), id).await?,
        Err(_) => Connections::by_system(kb.store(), name).await?,
    };
    found.ok_or(Error::NotFound(Resource::Connection))
}

/// Makes a connection, to which somebody consents next. An account that was connected before keeps its connection, with everything
/// that came by it; what it is asked by may change.
pub async fn make(
    kb: &Kb,
    ctx: &RequestContext,
    new: NewConnection,
) -> Result<Stored<Connection>, Error> {
    ctx.demand(Action::Configure)?;
    if let Some(known) = Connections::by_system(kb.store(), &new.system).await? {
        let mut after = known.value.clone();
        after.answers = new.answers;
        after.client = new.client;
        if after == known.value {
            return Ok(known);
        }
        return write(kb, ctx, &known, after, (Change::Changed, &[])).await;
    }
    let id = ConnectionId::new(kb.ids().uuid());
    let mut connection = Connection::made(id, &new.vendor, &new.system, new.client);
    connection.answers = new.answers;
    connection.owner = ctx.viewer.user();
    let taken = DomainError::Conflict(format!(
        "{} is being connected by somebody else",
        new.system
    ));
    let mut work = ctx.work();
    work.insert(&connection);
    work.claim(
        keys::connection_claim(&new.system),
        &ConnectionClaim(id),
        taken,
    );
    let what = Happened::ConnectionChanged {
        connection: id,
        change: Change::Created,
    };
    let written = work.happened(ctx.author(kb), what, |version| Stored {
        value: connection,
        version,
    });
    Ok(written.commit(kb.store()).await?)
}

/// Somebody has consented.
pub async fn granted(
    kb: &Kb,
    ctx: &RequestContext,
    before: &Stored<Connection>,
) -> Result<Stored<Connection>, Error> {
    ctx.demand(Action::Configure)?;
    let after = before.value.granted();
    if after == before.value {
        return Ok(before.clone());
    }
    let jobs: &[&str] = if after.writes(Use::KnowledgeIn) {
        &[PULL, RECONCILE]
    } else {
        &[]
    };
    write(kb, ctx, before, after, (Change::Opened, jobs)).await
}

/// Does a step. Errors: the state does not allow it, in words with the remedy.
pub async fn step(
    kb: &Kb,
    ctx: &RequestContext,
    before: &Stored<Connection>,
    step: Step,
) -> Result<Stored<Connection>, Error> {
    ctx.demand(Action::Configure)?;
    let (connection, what) = (&before.value, Use::KnowledgeIn);
    let after = match step {
        Step::Try => connection.tried(what)?,
        Step::Start => {
            // From here on people see what comes in.
            ctx.demand(Action::Publish)?;
            demand_portal(connection)?;
            connection.started(what)?
        }
        Step::Pause => connection.paused(ctx.now)?,
        Step::Resume => connection.resumed()?,
        Step::Allow => connection.allowed(what)?,
        Step::Reconcile if connection.writes(what) => connection.clone(),
        Step::Reconcile => {
            let detail = "it does not work now, so there is nothing to compare";
            return Err(DomainError::Conflict(detail.to_owned()).into());
        }
    };
    let jobs: &[&str] = match step {
        Step::Try => &[TRIAL],
        Step::Start => &[PULL, RECONCILE],
        Step::Resume if connection.writes_once_resumed(what) => &[PULL, RECONCILE],
        Step::Allow | Step::Reconcile => &[RECONCILE],
        Step::Resume | Step::Pause => &[],
    };
    // A trial that is asked for again, and a comparison, change nothing of the connection and run nevertheless.
    let mut work = changed(ctx, before, &after, jobs);
    if step == Step::Start {
        // Changes count from now on, and what is there already comes by the first listing.
        let key = keys::progress(after.id, ARTICLES);
        if kb.store().get::<Progress>(&key).await?.is_none() {
            work.insert(&Progress::begin(after.id, ARTICLES, ctx.now));
        }
    }
    end(kb, ctx, work, after, Change::Changed).await
}

fn demand_portal(connection: &Connection) -> Result<(), Error> {
    if connection.mapping.everywhere.portal.is_some() {
        return Ok(());
    }
    let detail = "say first in which portal what comes in is shown";
    Err(DomainError::field("/mapping/everywhere/portal", "required", detail).into())
}

/// Says what comes in, where it stands and who reads it. Whoever says so may publish: it shows texts to people.
pub async fn map(
    kb: &Kb,
    ctx: &RequestContext,
    before: &Stored<Connection>,
    mapping: Mapping,
) -> Result<Stored<Connection>, Error> {
    ctx.demand(Action::Configure)?;
    ctx.demand(Action::Publish)?;
    let rules = || mapping.places.values().chain([&mapping.everywhere]);
    for portal in rules().filter_map(|rule| rule.portal) {
        if Portals::get(kb.store(), portal).await?.is_none() {
            return Err(
                DomainError::field("/mapping", "unknown", "there is no such portal").into(),
            );
        }
        ctx.demand_in(Action::Publish, portal)?;
    }
    for audience in rules().filter_map(|rule| rule.audience.as_ref()) {
        audience.check()?;
    }
    let mut after = before.value.clone();
    after.mapping = mapping;
    if after == before.value {
        return Ok(before.clone());
    }
    let jobs: &[&str] = if after.writes(Use::KnowledgeIn) {
        &[PULL]
    } else {
        &[]
    };
    write(kb, ctx, before, after, (Change::Changed, jobs)).await
}

/// Takes a connection back, after its grant was. What came by it stays, and is ours from then on.
pub async fn revoke(
    kb: &Kb,
    ctx: &RequestContext,
    before: &Stored<Connection>,
) -> Result<Stored<Connection>, Error> {
    ctx.demand(Action::Configure)?;
    let after = before.value.revoked(ctx.now)?;
    write(kb, ctx, before, after, (Change::Closed, &[])).await
}

/// The grant of a connection is over, as a job has found.
pub async fn needs_consent(kb: &Kb, id: ConnectionId, why: Dying) -> Result<(), Error> {
    let Some(before) = Connections::one(kb.store(), id).await? else {
        return Ok(());
    };
    let after = before.value.needs_consent(why, kb.now())?;
    if after != before.value {
        tracing::warn!(connection = %id, why = ?why, "a connection needs a person");
    }
    settle(kb, &before, after).await
}

/// A listing found more missing than is plausible.
pub async fn hold(kb: &Kb, id: ConnectionId, missing: u64, of: u64) -> Result<(), Error> {
    let Some(before) = Connections::one(kb.store(), id).await? else {
        return Ok(());
    };
    let after = before.value.held(Use::KnowledgeIn, missing, of, kb.now())?;
    tracing::warn!(connection = %id, missing, of, "a connection needs a person");
    settle(kb, &before, after).await
}

/// A listing was plausible and is done.
pub async fn listed(kb: &Kb, id: ConnectionId) -> Result<(), Error> {
    let Some(before) = Connections::one(kb.store(), id).await? else {
        return Ok(());
    };
    let after = before.value.listed(Use::KnowledgeIn);
    settle(kb, &before, after).await
}

/// Has everything be compared now, as a job asks.
pub async fn compare(kb: &Kb, id: ConnectionId) -> Result<(), Error> {
    let mut work = Work::begin(kb.now());
    timer(id, RECONCILE, kb.now()).put(&mut work);
    Ok(work.silently(()).commit(kb.store()).await?)
}

/// Languages that were met there for the first time get the locale that they fold to.
pub async fn meet_languages(
    kb: &Kb,
    before: Stored<Connection>,
    shape: &Shape,
) -> Result<Stored<Connection>, Error> {
    let (languages, _) = before.value.mapping.languages.with(&shape.languages);
    if languages == before.value.mapping.languages {
        return Ok(before);
    }
    let mut after = before.value.clone();
    after.mapping.languages = languages;
    let id = after.id;
    settle(kb, &before, after).await?;
    let found = Connections::one(kb.store(), id).await?;
    found.ok_or(Error::NotFound(Resource::Connection))
}

/// What a job has found of a connection, if it is news.
async fn settle(kb: &Kb, before: &Stored<Connection>, after: Connection) -> Result<(), Error> {
    if after == before.value {
        return Ok(());
    }
    let mut work = Work::begin(kb.now());
    work.comes_after(before.version);
    work.replace(before, &after);
    let what = Happened::ConnectionChanged {
        connection: after.id,
        change: Change::Changed,
    };
    let by = Author {
        actor: kb_events::Actor::Connection(after.id),
        at: kb.now(),
        event: kb_domain::EventId::new(kb.ids().uuid()),
    };
    work.happened(by, what, |_| ()).commit(kb.store()).await?;
    Ok(())
}

async fn write(
    kb: &Kb,
    ctx: &RequestContext,
    before: &Stored<Connection>,
    after: Connection,
    (change, jobs): (Change, &[&str]),
) -> Result<Stored<Connection>, Error> {
    let work = changed(ctx, before, &after, jobs);
    end(kb, ctx, work, after, change).await
}

/// A transaction with the changed connection and timers for these jobs.
fn changed(
    ctx: &RequestContext,
    before: &Stored<Connection>,
    after: &Connection,
    jobs: &[&str],
) -> Work {
    let mut work = ctx.work();
    work.comes_after(before.version);
    work.replace(before, after);
    for job in jobs {
        timer(after.id, job, ctx.now).put(&mut work);
    }
    work
}

async fn end(
    kb: &Kb,
    ctx: &RequestContext,
    work: Work,
    after: Connection,
    change: Change,
) -> Result<Stored<Connection>, Error> {
    let what = Happened::ConnectionChanged {
        connection: after.id,
        change,
    };
    let written = work.happened(ctx.author(kb), what, |version| Stored {
        value: after,
        version,
    });
    Ok(written.commit(kb.store()).await?)
}

/// The lane in which a connection is asked for what changes.
pub fn lane(id: ConnectionId) -> String {
    format!("con:{id}")
}

fn timer(id: ConnectionId, job: &str, at: Timestamp) -> Timer {
    Timer {
        lane: lane_of(id, job),
        ..Timer::new(job, &id.to_string(), at)
    }
}

fn lane_of(id: ConnectionId, job: &str) -> String {
    match job {
        RECONCILE => format!("{}#bulk", lane(id)),
        _ => lane(id),
    }
}
