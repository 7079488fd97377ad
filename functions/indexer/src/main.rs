//! The indexer on Lambda, by the stream of the table.

use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    kb_runtime::lambda::run_feed(|kb| Arc::new(fn_indexer::Indexer::new(kb)))
}
