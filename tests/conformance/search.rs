//! Search indexes.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use kb_search::conformance::{CHECKS, Check};
use kb_search::{SearchIndex, TantivyIndex};
use std::sync::Arc;

/// Runs every check, each on an index that `fresh` makes, and names all that fail.
async fn all(engine: &str, fresh: impl AsyncFn(&Check) -> Arc<dyn SearchIndex>) {
    let mut failed = Vec::new();
    for check in CHECKS {
        let (check, index) = (*check, fresh(check).await);
        let run = tokio::spawn(async move { check.run(&*index).await });
        let kept = run.await.is_ok();
        let told = if kept { "ok" } else { "FAILED" };
        println!("{engine}: {} {told}", check.name);
        if !kept {
            failed.push(check.name);
        }
    }
    assert_eq!(failed, Vec::<&str>::new(), "{engine}");
}

#[tokio::test]
async fn tantivy() {
    let fresh = || -> Arc<dyn SearchIndex> { TantivyIndex::open(None).unwrap() };
    all("tantivy", async |_| fresh()).await;
}

#[cfg(feature = "cloud")]
#[tokio::test]
#[ignore = "needs a real server: tests/engines/up"]
async fn opensearch() {
    use crate::opensearch::fresh;
    all("opensearch", async |check| fresh(check.name).await).await;
}
