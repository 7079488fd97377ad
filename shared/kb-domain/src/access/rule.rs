//! The rule itself.

use super::action::Action;
use super::role::{Area, Grant};
use super::viewer::{Viewer, Who};
use crate::article::{Article, ArticleState};
use crate::audience::{Audience, Clause, Level};
use crate::id::{AudienceId, PortalId};
use serde::Serialize;

/// Why something is refused. Absent and hidden are one: whoever may not read a thing must not learn that it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The caller may not read it, or it is not there.
    Absent,
    /// The caller may read it and lacks this right.
    Lacks(Action),
    /// Nobody is signed in, and somebody who is might be allowed.
    SignIn,
}

/// Whether `viewer` holds a right anywhere: what a route asks before it reads anything else of the request.
pub fn holds(viewer: &Viewer, action: Action) -> Result<(), Denied> {
    granted(viewer, action, viewer.may(action))
}

/// Whether `viewer` holds a right in an area; whether they may read the thing at hand is settled before.
pub fn may(viewer: &Viewer, action: Action, area: Area) -> Result<(), Denied> {
    granted(viewer, action, viewer.may_in(action, area))
}

fn granted(viewer: &Viewer, action: Action, held: bool) -> Result<(), Denied> {
    match viewer.who {
        _ if held => Ok(()),
        Who::Nobody => Err(Denied::SignIn),
        _ => Err(Denied::Lacks(action)),
    }
}

/// Whether what `grants` allow is within what `viewer` may, each in its area: nobody gives more than they hold.
pub fn covers(viewer: &Viewer, level: Level, grants: &[Grant]) -> bool {
    let held = |grant: &Grant| {
        let mut allowed = Action::ALL.iter().filter(|a| grant.allows(**a));
        allowed.all(|a| viewer.may_in(*a, grant.area))
    };
    viewer.level >= level && grants.iter().all(held)
}

/// Whether `viewer` may see what carries `audience`.
pub fn admits(viewer: &Viewer, audience: &Audience) -> bool {
    if viewer.oversees() {
        return true;
    }
    let holds = |clause: &Clause| clause_admits(clause, viewer);
    let any = audience.any.is_empty() && !audience.all.is_empty() || audience.any.iter().any(holds);
    any && audience.all.iter().all(holds) && !audience.none.iter().any(holds)
}

/// Whether anybody at all may see it, signed in or not.
pub fn is_public(audience: &Audience) -> bool {
    admits(&Viewer::anonymous(), audience)
}

/// The readers that an audience reaches, as an agent has to know before a link goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Readers {
    /// Anybody, signed in or not.
    Public,
    /// Every customer who is signed in.
    Customers,
    /// Not every customer: people inside, or only some.
    Internal,
}

impl Readers {
    /// Those of an audience. What only some customers may read counts as internal: whether this customer is one is not known.
    pub fn of(audience: &Audience) -> Self {
        let customer = Viewer::new(Who::Nobody, "customer", Level::Customer, Vec::new());
        if is_public(audience) {
            Self::Public
        } else if admits(&customer, audience) {
            Self::Customers
        } else {
            Self::Internal
        }
    }
}

impl Viewer {
    /// The ids among `registry` that this viewer is admitted to, sorted. Every query takes this set.
    pub fn audiences<'a>(
        &self,
        registry: impl IntoIterator<Item = (&'a AudienceId, &'a Audience)>,
    ) -> Vec<AudienceId> {
        let mut ids: Vec<AudienceId> = registry
            .into_iter()
            .filter(|(_, audience)| admits(self, audience))
            .map(|(id, _)| *id)
            .collect();
        ids.sort();
        ids
    }
}

/// Whether `viewer` may know that an article exists: its audience admits them and so does a portal that it stands in, or they
/// edit it. Archived ones are for those who edit.
pub fn reads(viewer: &Viewer, article: &Article, enters: impl Fn(PortalId) -> bool) -> bool {
    viewer.may_in(Action::Edit, area_of(article))
        || article.state == ArticleState::Active
            && admits(viewer, &article.audience)
            && article.placements.iter().any(|p| enters(p.portal))
}

/// The area that rights over an article are held in: the portal of its home.
pub fn area_of(article: &Article) -> Area {
    let home = article.home.as_ref();
    home.map_or(Area::Everything, |home| Area::Portal(home.portal))
}

fn clause_admits(clause: &Clause, viewer: &Viewer) -> bool {
    match clause {
        Clause::Level(Level::Public) => true,
        Clause::Level(level) => viewer.level >= *level,
        Clause::Segment(name) => viewer.segments.contains(name),
        Clause::Department(name) => viewer.department.as_ref() == Some(name),
        Clause::Region(name) => viewer.region.as_ref() == Some(name),
        Clause::ProductVersion(name) => viewer.product_version.as_ref() == Some(name),
        Clause::Person(id) => viewer.user() == Some(*id),
    }
}

#[cfg(test)]
mod tests;
