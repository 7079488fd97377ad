//! The mapping of a stream to a function, as Lambda has it: batches in order, and again from the first record that is told to
//! have failed.

use crate::lambda::Function;
use async_trait::async_trait;
use kb_domain::Clock;
use kb_runtime::SystemClock;
use kb_store::{Consumer, Feed, FeedRecord, Outcome};
use kb_store_dynamodb::{Stream, image_of};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// A function as what the stream is pumped into.
pub struct Mapped(Mutex<Function>);

impl Mapped {
    pub fn new(function: Function) -> Self {
        Self(Mutex::new(function))
    }

    /// Sends an event that is no batch of the stream.
    pub async fn invoke(&self, event: &Value) -> Result<Value, Value> {
        self.0.lock().await.invoke(event).await
    }

    /// Pumps until nothing is left.
    pub async fn drain(&self, stream: &Stream) {
        let pump = || stream.pump(self, 100, SystemClock.now());
        while pump().await.unwrap() > 0 {}
    }
}

#[async_trait]
impl Consumer for Mapped {
    fn name(&self) -> &'static str {
        "mapping"
    }

    async fn consume(&self, batch: &[FeedRecord]) -> Vec<Outcome> {
        let records = batch.iter().map(|record| {
            json!({
                "eventID": record.sequence,
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "eu-central-1",
                "dynamodb": {
                    "SequenceNumber": record.sequence,
                    "NewImage": image_of(record),
                    "StreamViewType": "NEW_IMAGE",
                },
                "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/main/stream/1",
            })
        });
        let event = json!({"Records": records.collect::<Vec<Value>>()});
        let answer = match self.0.lock().await.invoke(&event).await {
            Ok(answer) => answer,
            Err(fault) => return vec![Outcome::Unavailable(fault.to_string())],
        };
        let failed = answer["batchItemFailures"].as_array().unwrap();
        let failed: Vec<&str> = failed
            .iter()
            .map(|f| f["itemIdentifier"].as_str().unwrap())
            .collect();
        let good = batch
            .iter()
            .take_while(|r| !failed.contains(&r.sequence.as_str()));
        let mut outcomes: Vec<Outcome> = good.map(|_| Outcome::Done).collect();
        if outcomes.len() < batch.len() {
            outcomes.push(Outcome::Unavailable("told to come again".to_owned()));
        }
        outcomes
    }
}
