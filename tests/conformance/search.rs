//! Search indexes.

use kb_search::TantivyIndex;
use kb_search::conformance::CHECKS;

#[tokio::test]
async fn tantivy() {
    for check in CHECKS {
        println!("tantivy: {}", check.name);
        let index = TantivyIndex::open(None).unwrap();
        check.run(&*index).await;
    }
}
