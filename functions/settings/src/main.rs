//! The settings function on Lambda.

use kb_runtime::lambda::{Prefetch, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(fn_settings::routes(), Prefetch::Table, fn_settings::NEEDS)
}
