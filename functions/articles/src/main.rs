//! The articles function on Lambda.

use kb_runtime::lambda::{Ahead, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(fn_articles::routes(), Ahead::Table)
}
