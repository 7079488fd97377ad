//! The lexicons are only a help: a place where none can be kept stops nothing.

use async_trait::async_trait;
use fn_indexer::Indexer;
use kb_actions::Kb;
use kb_domain::{Audience, Kind};
use kb_http::Deps;
use kb_store::{Blobs, Error, Feed};
use kb_testkit::{Client, Text, World};
use std::sync::Arc;

/// Keeps everything but lexicons.
struct NoLexicons(Arc<dyn Blobs>);

#[async_trait]
impl Blobs for NoLexicons {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        if name.starts_with("lexicon/") {
            return Ok(Some(b"damaged".to_vec()));
        }
        self.0.get(name).await
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Error> {
        if name.starts_with("lexicon/") {
            return Err(Error::unavailable("no room for it"));
        }
        self.0.put(name, bytes).await
    }

    async fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<bool, Error> {
        self.0.put_new(name, bytes).await
    }

    async fn delete(&self, name: &str) -> Result<(), Error> {
        self.0.delete(name).await
    }
}

#[tokio::test]
async fn a_lexicon_that_can_be_neither_read_nor_kept_fails_no_batch_and_no_search() {
    let mut world = World::new(81);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let text = [Text::en("Heron", "It stands.")];
    let place = (&portal, section);
    let public = Audience::public();
    world
        .article(place, Kind::Explicit, "guide", public, &text)
        .await;
    let (clock, ids) = (world.kb.clock().clone(), world.kb.ids().clone());
    let blobs = Arc::new(NoLexicons(world.kb.store().blobs().clone()));
    let index = world.kb.index().clone();
    let kb = Kb::new(world.store.clone(), blobs, index, clock, ids);
    let indexer = Indexer::new(kb.clone());
    let mut batches = 0;
    while world.store.pending("indexer").unwrap() > 0 {
        world.store.pump(&indexer, 100, kb.now()).await.unwrap();
        batches += 1;
        assert!(batches < 50, "the batch comes again and again");
    }
    let deps = Deps { kb, ..world.deps() };
    let client = Client::new(sidenote::commands::router(deps));
    let found = client.get("/api/v1/search?q=heron").await.json();
    assert_eq!(found["total"]["value"], 1, "{found}");
    world.settle(&indexer).await;
}
