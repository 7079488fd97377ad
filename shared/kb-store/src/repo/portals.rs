//! Portals, their trees and their old addresses.

use super::{KeyTarget, Stored, TIMELESS, all, get, read, row};
use crate::error::Error;
use crate::keys;
use crate::table::{Condition, Query, Table, Transaction, Version};
use kb_domain::{ArticleId, Node, NodeId, Portal, PortalId, Tree};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The portals of a base.
#[derive(Clone)]
pub struct Portals {
    table: Arc<dyn Table>,
}

/// Where an old address leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// The article that is there now.
    pub article: ArticleId,
    /// The address, beginning with a slash. A key holds only the beginning of a long one; rows of before have none here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Version row of a tree.
#[derive(Serialize, Deserialize)]
struct TreeRow {}

impl Portals {
    /// Portals in `table`.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// Every portal, by id.
    pub async fn list(&self) -> Result<Vec<Stored<Portal>>, Error> {
        let rows = all(&self.table, Query::partition(keys::PORTALS, TIMELESS)).await?;
        rows.iter().map(|(key, row)| read(key, row)).collect()
    }

    /// One portal.
    pub async fn get(&self, id: PortalId) -> Result<Option<Stored<Portal>>, Error> {
        get(&self.table, &keys::portal(id), TIMELESS).await
    }

    /// Adds a portal with an empty tree and claims its handle.
    pub fn put_new(&self, tx: &mut Transaction, portal: &Portal) {
        tx.put(
            keys::portal(portal.id),
            row("portal.1", portal),
            Condition::Absent,
        );
        tx.put(
            keys::host(&portal.handle),
            row("host.1", &portal.id),
            Condition::Absent,
        );
        tx.put(
            keys::tree(portal.id),
            row("tree.1", &TreeRow {}),
            Condition::Absent,
        );
    }

    /// Replaces a portal that was read at `version`. Its handle stays.
    pub fn put(&self, tx: &mut Transaction, portal: &Portal, version: Version) {
        tx.put(
            keys::portal(portal.id),
            row("portal.1", portal),
            Condition::Version(version),
        );
    }

    /// The tree; its version conditions every change of structure. `None` when there is no such portal.
    pub async fn tree(&self, id: PortalId) -> Result<Option<Stored<Tree>>, Error> {
        let (mut version, mut nodes) = (None, Vec::new());
        for (key, row) in all(
            &self.table,
            Query::partition(keys::tree_partition(id), TIMELESS),
        )
        .await?
        {
            if key.sort == keys::SELF {
                version = Some(row.version);
            } else {
                nodes.push(read::<Node>(&key, &row)?.value);
            }
        }
        Ok(version.map(|version| Stored {
            value: Tree::new(nodes),
            version,
        }))
    }

    /// Replaces the tree's version, read as `version`, and writes one node of it.
    pub fn put_node(
        &self,
        tx: &mut Transaction,
        portal: PortalId,
        version: Version,
        node: &Node,
        new: bool,
    ) {
        tx.put(
            keys::tree(portal),
            row("tree.1", &TreeRow {}),
            Condition::Version(version),
        );
        tx.put(
            keys::tree_node(portal, node.id),
            row("node.1", node),
            Condition::Any,
        );
        if new {
            let target = KeyTarget::Node(portal, node.id);
            tx.put(
                keys::public_key(&node.key),
                row("key.1", &target),
                Condition::Absent,
            );
        }
    }

    /// Removes a node; its public key stays claimed.
    pub fn delete_node(
        &self,
        tx: &mut Transaction,
        portal: PortalId,
        version: Version,
        node: NodeId,
    ) {
        tx.put(
            keys::tree(portal),
            row("tree.1", &TreeRow {}),
            Condition::Version(version),
        );
        tx.delete(keys::tree_node(portal, node), Condition::Any);
    }

    /// Where an old address of a portal leads; `path` begins with a slash.
    pub async fn redirect(&self, portal: PortalId, path: &str) -> Result<Option<Redirect>, Error> {
        Ok(get(&self.table, &keys::address(portal, path), TIMELESS)
            .await?
            .map(|found: Stored<Redirect>| found.value))
    }

    /// Every old address of a portal with the article that is there now, by address; for export, never in a request.
    pub async fn redirects(&self, portal: PortalId) -> Result<Vec<(String, ArticleId)>, Error> {
        let partition = Query::partition(keys::address_partition(portal), TIMELESS);
        let rows = all(&self.table, partition).await?;
        rows.iter()
            .map(|(key, row)| {
                let found: Redirect = read(key, row)?.value;
                Ok((
                    found.path.unwrap_or_else(|| key.sort.clone()),
                    found.article,
                ))
            })
            .collect()
    }

    /// Gives up an old address of an article.
    pub fn delete_redirect(&self, tx: &mut Transaction, portal: PortalId, path: &str) {
        tx.delete(keys::address(portal, path), Condition::Any);
    }

    /// Claims an old address for an article. The first claim stays.
    pub fn put_redirect(
        &self,
        tx: &mut Transaction,
        portal: PortalId,
        path: &str,
        article: ArticleId,
    ) {
        let redirect = Redirect {
            article,
            path: Some(path.to_owned()),
        };
        tx.put(
            keys::address(portal, path),
            row("redirect.1", &redirect),
            Condition::Absent,
        );
    }
}
