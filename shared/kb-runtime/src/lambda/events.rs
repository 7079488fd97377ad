//! What the stream of the table and the clock invoke.

use crate::aws::{Cloud, Prefetch, Stack};
use crate::config::Config;
use crate::error::Error;
use crate::feature::{self, Feature, Works};
use crate::system::monotonic;
use kb_actions::Kb;
use kb_domain::Timestamp;
use kb_events::{Jobs, Woken};
use kb_store::deliver::{Survivor, deliver};
use kb_store::{Consumer, FeedRecord, Table, TableName, Transaction, keys, put_dead_letter};
use kb_store_dynamodb::{of_json, row_in};
use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A run of the clock takes no other timer after this: the next run is a minute later.
const CLOCK_MAX: Duration = Duration::from_secs(50);
/// Lanes that a batch woke run no other timer after this: the next batch waits behind it.
const WOKEN_MAX: Duration = Duration::from_secs(8);
/// Events of a batch that is older, in seconds, are a backlog, and are followed without running what they wake.
const FRESH_SECONDS: i64 = 30;

/// Takes batches of the stream. What need not come again is told by the first record that must (partial batch response).
pub(super) async fn feed(
    stack: &Stack,
    consumer: fn(Kb) -> Arc<dyn Consumer>,
) -> Result<(), Error> {
    let cloud = Cloud::open(stack)?;
    let ready = Ready::default();
    let ((), _) = tokio::join!(cloud.warm(Prefetch::Table), ready.prepare(&cloud));
    let consumer = consumer(cloud.kb.clone());
    let survivor = Survivor::default();
    let (kb, consumer, survivor) = (&cloud.kb, &*consumer, &survivor);
    let take = async |event: LambdaEvent<Value>| {
        if !ready.prepare(&cloud).await {
            let first = &event.payload["Records"][0]["dynamodb"]["SequenceNumber"];
            return Ok(json!({"batchItemFailures": [{"itemIdentifier": first}]}));
        }
        let failures = batch(
            &**kb.store().table(),
            survivor,
            consumer,
            &event.payload,
            kb.now(),
        )
        .await;
        Ok::<_, lambda_runtime::Error>(json!({"batchItemFailures": failures}))
    };
    serve(take).await
}

/// Whether the collection that is written to is there. While the search engine is away batches come again.
#[derive(Default)]
struct Ready(AtomicBool);

impl Ready {
    async fn prepare(&self, cloud: &Cloud) -> bool {
        if self.0.load(Ordering::Relaxed) {
            return true;
        }
        if let Err(error) = cloud.prepare().await {
            tracing::warn!(%error, "nothing can be indexed; what comes in comes again");
            return false;
        }
        self.0.store(true, Ordering::Relaxed);
        true
    }
}

/// Takes batches of the stream, and runs what is due at every other invocation, which is the clock's.
pub(super) async fn jobs(
    stack: &Stack,
    config: &Config,
    features: &[Feature],
) -> Result<(), Error> {
    let cloud = Cloud::open(stack)?.reaching(config);
    cloud.warm(Prefetch::Table).await;
    let kb = &cloud.kb;
    let works = &Works::new(kb.clone(), cloud.fetch.clone(), cloud.vault());
    let follower = &feature::follower(features, works);
    let (jobs, survivor) = (&feature::clock(features, works), &Survivor::default());
    let run = async |event: LambdaEvent<Value>| {
        if event.payload["Records"].is_array() {
            let now = kb.now();
            let failures = batch(
                &**kb.store().table(),
                survivor,
                follower,
                &event.payload,
                now,
            )
            .await;
            run_woken(jobs, &follower.take_woken(), kb.now()).await;
            return Ok(json!({"batchItemFailures": failures}));
        }
        let since = monotonic();
        jobs.start().await?;
        let ran = jobs.run_due(&move || since() < CLOCK_MAX).await?;
        Ok::<_, lambda_runtime::Error>(json!({"ran": ran}))
    };
    serve(run).await
}

/// Runs lanes that were woken just now. What is left, and what comes of a backlog, the clock runs.
async fn run_woken(jobs: &Jobs, woken: &Woken, now: Timestamp) {
    if woken.lanes.is_empty() || woken.newest.plus_seconds(FRESH_SECONDS) < now {
        return;
    }
    let since = monotonic();
    let has_time = move || since() < WOKEN_MAX;
    if let Err(error) = jobs.run_lanes(&woken.lanes, &has_time).await {
        tracing::warn!(%error, "lanes that were woken wait for the clock");
    }
}

async fn serve<F>(handle: F) -> Result<(), Error>
where
    F: AsyncFn(LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error>,
{
    lambda_runtime::run(service_fn(|event| handle(event)))
        .await
        .map_err(|e| Error::Lambda(e.to_string()))
}

/// Hands a batch over; answers the records that are to come again, of which Lambda looks at the first.
async fn batch(
    table: &dyn Table,
    survivor: &Survivor,
    consumer: &dyn Consumer,
    event: &Value,
    now: Timestamp,
) -> Vec<Value> {
    let raw: Vec<&Value> = event["Records"].as_array().into_iter().flatten().collect();
    let mut records = Vec::new();
    for one in raw {
        let change = &one["dynamodb"];
        let sequence = change["SequenceNumber"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        // The mapping filters already; one that is set up by hand may not.
        if one["eventName"] != "INSERT" {
            continue;
        }
        match row_in(&of_json(&change["NewImage"])) {
            Ok((key, row)) if row.kind.starts_with(keys::EVENT_KIND) => {
                records.push(FeedRecord { sequence, key, row });
            }
            Ok(_) => {}
            Err(error) => {
                if let Err(error) =
                    dead_letter(table, consumer.name(), one, &error.to_string(), now).await
                {
                    tracing::warn!(%error, "a record cannot be written as a dead letter; the batch comes again");
                    return vec![json!({"itemIdentifier": sequence})];
                }
            }
        }
    }
    let settled = match deliver(table, survivor, consumer, &records, now).await {
        Ok(settled) => settled,
        Err(error) => {
            tracing::warn!(%error, "the table does not answer; the batch comes again");
            0
        }
    };
    let again = records.get(settled).into_iter();
    again
        .map(|r| json!({"itemIdentifier": r.sequence}))
        .collect()
}

/// Keeps a record that is no row of ours, as it came.
async fn dead_letter(
    table: &dyn Table,
    consumer: &str,
    record: &Value,
    error: &str,
    now: Timestamp,
) -> Result<(), kb_store::Error> {
    let id = record["eventID"].as_str().unwrap_or("unnamed");
    tracing::error!(consumer, event.id = id, error, "an event is dead");
    let mut tx = Transaction::new(TableName::Main, now.micros());
    put_dead_letter(
        &mut tx,
        consumer,
        id,
        &json!({"record": record, "error": error, "at": now}),
    );
    match table.commit(tx).await {
        Ok(_) | Err(kb_store::Error::Condition { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
