//! The audience registry: every expression in use, by its id.

use crate::error::Error;
use crate::keys;
use crate::record::{Keyed, Record};
use crate::store::Store;
use crate::table::{Key, Transaction};
use kb_domain::{Audience, AudienceId};
use std::collections::BTreeMap;

/// The id of an expression is made from its stored form, which therefore never changes.
impl Record for Audience {
    type Form = Audience;
    const KIND: &'static str = "audience";

    fn form(&self) -> Audience {
        self.clone().canonical()
    }

    fn of(form: Audience) -> Self {
        form
    }
}

impl Keyed for Audience {
    fn key(&self) -> Key {
        keys::audience(self.id())
    }
}

/// Every audience in use.
pub struct AudienceRegistry;

impl AudienceRegistry {
    /// Every expression in use.
    pub async fn list(store: &Store) -> Result<BTreeMap<AudienceId, Audience>, Error> {
        let all = store.all::<Audience>(keys::AUDIENCES).await?;
        Ok(all.into_iter().map(|a| (a.value.id(), a.value)).collect())
    }

    /// Adds an expression. The id follows from the expression, so two writers write the same row.
    pub fn intern(tx: &mut Transaction, audience: &Audience) {
        tx.upsert_at(audience.key(), audience);
    }
}
