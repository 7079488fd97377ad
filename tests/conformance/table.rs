//! Tables, feeds and blobs.

use async_trait::async_trait;
use kb_store::conformance::{self, Subject};
use kb_store::{Blobs, Chaos, Embedded, Feed, FolderBlobs, MemoryBlobs, Options, Table};
use std::sync::Arc;

struct Redb(Arc<Embedded>);

#[async_trait]
impl Subject for Redb {
    fn table(&self) -> &dyn Table {
        &*self.0
    }

    fn feed(&self) -> &dyn Feed {
        &*self.0
    }

    fn restart(&self) {
        self.0.restart();
    }

    async fn settle(&self) {
        self.0.settle().unwrap();
    }
}

#[tokio::test]
async fn redb_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    conformance::table(&Redb(engine)).await;
}

#[tokio::test]
async fn redb_in_memory_with_lagging_indexes() {
    for seed in 1..=3 {
        let engine = Embedded::in_memory(Some(Chaos { seed })).unwrap();
        conformance::table(&Redb(engine)).await;
    }
}

#[tokio::test]
async fn the_feed_of_redb() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    conformance::feed(&Redb(engine)).await;
    for seed in 1..=3 {
        let engine = Embedded::in_memory(Some(Chaos { seed })).unwrap();
        conformance::feed(&Redb(engine)).await;
    }
}

#[tokio::test]
async fn blobs_in_a_folder_and_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    for blobs in [
        &FolderBlobs::new(folder.path()) as &dyn Blobs,
        &MemoryBlobs::default(),
    ] {
        conformance::blobs(blobs).await;
        conformance::one_new_blob_wins(blobs).await;
    }
}
