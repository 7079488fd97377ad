//! The stream read by ourselves, as Lambda reads it for a function: for tests, and for emulators that have no Lambda.

use crate::attribute::{of_sdk, to_sdk};
use crate::{DynamoTable, Settings, item};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue as Attribute;
use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::config::{BehaviorVersion, Region};
use aws_sdk_dynamodbstreams::operation::get_shard_iterator::GetShardIteratorError;
use aws_sdk_dynamodbstreams::types::{AttributeValue, OperationType, ShardIteratorType};
use base64::Engine;
use kb_domain::Timestamp;
use kb_store::deliver::{Survivor, deliver};
use kb_store::{Consumer, Error, Feed, FeedRecord, keys};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Mutex;

/// The stream of the table `main`. How far each consumer came is kept in memory, since Lambda keeps it for functions.
pub struct Stream {
    client: Client,
    arn: String,
    table: DynamoTable,
    survivor: Survivor,
    /// By consumer and shard: the last record that is settled.
    places: Mutex<BTreeMap<(String, String), String>>,
}

fn unavailable(error: impl Display) -> Error {
    Error::unavailable(error.to_string())
}

impl Stream {
    /// The stream of a table. Errors: the table does not answer, or has no stream.
    pub async fn open(settings: &Settings, table: DynamoTable) -> Result<Self, Error> {
        let described = table.client.describe_table().table_name(&settings.main);
        let described = described.send().await.map_err(unavailable)?;
        let arn = described
            .table
            .and_then(|t| t.latest_stream_arn)
            .ok_or_else(|| unavailable("the table has no stream"))?;
        let mut config = aws_sdk_dynamodbstreams::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(settings.credentials.clone());
        config.set_endpoint_url(settings.endpoint.clone());
        config.set_http_client(settings.http.clone());
        Ok(Self {
            client: Client::from_conf(config.build()),
            arn,
            table,
            survivor: Survivor::default(),
            places: Mutex::default(),
        })
    }

    /// The table that it is of.
    pub fn table(&self) -> &DynamoTable {
        &self.table
    }

    /// From now on it is that of a new process.
    pub fn restart(&self) {
        self.survivor.forget();
    }

    /// The shards, parents before their children.
    async fn shards(&self) -> Result<Vec<String>, Error> {
        let (mut shards, mut start) = (Vec::new(), None);
        loop {
            let call = self.client.describe_stream().stream_arn(&self.arn);
            let call = call.set_exclusive_start_shard_id(start);
            let answer = call.send().await.map_err(unavailable)?;
            let Some(stream) = answer.stream_description else {
                return Ok(shards);
            };
            shards.extend(stream.shards().iter().filter_map(|s| s.shard_id.clone()));
            start = stream.last_evaluated_shard_id;
            if start.is_none() {
                return Ok(shards);
            }
        }
    }

    /// The next events of a shard behind a place, each as Lambda's filter lets it through, and whether anything is left there.
    async fn events(
        &self,
        shard: &str,
        behind: Option<String>,
        limit: usize,
    ) -> Result<Vec<FeedRecord>, Error> {
        let kind = match behind {
            Some(_) => ShardIteratorType::AfterSequenceNumber,
            None => ShardIteratorType::TrimHorizon,
        };
        let call = self
            .client
            .get_shard_iterator()
            .stream_arn(&self.arn)
            .shard_id(shard)
            .shard_iterator_type(kind)
            .set_sequence_number(behind);
        let mut next = match call.send().await {
            Ok(answer) => answer.shard_iterator,
            // The stream keeps a day. What went with the rest is found by a comparison of index and table.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetShardIteratorError::is_trimmed_data_access_exception) =>
            {
                tracing::error!(
                    shard,
                    "events are lost: the stream was trimmed before they were read"
                );
                return Box::pin(self.events(shard, None, limit)).await;
            }
            Err(error) => return Err(unavailable(error)),
        };
        let mut events = Vec::new();
        while let Some(iterator) = next {
            let answer = self.client.get_records().shard_iterator(iterator);
            let answer = answer.send().await.map_err(unavailable)?;
            let found = answer.records();
            for record in found {
                let inserted = record.event_name() == Some(&OperationType::Insert);
                let Some(change) = record.dynamodb().filter(|_| inserted) else {
                    continue;
                };
                let image = change.new_image().into_iter().flatten();
                let image = image.map(|(name, value)| (name.clone(), of_stream(value)));
                let (key, row) = item::row_in(&of_sdk(&image.collect()))?;
                if row.kind.starts_with(keys::EVENT_KIND) {
                    let sequence = change.sequence_number().unwrap_or_default().to_owned();
                    events.push(FeedRecord { sequence, key, row });
                }
            }
            if found.is_empty() || events.len() >= limit {
                break;
            }
            next = answer.next_shard_iterator;
        }
        events.truncate(limit);
        Ok(events)
    }

    fn place(&self, of: &(String, String)) -> Option<String> {
        let places = self.places.lock();
        places.map_or(None, |places| places.get(of).cloned())
    }
}

fn json_of(value: Attribute) -> Value {
    match value {
        Attribute::S(text) => json!({"S": text}),
        Attribute::N(n) => json!({"N": n}),
        Attribute::B(bytes) => {
            json!({"B": base64::engine::general_purpose::STANDARD.encode(bytes)})
        }
        _ => Value::Null,
    }
}

/// The two SDKs have a type of their own for the same.
fn of_stream(value: &AttributeValue) -> Attribute {
    match value {
        AttributeValue::S(text) => Attribute::S(text.clone()),
        AttributeValue::N(n) => Attribute::N(n.clone()),
        AttributeValue::B(bytes) => Attribute::B(bytes.clone()),
        _ => Attribute::Null(true),
    }
}

/// The image of a record as it stands in an event of Lambda.
pub fn image_of(record: &FeedRecord) -> Value {
    let item = item::of_row(&record.key, &record.row, record.row.version).unwrap_or_default();
    let item = to_sdk(item).into_iter();
    item.map(|(name, value)| (name, json_of(value))).collect()
}

#[async_trait]
impl Feed for Stream {
    async fn pump(
        &self,
        consumer: &dyn Consumer,
        limit: usize,
        now: Timestamp,
    ) -> Result<usize, Error> {
        for shard in self.shards().await? {
            let place = (consumer.name().to_owned(), shard);
            let behind = self.place(&place);
            let batch = self.events(&place.1, behind, limit).await?;
            let settled = deliver(&self.table, &self.survivor, consumer, &batch, now).await?;
            if let Some(last) = settled.checked_sub(1).and_then(|n| batch.get(n)) {
                if let Ok(mut places) = self.places.lock() {
                    places.insert(place, last.sequence.clone());
                }
                return Ok(settled);
            }
        }
        Ok(0)
    }
}
