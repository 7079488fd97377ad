//! The search function on Lambda.

use kb_runtime::lambda::{Prefetch, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(fn_search::routes(), Prefetch::Search, fn_search::NEEDS)
}
