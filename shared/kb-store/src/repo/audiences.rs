//! The audience registry: every expression in use, by its id.

use super::{TIMELESS, all, read, row};
use crate::error::Error;
use crate::keys;
use crate::table::{Condition, Query, Table, TableName, Transaction};
use kb_domain::{Audience, AudienceId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Interned audiences.
#[derive(Clone)]
pub struct Audiences {
    table: Arc<dyn Table>,
}

impl Audiences {
    /// The registry in `table`.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// Every expression in use.
    pub async fn list(&self) -> Result<BTreeMap<AudienceId, Audience>, Error> {
        let mut registry = BTreeMap::new();
        for (key, row) in all(&self.table, Query::partition(keys::AUDIENCES, TIMELESS)).await? {
            let audience: Audience = read(&key, &row)?.value;
            registry.insert(audience.id(), audience);
        }
        Ok(registry)
    }

    /// Whether this expression is in the registry.
    pub async fn knows(&self, audience: &Audience) -> Result<bool, Error> {
        Ok(self
            .table
            .get(TableName::Main, &keys::audience(audience.id()), TIMELESS)
            .await?
            .is_some())
    }

    /// Adds an expression that is not there yet. The id follows from the expression, so two writers write the same row.
    pub fn intern(&self, tx: &mut Transaction, audience: &Audience) {
        let canonical = audience.clone().canonical();
        tx.put(
            keys::audience(canonical.id()),
            row("audience.1", &canonical),
            Condition::Absent,
        );
    }
}
