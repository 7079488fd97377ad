//! How the engine is asked: which index, how long, and again when that index goes away.

use crate::bulk::{self, Outcome};
use crate::config::Config;
use crate::index::{OpenSearchIndex, PARTS_MAX};
use kb_search::Error;
use opensearch::http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// Values of a column in one answer; the engine gives 65,535 at most.
const VALUES_MAX: usize = 50_000;

impl OpenSearchIndex {
    /// Figures of the first copy of what is read.
    pub(crate) async fn stats(&self, which: &str) -> Result<Value, Error> {
        let path = format!("/{}/_stats/{which}", self.read());
        let timeout = self.config().write_timeout;
        let told = self.aliases.wire.get(Method::Get, &path, None, timeout);
        Ok(told.await?["_all"]["primaries"].take())
    }

    pub(crate) fn config(&self) -> &Config {
        &self.aliases.config
    }

    /// What is read: the alias, or the one index.
    pub(crate) fn read(&self) -> String {
        let names = &self.aliases.names;
        self.only
            .map_or_else(|| names.current().to_owned(), |n| names.index(n))
    }

    /// The indexes that are written to now.
    pub(crate) async fn written(&self) -> Result<Vec<u64>, Error> {
        match self.only {
            Some(n) => Ok(vec![n]),
            None => Ok(self.aliases.look().await?.written()),
        }
    }

    /// Asks what searches ask. When the index went away under it, as it does in a switch, it asks the new one.
    pub(crate) async fn query(
        &self,
        verb: &str,
        body: &Value,
        longest: Duration,
    ) -> Result<Value, Error> {
        let path = format!("/{}/{verb}", self.read());
        let send = || {
            let body = Some(body.to_string());
            self.aliases.wire.send(Method::Post, &path, body, longest)
        };
        let both = async {
            match send().await {
                Ok(reply) if reply.is_gone() => send().await,
                other => other,
            }
        };
        let reply = timeout(longest, both).await;
        let late = |_| Error::Unavailable(format!("no answer in {longest:?}"));
        let reply = reply.map_err(late)??.now()?;
        if reply.status == 404 {
            let name = self.read();
            return Err(Error::Broken(format!(
                "{name} has not been made: run `sidenote reindex`"
            )));
        }
        reply.good()
    }

    pub(crate) async fn bulk(&self, n: u64, body: String) -> Result<Outcome, Error> {
        let path = format!(
            "/{}/_bulk?require_alias=true",
            self.aliases.names.writing(n)
        );
        let timeout = self.config().write_timeout;
        let reply = self
            .aliases
            .wire
            .ask(Method::Post, &path, Some(body), timeout);
        bulk::outcome(reply.await?)
    }

    /// The distinct values of a column with the number of parts that hold each, and the number of all these parts. Parts of the
    /// column are asked for, as many as it takes for none to be cut.
    pub(crate) async fn values(
        &self,
        field: &str,
        matching: &Value,
        longest: Duration,
    ) -> Result<(Vec<(String, u64)>, u64), Error> {
        let broken = || Error::Broken("an answer without its values".to_owned());
        let mut shares = 1_u64;
        loop {
            let (mut found, mut parts, mut cut) = (Vec::new(), 0, false);
            for share in 0..shares {
                let mut terms = json!({"field": field, "size": VALUES_MAX});
                if shares > 1 {
                    terms["include"] = json!({"partition": share, "num_partitions": shares});
                }
                let body = json!({
                    "size": 0,
                    "track_total_hits": true,
                    "query": matching,
                    "aggs": {"values": {"terms": terms}},
                });
                let answer = self.query("_search", &body, longest).await?;
                let values = &answer["aggregations"]["values"];
                cut = values["sum_other_doc_count"].as_u64().ok_or_else(broken)? > 0;
                if cut {
                    break;
                }
                parts = answer["hits"]["total"]["value"]
                    .as_u64()
                    .ok_or_else(broken)?;
                for bucket in values["buckets"].as_array().ok_or_else(broken)? {
                    let value = bucket["key"].as_str().ok_or_else(broken)?;
                    let count = bucket["doc_count"].as_u64().ok_or_else(broken)?;
                    found.push((value.to_owned(), count));
                }
            }
            if !cut {
                found.sort();
                return Ok((found, parts));
            }
            shares *= 2;
        }
    }

    /// A page of what is asked for, in the index `n`, with its place in the history of writes.
    pub(crate) async fn seen(
        &self,
        n: u64,
        matching: &Value,
    ) -> Result<Vec<(String, i64, i64)>, Error> {
        let body = json!({
            "size": PARTS_MAX,
            "query": matching,
            "seq_no_primary_term": true,
            "_source": false,
        });
        let path = format!("/{}/_search", self.aliases.names.index(n));
        let timeout = self.config().write_timeout;
        let answer = self
            .aliases
            .wire
            .get(Method::Post, &path, Some(&body), timeout)
            .await?;
        let hits = answer["hits"]["hits"].as_array().into_iter().flatten();
        let seen = hits.filter_map(|hit| {
            let id = hit["_id"].as_str()?.to_owned();
            Some((id, hit["_seq_no"].as_i64()?, hit["_primary_term"].as_i64()?))
        });
        Ok(seen.collect())
    }
}
