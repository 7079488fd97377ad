//! The feed: carries event rows to those who follow a commit. It knows rows only; what they say is the business of kb-events.
//! At least once, eventually, in order per subject most of the time; nobody relies on more.

use crate::error::{Error, chain};
use crate::keys;
use crate::record::{Record, row};
use crate::table::{Condition, IndexName, Key, Row, Transaction};
use async_trait::async_trait;
use kb_domain::{ErrorKind, Timestamp};
use serde_json::Value;

/// An event row on its way to a consumer.
#[derive(Clone, Debug)]
pub struct FeedRecord {
    /// Its place in the feed, as the engine spells it: of two records of one batch no two have the same.
    pub sequence: String,
    /// The key of the event row.
    pub key: Key,
    /// The event row.
    pub row: Row,
}

impl FeedRecord {
    /// What it is about, as the `inverse` index has it; records about one thing keep their order.
    pub fn subject(&self) -> &str {
        self.row
            .indexes
            .get(&IndexName::Inverse)
            .map_or(self.key.partition.as_str(), |(subject, _)| subject)
    }
}

/// What a consumer gave up: the event or timer as it was, the error, and when.
pub(crate) struct DeadLetter(Value);

impl Record for DeadLetter {
    type Form = Value;
    const KIND: &'static str = "dead";

    fn form(&self) -> Value {
        self.0.clone()
    }

    fn of(form: Value) -> Self {
        Self(form)
    }
}

/// How long a dead letter is kept, in days: as long as the event that it is about.
const DEAD_KEPT_DAYS: i64 = 400;

/// Adds a dead letter: what `consumer` gave up, why and when, with all that is needed to try again.
pub fn put_dead_letter(tx: &mut Transaction, consumer: &str, name: &str, body: &Value) {
    let mut row = row(&DeadLetter(body.clone()));
    row.indexes
        .insert(IndexName::Queue, keys::dead_queue(consumer, name));
    let now = i64::try_from(tx.now_us / 1_000_000).unwrap_or(i64::MAX);
    row.expires_at = Some(now.saturating_add(DEAD_KEPT_DAYS * 86_400));
    tx.put(keys::dead_letter(consumer, name), row, Condition::Any);
}

/// What a consumer made of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; it need not come again.
    Done,
    /// Something it needs does not answer: the batch ends here and comes again, without limit, order kept.
    Unavailable(String),
    /// It cannot be done: a dead letter keeps event and error, and the feed goes on.
    Failed(String),
}

impl Outcome {
    /// It could not be handled: what does not answer is asked again, anything else has failed.
    pub fn stopped(kind: ErrorKind, error: &dyn std::error::Error) -> Self {
        match kind {
            ErrorKind::Unavailable | ErrorKind::Timeout => Self::Unavailable(chain(error)),
            _ => Self::Failed(chain(error)),
        }
    }
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        Self::stopped(error.kind(), &error)
    }
}

/// Who reads the feed. Each named consumer has its own place in it.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Its name, for its place in the feed and for dead letters.
    fn name(&self) -> &'static str;

    /// Takes a batch; one outcome for each record, in order; outcomes may end early after an `Unavailable`.
    async fn consume(&self, batch: &[FeedRecord]) -> Vec<Outcome>;
}

/// The feed of the main table. It is pushed: nobody can ask it what there is, or what came after a moment.
#[async_trait]
pub trait Feed: Send + Sync {
    /// Hands the next batch (at most `limit`) to `consumer` by [`crate::deliver::deliver`] and keeps how far it came.
    /// Answers how many records were settled; 0 when there was nothing or the first was unavailable.
    async fn pump(
        &self,
        consumer: &dyn Consumer,
        limit: usize,
        now: Timestamp,
    ) -> Result<usize, Error>;
}
