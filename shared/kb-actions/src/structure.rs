//! Portals, categories and sections.

use crate::error::Error;
use crate::kb::{Kb, RequestContext};
use kb_domain::{
    Action, Audience, CategoryId, Locale, Node, NodeId, Portal, PortalId, PortalState, PublicKey,
    Resource, SectionId,
};
use kb_events::EventKind;
use kb_store::repo::Stored;
use std::collections::BTreeMap;

/// What a new portal is made of.
#[derive(Clone, Debug)]
pub struct NewPortal {
    /// First segment of its addresses.
    pub handle: String,
    /// Its name in each language.
    pub name: BTreeMap<Locale, String>,
    /// The languages it offers.
    pub locales: Vec<Locale>,
    /// The language it falls back to.
    pub default_locale: Locale,
    /// Who may enter.
    pub entry: Audience,
}

/// Makes a portal in set-up. Errors: a rule of [`Portal::check`], or the handle is taken.
pub async fn create_portal(
    kb: &Kb,
    ctx: &RequestContext,
    new: NewPortal,
) -> Result<Stored<Portal>, Error> {
    ctx.demand(Action::Configure)?;
    let portal = Portal {
        id: PortalId::new(kb.ids.uuid()),
        handle: new.handle,
        name: new.name,
        locales: new.locales,
        default_locale: new.default_locale,
        entry: new.entry.canonical(),
        state: PortalState::Setup,
    };
    portal.check()?;
    let taken = || {
        kb_domain::Error::Conflict(format!(
            "the handle {} is taken; choose another",
            portal.handle
        ))
    };
    if portals(kb, ctx)
        .await?
        .iter()
        .any(|p| p.value.handle == portal.handle)
    {
        return Err(taken().into());
    }
    let mut tx = kb.begin(ctx.now);
    kb.intern(&mut tx, &portal.entry).await?;
    kb.portals.put_new(&mut tx, &portal);
    kb.gate.bump_portals(&mut tx);
    let version = kb
        .commit(
            tx,
            ctx,
            EventKind::PortalChanged,
            portal.id.to_string(),
            &["created"],
        )
        .await
        // Everything else that is written here is new: only the claim on the handle can be there already.
        .map_err(|error| match error {
            Error::Stale { .. } => taken().into(),
            other => other,
        })?;
    Ok(Stored {
        value: portal,
        version,
    })
}

/// Writes a changed portal that was read at `version`.
pub async fn put_portal(
    kb: &Kb,
    ctx: &RequestContext,
    portal: Portal,
    version: u64,
) -> Result<Stored<Portal>, Error> {
    ctx.demand(Action::Configure)?;
    portal.check()?;
    let mut tx = kb.begin(ctx.now);
    kb.intern(&mut tx, &portal.entry).await?;
    kb.portals.put(&mut tx, &portal, version);
    kb.gate.bump_portals(&mut tx);
    let version = kb
        .commit(
            tx,
            ctx,
            EventKind::PortalChanged,
            portal.id.to_string(),
            &["portal"],
        )
        .await?;
    Ok(Stored {
        value: portal,
        version,
    })
}

/// Opens a portal to its readers.
pub async fn activate(
    kb: &Kb,
    ctx: &RequestContext,
    id: PortalId,
) -> Result<Stored<Portal>, Error> {
    let found = kb
        .portals
        .get(id)
        .await?
        .ok_or(Error::NotFound(Resource::Portal))?;
    let tree = kb
        .portals
        .tree(id)
        .await?
        .ok_or(Error::NotFound(Resource::Portal))?;
    put_portal(
        kb,
        ctx,
        found.value.activate(tree.value.categories().len())?,
        found.version,
    )
    .await
}

/// Fields of a portal to change; its handle stays, for addresses name it.
#[derive(Clone, Debug)]
pub struct PortalChange {
    /// Its name in each language.
    pub name: BTreeMap<Locale, String>,
    /// The languages it offers.
    pub locales: Vec<Locale>,
    /// The language it falls back to.
    pub default_locale: Locale,
    /// Who may enter.
    pub entry: Audience,
}

/// Changes a portal that was read at `version`. A change that changes nothing writes nothing.
pub async fn update_portal(
    kb: &Kb,
    ctx: &RequestContext,
    id: PortalId,
    version: u64,
    change: PortalChange,
) -> Result<Stored<Portal>, Error> {
    ctx.demand(Action::Configure)?;
    let found = current_portal(kb, id, version).await?;
    let portal = Portal {
        name: change.name,
        locales: change.locales,
        default_locale: change.default_locale,
        entry: change.entry.canonical(),
        ..found.value.clone()
    };
    if portal == found.value {
        return Ok(found);
    }
    put_portal(kb, ctx, portal, version).await
}

/// Closes a portal that was read at `version` for its readers; nothing is lost.
pub async fn close(
    kb: &Kb,
    ctx: &RequestContext,
    id: PortalId,
    version: u64,
) -> Result<Stored<Portal>, Error> {
    ctx.demand(Action::Configure)?;
    let found = current_portal(kb, id, version).await?;
    put_portal(kb, ctx, found.value.close()?, version).await
}

async fn current_portal(kb: &Kb, id: PortalId, version: u64) -> Result<Stored<Portal>, Error> {
    let found = kb
        .portals
        .get(id)
        .await?
        .ok_or(Error::NotFound(Resource::Portal))?;
    if found.version == version {
        Ok(found)
    } else {
        Err(Error::Stale {
            current: found.version,
        })
    }
}

/// Portals that the viewer may enter, by handle.
pub async fn portals(kb: &Kb, ctx: &RequestContext) -> Result<Vec<Stored<Portal>>, Error> {
    let all = kb.portals(&ctx.gate).await?;
    let mut portals: Vec<Stored<Portal>> = all
        .iter()
        .filter(|p| ctx.enters(&p.value))
        .cloned()
        .collect();
    portals.sort_by(|a, b| a.value.handle.cmp(&b.value.handle));
    Ok(portals)
}

/// One portal that the viewer may enter.
pub async fn portal(kb: &Kb, ctx: &RequestContext, id: PortalId) -> Result<Stored<Portal>, Error> {
    let all = kb.portals(&ctx.gate).await?;
    all.iter()
        .find(|p| p.value.id == id && ctx.enters(&p.value))
        .cloned()
        .ok_or(Error::NotFound(Resource::Portal))
}

/// What a new category or section is made of. Without a parent it is a category.
#[derive(Clone, Debug, Default)]
pub struct NewNode {
    /// What it stands below.
    pub parent: Option<NodeId>,
    /// Its name in each language.
    pub name: BTreeMap<Locale, String>,
    /// What it is about.
    pub description: BTreeMap<Locale, String>,
    /// Its place among its siblings; behind them when absent.
    pub position: Option<u32>,
    /// A word that imports find it again by.
    pub external: Option<String>,
}

/// Adds a category or section; answers it with the version of the tree.
pub async fn create_node(
    kb: &Kb,
    ctx: &RequestContext,
    portal_id: PortalId,
    new: NewNode,
) -> Result<Stored<Node>, Error> {
    ctx.demand(Action::Arrange)?;
    let tree = kb
        .portals
        .tree(portal_id)
        .await?
        .ok_or(Error::NotFound(Resource::Portal))?;
    let id = match new.parent {
        None => NodeId::Category(CategoryId::new(kb.ids.uuid())),
        Some(_) => NodeId::Section(SectionId::new(kb.ids.uuid())),
    };
    let last = tree
        .value
        .children(new.parent)
        .last()
        .map_or(0, |n| n.position.saturating_add(1));
    let node = Node {
        id,
        key: PublicKey::from_uuid(kb.ids.uuid()),
        parent: new.parent,
        position: new.position.unwrap_or(last),
        name: new.name,
        description: new.description,
        external: new.external,
    };
    tree.value.with(node.clone())?;
    let version = write(kb, ctx, portal_id, tree.version, &node, true).await?;
    Ok(Stored {
        value: node,
        version,
    })
}

/// Fields of a node to change; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct NodeChange {
    /// Its name in each language.
    pub name: Option<BTreeMap<Locale, String>>,
    /// What it is about.
    pub description: Option<BTreeMap<Locale, String>>,
    /// Its place among its siblings.
    pub position: Option<u32>,
    /// What it stands below, for a section.
    pub parent: Option<NodeId>,
}

/// Changes a node of the tree that was read at `version`. Its articles move with it; none of their rows is touched.
pub async fn update_node(
    kb: &Kb,
    ctx: &RequestContext,
    portal_id: PortalId,
    id: NodeId,
    version: u64,
    change: NodeChange,
) -> Result<(Node, u64), Error> {
    ctx.demand(Action::Arrange)?;
    let tree = kb
        .portals
        .tree(portal_id)
        .await?
        .ok_or(Error::NotFound(Resource::Portal))?;
    if tree.version != version {
        return Err(Error::Stale {
            current: tree.version,
        });
    }
    let mut node = tree
        .value
        .get(id)
        .cloned()
        .ok_or(Error::NotFound(Resource::Section))?;
    node.name = change.name.unwrap_or(node.name);
    node.description = change.description.unwrap_or(node.description);
    node.position = change.position.unwrap_or(node.position);
    node.parent = change.parent.or(node.parent);
    if tree.value.get(id) == Some(&node) {
        return Ok((node, tree.version));
    }
    tree.value.with(node.clone())?;
    let version = write(kb, ctx, portal_id, tree.version, &node, false).await?;
    Ok((node, version))
}

/// Removes a node that has neither sections nor articles.
pub async fn delete_node(
    kb: &Kb,
    ctx: &RequestContext,
    portal_id: PortalId,
    id: NodeId,
    version: u64,
) -> Result<(), Error> {
    ctx.demand(Action::Arrange)?;
    let tree = kb
        .portals
        .tree(portal_id)
        .await?
        .ok_or(Error::NotFound(Resource::Portal))?;
    if tree.version != version {
        return Err(Error::Stale {
            current: tree.version,
        });
    }
    tree.value
        .get(id)
        .ok_or(Error::NotFound(Resource::Section))?;
    let occupied = match id {
        NodeId::Section(section) => !kb
            .articles
            .in_section(section, 1, None, None)
            .await?
            .0
            .is_empty(),
        NodeId::Category(_) => false,
    };
    if occupied || !tree.value.children(Some(id)).is_empty() {
        return Err(kb_domain::Error::Conflict(
            "it is not empty: move its sections and articles first".to_owned(),
        )
        .into());
    }
    let mut tx = kb.begin(ctx.now);
    kb.portals.delete_node(&mut tx, portal_id, version, id);
    kb.gate.bump_tree(&mut tx, portal_id);
    kb.commit(
        tx,
        ctx,
        EventKind::TreeChanged,
        portal_id.to_string(),
        &["deleted"],
    )
    .await?;
    Ok(())
}

async fn write(
    kb: &Kb,
    ctx: &RequestContext,
    portal: PortalId,
    version: u64,
    node: &Node,
    new: bool,
) -> Result<u64, Error> {
    let mut tx = kb.begin(ctx.now);
    kb.portals.put_node(&mut tx, portal, version, node, new);
    kb.gate.bump_tree(&mut tx, portal);
    kb.commit(
        tx,
        ctx,
        EventKind::TreeChanged,
        portal.to_string(),
        &[if new { "added" } else { "tree" }],
    )
    .await
}
