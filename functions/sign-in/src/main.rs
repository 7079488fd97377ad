//! The sign-in function on Lambda.

use kb_runtime::lambda::{Prefetch, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(fn_sign_in::routes(), Prefetch::Table, fn_sign_in::NEEDS)
}
