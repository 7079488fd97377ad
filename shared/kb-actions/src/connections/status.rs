//! How a connection is doing: what is read of it, and what its jobs note.

use super::{ARTICLES, lane};
use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::sync::Report;
use kb_domain::{Action, ConnectionId, Timestamp};
use kb_events::{Attempts, Work};
use kb_store::keys;
use kb_store::record::Stored;
use kb_store::repo::{Compared, Counterparts, Listing, Progress, Stumble};

/// How long nothing may come from the other system before it counts as silent, in seconds: the longest wait between two polls.
const SILENT_SECONDS: i64 = 300;

/// How a connection is doing.
#[derive(Clone, Debug)]
pub struct Status {
    /// How far what changes has come in; `None` before the first page.
    pub progress: Option<Progress>,
    /// The full listing that goes on.
    pub listing: Option<Listing>,
    /// What the last trial run found.
    pub report: Option<Report>,
    /// Things that wait to be looked at by themselves, counted up to a thousand.
    pub waiting: usize,
}

impl Status {
    /// Articles that were written here, those of the listing that goes on among them.
    pub fn written(&self) -> u64 {
        let listing = self.listing.as_ref().map_or(0, |l| l.written + l.vanished);
        self.progress.as_ref().map_or(0, |p| p.written) + listing
    }
}

/// How a connection is doing.
pub async fn status(kb: &Kb, ctx: &RequestContext, id: ConnectionId) -> Result<Status, Error> {
    ctx.demand(Action::Configure)?;
    let store = kb.store();
    let progress: Option<Stored<Progress>> = store.get(&keys::progress(id, ARTICLES)).await?;
    let listing: Option<Stored<Listing>> = store.get(&keys::listing(id, ARTICLES)).await?;
    let waiting = kb_events::boxes::waiting(store.table().as_ref(), &lane(id), kb.now()).await?;
    Ok(Status {
        progress: progress.map(|p| p.value),
        listing: listing.map(|l| l.value),
        report: report(kb, id).await?,
        waiting,
    })
}

/// What the last trial run found.
pub async fn report(kb: &Kb, id: ConnectionId) -> Result<Option<Report>, Error> {
    let found = kb.store().blobs().get(&keys::trial(id)).await?;
    // One of another version is as good as none: it is run again in minutes.
    Ok(found.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Keeps what a trial run has found so far.
pub async fn keep_report(kb: &Kb, id: ConnectionId, report: &Report) -> Result<(), Error> {
    let bytes =
        serde_json::to_vec(report).map_err(|_| Error::Broken("the report of a trial run"))?;
    Ok(kb.store().blobs().put(&keys::trial(id), bytes).await?)
}

/// Notes what a job of a connection met there: what went wrong, in words, or until when the other system has it wait. The next page
/// that is read takes the note away.
pub async fn stumbled(
    kb: &Kb,
    id: ConnectionId,
    what: Option<&str>,
    until: Option<Timestamp>,
) -> Result<(), Error> {
    revise(kb, id, |before, after| {
        after.waits_until = until;
        if is_late(before, kb.now()) {
            tracing::warn!(connection = %id, "a connection lags");
        }
        let known = after.stumble.as_ref().map(|s| s.what.as_str());
        if let Some(what) = what.filter(|what| known != Some(*what)) {
            after.stumble = Some(Stumble {
                at: kb.now(),
                what: what.to_owned(),
            });
        }
    })
    .await
}

/// Notes that everything was compared with a listing of so many articles.
pub async fn compared(kb: &Kb, id: ConnectionId, listed: u64) -> Result<(), Error> {
    let here = Counterparts::present(kb.store(), id).await?;
    let listed = i64::try_from(listed).unwrap_or(i64::MAX);
    let compared = Compared {
        at: kb.now(),
        // What is here and was not listed has come in meanwhile, or is still to be taken away.
        ahead: listed.saturating_sub(here).max(0),
    };
    revise(kb, id, |_, after| after.compared = Some(compared)).await
}

/// When everything was compared last, and what it came to; `None` before the first time, and while it is being compared.
pub async fn last_compared(kb: &Kb, id: ConnectionId) -> Result<Option<Compared>, Error> {
    let (listing, progress) = (keys::listing(id, ARTICLES), keys::progress(id, ARTICLES));
    if kb.store().get::<Listing>(&listing).await?.is_some() {
        return Ok(None);
    }
    let progress = kb.store().get::<Progress>(&progress).await?;
    Ok(progress.and_then(|p| p.value.compared))
}

/// Changes how far the articles have come, whoever else does at the same moment. Before the first page there is nothing to change:
/// whoever starts a connection lays the row.
async fn revise(
    kb: &Kb,
    id: ConnectionId,
    change: impl Fn(&Progress, &mut Progress),
) -> Result<(), Error> {
    let (store, key) = (kb.store(), keys::progress(id, ARTICLES));
    let mut attempts = Attempts::default();
    loop {
        let Some(before) = store.get::<Progress>(&key).await? else {
            return Ok(());
        };
        let mut after = before.value.clone();
        change(&before.value, &mut after);
        if after == before.value {
            return Ok(());
        }
        let mut work = Work::begin(kb.now());
        work.replace(&before, &after);
        match work.silently(()).commit(store).await {
            Err(error) => {
                let stale = matches!(error, kb_store::Error::Condition { .. });
                if !attempts.again(stale) {
                    return Err(error.into());
                }
            }
            Ok(()) => return Ok(()),
        }
    }
}

/// Whether nothing has come from the other system for so long that somebody should know.
pub(super) fn is_late(progress: &Progress, now: Timestamp) -> bool {
    let heard_at = progress.last_ok_at.unwrap_or(progress.floor);
    now > heard_at.plus_seconds(SILENT_SECONDS)
}
