//! The jobs on Lambda, by the clock.

use std::process::ExitCode;

fn main() -> ExitCode {
    kb_runtime::lambda::run_clock(fn_jobs::jobs)
}
