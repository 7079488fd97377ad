//! The function for jobs, which the stream and the clock invoke.

use super::Running;
use super::mapping::Mapped;
use crate::lambda::Function;
use kb_events::Timer;
use kb_store::{Table, TableName};
use kb_store_dynamodb::Stream;
use serde_json::json;

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn the_stream_lays_timers_and_the_clock_runs_what_is_due() {
    let running = Running::start().await;
    running.filled();
    let environment = running.stack.environment.iter();
    let environment: Vec<(&str, &str)> = environment.map(|(n, v)| (*n, v.as_str())).collect();
    let jobs = Function::start_with("fn-jobs", running.data.path(), &environment).await;
    let jobs = Mapped::new(jobs);
    let table = running.stream.table();
    let timers = async || {
        let walked = table.walk(TableName::Main, 0, 1, 1_000, None).await;
        let rows = walked.unwrap().rows;
        let timers = rows.iter().filter(|(_, row)| row.kind == "timer.1");
        let timers: Vec<Timer> = timers
            .map(|(_, row)| serde_json::from_str(&row.body).unwrap())
            .collect();
        timers
    };
    // Twice from the beginning, as after a restart of the mapping: the same events have the same timers.
    for _ in 0..2 {
        let stream = Stream::open(&running.stack.settings, table.clone()).await;
        jobs.drain(&stream.unwrap()).await;
    }
    let laid = timers().await;
    assert!(!laid.is_empty() && laid.iter().all(|t| t.job == "index.paths"));
    let mut keys: Vec<_> = laid.iter().map(|t| (&t.subject, t.at)).collect();
    let all = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), all);

    // One of them as if its minute had passed, on the clock of this machine.
    let mut tx = kb_store::Transaction::new(TableName::Main, 1);
    let due = laid[0].move_to(&mut tx, kb_domain::Timestamp(1_000_000));
    table.commit(tx).await.unwrap();
    let clock = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}});
    let answer = jobs.invoke(&clock).await.unwrap();
    assert!(
        answer["ran"].as_u64().is_some_and(|ran| ran >= 1),
        "{answer}"
    );
    let left = timers().await;
    assert!(left.iter().all(|t| (&t.job, t.at) != (&due.job, due.at)));
    assert!(left.iter().any(|t| t.job == "index.merge"), "{left:?}");
}
