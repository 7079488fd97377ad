//! Portals, their trees and their old addresses.

use super::articles::{ExternalTarget, KeyTarget, external_key};
use crate::error::Error;
use crate::keys;
use crate::record::{Keyed, Record, Stored, is, read, row, stored_as, stored_as_is};
use crate::store::{Store, TIMELESS};
use crate::table::{Condition, Key, Query, TableName, Transaction, Version};
use kb_domain::{
    ArticleId, Audience, Comments, ExternalId, Locale, Node, NodeId, Portal, PortalId, PortalState,
    PublicKey, Tree,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

stored_as! { Portal = "portal",
    /// A portal as stored.
    PortalForm {
        id: PortalId,
        handle: String,
        name: BTreeMap<Locale, String>,
        locales: Vec<Locale>,
        default_locale: Locale,
        entry: Audience,
        state: PortalState,
        #[serde(default)]
        comments: Comments,
        #[serde(default)]
        default: bool,
    }
}

impl Keyed for Portal {
    fn key(&self) -> Key {
        keys::portal(self.id)
    }
}

/// The portal that a handle belongs to.
#[derive(Clone, Copy, Debug)]
pub struct HandleClaim(pub PortalId);

impl Record for HandleClaim {
    type Form = PortalId;
    const KIND: &'static str = "host";

    fn form(&self) -> PortalId {
        self.0
    }

    fn of(form: PortalId) -> Self {
        Self(form)
    }
}

/// What an article may be called by somebody who does not know its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// Its id in the source that it came from.
    External(ExternalId),
    /// An old address of a portal, beginning with a slash.
    Address(PortalId, String),
    /// The part of its address that decides.
    Key(PublicKey),
}

impl Name {
    fn key(&self) -> Key {
        match self {
            Self::External(external) => external_key(external),
            Self::Address(portal, path) => keys::address(*portal, path),
            Self::Key(key) => keys::public_key(key),
        }
    }
}

/// Rows that are asked for at once.
const READ_AT_ONCE: usize = 1_000;

/// Where an old address leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// The article that is there now.
    pub article: ArticleId,
    /// The address, beginning with a slash. A key holds only the beginning of a long one; rows of before have none here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

stored_as_is!(Redirect = "redirect");

/// Version row of a tree.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct TreeHead {}

stored_as_is!(TreeHead = "tree");

stored_as! { Node = "node",
    /// A category or section as stored.
    NodeForm {
        id: NodeId,
        key: PublicKey,
        parent: Option<NodeId>,
        position: u32,
        name: BTreeMap<Locale, String>,
        #[serde(default)]
        description: BTreeMap<Locale, String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external: Option<String>,
    }
}

/// Portals with what belongs to them in other rows.
pub struct Portals;

impl Portals {
    /// Every portal, by id.
    pub async fn list(store: &Store) -> Result<Vec<Stored<Portal>>, Error> {
        store.all(keys::PORTALS).await
    }

    /// One portal.
    pub async fn get(store: &Store, id: PortalId) -> Result<Option<Stored<Portal>>, Error> {
        store.get(&keys::portal(id)).await
    }

    /// Adds a portal with an empty tree. Its handle is claimed by the caller, who knows what a taken one means.
    pub fn insert(tx: &mut Transaction, portal: &Portal) {
        tx.insert(portal);
        tx.insert_at(keys::tree(portal.id), &TreeHead {});
    }

    /// The tree; its version conditions every change of structure. `None` when there is no such portal.
    pub async fn tree(store: &Store, id: PortalId) -> Result<Option<Stored<Tree>>, Error> {
        let (mut version, mut nodes) = (None, Vec::new());
        let partition = Query::partition(keys::tree_partition(id), TIMELESS);
        for (key, row) in store.rows(partition).await? {
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
    pub fn put_node(tx: &mut Transaction, portal: PortalId, version: Version, node: &Node) {
        touch_tree(tx, portal, version);
        tx.upsert_at(keys::tree_node(portal, node.id), node);
    }

    /// The same with a new node, whose public key is claimed.
    pub fn insert_node(tx: &mut Transaction, portal: PortalId, version: Version, node: &Node) {
        Self::put_node(tx, portal, version, node);
        let target = KeyTarget::Node(portal, node.id);
        tx.insert_at(keys::public_key(&node.key), &target);
    }

    /// Removes a node; its public key stays claimed.
    pub fn delete_node(tx: &mut Transaction, portal: PortalId, version: Version, node: NodeId) {
        touch_tree(tx, portal, version);
        tx.delete(keys::tree_node(portal, node), Condition::Any);
    }

    /// The articles that these names stand for, in their order, read at once.
    pub async fn named(store: &Store, names: &[Name]) -> Result<Vec<Option<ArticleId>>, Error> {
        let keys: Vec<Key> = names.iter().map(Name::key).collect();
        let mut found = Vec::with_capacity(keys.len());
        for some in keys.chunks(READ_AT_ONCE) {
            let rows = store.table().get_many(TableName::Main, some, TIMELESS);
            for (key, row) in some.iter().zip(rows.await?) {
                found.push(match row {
                    None => None,
                    Some(row) if is::<Redirect>(&row) => {
                        Some(read::<Redirect>(key, &row)?.value.article)
                    }
                    Some(row) if is::<KeyTarget>(&row) => {
                        match read::<KeyTarget>(key, &row)?.value {
                            KeyTarget::Article(article) => Some(article),
                            KeyTarget::Node(..) => None,
                        }
                    }
                    Some(row) => Some(read::<ExternalTarget>(key, &row)?.value.article),
                });
            }
        }
        Ok(found)
    }

    /// Where an old address of a portal leads; `path` begins with a slash.
    pub async fn redirect(
        store: &Store,
        portal: PortalId,
        path: &str,
    ) -> Result<Option<Redirect>, Error> {
        let found = store.get::<Redirect>(&keys::address(portal, path)).await?;
        Ok(found.map(|found| found.value))
    }

    /// Every old address of a portal with the article that is there now, by address; for export, never in a request.
    pub async fn redirects(
        store: &Store,
        portal: PortalId,
    ) -> Result<Vec<(String, ArticleId)>, Error> {
        let partition = Query::partition(keys::address_partition(portal), TIMELESS);
        let rows = store.rows(partition).await?;
        let redirect = |(key, row): &(Key, crate::table::Row)| {
            let found = read::<Redirect>(key, row)?.value;
            let path = found.path.unwrap_or_else(|| key.sort.clone());
            Ok((path, found.article))
        };
        rows.iter().map(redirect).collect()
    }

    /// Claims an old address for an article. The first claim stays.
    pub fn insert_redirect(tx: &mut Transaction, portal: PortalId, path: &str, article: ArticleId) {
        let redirect = Redirect {
            article,
            path: Some(path.to_owned()),
        };
        tx.insert_at(keys::address(portal, path), &redirect);
    }

    /// Gives up an old address of an article.
    pub fn delete_redirect(tx: &mut Transaction, portal: PortalId, path: &str) {
        tx.delete(keys::address(portal, path), Condition::Any);
    }
}

fn touch_tree(tx: &mut Transaction, portal: PortalId, version: Version) {
    let head = row(&TreeHead {});
    tx.put(keys::tree(portal), head, Condition::Version(version));
}
