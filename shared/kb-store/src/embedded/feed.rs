//! The feed: event rows in the order of their commits, each consumer with a place of its own.

use super::encode::{self, unavailable};
use super::{CONSUMERS, Embedded, FEED, ROWS, read};
use crate::deliver::deliver;
use crate::error::Error;
use crate::feed::{Consumer, Feed, FeedRecord};
use crate::table::TableName;
use async_trait::async_trait;
use kb_domain::Timestamp;
use redb::{Durability, ReadTransaction, ReadableTable};

impl Embedded {
    fn place(&self, consumer: &str) -> Result<u64, Error> {
        self.read(TableName::Main, |_, transaction| {
            place(transaction, consumer)
        })
    }

    /// The first one of a process waits for the disk, so that what it caught up with does not come again at every start; what
    /// is lost of the others comes again.
    fn set_place(&self, consumer: &str, place: u64, first: bool) -> Result<(), Error> {
        let durability = if first {
            Durability::Immediate
        } else {
            Durability::None
        };
        self.main.with(|database| {
            let mut transaction = database.begin_write().map_err(unavailable)?;
            transaction
                .set_durability(durability)
                .map_err(unavailable)?;
            transaction
                .open_table(CONSUMERS)
                .map_err(unavailable)?
                .insert(consumer, (place, 0))
                .map_err(unavailable)?;
            transaction.commit().map_err(unavailable)
        })
    }

    /// Records behind a place, each with its own.
    fn records(&self, after: u64, limit: usize) -> Result<Vec<(u64, FeedRecord)>, Error> {
        self.read(TableName::Main, |_, transaction| {
            let (feed, rows) = (
                transaction.open_table(FEED).map_err(unavailable)?,
                transaction.open_table(ROWS).map_err(unavailable)?,
            );
            let mut records = Vec::new();
            for next in feed.range(after + 1..).map_err(unavailable)?.take(limit) {
                let (sequence, bytes) = next.map_err(unavailable)?;
                let key = encode::key_of(bytes.value())?;
                let Some(row) = read::row(&rows, &key, i64::MIN)? else {
                    continue;
                };
                let place = sequence.value();
                let sequence = place.to_string();
                records.push((place, FeedRecord { sequence, key, row }));
            }
            Ok(records)
        })
    }

    /// Returns when there may be something new for `consumer`.
    pub async fn wait(&self, consumer: &str) {
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            if self.pending(consumer).is_ok_and(|n| n > 0) {
                return;
            }
            news.await;
        }
    }

    /// How many events `consumer` has not settled.
    pub fn pending(&self, consumer: &str) -> Result<u64, Error> {
        self.read(TableName::Main, |_, transaction| {
            let feed = transaction.open_table(FEED).map_err(unavailable)?;
            let last = feed
                .last()
                .map_err(unavailable)?
                .map_or(0, |(sequence, _)| sequence.value());
            Ok(last.saturating_sub(place(transaction, consumer)?))
        })
    }
}

fn place(transaction: &ReadTransaction, consumer: &str) -> Result<u64, Error> {
    let consumers = transaction.open_table(CONSUMERS).map_err(unavailable)?;
    let place = consumers.get(consumer).map_err(unavailable)?;
    Ok(place.map_or(0, |v| v.value().0))
}

#[async_trait]
impl Feed for Embedded {
    async fn pump(
        &self,
        consumer: &dyn Consumer,
        limit: usize,
        now: Timestamp,
    ) -> Result<usize, Error> {
        let name = consumer.name();
        let place = self.place(name)?;
        let (places, mut records): (Vec<u64>, Vec<FeedRecord>) =
            self.records(place, limit)?.into_iter().unzip();
        let Some(last) = places.last() else {
            return Ok(0);
        };
        // What a new process is handed first is what the one before it may have died of: that comes as it came.
        let first = self.survivor.is_new(name);
        let unrest = self.unrest.as_ref();
        let Some(unrest) = unrest.filter(|_| !first) else {
            let settled = deliver(self, &self.survivor, consumer, &records, now).await?;
            if let Some(n) = settled.checked_sub(1) {
                self.set_place(name, places[n], first)?;
            }
            return Ok(settled);
        };
        let settled_before = self.records(place.saturating_sub(8), 8)?.into_iter();
        let settled_before = settled_before.filter(|(at, _)| *at <= place);
        records = unrest.shuffle(records, settled_before.map(|(_, record)| record).collect());
        let settled = deliver(self, &self.survivor, consumer, &records, now).await?;
        // Shuffled records have no place to stop at in between: all of them come again.
        if settled < records.len() {
            return Ok(0);
        }
        self.set_place(name, *last, first)?;
        Ok(places.len())
    }
}
