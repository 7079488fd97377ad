//! The help center function on Lambda.

use kb_runtime::lambda::{Prefetch, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(
        fn_help_center::routes(),
        Prefetch::Table,
        fn_help_center::NEEDS,
    )
}
