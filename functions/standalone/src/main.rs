//! The `sidenote` program.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    sidenote::program::run(sidenote::cli::Cli::parse())
}
