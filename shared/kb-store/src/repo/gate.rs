//! The gate: one small partition, read strongly once per request. It holds counters that grow when a cached set changes,
//! and the open narrowings: what must be hidden at once while the index lags.

use super::{TIMELESS, all, read, row};
use crate::error::Error;
use crate::keys;
use crate::table::{Condition, Key, Op, Query, Table, Transaction};
use kb_domain::{ArticleId, AudienceId, Locale, PortalId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Beginning of the sort keys of the counters.
const COUNTER: &str = "V#";

/// The gate of a base.
#[derive(Clone)]
pub struct Gate {
    table: Arc<dyn Table>,
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

/// The gate as one request read it.
#[derive(Clone, Debug, Default)]
pub struct GateState {
    counters: BTreeMap<String, i64>,
    /// The open narrowings.
    pub narrowings: Vec<Narrowing>,
}

impl GateState {
    /// How often the audience registry changed.
    pub fn audiences(&self) -> i64 {
        self.counter("audiences")
    }

    /// How often a portal changed.
    pub fn portals(&self) -> i64 {
        self.counter("portals")
    }

    /// How often the lexicon was made anew.
    pub fn lexicon(&self) -> i64 {
        self.counter("lexicon")
    }

    /// How often the tree of a portal changed.
    pub fn tree(&self, portal: PortalId) -> i64 {
        self.counter(&tree(portal))
    }

    fn counter(&self, name: &str) -> i64 {
        self.counters.get(name).copied().unwrap_or(0)
    }
}

impl Gate {
    /// The gate in `table`.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// Counters and narrowings in one strong query.
    pub async fn load(&self) -> Result<GateState, Error> {
        let mut state = GateState::default();
        for (key, row) in all(&self.table, Query::partition(keys::GATE, TIMELESS)).await? {
            if let Some(name) = key.sort.strip_prefix(COUNTER) {
                state.counters.insert(name.to_owned(), row.n);
            } else if key.sort.starts_with(keys::NARROWING) {
                state.narrowings.push(read(&key, &row)?.value);
            }
        }
        Ok(state)
    }

    /// Says that the audience registry changed.
    pub fn bump_audiences(&self, tx: &mut Transaction) {
        bump(tx, "audiences");
    }

    /// Says that a portal changed.
    pub fn bump_portals(&self, tx: &mut Transaction) {
        bump(tx, "portals");
    }

    /// Says that the lexicon was made anew.
    pub fn bump_lexicon(&self, tx: &mut Transaction) {
        bump(tx, "lexicon");
    }

    /// Says that the tree of a portal changed.
    pub fn bump_tree(&self, tx: &mut Transaction, portal: PortalId) {
        bump(tx, &tree(portal));
    }

    /// Opens a narrowing, or replaces the one that is open: the later state decides. Of two in one transaction, one is for
    /// an old text and one for an audience: together they admit nobody.
    pub fn narrow(&self, tx: &mut Transaction, narrowing: &Narrowing) {
        let key = keys::narrowing(narrowing.article, &narrowing.locale);
        let mut narrowing = narrowing.clone();
        let alone = tx.ops.len();
        tx.ops.retain(|op| *op.key() != key);
        if tx.ops.len() < alone {
            narrowing.audience = None;
        }
        tx.put(key, row("narrowing.1", &narrowing), Condition::Any);
    }

    /// Closes a narrowing once the index shows its version. One that was opened anew meanwhile stays.
    pub async fn widen(&self, narrowing: &Narrowing, now_us: u64) -> Result<(), Error> {
        let key = keys::narrowing(narrowing.article, &narrowing.locale);
        let Some(row) = self
            .table
            .get(crate::TableName::Main, &key, TIMELESS)
            .await?
        else {
            return Ok(());
        };
        let stored = read::<Narrowing>(&key, &row)?;
        if stored.value.version > narrowing.version {
            return Ok(());
        }
        let mut tx = Transaction::new(crate::TableName::Main, now_us);
        tx.delete(key, Condition::Version(stored.version));
        match self.table.commit(tx).await {
            Ok(_) | Err(Error::Condition { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn tree(portal: PortalId) -> String {
    format!("tree#{portal}")
}

fn bump(tx: &mut Transaction, name: &str) {
    tx.push(Op::Add(Key::new(keys::GATE, format!("{COUNTER}{name}")), 1));
}
