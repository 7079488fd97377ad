//! The jobs on Lambda, by the clock and by the stream of the table.

use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    kb_runtime::lambda::run_jobs(fn_jobs::jobs, |kb| Arc::new(fn_jobs::Follower::new(kb)))
}
