//! Timers: rows that say when a job runs.

use kb_domain::Timestamp;
use kb_store::record::row;
use kb_store::{Condition, Error, Key, Keyed, Record, Row, Table, TableName, Transaction, keys};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A timer. Its key is made of lane, moment, job and subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// When it is due.
    pub at: Timestamp,
    /// The job that runs, by its name.
    pub job: String,
    /// What the job is to look at, for example `art_...`; empty for a job that looks at everything.
    pub subject: String,
    /// Each run of the clock takes a bounded number of timers of one lane.
    pub lane: String,
    /// What the job left for its next run, such as a cursor.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub state: Value,
    /// Runs that failed, or that nobody came back from.
    #[serde(default)]
    pub attempts: u32,
    /// Runs in a row that met something that did not answer.
    #[serde(default)]
    pub waits: u32,
}

impl Timer {
    /// A timer of a job, in the lane of that name.
    pub fn new(job: &str, subject: &str, at: Timestamp) -> Self {
        Self {
            at,
            job: job.to_owned(),
            subject: subject.to_owned(),
            lane: job.to_owned(),
            state: Value::Null,
            attempts: 0,
            waits: 0,
        }
    }

    /// What the run before left; the default for the first run. Errors: what is left is not of this form, in words.
    pub fn state<S: DeserializeOwned + Default>(&self) -> Result<S, String> {
        if self.state.is_null() {
            return Ok(S::default());
        }
        S::deserialize(&self.state).map_err(|e| e.to_string())
    }

    /// Adds it to the transaction of the thing it belongs to; the same one again is fine.
    pub fn put(&self, tx: &mut Transaction) {
        tx.put(self.key(), self.row(), Condition::Any);
    }

    /// Removes it; one that is gone, or is being run, is fine.
    pub fn delete(&self, tx: &mut Transaction) {
        tx.delete(self.key(), Condition::Any);
    }

    /// Moves it to another moment; answers it as it is then.
    pub fn move_to(&self, tx: &mut Transaction, at: Timestamp) -> Self {
        let moved = Self { at, ..self.clone() };
        if moved.key() != self.key() {
            self.delete(tx);
        }
        moved.put(tx);
        moved
    }

    /// Writes it in a transaction of its own, unless it is there; for what has no transaction that it could go with.
    pub async fn ensure(&self, table: &dyn Table, now: Timestamp) -> Result<(), Error> {
        let mut tx = Transaction::new(TableName::Main, now.micros());
        tx.put(self.key(), self.row(), Condition::Absent);
        match table.commit(tx).await {
            Ok(_) | Err(Error::Condition { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Job and subject as one name, as logs and dead letters have it.
    pub(crate) fn name(&self) -> String {
        if self.subject.is_empty() {
            return self.job.clone();
        }
        format!("{}#{}", self.job, self.subject)
    }

    pub(crate) fn row(&self) -> Row {
        row(self)
    }
}

impl Record for Timer {
    type Form = Self;
    const KIND: &'static str = "timer";

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }
}

impl Keyed for Timer {
    fn key(&self) -> Key {
        keys::due(&self.lane, self.at, &self.name())
    }
}
