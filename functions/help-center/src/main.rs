//! The help center function on Lambda.

use kb_runtime::lambda::{Ahead, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(fn_help_center::routes(), Ahead::Table)
}
