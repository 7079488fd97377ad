//! Ours, as rows of the real store: what the verbs that write articles do, without the articles.

use crate::port::{Change, State};
use crate::pull::{Applied, Holds, Sink, Why};
use async_trait::async_trait;
use kb_domain::remote::{
    Absence, Counterpart, CounterpartState, Master, Merge, Ours, RemoteArticle, RemoteId,
    RemoteVersion, SeenVersion, Thing, decide_absence, decide_merge,
};
use kb_domain::{ArticleId, Clock, ConnectionId, Timestamp};
use kb_events::Work;
use kb_store::repo::Counterparts;
use kb_store::{Error, Store, Stored};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use uuid::Uuid;

/// What is kept of a thing: its texts, each with its version and what it says.
pub(super) trait Told: Clone + Send + Sync + 'static {
    fn texts(&self) -> Vec<(String, RemoteVersion, String)>;
}

impl Told for RemoteArticle {
    fn texts(&self) -> Vec<(String, RemoteVersion, String)> {
        let head = format!("{:?}", (&self.places, &self.readers, &self.labels));
        let mut told = vec![(String::new(), self.version, head)];
        told.extend(self.texts.iter().map(|text| {
            let says = format!("{}|{}|{}", text.draft, text.title, text.html);
            (text.language.clone(), text.version, says)
        }));
        told
    }
}

/// Something that is to be looked at by itself.
pub(super) type Later = (RemoteId, Why, Timestamp);

pub(super) struct Ledger {
    store: Store,
    connection: ConnectionId,
    clock: Arc<dyn Clock>,
    later: Mutex<Vec<Later>>,
}

impl Ledger {
    pub(super) fn new(store: Store, connection: ConnectionId, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            connection,
            clock,
            later: Mutex::default(),
        }
    }

    pub(super) fn later(&self) -> MutexGuard<'_, Vec<Later>> {
        self.later.lock().unwrap()
    }

    /// The counterpart of a thing.
    pub(super) async fn of(&self, id: &RemoteId) -> Option<Counterpart> {
        let ids = std::slice::from_ref(id);
        let rows = Counterparts::of(&self.store, self.connection, Thing::Article, ids).await;
        rows.unwrap().remove(0).map(|row| row.value)
    }

    /// What ours says of a thing in a language; `None` where it is not in use.
    pub(super) async fn says(&self, id: &RemoteId, language: &str) -> Option<String> {
        let row = self.of(id).await?;
        let in_use = row.state == CounterpartState::Current;
        let text = row.texts.get(language).filter(|_| in_use);
        text.map(|t| t.digest.clone())
    }

    /// How many are in use.
    pub(super) async fn in_use(&self) -> usize {
        let (mut found, mut cursor) = (0, None);
        loop {
            let page = Sink::<RemoteArticle>::present(self, cursor).await.unwrap();
            found += page.0.len();
            match page.1 {
                Some(next) => cursor = Some(next),
                None => return found,
            }
        }
    }
}

/// Brings a row to what is said; `None` where it says so already.
pub(super) fn brought<T: Told>(
    before: Option<&Counterpart>,
    (connection, change): (ConnectionId, &Change<T>),
    unlisted: bool,
    now: Timestamp,
) -> Option<Counterpart> {
    let fresh = || Counterpart {
        connection,
        id: change.id.clone(),
        ours: Ours::Article(ArticleId::new(Uuid::nil())),
        master: Master::Theirs,
        version: None,
        texts: BTreeMap::new(),
        places: Vec::new(),
        readers: Vec::new(),
        state: CounterpartState::Current,
        checked_at: now,
    };
    let mut after = before.cloned().unwrap_or_else(fresh);
    after.checked_at = now;
    match &change.state {
        State::Gone(gone) => {
            let before = before?;
            after.state = match decide_absence(before, *gone, unlisted, now) {
                Absence::Nothing | Absence::Diverged => return None,
                Absence::Remember => match before.state {
                    CounterpartState::Unseen { .. } => return None,
                    _ => CounterpartState::Unseen { at: now },
                },
                Absence::Archive => CounterpartState::Gone { at: now },
                Absence::Erase => panic!("nothing is erased here"),
            };
        }
        State::Whole(thing) => {
            after.version = change.version;
            after.state = CounterpartState::Current;
            let mut texts = BTreeMap::new();
            for (language, version, digest) in thing.texts() {
                let seen = after.texts.get(&language);
                let text = match decide_merge(&after, &language, version, &digest, None) {
                    Merge::Take | Merge::Nothing => Some(SeenVersion {
                        version,
                        digest,
                        revision: None,
                    }),
                    Merge::Late => seen.cloned(),
                    Merge::Diverged => panic!("nothing is edited here"),
                };
                texts.extend(text.map(|t| (language, t)));
            }
            after.texts = texts;
        }
        State::NeedsFetch | State::Unreadable(_) => panic!("nobody applies {:?}", change.id),
    }
    let same = before.is_some_and(|b| {
        (&b.version, &b.texts, &b.state) == (&after.version, &after.texts, &after.state)
    });
    (!same).then_some(after)
}

/// What is held by a row.
pub(super) fn holds(row: Option<&Counterpart>) -> Holds {
    match row.map(|row| (row.state, row.version)) {
        None => Holds::Nothing,
        Some((CounterpartState::Unwanted { .. }, _)) => Holds::Refused,
        Some((CounterpartState::Current | CounterpartState::Diverged { .. }, Some(version))) => {
            Holds::Version(version)
        }
        Some(_) => Holds::Absent,
    }
}

#[async_trait]
impl<T: Told> Sink<T> for Ledger {
    type Known = Option<Stored<Counterpart>>;

    async fn known(&self, ids: &[RemoteId]) -> Result<Vec<Self::Known>, Error> {
        Counterparts::of(&self.store, self.connection, Thing::Article, ids).await
    }

    fn holds(&self, known: &Self::Known) -> Holds {
        holds(known.as_ref().map(|row| &row.value))
    }

    async fn apply(
        &self,
        known: &Self::Known,
        change: &Change<T>,
        unlisted: bool,
    ) -> Result<Applied, Error> {
        let before = known.as_ref().map(|row| &row.value);
        let now = self.clock.now();
        let Some(after) = brought(before, (self.connection, change), unlisted, now) else {
            return Ok(Applied::Same);
        };
        let mut work = Work::begin(now);
        work.replace_or_insert(known.as_ref(), &after);
        work.silently(Applied::Written).commit(&self.store).await
    }

    async fn later(&self, id: &RemoteId, why: Why, not_before: Timestamp) -> Result<(), Error> {
        self.later().push((id.clone(), why, not_before));
        Ok(())
    }

    async fn present(
        &self,
        cursor: Option<String>,
    ) -> Result<(Vec<(RemoteId, Timestamp)>, Option<String>), Error> {
        let page = Counterparts::page(&self.store, self.connection, Thing::Article, cursor);
        let (rows, next) = page.await?;
        let rows = rows.into_iter().map(|row| row.value);
        let in_use = rows.filter(|row| holds(Some(row)) != Holds::Refused);
        let in_use = in_use.filter(|row| !matches!(row.state, CounterpartState::Gone { .. }));
        Ok((in_use.map(|row| (row.id, row.checked_at)).collect(), next))
    }
}
