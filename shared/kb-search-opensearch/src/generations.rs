//! The indexes of a collection, by name: `parts-1`, `parts-2` and so on, one per rebuild.
//!
//! The alias `parts` says which one is searched, the alias `parts-next` which one is being built. Each index has an alias of its own for
//! writing, so that a write that comes after its index was removed fails, where the engine would make an index of that name.

use crate::config::Config;
use crate::mapping;
use crate::wire::Wire;
use kb_search::Error;
use kb_text::analysis;
use opensearch::http::Method;
use serde_json::{Value, json};

/// The collection's names.
#[derive(Clone)]
pub(crate) struct Names(String);

impl Names {
    pub fn new(collection: &str) -> Self {
        Self(collection.to_owned())
    }

    /// The alias of searches.
    pub fn current(&self) -> &str {
        &self.0
    }

    /// The alias of what is being built.
    pub fn next(&self) -> String {
        format!("{}-next", self.0)
    }

    pub fn index(&self, n: u64) -> String {
        format!("{}-{n}", self.0)
    }

    /// The alias for writing to an index.
    pub fn writing(&self, n: u64) -> String {
        format!("{}-{n}-write", self.0)
    }

    fn number(&self, index: &str) -> Option<u64> {
        let rest = index.strip_prefix(&self.0)?.strip_prefix('-')?;
        rest.parse().ok()
    }
}

/// Which indexes there are; all lists are sorted.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Generations {
    pub all: Vec<u64>,
    pub current: Vec<u64>,
    pub next: Vec<u64>,
}

impl Generations {
    /// What is written to: the one that is searched, and the one that is being built.
    pub fn written(&self) -> Vec<u64> {
        let mut written = [&self.current[..], &self.next[..]].concat();
        written.sort_unstable();
        written.dedup();
        written
    }

    fn of(names: &Names, answer: &Value) -> Self {
        let mut found = Self::default();
        for (index, told) in answer.as_object().into_iter().flatten() {
            let Some(n) = names.number(index) else {
                continue;
            };
            found.all.push(n);
            if told["aliases"].get(names.current()).is_some() {
                found.current.push(n);
            }
            if told["aliases"].get(names.next()).is_some() {
                found.next.push(n);
            }
        }
        for list in [&mut found.all, &mut found.current, &mut found.next] {
            list.sort_unstable();
        }
        found
    }
}

/// Makes, finds and switches the indexes of one collection.
#[derive(Clone)]
pub(crate) struct Aliases {
    pub wire: Wire,
    pub names: Names,
    pub config: Config,
}

impl Aliases {
    /// What there is now.
    pub async fn look(&self) -> Result<Generations, Error> {
        let path = format!("/{}-*/_alias", self.names.current());
        let timeout = self.config.search_timeout;
        let answer = self.wire.get(Method::Get, &path, None, timeout).await?;
        Ok(Generations::of(&self.names, &answer))
    }

    /// Makes the index `n` with its alias for writing and one more. `false` when another process made it first.
    pub async fn make(&self, n: u64, alias: &str) -> Result<bool, Error> {
        let mut body = mapping::index(&self.config);
        body["aliases"] = json!({alias: {}, self.names.writing(n): {}});
        let path = format!("/{}", self.names.index(n));
        let timeout = self.config.write_timeout;
        let made = self
            .wire
            .ask(Method::Put, &path, Some(body.to_string()), timeout);
        let made = made.await?;
        if made.kind() == "resource_already_exists_exception" {
            return Ok(false);
        }
        made.good().map(|_| true)
    }

    /// Does several things to aliases and indexes at once, or none of them.
    pub async fn change(&self, actions: &[Value]) -> Result<(), Error> {
        let body = json!({"actions": actions});
        let timeout = self.config.write_timeout;
        let changed = self
            .wire
            .get(Method::Post, "/_aliases", Some(&body), timeout);
        changed.await.map(|_| ())
    }

    pub fn removal(&self, n: u64) -> Value {
        json!({"remove_index": {"index": self.names.index(n)}})
    }

    /// Makes the first index if there is none; finishes a switch that was cut off; says which analysis built what is searched.
    pub async fn prepare(&self) -> Result<u32, Error> {
        let mut found = self.look().await?;
        if found.current.is_empty() && found.next.is_empty() {
            let n = found.all.last().map_or(1, |n| n + 1);
            self.make(n, self.names.current()).await?;
            found = self.look().await?;
        }
        // An index without a name is what a switch left behind; of two that are searched the older one is.
        let newest = found.current.last().copied();
        let left = found.all.iter().filter(|n| !found.next.contains(n));
        let left: Vec<u64> = left
            .copied()
            .filter(|n| newest.is_some_and(|m| *n < m))
            .collect();
        if !left.is_empty() {
            tracing::warn!(collection = self.names.current(), indexes = ?left, "a switch was cut off; it is finished");
            let actions: Vec<Value> = left.iter().map(|n| self.removal(*n)).collect();
            self.change(&actions).await?;
        }
        let Some(current) = newest else {
            return Err(Error::Broken(format!(
                "no index has the name {}",
                self.names.current()
            )));
        };
        self.built_by(current).await
    }

    /// Which analysis built the index `n`.
    pub async fn built_by(&self, n: u64) -> Result<u32, Error> {
        let path = format!("/{}/_mapping", self.names.index(n));
        let told = self
            .wire
            .get(Method::Get, &path, None, self.config.search_timeout)
            .await?;
        let built = &told[self.names.index(n)]["mappings"]["_meta"]["analysis"];
        let built = built.as_u64().and_then(|v| u32::try_from(v).ok());
        built.ok_or_else(|| Error::Broken("an index of another program".to_owned()))
    }

    /// What searches ask. Errors: another analysis built it.
    pub fn check(found: u32) -> Result<(), Error> {
        let wanted = analysis::VERSION;
        if found == wanted {
            return Ok(());
        }
        Err(Error::Outdated { found, wanted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_of_another_collection_are_none_of_ours() {
        let names = Names::new("parts");
        let answer = json!({
            "parts-2": {"aliases": {"parts-next": {}, "parts-2-write": {}}},
            "parts-1": {"aliases": {"parts": {}, "parts-1-write": {}}},
            "parts-staff-1": {"aliases": {"parts-staff": {}}},
            "parts-1x": {"aliases": {"parts": {}}},
        });
        let found = Generations::of(&names, &answer);
        let wanted = Generations {
            all: vec![1, 2],
            current: vec![1],
            next: vec![2],
        };
        assert_eq!(found, wanted);
        assert_eq!(found.written(), [1, 2]);
    }
}
