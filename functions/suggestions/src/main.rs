//! The suggestions function on Lambda.

use kb_runtime::lambda::{Prefetch, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(
        fn_suggestions::routes(),
        Prefetch::Search,
        fn_suggestions::NEEDS,
    )
}
