//! Connections to other systems on Lambda.

use kb_runtime::lambda::{Prefetch, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(
        fn_connections::routes(),
        Prefetch::Table,
        fn_connections::NEEDS,
    )
}
