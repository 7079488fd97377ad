//! The threads that a command runs on.

use crate::cli::Cli;
use crate::commands;
use rustix::fs::Mode;
use rustix::process::umask;
use std::process::ExitCode;
use std::time::Duration;

/// How long work beside the threads may go on when the program ends.
const LAST_WORK: Duration = Duration::from_secs(1);

/// Does what the command line asks for.
pub fn run(cli: Cli) -> ExitCode {
    // What it writes, an export too, is its owner's alone.
    umask(Mode::RWXG | Mode::RWXO);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "no threads");
            return ExitCode::from(3);
        }
    };
    let exit = runtime.block_on(commands::start(cli));
    // What still works on something that nobody waits for any more does not hold up the end.
    runtime.shutdown_timeout(LAST_WORK);
    ExitCode::from(exit.code())
}
