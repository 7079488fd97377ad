//! The help center function on Lambda.

use std::process::ExitCode;

fn main() -> ExitCode {
    kb_runtime::lambda::run(fn_help_center::routes())
}
