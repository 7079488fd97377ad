//! The `sidenote` program.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = sidenote::cli::Cli::parse();
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
    ExitCode::from(runtime.block_on(sidenote::commands::start(cli)).code())
}
