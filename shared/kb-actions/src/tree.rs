//! Categories and sections: create, change, delete. The version of a tree conditions every change of it.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{
    Action, CategoryId, Locale, Node, NodeId, PortalId, PublicKey, Resource, SectionId, Tree,
};
use kb_events::{Change, Happened, Prepared, Work};
use kb_store::repo::{Articles, Counter, Gate, Portals, Stored};
use std::collections::BTreeMap;

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

/// The tree of a portal as its editors see it.
pub async fn read(kb: &Kb, ctx: &RequestContext, portal: PortalId) -> Result<Stored<Tree>, Error> {
    ctx.demand_in(Action::Arrange, portal)?;
    Ok((*kb.tree(&ctx.gate, portal).await?).clone())
}

/// Adds a category or section; answers it with the version of the tree.
pub async fn create(
    kb: &Kb,
    ctx: &RequestContext,
    portal: PortalId,
    new: NewNode,
) -> Result<Prepared<Stored<Node>>, Error> {
    let tree = read(kb, ctx, portal).await?;
    let id = match new.parent {
        None => NodeId::Category(CategoryId::new(kb.ids().uuid())),
        Some(_) => NodeId::Section(SectionId::new(kb.ids().uuid())),
    };
    let siblings = tree.value.children(new.parent);
    let last = siblings.last().map_or(0, |n| n.position.saturating_add(1));
    let node = Node {
        id,
        key: PublicKey::from_uuid(kb.ids().uuid()),
        parent: new.parent,
        position: new.position.unwrap_or(last),
        name: new.name,
        description: new.description,
        external: new.external,
    };
    tree.value.with(node.clone())?;
    let mut work = ctx.work();
    Portals::insert_node(&mut work, portal, tree.version, &node);
    Ok(end(kb, ctx, work, (portal, node), Change::Created))
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

/// Changes a node of a tree; answers it with the version of the tree. Its articles move with it; none of their rows is touched.
pub async fn update(
    kb: &Kb,
    ctx: &RequestContext,
    portal: PortalId,
    tree: &Stored<Tree>,
    id: NodeId,
    change: NodeChange,
) -> Result<Stored<Node>, Error> {
    ctx.demand_in(Action::Arrange, portal)?;
    let mut node = node(&tree.value, id)?.clone();
    node.name = change.name.unwrap_or(node.name);
    node.description = change.description.unwrap_or(node.description);
    node.position = change.position.unwrap_or(node.position);
    node.parent = change.parent.or(node.parent);
    if tree.value.get(id) == Some(&node) {
        return Ok(Stored {
            value: node,
            version: tree.version,
        });
    }
    tree.value.with(node.clone())?;
    let mut work = ctx.work();
    Portals::put_node(&mut work, portal, tree.version, &node);
    let written = end(kb, ctx, work, (portal, node), Change::Changed);
    Ok(written.commit(kb.store()).await?)
}

/// Removes a node that has neither sections nor articles.
pub async fn delete(
    kb: &Kb,
    ctx: &RequestContext,
    portal: PortalId,
    tree: &Stored<Tree>,
    id: NodeId,
) -> Result<(), Error> {
    ctx.demand_in(Action::Arrange, portal)?;
    let node = node(&tree.value, id)?.clone();
    let occupied = match id {
        NodeId::Section(section) => {
            let placed = Articles::in_section(kb.store(), section, 1, None, None).await?;
            !placed.0.is_empty()
        }
        NodeId::Category(_) => false,
    };
    if occupied || !tree.value.children(Some(id)).is_empty() {
        let detail = "it is not empty; move its sections and articles first";
        return Err(kb_domain::Error::Conflict(detail.to_owned()).into());
    }
    let mut work = ctx.work();
    Portals::delete_node(&mut work, portal, tree.version, id);
    let written = end(kb, ctx, work, (portal, node), Change::Deleted);
    written.commit(kb.store()).await?;
    Ok(())
}

fn node(tree: &Tree, id: NodeId) -> Result<&Node, Error> {
    tree.get(id).ok_or(Error::NotFound(Resource::Section))
}

fn end(
    kb: &Kb,
    ctx: &RequestContext,
    mut work: Work,
    (portal, value): (PortalId, Node),
    change: Change,
) -> Prepared<Stored<Node>> {
    Gate::bump(&mut work, Counter::Tree(portal));
    let node = value.id;
    let changed = Happened::TreeChanged {
        portal,
        node,
        change,
    };
    work.happened(ctx.author(kb), changed, |version| Stored { value, version })
}
