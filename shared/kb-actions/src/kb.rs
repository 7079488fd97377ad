//! What every verb works on, and what one request knows about who asks.

use crate::error::Error;
use futures::future::try_join;
use kb_domain::{
    Action, Area, Article, Audience, AudienceId, Clock, EventId, IdGen, Portal, PortalId,
    PortalState, Resource, Timestamp, Tree, Viewer, access,
};
use kb_events::{Event, EventKind, put_event};
use kb_search::{Bound, LexiconCell, SearchIndex};
use kb_store::repo::{
    ApiKeys, Articles, Audiences, Gate, GateState, Imports, People, Portals, Replays, Sessions,
    Stored, SuggestionLog, Tickets,
};
use kb_store::{Blobs, Table, TableName, Transaction, Version};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

type Registry = Arc<BTreeMap<AudienceId, Audience>>;
type PortalList = Arc<Vec<Stored<Portal>>>;
type SharedTree = Arc<Stored<Tree>>;

/// Sets that are read on every request, kept as long as the gate's counter for them stands still.
#[derive(Default)]
struct Caches {
    audiences: Mutex<Option<(i64, Registry)>>,
    portals: Mutex<Option<(i64, PortalList)>>,
    trees: Mutex<HashMap<PortalId, (i64, SharedTree)>>,
    lexicon: AtomicI64,
}

/// A knowledge base: repositories, search index, clock and ids. Built by kb-runtime, and in memory by kb-testkit.
#[derive(Clone)]
pub struct Kb {
    /// Portals and trees.
    pub portals: Portals,
    /// Articles.
    pub articles: Articles,
    /// The audience registry.
    pub audiences: Audiences,
    /// The gate.
    pub gate: Gate,
    /// API keys.
    pub keys: ApiKeys,
    /// People.
    pub people: People,
    /// Sessions.
    pub sessions: Sessions,
    /// Tickets.
    pub tickets: Tickets,
    /// The suggestion log.
    pub suggestion_log: SuggestionLog,
    /// Runs of `import`.
    pub imports: Imports,
    /// Answers kept for repeated requests.
    pub replays: Replays,
    /// The table under all of them.
    pub table: Arc<dyn Table>,
    /// Blobs.
    pub blobs: Arc<dyn Blobs>,
    /// The search index.
    pub index: Arc<dyn SearchIndex>,
    /// The lexicon.
    pub lexicon: Arc<LexiconCell>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGen>,
    caches: Arc<Caches>,
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
            portals: Portals::new(table.clone()),
            articles: Articles::new(table.clone(), blobs.clone()),
            audiences: Audiences::new(table.clone()),
            gate: Gate::new(table.clone()),
            keys: ApiKeys::new(table.clone()),
            people: People::new(table.clone()),
            sessions: Sessions::new(table.clone()),
            tickets: Tickets::new(table.clone()),
            suggestion_log: SuggestionLog::new(table.clone()),
            imports: Imports::new(table.clone()),
            replays: Replays::new(table.clone()),
            lexicon: Arc::new(LexiconCell::default()),
            caches: Arc::default(),
            table,
            blobs,
            index,
            clock,
            ids,
        }
    }

    /// Reads what every request needs and what is kept between requests; answers the gate's state.
    pub async fn preload(&self) -> Result<GateState, Error> {
        let gate = self.gate.load().await?;
        try_join(self.portals(&gate), self.registry(&gate)).await?;
        Ok(gate)
    }

    /// Every portal, as of the gate's state.
    pub async fn portals(&self, gate: &GateState) -> Result<Arc<Vec<Stored<Portal>>>, Error> {
        let counter = gate.portals();
        if let Some((at, portals)) = &*lock(&self.caches.portals)
            && *at == counter
        {
            return Ok(portals.clone());
        }
        let portals = Arc::new(self.portals.list().await?);
        *lock(&self.caches.portals) = Some((counter, portals.clone()));
        Ok(portals)
    }

    /// The tree of a portal, as of the gate's state. Errors: no such portal.
    pub async fn tree(
        &self,
        gate: &GateState,
        portal: PortalId,
    ) -> Result<Arc<Stored<Tree>>, Error> {
        let counter = gate.tree(portal);
        if let Some((at, tree)) = lock(&self.caches.trees).get(&portal)
            && *at == counter
        {
            return Ok(tree.clone());
        }
        let tree = Arc::new(
            self.portals
                .tree(portal)
                .await?
                .ok_or(Error::NotFound(Resource::Portal))?,
        );
        lock(&self.caches.trees).insert(portal, (counter, tree.clone()));
        Ok(tree)
    }

    /// Whether the lexicon was last looked for at this state of the gate's counter for it.
    pub(crate) fn lexicon_is_of(&self, counter: i64) -> bool {
        self.caches.lexicon.load(Ordering::Relaxed) == counter
    }

    /// Says at which state of the gate's counter the lexicon was looked for.
    pub(crate) fn set_lexicon_of(&self, counter: i64) {
        self.caches.lexicon.store(counter, Ordering::Relaxed);
    }

    async fn registry(&self, gate: &GateState) -> Result<Registry, Error> {
        let counter = gate.audiences();
        if let Some((at, registry)) = &*lock(&self.caches.audiences)
            && *at == counter
        {
            return Ok(registry.clone());
        }
        let registry = Arc::new(self.audiences.list().await?);
        *lock(&self.caches.audiences) = Some((counter, registry.clone()));
        Ok(registry)
    }

    /// An empty transaction on the main table.
    pub fn begin(&self, now: Timestamp) -> Transaction {
        Transaction::new(TableName::Main, now.micros())
    }

    /// Adds the audience to the registry where it is not there yet.
    pub async fn intern(&self, tx: &mut Transaction, audience: &Audience) -> Result<(), Error> {
        if !self.audiences.knows(audience).await? {
            self.audiences.intern(tx, audience);
            self.gate.bump_audiences(tx);
        }
        Ok(())
    }

    /// Ends a transaction with its event and commits it, unless the request holds it back; answers the version that it writes.
    /// A failed condition on a version becomes `Stale`.
    pub async fn commit(
        &self,
        mut tx: Transaction,
        ctx: &RequestContext,
        kind: EventKind,
        subject: String,
        fields: &[&str],
    ) -> Result<Version, Error> {
        let event = Event {
            id: EventId::new(self.ids.uuid()),
            kind,
            subject,
            version: tx.version(),
            actor: ctx.viewer.who.to_string(),
            at: ctx.now,
            fields: fields.iter().map(|f| (*f).to_owned()).collect(),
        };
        put_event(&mut tx, &event);
        match &ctx.held {
            None => self.write(tx).await,
            Some(held) => {
                let version = tx.version();
                if let Some(earlier) = held.put(tx) {
                    self.write(earlier).await?;
                }
                Ok(version)
            }
        }
    }

    /// Commits a transaction that is complete. A failed condition on a version becomes `Stale`.
    pub async fn write(&self, tx: Transaction) -> Result<Version, Error> {
        self.table.commit(tx).await.map_err(|error| match error {
            kb_store::Error::Condition {
                found: Some(current),
                ..
            } => Error::Stale { current },
            other => other.into(),
        })
    }
}

/// Where a verb's last transaction waits for the answer that is to be kept with it. A verb under it reads nothing of it back.
#[derive(Clone, Default)]
pub struct PendingCommit(Arc<Mutex<Option<Transaction>>>);

impl PendingCommit {
    fn put(&self, tx: Transaction) -> Option<Transaction> {
        lock(&self.0).replace(tx)
    }

    /// The transaction, if the verb wrote one.
    pub fn take(&self) -> Option<Transaction> {
        lock(&self.0).take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Who asks, when, and what the gate said; loaded once per request.
#[derive(Clone)]
pub struct RequestContext {
    /// Who asks.
    pub viewer: Viewer,
    /// When.
    pub now: Timestamp,
    /// The gate, read strongly.
    pub gate: Arc<GateState>,
    /// Ids of the audiences that admit the viewer, sorted.
    pub audiences: Arc<Vec<AudienceId>>,
    /// Portals that the viewer may enter, sorted; `None` when they may enter all.
    pub portals: Option<Arc<Vec<PortalId>>>,
    /// Holds a transaction back until the answer to it is known; `None` holds nothing back.
    pub held: Option<PendingCommit>,
}

impl RequestContext {
    /// Reads the gate and works out what this viewer is admitted to.
    pub async fn load(kb: &Kb, viewer: Viewer) -> Result<Self, Error> {
        let gate = kb.gate.load().await?;
        let registry = kb.registry(&gate).await?;
        let audiences = viewer.audiences(registry.iter());
        let portals = kb.portals(&gate).await?;
        let mut ctx = Self {
            now: kb.clock.now(),
            viewer,
            gate: Arc::new(gate),
            audiences: Arc::new(audiences),
            held: None,
            portals: None,
        };
        if !portals.iter().all(|p| ctx.enters(&p.value)) {
            let entered = portals.iter().filter(|p| ctx.enters(&p.value));
            let mut ids: Vec<PortalId> = entered.map(|p| p.value.id).collect();
            ids.sort();
            ctx.portals = Some(Arc::new(ids));
        }
        Ok(ctx)
    }

    /// Errors: the caller does not hold this right anywhere.
    pub fn demand(&self, action: Action) -> Result<(), Error> {
        Ok(access::holds(&self.viewer, action)?)
    }

    /// Errors: the caller may not read this article, or lacks the right where it stands.
    pub fn demand_on(&self, action: Action, article: &Article) -> Result<(), Error> {
        if !self.sees(article) {
            return Err(Error::NotFound(Resource::Article));
        }
        let home = article.home.as_ref();
        let area = home.map_or(Area::Everything, |home| Area::Portal(home.portal));
        Ok(access::may(&self.viewer, action, area)?)
    }

    /// Whether the viewer may know that this article exists.
    pub fn sees(&self, article: &Article) -> bool {
        access::reads(&self.viewer, article, |portal| self.reaches(portal))
    }

    /// Whether the viewer may enter the portal with this id.
    pub fn reaches(&self, portal: PortalId) -> bool {
        self.portals
            .as_ref()
            .is_none_or(|ids| ids.binary_search(&portal).is_ok())
    }

    /// Whether the viewer may enter a portal. One in set-up, and one that is closed for repair, serves those who work here.
    pub fn enters(&self, portal: &Portal) -> bool {
        let open = match portal.state {
            PortalState::Active => true,
            PortalState::Setup | PortalState::Closed => self.viewer.is_staff(),
        };
        open && access::admits(&self.viewer, &portal.entry)
    }

    /// The bound of a query: the viewer's audiences and portals, and what open narrowings hide from them.
    pub fn bound(&self) -> Bound {
        let hidden = self.gate.narrowings.iter().filter(|n| {
            n.audience
                .is_none_or(|a| self.audiences.binary_search(&a).is_err())
        });
        Bound {
            audiences: self.audiences.to_vec(),
            portals: self.portals.as_ref().map(|ids| ids.to_vec()),
            hidden: hidden
                .map(|n| (n.article, Some(n.locale.clone()), n.version))
                .collect(),
        }
    }
}
