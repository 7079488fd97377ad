//! A collection built anew beside the one that is searched.

use crate::generations::Aliases;
use crate::index::OpenSearchIndex;
use crate::mapping::{AUDIENCE, PART};
use kb_search::{Error, Part, SearchIndex};
use opensearch::http::Method;
use serde_json::{Value, json};

/// Tombstones that are carried over in one request.
const CARRIED: usize = 1_000;

/// A rebuild under way: every write goes to both indexes, searches see the old one. One that is neither finished nor given up, because
/// its process ended, costs the second write until the next one begins; it shows nobody anything.
pub struct Rebuild {
    aliases: Aliases,
    old: Vec<u64>,
    new: u64,
}

impl OpenSearchIndex {
    /// Begins to build the collection anew beside the one that is searched; what another rebuild left half done is removed. From
    /// now on every write goes to both.
    pub async fn rebuild(&self) -> Result<Rebuild, Error> {
        Rebuild::begin(&self.aliases).await
    }
}

impl Rebuild {
    async fn begin(aliases: &Aliases) -> Result<Self, Error> {
        let found = aliases.look().await?;
        let left: Vec<u64> = found
            .next
            .iter()
            .copied()
            .filter(|n| !found.current.contains(n))
            .collect();
        if !left.is_empty() {
            tracing::warn!(indexes = ?left, "a rebuild was cut off; it is undone");
            let removals: Vec<Value> = left.iter().map(|n| aliases.removal(*n)).collect();
            aliases.change(&removals).await?;
        }
        let new = found.all.last().map_or(1, |n| n + 1);
        if !aliases.make(new, &aliases.names.next()).await? {
            let text = "another rebuild began at the same moment".to_owned();
            return Err(Error::Unavailable(text));
        }
        Ok(Self {
            aliases: aliases.clone(),
            old: found.current,
            new,
        })
    }

    /// The index that is being built, to be filled from the store; read nothing there before this call.
    pub fn index(&self) -> OpenSearchIndex {
        OpenSearchIndex {
            aliases: self.aliases.clone(),
            only: Some(self.new),
        }
    }

    /// Switches searches to the new index in one step, then removes the old one. Errors: nothing was switched, or the old one could
    /// not be removed; who opens the collection next does it.
    pub async fn finish(self) -> Result<(), Error> {
        let new = self.index();
        for old in &self.old {
            self.carry_tombstones(*old, &new).await?;
        }
        new.merge().await?;
        let names = &self.aliases.names;
        let index = names.index(self.new);
        let mut actions = vec![
            json!({"add": {"index": index, "alias": names.current()}}),
            json!({"remove": {"index": index, "alias": names.next(), "must_exist": true}}),
        ];
        actions.extend(
            self.old.iter().map(
                |old| json!({"remove": {"index": names.index(*old), "alias": names.current()}}),
            ),
        );
        self.aliases.change(&actions).await?;
        // Apart, so that a search that began before the switch has a moment to end.
        let removals: Vec<Value> = (self.old.iter())
            .map(|n| self.aliases.removal(*n))
            .collect();
        if removals.is_empty() {
            return Ok(());
        }
        self.aliases.change(&removals).await
    }

    /// Gives the new index up; the old one stays as it is.
    pub async fn abort(self) -> Result<(), Error> {
        self.aliases.change(&[self.aliases.removal(self.new)]).await
    }

    /// What stood in the old index only to refuse late writes refuses them in the new one. The store knows nothing of it.
    async fn carry_tombstones(&self, old: u64, new: &OpenSearchIndex) -> Result<(), Error> {
        let broken = |e: serde_json::Error| Error::Broken(e.to_string());
        let from = self.aliases.names.index(old);
        let timeout = self.aliases.config.write_timeout;
        let wire = &self.aliases.wire;
        wire.get(Method::Post, &format!("/{from}/_refresh"), None, timeout)
            .await?;
        let mut after = Value::Null;
        loop {
            let mut body = json!({
                "size": CARRIED,
                "query": {"bool": {"must_not": [{"exists": {"field": AUDIENCE}}]}},
                "sort": [{"id": "asc"}],
                "_source": [PART],
            });
            if !after.is_null() {
                body["search_after"] = after;
            }
            let answer = wire
                .get(
                    Method::Post,
                    &format!("/{from}/_search"),
                    Some(&body),
                    timeout,
                )
                .await?;
            let hits = answer["hits"]["hits"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let Some(last) = hits.last() else {
                return Ok(());
            };
            after = last["sort"].clone();
            let tombstones: Result<Vec<Part>, Error> = hits
                .iter()
                .map(|hit| serde_json::from_value(hit["_source"][PART].clone()).map_err(broken))
                .collect();
            new.write(tombstones?).await?;
        }
    }
}
