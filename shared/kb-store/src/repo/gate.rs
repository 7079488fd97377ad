//! The gate: one small partition with the counters that grow when a cached set changes, and the open narrowings: what must be
//! hidden at once while the index lags. Every request reads one row of it strongly, its mark, which moves with every change of the
//! others; those are read only when it has moved, however many there are.

use crate::error::Error;
use crate::keys;
use crate::record::{Keyed, read, row, stored_as_is};
use crate::store::{Store, TIMELESS};
use crate::table::{Condition, Key, Op, Query, TableName, Transaction};
use kb_domain::{ArticleId, AudienceId, Locale, PortalId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A set that programs keep between requests; its counter in the gate moves with every change of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// The audience registry.
    Audiences,
    /// The portals.
    Portals,
    /// The lexicon.
    Lexicon,
    /// The tree of a portal.
    Tree(PortalId),
}

impl Counter {
    fn name(self) -> String {
        match self {
            Self::Audiences => "audiences".to_owned(),
            Self::Portals => "portals".to_owned(),
            Self::Lexicon => "lexicon".to_owned(),
            Self::Tree(portal) => format!("tree#{portal}"),
        }
    }
}

/// Units of an article below a version are not to be shown to those whom the new state does not admit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrowing {
    /// The article.
    pub article: ArticleId,
    /// One language of it.
    pub locale: Locale,
    /// The version from which the index is right again.
    pub version: u64,
    /// Who may see the new state; `None` when nobody may, or the old text must go for everybody.
    pub audience: Option<AudienceId>,
}

stored_as_is!(Narrowing = "narrowing");

impl Keyed for Narrowing {
    fn key(&self) -> Key {
        keys::narrowing(self.article, &self.locale)
    }
}

/// The gate as of one mark.
#[derive(Clone, Debug, Default)]
pub struct GateState {
    counters: BTreeMap<String, i64>,
    /// The open narrowings.
    pub narrowings: Vec<Narrowing>,
}

impl GateState {
    /// How often a set changed.
    pub fn count(&self, counter: Counter) -> i64 {
        self.counters.get(&counter.name()).copied().unwrap_or(0)
    }
}

/// Reads and changes of the gate.
pub struct Gate;

impl Gate {
    /// How often anything of the gate changed: one strong read of one row. What is loaded after it is no older than this mark.
    pub async fn moved(store: &Store) -> Result<i64, Error> {
        let key = keys::gate();
        let mark = store.table().get(TableName::Main, &key, TIMELESS).await?;
        Ok(mark.map_or(0, |row| row.n))
    }

    /// Counters and narrowings in one strong query.
    pub async fn load(store: &Store) -> Result<GateState, Error> {
        let mut state = GateState::default();
        for (key, row) in store.rows(Query::partition(keys::GATE, TIMELESS)).await? {
            if let Some(name) = key.sort.strip_prefix(keys::GATE_COUNTER) {
                state.counters.insert(name.to_owned(), row.n);
            } else if key.sort.starts_with(keys::NARROWING) {
                state.narrowings.push(read(&key, &row)?.value);
            }
        }
        Ok(state)
    }

    /// Says that a set changed.
    pub fn bump(tx: &mut Transaction, counter: Counter) {
        tx.push(Op::Add(keys::gate_counter(&counter.name()), 1));
        Self::mark(tx);
    }

    /// Says that something of the gate changed, once in a transaction.
    fn mark(tx: &mut Transaction) {
        if !tx.ops.iter().any(|op| *op.key() == keys::gate()) {
            tx.push(Op::Add(keys::gate(), 1));
        }
    }

    /// Opens a narrowing, or replaces the one that is open: the later state decides. Of two in one transaction, one is for
    /// an old text and one for an audience: together they admit nobody.
    pub fn narrow(tx: &mut Transaction, narrowing: &Narrowing) {
        let key = narrowing.key();
        let mut narrowing = narrowing.clone();
        let alone = tx.ops.len();
        tx.ops.retain(|op| *op.key() != key);
        if tx.ops.len() < alone {
            narrowing.audience = None;
        }
        tx.put(key, row(&narrowing), Condition::Any);
        Self::mark(tx);
    }

    /// Closes a narrowing once the index shows its version. One that was opened anew in the meantime stays.
    pub async fn widen(store: &Store, narrowing: &Narrowing, now_us: u64) -> Result<(), Error> {
        let Some(stored) = store.get::<Narrowing>(&narrowing.key()).await? else {
            return Ok(());
        };
        if stored.value.version > narrowing.version {
            return Ok(());
        }
        let mut tx = Transaction::new(TableName::Main, now_us);
        tx.remove(&stored);
        Self::mark(&mut tx);
        match store.table().commit(tx).await {
            Ok(_) | Err(Error::Condition { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
