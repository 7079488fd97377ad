//! What one request knows about who asks.

use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{
    Action, Area, Article, AudienceId, EventId, Portal, PortalId, PortalState, Resource, Timestamp,
    Viewer, access,
};
use kb_events::{Author, Work};
use kb_search::Bound;
use kb_store::repo::{ArticleWithTexts, GateState};
use std::sync::Arc;

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
    /// What addresses begin with that leave the server, for example `https://help.example`; empty where nobody knows it.
    pub base: Arc<str>,
}

impl RequestContext {
    /// Reads the gate and works out what this viewer is admitted to.
    pub async fn load(kb: &Kb, viewer: Viewer) -> Result<Self, Error> {
        let gate = kb.gate().await?;
        let registry = kb.registry(&gate).await?;
        let audiences = viewer.audiences(registry.iter());
        let portals = kb.portals(&gate).await?;
        let mut ctx = Self {
            now: kb.now(),
            viewer,
            gate,
            audiences: Arc::new(audiences),
            portals: None,
            base: Arc::default(),
        };
        if !portals.iter().all(|p| ctx.enters(&p.value)) {
            let entered = portals.iter().filter(|p| ctx.enters(&p.value));
            let mut ids: Vec<PortalId> = entered.map(|p| p.value.id).collect();
            ids.sort();
            ctx.portals = Some(Arc::new(ids));
        }
        Ok(ctx)
    }

    /// The whole address of a path, which begins with a slash: other systems keep it.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Errors: the caller does not hold this right anywhere.
    pub fn demand(&self, action: Action) -> Result<(), Error> {
        Ok(access::holds(&self.viewer, action)?)
    }

    /// Errors: the caller does not hold this right in a portal.
    pub fn demand_in(&self, action: Action, portal: PortalId) -> Result<(), Error> {
        Ok(access::may(&self.viewer, action, Area::Portal(portal))?)
    }

    /// Errors: the caller may not read this article, or lacks the right where it stands.
    pub fn demand_on(&self, action: Action, article: &Article) -> Result<(), Error> {
        if !self.sees(article) {
            return Err(Error::NotFound(Resource::Article));
        }
        Ok(access::may(&self.viewer, action, access::area_of(article))?)
    }

    /// Errors: the viewer may not do this with tickets of a system, whose tickets are absent for them.
    pub fn demand_for(&self, action: Action, system: &str) -> Result<(), Error> {
        self.demand(action)?;
        if self.viewer.works_for(system) {
            Ok(())
        } else {
            Err(Error::NotFound(Resource::Ticket))
        }
    }

    /// Whether the viewer may edit this article, and so sees its drafts.
    pub fn edits(&self, article: &Article) -> bool {
        self.viewer.may_in(Action::Edit, access::area_of(article))
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

    /// An empty transaction of this request.
    pub(crate) fn work(&self) -> Work {
        Work::begin(self.now)
    }

    /// An empty transaction about an article that was read: it comes after everything that was written about it, whatever the
    /// clock says, since the index and what hides old text go by the newest version of all its rows.
    pub(crate) fn work_on(&self, whole: &ArticleWithTexts) -> Work {
        let mut work = self.work();
        work.comes_after(whole.version());
        work
    }

    /// The author of the event that ends a transaction of this request.
    pub(crate) fn author(&self, kb: &Kb) -> Author {
        Author {
            actor: self.viewer.who.into(),
            at: self.now,
            event: EventId::new(kb.ids().uuid()),
        }
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
