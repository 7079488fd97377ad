//! Things of a page: our rows, then theirs, then a write on condition of our rows.

use super::{Applied, Holds, Sink, Why};
use crate::client::CALL_SECONDS;
use crate::port::{Change, ChangeFeed, Fault, State};
use futures::{StreamExt, TryStreamExt};
use kb_domain::remote::RemoteId;
use kb_domain::{Clock, Timestamp};
use kb_store::Error;

/// How often a thing is looked at again because ours has changed meanwhile.
const LOOKS_MAX: usize = 5;
/// Looks that are under way at once.
const LOOKS_AT_ONCE: usize = 4;
/// A version that is so far ahead of their own clock says nothing of when it was made.
const AHEAD_SECONDS: i64 = 60;

/// What ended a page before its end.
pub(super) enum Stopped {
    /// They did.
    Fault(Fault),
    /// Ours did.
    Error(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// What came of things.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    /// Were written here.
    pub written: u64,
    /// Were put off.
    pub failed: u64,
}

/// How things are taken.
pub(super) struct Taker<'a, T, S> {
    pub feed: &'a dyn ChangeFeed<T>,
    pub sink: &'a S,
    pub clock: &'a dyn Clock,
    /// A whole listing does not have them.
    pub unlisted: bool,
}

impl<T: Send + Sync + 'static, S: Sink<T>> Taker<'_, T, S> {
    /// Takes what a page names.
    pub(super) async fn page(&self, items: Vec<Change<T>>) -> Result<Taken, Stopped> {
        let mut taken = Taken::default();
        let ids: Vec<RemoteId> = items.iter().map(|change| change.id.clone()).collect();
        let known = self.sink.known(&ids).await?;
        let mut looks = Vec::new();
        for (change, known) in items.into_iter().zip(known) {
            let holds = self.sink.holds(&known);
            let is_news = match holds {
                Holds::Refused => false,
                Holds::Nothing | Holds::Absent => true,
                Holds::Version(ours) => change.version.is_none_or(|theirs| theirs > ours),
            };
            if !is_news {
                continue;
            }
            // The page was read before our row. Its own words count only where nobody can have seen anything newer.
            match &change.state {
                State::Unreadable(why) => {
                    taken.failed += 1;
                    self.put_off(&change.id, Why::Unreadable(why.clone()))
                        .await?;
                }
                State::Whole(_) if holds != Holds::Absent => {
                    let applied = self.apply(&known, &change, &mut taken).await?;
                    if applied == Applied::Lost {
                        looks.push((change.id, None));
                    }
                }
                _ => looks.push((change.id, Some(known))),
            }
        }
        self.looks(looks, &mut taken).await?;
        Ok(taken)
    }

    /// Asks for each of these things and applies what they say.
    pub(super) async fn looks(
        &self,
        looks: Vec<(RemoteId, Option<S::Known>)>,
        taken: &mut Taken,
    ) -> Result<(), Stopped> {
        let mut groups = Vec::new();
        let mut looks = looks.into_iter().peekable();
        while looks.peek().is_some() {
            groups.push(
                looks
                    .by_ref()
                    .take(self.feed.fetch_max())
                    .collect::<Vec<_>>(),
            );
        }
        let asked = futures::stream::iter(groups).map(|group| self.ask(group));
        let mut asked = asked.buffered(LOOKS_AT_ONCE);
        while let Some(group) = asked.try_next().await? {
            for (id, known, found) in group {
                self.look(id, known, found, taken).await?;
            }
        }
        Ok(())
    }

    /// Our rows, where they are not at hand, and then what they say.
    async fn ask(
        &self,
        group: Vec<(RemoteId, Option<S::Known>)>,
    ) -> Result<Vec<(RemoteId, S::Known, Result<Change<T>, Fault>)>, Stopped> {
        let mut rows = Vec::new();
        for (id, known) in group {
            let known = match known {
                Some(known) => known,
                None => self.row(&id).await?,
            };
            rows.push((id, known));
        }
        let ids: Vec<RemoteId> = rows.iter().map(|(id, _)| id.clone()).collect();
        let mut found = match self.feed.fetch(&ids).await {
            Ok(found) => found,
            Err(fault) if fault.is_of_one_thing() => {
                let each = |(id, known)| (id, known, Err(fault.clone()));
                return Ok(rows.into_iter().map(each).collect());
            }
            Err(fault) => return Err(Stopped::Fault(fault)),
        };
        let mut answered = |id: &RemoteId| {
            let at = found.iter().position(|change| change.id == *id);
            let unanswered = || Fault::Refused {
                code: "unanswered".to_owned(),
                detail: "it was asked for, and nothing was said of it".to_owned(),
            };
            at.map(|at| found.swap_remove(at)).ok_or_else(unanswered)
        };
        let each = rows.into_iter().map(|(id, known)| {
            let found = answered(&id);
            (id, known, found)
        });
        Ok(each.collect())
    }

    async fn row(&self, id: &RemoteId) -> Result<S::Known, Stopped> {
        let rows = self.sink.known(std::slice::from_ref(id)).await?;
        let row = rows.into_iter().next();
        row.ok_or_else(|| Stopped::Error(Error::unavailable("no row was read")))
    }

    async fn look(
        &self,
        id: RemoteId,
        mut known: S::Known,
        mut found: Result<Change<T>, Fault>,
        taken: &mut Taken,
    ) -> Result<(), Stopped> {
        for _ in 0..LOOKS_MAX {
            let change = match found {
                Ok(change) => change,
                Err(fault) => {
                    taken.failed += 1;
                    return self.put_off(&id, Why::Failed(fault.to_string())).await;
                }
            };
            if let State::Unreadable(why) = &change.state {
                taken.failed += 1;
                return self.put_off(&id, Why::Unreadable(why.clone())).await;
            }
            if self.apply(&known, &change, taken).await? != Applied::Lost {
                return Ok(());
            }
            let again = self.ask(vec![(id.clone(), None)]).await?;
            let Some((_, row, answer)) = again.into_iter().next() else {
                break;
            };
            (known, found) = (row, answer);
        }
        taken.failed += 1;
        let why = "others were always faster".to_owned();
        self.put_off(&id, Why::Failed(why)).await
    }

    async fn apply(
        &self,
        known: &S::Known,
        change: &Change<T>,
        taken: &mut Taken,
    ) -> Result<Applied, Stopped> {
        if let Some(until) = self.is_young_until(change) {
            // First the note and then the write: whoever is cut off between both looks once too often, and never once too little.
            self.sink.later(&change.id, Why::Young, until).await?;
        }
        match self.sink.apply(known, change, self.unlisted).await {
            Ok(applied) => {
                taken.written += u64::from(applied == Applied::Written);
                Ok(applied)
            }
            Err(Error::Condition { .. }) => Ok(Applied::Lost),
            Err(error @ Error::Unavailable(_)) => Err(error.into()),
            Err(error) => {
                taken.failed += 1;
                let why = Why::Failed(kb_store::chain(&error));
                self.put_off(&change.id, why).await?;
                Ok(Applied::Same)
            }
        }
    }

    /// When a thing is old enough that its version tells all, if it may change again now without showing it; as with a file that is
    /// read within the second of its own time. What they said may be older than they say by the time of a call.
    fn is_young_until(&self, change: &Change<T>) -> Option<Timestamp> {
        let made = change
            .version
            .filter(|_| matches!(change.state, State::Whole(_)))?;
        let margin = self.feed.grain_seconds() + CALL_SECONDS as i64;
        let ahead = change.said_at.plus_seconds(AHEAD_SECONDS).0;
        let young = change.said_at.plus_seconds(-margin).0..=ahead;
        let until = self.clock.now().plus_seconds(margin + 1);
        young.contains(&made.0).then_some(until)
    }

    async fn put_off(&self, id: &RemoteId, why: Why) -> Result<(), Stopped> {
        let now = self.clock.now();
        Ok(self.sink.later(id, why, now).await?)
    }
}
