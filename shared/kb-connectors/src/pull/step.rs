//! One step of a stream: a page, its things, then the cursor.

use super::take::{Stopped, Taker};
use super::{Pull, Sink};
use crate::port::{ChangeFeed, Fault, Next, Since};
use kb_domain::Timestamp;
use kb_events::Work;
use kb_store::repo::{Progress, Stumble};
use kb_store::{Error, Store, Stored, keys};

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is more now.
    More,
    /// Everything is in.
    CaughtUp,
    /// Somebody else moved the cursor: their run goes on.
    Overtaken,
    /// They repeat themselves: the stream rests until its next poll.
    Stuck,
    /// As the fault says; the cursor stands.
    Stopped(Fault),
}

/// Takes one step. A page that is taken twice changes nothing, so the cursor moves in a commit of its own, on condition of its row:
/// whoever is late cannot move it back. Errors: our store does not answer.
pub async fn step<T, S>(pull: &Pull<'_>, feed: &dyn ChangeFeed<T>, sink: &S) -> Result<Step, Error>
where
    T: Send + Sync + 'static,
    S: Sink<T>,
{
    let key = keys::progress(pull.connection, pull.stream);
    let before: Option<Stored<Progress>> = pull.store.get(&key).await?;
    let fresh = || Progress::begin(pull.connection, pull.stream, pull.floor);
    let progress = before.as_ref().map_or_else(fresh, |row| row.value.clone());
    let stopped = async |fault: Fault| -> Result<Step, Error> {
        note(pull, before.as_ref(), &progress, &fault).await?;
        Ok(Step::Stopped(fault))
    };
    let since = match &progress.cursor {
        Some(cursor) => Since::Cursor(cursor),
        None => Since::Floor(progress.floor),
    };
    let page = match feed.changed(since, pull.limit).await {
        Ok(page) => page,
        Err(Fault::CursorExpired) if progress.cursor.is_some() => {
            let mut again = progress.clone();
            again.cursor = None;
            return save(
                pull.store,
                before.as_ref(),
                &again,
                pull.clock.now(),
                Step::More,
            )
            .await;
        }
        Err(fault) => return stopped(fault).await,
    };
    let seen = page.items.len() as u64;
    let taker = Taker {
        feed,
        sink,
        clock: pull.clock,
        unlisted: false,
    };
    let taken = match taker.page(page.items).await {
        Ok(taken) => taken,
        Err(Stopped::Fault(fault)) => return stopped(fault).await,
        Err(Stopped::Error(error)) => return Err(error),
    };
    let now = pull.clock.now();
    let mut after = progress.clone();
    if let Next::Overflow(_, version) = &page.next {
        after.gaps.insert(*version);
    }
    let (cursor, step) = match page.next {
        Next::More(cursor) if progress.cursor.as_ref() == Some(&cursor) => (cursor, Step::Stuck),
        Next::More(cursor) | Next::Overflow(cursor, _) => (cursor, Step::More),
        Next::CaughtUp(cursor) => (cursor, Step::CaughtUp),
    };
    if step == Step::CaughtUp {
        after.caught_up_at = Some(now);
    }
    after.cursor = Some(cursor);
    after.last_ok_at = Some(now);
    after.stumble = None;
    after.waits_until = None;
    after.seen += seen;
    after.written += taken.written;
    after.failed += taken.failed;
    save(pull.store, before.as_ref(), &after, now, step).await
}

/// Notes what went wrong, for whoever looks at the connection. That they asked us to wait is nothing of that kind.
async fn note(
    pull: &Pull<'_>,
    before: Option<&Stored<Progress>>,
    progress: &Progress,
    fault: &Fault,
) -> Result<(), Error> {
    if matches!(fault, Fault::Busy(_)) {
        return Ok(());
    }
    let at = pull.clock.now();
    let mut after = progress.clone();
    after.stumble = Some(Stumble {
        at,
        what: fault.to_string(),
    });
    save(pull.store, before, &after, at, Step::More).await?;
    Ok(())
}

async fn save(
    store: &Store,
    before: Option<&Stored<Progress>>,
    after: &Progress,
    now: Timestamp,
    step: Step,
) -> Result<Step, Error> {
    let mut work = Work::begin(now);
    work.replace_or_insert(before, after);
    match work.silently(step).commit(store).await {
        Err(Error::Condition { .. }) => Ok(Step::Overtaken),
        done => done,
    }
}
