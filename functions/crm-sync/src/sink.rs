//! Ours, as the engine needs it.

use async_trait::async_trait;
use kb_actions::connections::lane;
use kb_actions::sync::{self, Sync, Synced};
use kb_connectors::{Applied, Change, Holds, Sink, State, Why};
use kb_domain::Timestamp;
use kb_domain::remote::{Counterpart, CounterpartState, RemoteArticle, RemoteId, Thing};
use kb_events::Work;
use kb_events::boxes::{self, Repeated, drain_timer};
use kb_store::Error;
use kb_store::record::Stored;
use kb_store::repo::Counterparts;
use serde_json::json;
use std::sync::Mutex;

/// What was put off, why, and until when.
pub(crate) type Told = Mutex<Vec<(RemoteId, Why, Timestamp)>>;

/// Articles that come in.
pub(crate) struct Articles<'a> {
    pub sync: Sync<'a>,
    /// Where what is put off is told instead, for a handler that settles it itself.
    pub told: Option<&'a Told>,
}

#[async_trait]
impl Sink<RemoteArticle> for Articles<'_> {
    type Known = Option<Stored<Counterpart>>;

    async fn known(&self, ids: &[RemoteId]) -> Result<Vec<Self::Known>, Error> {
        let store = self.sync.kb.store();
        Counterparts::of(store, self.sync.connection.id, Thing::Article, ids).await
    }

    fn holds(&self, known: &Self::Known) -> Holds {
        let Some(known) = known.as_ref().map(|k| &k.value) else {
            return Holds::Nothing;
        };
        match (known.state, known.version) {
            (CounterpartState::Unwanted { .. }, _) => Holds::Refused,
            (CounterpartState::Gone { .. } | CounterpartState::Unseen { .. }, _) | (_, None) => {
                Holds::Absent
            }
            (_, Some(version)) => Holds::Version(version),
        }
    }

    async fn apply(
        &self,
        known: &Self::Known,
        change: &Change<RemoteArticle>,
        unlisted: bool,
    ) -> Result<Applied, Error> {
        let applied = match (&change.state, known) {
            (State::Whole(theirs), known) => sync::article(self.sync, known.as_ref(), theirs).await,
            (State::Gone(how), Some(known)) => sync::gone(self.sync, known, *how, unlisted).await,
            _ => return Ok(Applied::Same),
        };
        match applied {
            Ok(Synced::Written) => Ok(Applied::Written),
            Ok(Synced::Same) => Ok(Applied::Same),
            Err(error) if error.is_stale() => Ok(Applied::Lost),
            Err(error) => Err(of_store(error)),
        }
    }

    async fn later(&self, id: &RemoteId, why: Why, not_before: Timestamp) -> Result<(), Error> {
        if let Some(told) = self.told {
            let mut told = told.lock().expect("nobody panics while it is held");
            told.push((id.clone(), why, not_before));
            return Ok(());
        }
        let lane = lane(self.sync.connection.id);
        let kb = self.sync.kb;
        let mut work = Work::begin(kb.now());
        let payload = json!({"thing": Thing::Article, "id": id, "why": in_words(&why)});
        let name = format!("article#{id}");
        boxes::put(
            &mut work,
            &lane,
            &name,
            payload,
            not_before,
            Repeated::Replaces,
        );
        work.silently(()).commit(kb.store()).await?;
        let timer = drain_timer(&lane, not_before);
        timer.ensure(&**kb.store().table(), kb.now()).await
    }

    async fn present(
        &self,
        cursor: Option<String>,
    ) -> Result<(Vec<(RemoteId, Timestamp)>, Option<String>), Error> {
        let store = self.sync.kb.store();
        let connection = self.sync.connection.id;
        let (page, next) = Counterparts::page(store, connection, Thing::Article, cursor).await?;
        let present = page.into_iter().map(|c| c.value).filter(|c| {
            !matches!(
                c.state,
                CounterpartState::Gone { .. } | CounterpartState::Unwanted { .. }
            )
        });
        Ok((present.map(|c| (c.id, c.checked_at)).collect(), next))
    }
}

pub(crate) fn in_words(why: &Why) -> String {
    match why {
        Why::Young => "it was read in the second of its own version".to_owned(),
        Why::Unreadable(why) | Why::Failed(why) => why.clone(),
    }
}

/// The error of a verb as one of the store: what does not answer ends a run, and anything else puts the one article off.
fn of_store(error: kb_actions::Error) -> Error {
    use kb_domain::ErrorKind::{Timeout, Unavailable};
    match error {
        kb_actions::Error::Store(error) => error,
        kb_actions::Error::Domain(error) => Error::Domain(error),
        error if matches!(error.kind(), Unavailable | Timeout) => {
            Error::unavailable(kb_store::chain(&error))
        }
        error => Error::Domain(kb_domain::Error::Conflict(kb_store::chain(&error))),
    }
}
