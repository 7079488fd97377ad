//! Reads: strong ones of the table, lagging ones of an index, which are read again in the table.

use crate::attribute::{of_sdk, to_sdk};
use crate::units::{Units, reads};
use crate::{DynamoTable, fault, item};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures::future::try_join_all;
use kb_store::check::LAST;
use kb_store::{Error, Key, Order, Page, Query, Row, TableName};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// Keys that one call takes.
const BATCH_MAX: usize = 100;
/// Calls in a row that may bring nothing before the table counts as away.
const EMPTY_MAX: u32 = 6;

type SdkItem = HashMap<String, AttributeValue>;

/// Between the parts of a cursor of an index: place in the index, partition, sort key.
const BETWEEN: char = '\0';

impl DynamoTable {
    pub(crate) async fn read_one(&self, table: TableName, key: &Key) -> Result<Option<Row>, Error> {
        let call = self
            .client
            .get_item()
            .table_name(self.name(table))
            .set_key(Some(to_sdk(item::key_of(key))))
            .consistent_read(true);
        let found = call.send().await.map_err(|e| fault::error(key, &e))?;
        let found = found.item.as_ref().map(of_sdk);
        self.used_reads(found.as_ref().map_or(0, item::bytes), true);
        let row = found.map(|found| item::row_in(&found)).transpose()?;
        Ok(row.map(|(_, row)| row))
    }

    pub(crate) async fn read_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, Error> {
        // A call names each key once.
        let distinct: Vec<&Key> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let calls = distinct
            .chunks(BATCH_MAX)
            .map(|some| self.read_batch(table, some));
        let found: BTreeMap<Key, Row> = try_join_all(calls).await?.into_iter().flatten().collect();
        let row = |key| found.get(key).filter(|row| !row.is_over(now)).cloned();
        Ok(keys.iter().map(row).collect())
    }

    async fn read_batch(&self, table: TableName, keys: &[&Key]) -> Result<Vec<(Key, Row)>, Error> {
        let name = self.name(table);
        let mut left: Vec<SdkItem> = keys.iter().map(|k| to_sdk(item::key_of(k))).collect();
        let (mut rows, mut empty) = (Vec::with_capacity(keys.len()), 0);
        while !left.is_empty() {
            let asked = KeysAndAttributes::builder()
                .set_keys(Some(left))
                .consistent_read(true)
                .build();
            let asked = asked.map_err(Error::unavailable)?;
            let call = self.client.batch_get_item().request_items(name, asked);
            let mut answer = call.send().await.map_err(|e| fault::error(keys[0], &e))?;
            let found = answer.responses.take().and_then(|mut r| r.remove(name));
            let found = found.unwrap_or_default();
            left = answer
                .unprocessed_keys
                .and_then(|mut keys| keys.remove(name))
                .map_or_else(Vec::new, |unprocessed| unprocessed.keys);
            let mut half_reads = 0;
            for one in &found {
                let one = of_sdk(one);
                half_reads += reads(item::bytes(&one), true);
                rows.push(item::row_in(&one)?);
            }
            self.meter.add(Units {
                calls: 1,
                half_reads,
                ..Units::default()
            });
            // What comes back unprocessed is what did not fit into 16 MB, or a table that wants to be spared.
            empty = if found.is_empty() && !left.is_empty() {
                empty + 1
            } else {
                0
            };
            if empty > EMPTY_MAX {
                return Err(Error::unavailable("the table is throttled"));
            }
            if empty > 0 {
                tokio::time::sleep(self.jitter(empty)).await;
            }
        }
        Ok(rows)
    }

    /// A wait drawn between nothing and the double of the one before.
    fn jitter(&self, n: u32) -> Duration {
        let longest = (crate::BACKOFF * 2_u32.saturating_pow(n)).min(crate::BACKOFF_MAX);
        let drawn = u32::from_be_bytes(
            self.ids.uuid().as_bytes()[12..]
                .try_into()
                .unwrap_or([0; 4]),
        );
        longest.mul_f64(f64::from(drawn) / f64::from(u32::MAX))
    }

    pub(crate) async fn read_range(&self, table: TableName, query: &Query) -> Result<Page, Error> {
        let Some(range) = Range::of(query) else {
            return Ok(Page::default());
        };
        let (partition, sort) = match query.index {
            None => (item::PARTITION.to_owned(), item::SORT.to_owned()),
            Some(index) => item::slot_keys(index),
        };
        let mut call = self
            .client
            .query()
            .table_name(self.name(table))
            .set_index_name(query.index.map(|index| item::slot(index).to_owned()))
            .consistent_read(query.index.is_none())
            .scan_index_forward(query.order == Order::Ascending)
            .limit(i32::try_from(query.limit.max(1)).unwrap_or(i32::MAX))
            .expression_attribute_names("#p", &partition)
            .expression_attribute_values(":p", AttributeValue::S(query.partition.clone()))
            .key_condition_expression(range.expression());
        if !range.is_open() {
            call = call.expression_attribute_names("#s", &sort);
        }
        for (name, value) in range.values() {
            call = call.expression_attribute_values(name, AttributeValue::S(value));
        }
        if let Some(cursor) = &query.cursor {
            call = call.set_exclusive_start_key(Some(start_of(query, cursor)?));
        }
        let key = Key::new(&query.partition, query.prefix.as_str());
        let answer = call.send().await.map_err(|e| fault::error(&key, &e))?;
        let items: Vec<_> = answer.items().iter().map(of_sdk).collect();
        let bytes = items.iter().map(item::bytes).sum();
        self.used_reads(bytes, query.index.is_none());
        let last = answer.last_evaluated_key.as_ref().map(of_sdk);
        let cursor = last.map(|last| cursor_of(&last, &sort)).transpose()?;
        let rows = match query.index {
            None => rows_of(&items)?,
            Some(_) => self.rows_at(table, query, &items, &sort).await?,
        };
        let in_range = |key: &Key, row: &Row| {
            let at = match query.index {
                None => Some(&key.sort),
                Some(index) => row.indexes.get(&index).map(|(_, sort)| sort),
            };
            at.is_some_and(|at| query.below.as_ref().is_none_or(|below| at < below))
        };
        let rows = rows
            .into_iter()
            .filter(|(key, row)| !row.is_over(query.now) && in_range(key, row));
        Ok(Page {
            rows: rows.collect(),
            cursor,
        })
    }

    /// The rows that entries of an index name, as they are now; those that no longer stand there are dropped.
    async fn rows_at(
        &self,
        table: TableName,
        query: &Query,
        entries: &[item::Item],
        sort: &str,
    ) -> Result<Vec<(Key, Row)>, Error> {
        let keys: Vec<Key> = entries.iter().map(item::key_in).collect::<Result<_, _>>()?;
        let rows = self.read_many(table, &keys, query.now).await?;
        let found = keys.into_iter().zip(rows).zip(entries);
        let standing = found.filter_map(|((key, row), entry)| {
            let row = row?;
            let (partition, place) = row.indexes.get(&query.index?)?;
            let stands = *partition == query.partition
                && entry.get(sort) == Some(&item::Value::S(place.clone()));
            stands.then_some((key, row))
        });
        Ok(standing.collect())
    }

    pub(crate) async fn scan(
        &self,
        table: TableName,
        (part, parts): (u32, u32),
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Page, Error> {
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let start = cursor.map(|cursor| key_at(&cursor)).transpose()?;
        let call = self
            .client
            .scan()
            .table_name(self.name(table))
            .segment(number(part))
            .total_segments(number(parts.max(1)))
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .consistent_read(true)
            .set_exclusive_start_key(start.map(|key| to_sdk(item::key_of(&key))));
        let key = Key::new("walk", "");
        let answer = call.send().await.map_err(|e| fault::error(&key, &e))?;
        let items: Vec<_> = answer.items().iter().map(of_sdk).collect();
        self.used_reads(items.iter().map(item::bytes).sum(), true);
        let last = answer.last_evaluated_key.as_ref().map(of_sdk);
        let cursor = last.map(|last| {
            let key = item::key_in(&last)?;
            Ok::<_, Error>(format!("{}{BETWEEN}{}", key.partition, key.sort))
        });
        Ok(Page {
            rows: rows_of(&items)?,
            cursor: cursor.transpose()?,
        })
    }

    fn used_reads(&self, bytes: usize, strong: bool) {
        self.meter.add(Units {
            calls: 1,
            half_reads: reads(bytes, strong),
            ..Units::default()
        });
    }
}

fn rows_of(items: &[item::Item]) -> Result<Vec<(Key, Row)>, Error> {
    items.iter().map(item::row_in).collect()
}

/// The sort keys of a query as the service can be asked for them: one condition.
#[derive(Debug, PartialEq)]
enum Range {
    All,
    BeginsWith(String),
    From(String),
    Below(String),
    /// Both ends included.
    Between(String, String),
}

impl Range {
    /// `None` when no key can be in it: the service refuses such a range.
    fn of(query: &Query) -> Option<Self> {
        let prefix = &query.prefix;
        let from = query.from.as_ref().filter(|from| *from > prefix);
        if from.is_none() && query.below.is_none() {
            return Some(match prefix.as_str() {
                "" => Self::All,
                prefix => Self::BeginsWith(prefix.to_owned()),
            });
        }
        let lower = from.unwrap_or(prefix).clone();
        let end = (!prefix.is_empty()).then(|| format!("{prefix}{LAST}"));
        let upper = match (&query.below, end) {
            (Some(below), Some(end)) => Some(below.clone().min(end)),
            (below, end) => below.clone().or(end),
        };
        match upper {
            None => Some(Self::From(lower)),
            Some(upper) if upper <= lower => None,
            Some(upper) if lower.is_empty() => Some(Self::Below(upper)),
            Some(upper) => Some(Self::Between(lower, upper)),
        }
    }

    fn is_open(&self) -> bool {
        *self == Self::All
    }

    fn expression(&self) -> &'static str {
        match self {
            Self::All => "#p = :p",
            Self::BeginsWith(_) => "#p = :p AND begins_with(#s, :a)",
            Self::From(_) => "#p = :p AND #s >= :a",
            Self::Below(_) => "#p = :p AND #s < :a",
            Self::Between(..) => "#p = :p AND #s BETWEEN :a AND :b",
        }
    }

    fn values(self) -> Vec<(&'static str, String)> {
        match self {
            Self::All => Vec::new(),
            Self::BeginsWith(a) | Self::From(a) | Self::Below(a) => vec![(":a", a)],
            Self::Between(a, b) => vec![(":a", a), (":b", b)],
        }
    }
}

/// Where a page ended, for the next one.
fn cursor_of(last: &item::Item, sort: &str) -> Result<String, Error> {
    let key = item::key_in(last)?;
    match last.get(sort) {
        Some(item::Value::S(place)) if sort != item::SORT => Ok(format!(
            "{place}{BETWEEN}{}{BETWEEN}{}",
            key.partition, key.sort
        )),
        _ => Ok(key.sort),
    }
}

/// The key behind which a query goes on.
fn start_of(query: &Query, cursor: &str) -> Result<SdkItem, Error> {
    let Some(index) = query.index else {
        return Ok(to_sdk(item::key_of(&Key::new(&query.partition, cursor))));
    };
    let (place, key) = cursor.split_once(BETWEEN).ok_or_else(no_cursor)?;
    let (partition, sort) = item::slot_keys(index);
    let mut start = item::key_of(&key_at(key)?);
    start.insert(partition, item::Value::S(query.partition.clone()));
    start.insert(sort, item::Value::S(place.to_owned()));
    Ok(to_sdk(start))
}

fn key_at(cursor: &str) -> Result<Key, Error> {
    let (partition, sort) = cursor.split_once(BETWEEN).ok_or_else(no_cursor)?;
    Ok(Key::new(partition, sort))
}

fn no_cursor() -> Error {
    Error::Limit {
        key: Key::new("cursor", ""),
        rule: "a cursor is one that a page had".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_condition() {
        let range = |prefix: &str, from: &str, below: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Range::of(&Query {
                prefix: prefix.to_owned(),
                from: some(from),
                below: some(below),
                ..Query::partition("P", 0)
            })
        };
        let text = str::to_owned;
        assert_eq!(range("", "", ""), Some(Range::All));
        assert_eq!(range("T#", "", ""), Some(Range::BeginsWith(text("T#"))));
        assert_eq!(range("T#", "A", ""), Some(Range::BeginsWith(text("T#"))));
        assert_eq!(range("", "b", ""), Some(Range::From(text("b"))));
        assert_eq!(range("", "", "b"), Some(Range::Below(text("b"))));
        let end = format!("T#{LAST}");
        assert_eq!(
            range("T#", "T#b", ""),
            Some(Range::Between(text("T#b"), end))
        );
        assert_eq!(
            range("T#", "", "T#c"),
            Some(Range::Between(text("T#"), text("T#c")))
        );
        assert_eq!(range("", "b", "b"), None);
        assert_eq!(range("T#", "", "A"), None);
    }
}
