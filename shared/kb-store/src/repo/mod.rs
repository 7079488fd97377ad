//! Typed repositories, written once on the table port. A method reads, or adds operations to a transaction, so that one
//! verb is one transaction with at most one event.

use crate::error::Error;
use crate::table::{Key, Query, Row, Table, TableName, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

mod api_keys;
mod articles;
mod audiences;
mod gate;
mod imports;
mod people;
mod portals;
mod replays;
mod tickets;

pub use api_keys::{ApiKey, ApiKeys, KeyScope};
pub use articles::{ArticleWithTexts, Articles, ExternalTarget, KeyTarget};
pub use audiences::Audiences;
pub use gate::{Gate, GateState, Narrowing};
pub use imports::{Import, ImportItem, ImportState, Imports, ItemOutcome};
pub use people::{People, Person, Session, Sessions, SignInLink};
pub use portals::{Portals, Redirect};
pub use replays::{Replay, Replays};
pub use tickets::{
    Shown, StoredTicket, SuggestionAction, SuggestionLog, SuggestionRecord, Tickets,
};

/// A value with the version of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<T> {
    /// The value.
    pub value: T,
    /// The version, to condition a write on.
    pub version: Version,
}

/// The moment for rows of kinds that never expire.
const TIMELESS: i64 = 0;

/// A record as a row of this kind and schema version.
pub fn row<T: Serialize>(kind: &str, value: &T) -> Row {
    Row {
        kind: kind.to_owned(),
        body: serde_json::to_string(value).expect("stored records are plain data with text keys"),
        ..Row::default()
    }
}

/// The record of a row. Errors: the row is not of that form.
pub fn read<T: DeserializeOwned>(key: &Key, row: &Row) -> Result<Stored<T>, Error> {
    let value = serde_json::from_str(&row.body).map_err(|e| Error::Broken {
        key: key.clone(),
        cause: format!("{}: {e}", row.kind),
    })?;
    Ok(Stored {
        value,
        version: row.version,
    })
}

async fn get<T: DeserializeOwned>(
    table: &Arc<dyn Table>,
    key: &Key,
    now: i64,
) -> Result<Option<Stored<T>>, Error> {
    let found = table.get(TableName::Main, key, now).await?;
    found.map(|row| read(key, &row)).transpose()
}

/// Every row of a range, page by page.
async fn all(table: &Arc<dyn Table>, mut query: Query) -> Result<Vec<(Key, Row)>, Error> {
    let mut rows = Vec::new();
    loop {
        let page = table.query(TableName::Main, &query).await?;
        rows.extend(page.rows);
        match page.cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return Ok(rows),
        }
    }
}
