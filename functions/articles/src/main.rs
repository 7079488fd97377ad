//! The articles function on Lambda.

use kb_runtime::lambda::{Prefetch, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(fn_articles::routes(), Prefetch::Table, fn_articles::NEEDS)
}
