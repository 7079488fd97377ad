//! An open data folder with everything that works on it.

use crate::exit::Failure;
use fn_indexer::Indexer;
use kb_actions::{Kb, lexicon};
use kb_domain::{Principal, Right, Viewer};
use kb_http::Deps;
use kb_identity::Identity;
use kb_runtime::{Config, DataFolder, home::Home};
use kb_store::{Feed, Options};
use std::sync::Arc;

/// Events that the indexer takes at once: a batch is one durable commit of the index, however large it is.
const BATCH: usize = 1_000;

/// Everything that commands and routes work on.
pub struct App {
    /// The base.
    pub kb: Kb,
    /// The feed of the store.
    pub store: Arc<dyn Feed>,
    /// Keys, people and sessions.
    pub identity: Identity,
    indexer: Indexer,
    /// Held while a batch is indexed: two at once would write the same lexicon.
    pumping: tokio::sync::Mutex<()>,
    home: Home,
}

impl App {
    /// Opens the data folder; an index that is new or of another analysis is built from the store.
    pub async fn open(config: &Config) -> Result<Self, Failure> {
        // The switch exists so that the test of durability can be shown to fail without it.
        let fsync = kb_runtime::system::environment("SIDENOTE_TEST_NO_FSYNC").is_none();
        let home = Home::open(&config.data, Options { fsync })?;
        let app = Self {
            pumping: tokio::sync::Mutex::default(),
            indexer: Indexer::new(home.kb.clone()),
            store: home.store.clone(),
            identity: home.identity.clone(),
            kb: home.kb.clone(),
            home,
        };
        let broken = |e: kb_actions::Error| Failure::environment(e);
        lexicon::load(&app.kb).await.map_err(broken)?;
        if app.home.must_rebuild {
            app.reindex(&mut |_| {}).await?;
        }
        Ok(app)
    }

    /// Writes every article into the index anew and renews the lexicon.
    pub async fn reindex(&self, progress: &mut (dyn FnMut(u64) + Send)) -> Result<u64, Failure> {
        let broken = |e: kb_actions::Error| Failure::environment(e);
        let done = fn_indexer::rebuild(&self.kb, &*self.kb.index, progress)
            .await
            .map_err(broken)?;
        fn_indexer::renew_lexicon(&self.kb).await.map_err(broken)?;
        Ok(done)
    }

    /// Brings the index to the state of the store: takes events until there are none.
    pub async fn catch_up(&self) -> Result<(), Failure> {
        while self.pump().await? > 0 {}
        Ok(())
    }

    async fn pump(&self) -> Result<usize, Failure> {
        let _alone = self.pumping.lock().await;
        self.store
            .pump(&self.indexer, BATCH, self.kb.clock.now())
            .await
            .map_err(Failure::environment)
    }

    /// Takes events as they come, until the task is dropped.
    pub async fn follow(&self) {
        loop {
            match self.pump().await {
                Ok(0) => self.store.wait("indexer").await,
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "the feed stands still"),
            }
            tokio::task::yield_now().await;
        }
    }

    /// The data folder.
    pub fn folder(&self) -> &DataFolder {
        &self.home.folder
    }

    /// What the HTTP functions are given.
    pub fn deps(&self, config: &Config, demo: bool) -> Result<Deps, Failure> {
        Ok(self.home.deps(config, demo)?)
    }

    /// The caller that commands act as: whoever may open the data folder may do everything.
    pub fn operator() -> Viewer {
        let mut viewer = Viewer::of(Principal::Admin);
        viewer.rights.insert(Right::Grant);
        viewer.name = "command line".to_owned();
        viewer
    }
}
