use super::*;
use kb_store::{Condition, Embedded, Key, Row, Transaction};

#[tokio::test]
async fn a_sweep_of_many_rows_goes_on_where_it_stopped_and_ends_in_the_log() {
    let table = Embedded::in_memory(None).unwrap();
    let rows = BATCH * BATCHES_PER_RUN + 10;
    let put = async |name, n: usize| {
        let mut tx = Transaction::new(name, 1);
        for n in n..n + 100 {
            let row = Row {
                kind: "thing.1".to_owned(),
                body: "{}".to_owned(),
                expires_at: Some(if n % 2 == 0 { 5 } else { 500 }),
                ..Row::default()
            };
            tx.put(Key::new("S", format!("{n:06}")), row, Condition::Absent);
        }
        table.commit(tx).await.unwrap();
    };
    for n in (0..rows).step_by(100) {
        put(TableName::Main, n).await;
    }
    put(TableName::Log, 0).await;
    let (job, now) = (Sweep::new(table.clone()), Timestamp(50_000_000));
    let mut timer = Timer::new(job.name(), "", now);
    let Ran::Again { at, state } = job.run(&timer, now).await else {
        panic!("there is more")
    };
    assert_eq!(at, now);
    timer.state = state;
    assert_eq!(job.run(&timer, now).await, Ran::Done);
    for (name, left) in [
        (TableName::Main, rows.next_multiple_of(100)),
        (TableName::Log, 100),
    ] {
        let page = table.walk(name, 0, 1, 100_000, None).await.unwrap();
        assert_eq!(page.rows.len(), left / 2);
        assert!(page.rows.iter().all(|(_, r)| r.expires_at == Some(500)));
    }
}
