//! The jobs on Lambda, by the clock and by the stream of the table.

use std::process::ExitCode;

fn main() -> ExitCode {
    kb_runtime::lambda::run_jobs(&fn_jobs::FEATURES)
}
