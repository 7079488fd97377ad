//! The search function on Lambda.

use std::process::ExitCode;

fn main() -> ExitCode {
    kb_runtime::lambda::run(fn_search::routes())
}
