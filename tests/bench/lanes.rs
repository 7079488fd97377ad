//! What a partner that does not answer costs the others: how long their timers wait with one dead lane of ten, against ten that are well.

use crate::Fault;
use crate::report::Line;
use async_trait::async_trait;
use kb_domain::{Clock, Timestamp};
use kb_events::{Job, Jobs, Ran, Timer};
use kb_runtime::SystemClock;
use kb_runtime::system::monotonic;
use kb_store::{Embedded, Options, Table, TableName, Transaction};
use std::future::pending;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;

const LANES: usize = 10;
/// Timers of a lane, all due at once: as many as a run takes.
const TIMERS: usize = 100;
/// How long a partner takes to answer, and how long one is waited for that does not.
const ANSWER: Duration = Duration::from_millis(5);
const SILENCE: Duration = Duration::from_millis(250);
const ROUNDS: usize = 5;
const DEAD: &str = "lane0";

struct Asking<C> {
    is_dead: bool,
    since: C,
    /// When each timer of the other lanes was done.
    done: Arc<Mutex<Vec<Duration>>>,
}

#[async_trait]
impl<C: Fn() -> Duration + Send + Sync> Job for Asking<C> {
    fn name(&self) -> &'static str {
        "ask"
    }

    async fn run(&self, timer: &Timer, _: Timestamp) -> Ran {
        if self.is_dead && timer.lane == DEAD {
            let _ = timeout(SILENCE, pending::<()>()).await;
            return Ran::Unavailable("no answer".to_owned());
        }
        let _ = timeout(ANSWER, pending::<()>()).await;
        if timer.lane != DEAD {
            let mut done = self.done.lock().expect("nobody panics while it is held");
            done.push((self.since)());
        }
        Ran::Done
    }
}

pub(crate) fn measure(folder: &Path) -> Result<Vec<Line>, Fault> {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let (mut well, mut dead, mut missing) = (Vec::new(), Vec::new(), 0);
    for round in 0..ROUNDS {
        for is_dead in [false, true] {
            let path = folder.join(format!("lanes-{round}-{is_dead}"));
            let mut waits = threads.block_on(waits(&path, is_dead))?;
            missing += (LANES - 1) * TIMERS - waits.len();
            waits.sort_unstable();
            let p99 = waits[waits.len() * 99 / 100].as_secs_f64() * 1e3;
            if is_dead { &mut dead } else { &mut well }.push(p99);
        }
    }
    let median = |mut all: Vec<f64>| {
        all.sort_unstable_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let line = Line::less(
        "timers of nine lanes beside a dead one, p99",
        "ms",
        median(dead),
        median(well),
    );
    let void = (missing > 0).then(|| format!("{missing} timers did not run"));
    Ok(vec![line.bar(1.1).void(void)])
}

/// When each timer of nine lanes was done, from the moment at which all of ten were due.
async fn waits(path: &Path, is_dead: bool) -> Result<Vec<Duration>, Fault> {
    std::fs::create_dir_all(path)?;
    let table: Arc<dyn Table> = Embedded::open(path, Options::default())?;
    let now = SystemClock.now();
    for n in 0..TIMERS {
        let mut tx = Transaction::new(TableName::Main, now.micros());
        for lane in 0..LANES {
            let timer = Timer {
                lane: format!("lane{lane}"),
                ..Timer::new("ask", &format!("{lane}-{n}"), now)
            };
            timer.put(&mut tx);
        }
        table.commit(tx).await?;
    }
    let done = Arc::new(Mutex::new(Vec::new()));
    let job = Asking {
        is_dead,
        since: monotonic(),
        done: done.clone(),
    };
    let jobs: [Arc<dyn Job>; 1] = [Arc::new(job)];
    let clock = Jobs::new(table, Arc::new(SystemClock), jobs);
    clock.run_due(&|| true).await?;
    let done = done.lock().expect("nobody panics while it is held");
    Ok(done.clone())
}
