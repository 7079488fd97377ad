//! The port.

use crate::bulk::{self, Outcome};
use crate::config::{Config, Service};
use crate::generations::{Aliases, Names};
use crate::mapping::{ARTICLE, AUDIENCE, ID, NODES, PART, VERSION_FIELD, WORDS, stored_version};
use crate::query;
use crate::wire::Wire;
use async_trait::async_trait;
use kb_domain::{ArticleId, NodeId, PortalId};
use kb_search::{Bound, Error, Filter, Part, PartId, SearchIndex, UnitQuery, Units};
use opensearch::http::Method;
use serde_json::{Value, json};

/// Parts that are loaded in one request.
const LOADED_MAX: usize = 500;
/// The most parts of one article in all languages, and in one answer.
pub(crate) const PARTS_MAX: usize = 10_000;
/// A write that meets a switch is sent again; a switch takes longer than that.
const SWITCHES_MAX: usize = 3;

/// What an engine says of its own state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Everything is there.
    Green,
    /// Everything is there, but not every copy of it.
    Yellow,
    /// Something is not there.
    Red,
}

/// The engine: one collection on a server or domain.
#[derive(Clone)]
pub struct OpenSearchIndex {
    pub(crate) aliases: Aliases,
    /// Only this one, whatever the aliases say: one that is being built.
    pub(crate) only: Option<u64>,
}

impl OpenSearchIndex {
    /// A client of a collection; nothing is asked yet. Errors: the endpoint is no address.
    pub fn connect(config: Config) -> Result<Self, Error> {
        let names = Names::new(&config.collection);
        let wire = Wire::new(&config)?;
        let aliases = Aliases {
            wire,
            names,
            config,
        };
        Ok(Self {
            aliases,
            only: None,
        })
    }

    /// Connects; makes the collection if it is not there, and finishes a switch that was cut off. Errors: it was built by another
    /// analysis; the engine does not answer.
    pub async fn open(config: Config) -> Result<Self, Error> {
        let index = Self::connect(config)?;
        index.prepare().await?;
        Ok(index)
    }

    /// Makes the collection if it is not there, and finishes a switch that was cut off. Errors: as [`OpenSearchIndex::open`].
    pub async fn prepare(&self) -> Result<(), Error> {
        Aliases::check(self.aliases.prepare().await?)
    }

    /// Removes the collection with everything in it.
    pub async fn remove(&self) -> Result<(), Error> {
        let found = self.aliases.look().await?;
        let removals: Vec<Value> = found.all.iter().map(|n| self.aliases.removal(*n)).collect();
        if removals.is_empty() {
            return Ok(());
        }
        self.aliases.change(&removals).await
    }

    /// Which analysis built what is searched; `None` when nothing has been made yet. Looks only: nothing is made or finished.
    pub async fn built_by(&self) -> Result<Option<u32>, Error> {
        match self.aliases.look().await?.current.last() {
            Some(current) => self.aliases.built_by(*current).await.map(Some),
            None => Ok(None),
        }
    }

    /// What the engine says of the health of what is searched; `None` of a serverless collection, which tells none.
    pub async fn health(&self) -> Result<Option<Health>, Error> {
        let service = self.config().signing.as_ref().map(|s| s.service);
        if service == Some(Service::Serverless) {
            return Ok(None);
        }
        let longest = self.config().search_timeout;
        let path = format!("/_cluster/health/{}", self.read());
        let told = self.aliases.wire.get(Method::Get, &path, None, longest);
        match told.await?["status"].as_str() {
            Some("green") => Ok(Some(Health::Green)),
            Some("yellow") => Ok(Some(Health::Yellow)),
            Some("red") => Ok(Some(Health::Red)),
            _ => Err(Error::Broken("the engine tells no health".to_owned())),
        }
    }

    /// How much room the searched index takes on its disk, in bytes, without copies.
    pub async fn bytes(&self) -> Result<u64, Error> {
        let told = self.stats("store").await?;
        let bytes = told["store"]["size_in_bytes"].as_u64();
        bytes.ok_or_else(|| Error::Broken("the engine tells no size".to_owned()))
    }

    /// Parts of these articles that a search sees: at most [`PARTS_MAX`].
    async fn found_parts(&self, articles: &[ArticleId]) -> Result<Vec<(PartId, u64)>, Error> {
        let articles: Vec<String> = articles.iter().map(ToString::to_string).collect();
        let broken = || Error::Broken("an answer without its parts".to_owned());
        let body = json!({
            "size": PARTS_MAX,
            "query": {"terms": {ARTICLE: articles}},
            "_source": false,
            "stored_fields": "_none_",
            "docvalue_fields": [ID, VERSION_FIELD],
        });
        let answer = self
            .query("_search", &body, self.config().write_timeout)
            .await?;
        let mut parts = Vec::new();
        for hit in answer["hits"]["hits"].as_array().ok_or_else(broken)? {
            let id = hit["fields"][ID][0].as_str().ok_or_else(broken)?;
            let version = hit["fields"][VERSION_FIELD][0]
                .as_u64()
                .ok_or_else(broken)?;
            let id = id
                .parse()
                .map_err(|e| Error::Broken(format!("{id}: {e}")))?;
            parts.push((id, version));
        }
        Ok(parts)
    }
}

#[async_trait]
impl SearchIndex for OpenSearchIndex {
    async fn write(&self, parts: Vec<Part>) -> Result<(), Error> {
        let bodies = bulk::writes(&parts)?;
        if bodies.is_empty() {
            return Ok(());
        }
        'again: for _ in 0..SWITCHES_MAX {
            // Asked at every write: who rebuilds is another process.
            let written = self.written().await?;
            for n in &written {
                for body in &bodies {
                    if self.bulk(*n, body.clone()).await? == Outcome::Gone {
                        continue 'again;
                    }
                }
            }
            if !written.is_empty() {
                return Ok(());
            }
        }
        let name = self.read();
        Err(Error::Unavailable(format!(
            "{name} is not there to be written to"
        )))
    }

    async fn refresh(&self) -> Result<(), Error> {
        let names = &self.aliases.names;
        // What is searched and what is being built, whichever of them is there.
        let refreshed = match self.only {
            Some(n) => names.index(n),
            None => format!("{},{}", names.current(), names.next()),
        };
        let path = format!("/{refreshed}/_refresh?ignore_unavailable=true");
        let timeout = self.config().write_timeout;
        let done = self.aliases.wire.get(Method::Post, &path, None, timeout);
        done.await.map(|_| ())
    }

    /// Refreshes first: which parts there are is known to a search only, and what another process wrote a moment ago counts. A
    /// refresh without a write before it costs next to nothing.
    async fn parts(&self, articles: &[ArticleId]) -> Result<Vec<(PartId, u64)>, Error> {
        if articles.is_empty() {
            return Ok(Vec::new());
        }
        self.refresh().await?;
        let mut parts = self.found_parts(articles).await?;
        if parts.len() >= PARTS_MAX && articles.len() > 1 {
            // More than one answer holds: each article by itself.
            parts.clear();
            for article in articles {
                parts.append(&mut self.found_parts(&[*article]).await?);
            }
        }
        parts.sort();
        Ok(parts)
    }

    async fn articles(
        &self,
        after: Option<ArticleId>,
        limit: usize,
    ) -> Result<Vec<ArticleId>, Error> {
        let mut pages = json!({
            "size": limit,
            "sources": [{ARTICLE: {"terms": {"field": ARTICLE}}}],
        });
        if let Some(after) = after {
            pages["after"] = json!({ARTICLE: after.to_string()});
        }
        let body = json!({"size": 0, "aggs": {"articles": {"composite": pages}}});
        let told = self
            .query("_search", &body, self.config().write_timeout)
            .await?;
        let buckets = told["aggregations"]["articles"]["buckets"].as_array();
        let ids = buckets
            .into_iter()
            .flatten()
            .filter_map(|b| b["key"][ARTICLE].as_str());
        Ok(ids.filter_map(|id| id.parse().ok()).collect())
    }

    async fn load(&self, ids: &[PartId]) -> Result<Vec<Option<Part>>, Error> {
        let mut parts = Vec::with_capacity(ids.len());
        for some in ids.chunks(LOADED_MAX) {
            let asked: Vec<String> = some.iter().map(ToString::to_string).collect();
            // What a search shows, not what was written since: that may be for other eyes.
            let (asked, longest) = (json!({"ids": asked}), self.config().search_timeout);
            let answer = self.query("_mget?realtime=false", &asked, longest).await?;
            let found = answer["docs"].as_array().filter(|d| d.len() == some.len());
            let found =
                found.ok_or_else(|| Error::Broken("an answer without its parts".to_owned()))?;
            for document in found {
                let part = &document["_source"][PART];
                parts.push(if document["found"] == true {
                    let part = serde_json::from_value(part.clone());
                    Some(part.map_err(|e| Error::Broken(e.to_string()))?)
                } else {
                    None
                });
            }
        }
        Ok(parts)
    }

    /// A tombstone is removed as it was seen, by its place in the history of writes: one that was laid or became text since stays.
    async fn forget(&self, article: ArticleId, up_to: u64) -> Result<(), Error> {
        self.refresh().await?;
        let tombstones = json!({"bool": {
            "filter": [
                {"term": {ARTICLE: article.to_string()}},
                {"range": {VERSION_FIELD: {"lte": stored_version(up_to)}}},
            ],
            "must_not": [{"exists": {"field": AUDIENCE}}],
        }});
        for n in self.written().await? {
            let seen = self.seen(n, &tombstones).await?;
            for body in bulk::removals(&seen) {
                self.bulk(n, body).await?;
            }
        }
        Ok(())
    }

    async fn search(&self, query: &UnitQuery) -> Result<Units, Error> {
        let body = query::body(query);
        let (verb, longest) = (
            "_search?allow_partial_search_results=false",
            self.config().search_timeout,
        );
        let answer = self.query(verb, &body, longest).await?;
        query::units(query, &answer)
    }

    async fn places(&self, portal: PortalId, bound: &Bound) -> Result<Vec<NodeId>, Error> {
        let sizes = self.sizes(portal, bound).await?;
        Ok(sizes.into_iter().map(|(section, _)| section).collect())
    }

    async fn sizes(&self, portal: PortalId, bound: &Bound) -> Result<Vec<(NodeId, u64)>, Error> {
        let admitted = query::admitted(bound, &[Filter::Portal(portal)]);
        let (places, _) = self
            .values(NODES, &admitted, self.config().search_timeout)
            .await?;
        let sections = places.iter();
        Ok(sections
            .filter_map(|(id, parts)| Some((id.parse().ok()?, *parts)))
            .collect())
    }

    /// Counts what is there, not what was replaced; so that the number of parts may be another one than that in a score.
    async fn terms(&self, bound: Option<&Bound>) -> Result<(Vec<(String, u64)>, u64), Error> {
        let these = bound.map_or_else(|| json!({"match_all": {}}), |b| query::admitted(b, &[]));
        self.values(WORDS, &these, self.config().write_timeout)
            .await
    }

    async fn size(&self) -> Result<u64, Error> {
        let (every, longest) = (
            json!({"query": {"match_all": {}}}),
            self.config().search_timeout,
        );
        let told = self.query("_count", &every, longest).await?;
        let count = told["count"].as_u64();
        count.ok_or_else(|| Error::Broken("the engine tells no number".to_owned()))
    }

    /// The engine keeps the history of writes for copies that may come, and lets go of it every half minute.
    async fn merge(&self) -> Result<u64, Error> {
        self.refresh().await?;
        let (name, timeout) = (self.read(), self.config().merge_timeout);
        let wire = &self.aliases.wire;
        for verb in ["_flush", "_forcemerge?max_num_segments=1", "_refresh"] {
            let path = format!("/{name}/{verb}");
            wire.get(Method::Post, &path, None, timeout).await?;
        }
        let told = self.stats("docs").await?;
        let left = told["docs"]["deleted"].as_u64();
        left.ok_or_else(|| Error::Broken("the engine tells no number".to_owned()))
    }
}
