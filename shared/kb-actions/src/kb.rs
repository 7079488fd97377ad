//! The knowledge base that every verb works on.

use crate::cached::{CachedSet, CachedTrees};
use crate::error::Error;
use crate::rendering::{Links, Renderer};
use futures::future::try_join;
use kb_domain::{
    Audience, AudienceId, Body, Clock, IdGen, Portal, PortalId, Resource, Timestamp, Tree,
};
use kb_events::Work;
use kb_search::{LexiconCell, SearchIndex};
use kb_store::repo::{AudienceRegistry, Counter, Gate, GateState, Portals, Stored};
use kb_store::{Blobs, Store, Table};
use kb_text::document::{Excess, Rendered};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Every audience in use, by its id.
pub type Registry = BTreeMap<AudienceId, Audience>;

/// Sets that are read on every request, kept as long as the gate's counter for them stands still.
#[derive(Default)]
struct Cached {
    audiences: CachedSet<Registry>,
    portals: CachedSet<Vec<Stored<Portal>>>,
    trees: CachedTrees,
    lexicon: AtomicI64,
    gate: CachedSet<GateState>,
}

/// A knowledge base: store, search index, clock and ids. Built by kb-runtime, and in memory by kb-testkit.
#[derive(Clone)]
pub struct Kb {
    store: Store,
    index: Arc<dyn SearchIndex>,
    lexicon: Arc<LexiconCell>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    cached: Arc<Cached>,
    renderer: Arc<Renderer>,
}

impl Kb {
    /// A base on these engines.
    pub fn new(
        table: Arc<dyn Table>,
        blobs: Arc<dyn Blobs>,
        index: Arc<dyn SearchIndex>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
    ) -> Self {
        Self {
            store: Store::new(table, blobs),
            index,
            lexicon: Arc::new(LexiconCell::default()),
            clock,
            ids,
            cached: Arc::default(),
            renderer: Arc::default(),
        }
    }

    /// The records.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The search index.
    pub fn index(&self) -> &Arc<dyn SearchIndex> {
        &self.index
    }

    /// The lexicon in use.
    pub fn lexicon(&self) -> &Arc<LexiconCell> {
        &self.lexicon
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Where ids come from.
    pub fn ids(&self) -> &Arc<dyn IdGen> {
        &self.ids
    }

    /// A body with its links as they were authored, however long that takes. Errors: the renderer failed.
    pub async fn rendered(&self, body: &Body) -> Result<Arc<Rendered>, Error> {
        self.renderer.page(body, &Links::default()).await
    }

    /// A body for a reader who waits, with its links led to where they go. Errors: the renderer failed, or takes too long.
    pub async fn page_of(&self, body: &Body, links: &Links) -> Result<Arc<Rendered>, Error> {
        self.renderer.page_soon(body, links).await
    }

    /// A body with its links as they were authored, if it can be shown whole, else what is too much about it. Errors: the renderer
    /// failed.
    pub(crate) async fn page_within_budget(
        &self,
        body: &Body,
    ) -> Result<Result<Arc<Rendered>, Excess>, Error> {
        self.renderer.page_within_budget(body).await
    }

    /// How many bodies were rendered so far; those that were kept do not count.
    pub fn rendered_count(&self) -> u64 {
        self.renderer.made()
    }

    /// The gate as it is now: one row is read, and the others where that one has moved.
    pub async fn gate(&self) -> Result<Arc<GateState>, Error> {
        let moved = Gate::moved(&self.store).await?;
        let read = async || Ok(Gate::load(&self.store).await?);
        self.cached.gate.get(moved, read).await
    }

    /// Reads what every request needs and what is kept between requests; returns the gate's state.
    pub async fn preload(&self) -> Result<Arc<GateState>, Error> {
        let gate = self.gate().await?;
        try_join(self.portals(&gate), self.registry(&gate)).await?;
        Ok(gate)
    }

    /// Every portal, as of the gate's state.
    pub async fn portals(&self, gate: &GateState) -> Result<Arc<Vec<Stored<Portal>>>, Error> {
        let counter = gate.count(Counter::Portals);
        let read = async || Ok(Portals::list(&self.store).await?);
        self.cached.portals.get(counter, read).await
    }

    /// Every audience, as of the gate's state.
    pub async fn registry(&self, gate: &GateState) -> Result<Arc<Registry>, Error> {
        let counter = gate.count(Counter::Audiences);
        let read = async || Ok(AudienceRegistry::list(&self.store).await?);
        self.cached.audiences.get(counter, read).await
    }

    /// The tree of a portal, as of the gate's state. Errors: no such portal.
    pub async fn tree(&self, gate: &GateState, id: PortalId) -> Result<Arc<Stored<Tree>>, Error> {
        let counter = gate.count(Counter::Tree(id));
        let read = async || {
            let tree = Portals::tree(&self.store, id).await?;
            tree.ok_or(Error::NotFound(Resource::Portal))
        };
        self.cached.trees.get(id, counter, read).await
    }

    /// Whether the lexicon was last looked for at this state of the gate's counter for it.
    pub(crate) fn lexicon_is_of(&self, counter: i64) -> bool {
        self.cached.lexicon.load(Ordering::Relaxed) == counter
    }

    /// Says at which state of the gate's counter the lexicon was looked for.
    pub(crate) fn set_lexicon_of(&self, counter: i64) {
        self.cached.lexicon.store(counter, Ordering::Relaxed);
    }

    /// Adds the audience to the registry where it is not there yet.
    pub(crate) async fn intern(
        &self,
        gate: &GateState,
        work: &mut Work,
        audience: &Audience,
    ) -> Result<(), Error> {
        if !self.registry(gate).await?.contains_key(&audience.id()) {
            AudienceRegistry::intern(work, audience);
            Gate::bump(work, Counter::Audiences);
        }
        Ok(())
    }
}
