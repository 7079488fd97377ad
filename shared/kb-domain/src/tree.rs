//! The tree of a portal: categories on top, sections below, at least five levels deep.

use crate::error::Error;
use crate::id::{CategoryId, NodeId, PublicKey, SectionId};
use crate::locale::Locale;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many sections may stand below one another.
pub const MAX_DEPTH: usize = 8;

/// A category or section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The id.
    pub id: NodeId,
    /// The part of its address that decides.
    pub key: PublicKey,
    /// What it stands below; a category stands below nothing.
    pub parent: Option<NodeId>,
    /// Its place among its siblings, from 0; equal positions are ordered by id.
    pub position: u32,
    /// Its name in each language; at least one.
    pub name: BTreeMap<Locale, String>,
    /// What it is about, in each language.
    #[serde(default)]
    pub description: BTreeMap<Locale, String>,
    /// A word that imports find it again by, for example a folder name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
}

impl Node {
    /// Its name for a reader of `locale`.
    pub fn name_in(&self, locale: &Locale, default: &Locale) -> &str {
        text_in(&self.name, locale, default).unwrap_or("")
    }

    /// Its description for a reader of `locale`, if it has any.
    pub fn description_in(&self, locale: &Locale, default: &Locale) -> Option<&str> {
        text_in(&self.description, locale, default)
    }
}

fn text_in<'a>(
    texts: &'a BTreeMap<Locale, String>,
    locale: &Locale,
    default: &Locale,
) -> Option<&'a str> {
    let available: Vec<Locale> = texts.keys().cloned().collect();
    locale
        .chain(&available, default, default)
        .and_then(|l| texts.get(l))
        .map(String::as_str)
}

/// The whole tree of one portal. Every change of structure replaces its version, so that two moves cannot build a cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: BTreeMap<NodeId, Node>,
}

impl Tree {
    /// A tree of these nodes, as they were stored.
    pub fn new(nodes: impl IntoIterator<Item = Node>) -> Self {
        Self {
            nodes: nodes.into_iter().map(|n| (n.id, n)).collect(),
        }
    }

    /// Every node, in no particular order.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// One node.
    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(&id)
    }

    /// The node with this public key.
    pub fn by_key(&self, key: &PublicKey) -> Option<&Node> {
        self.nodes.values().find(|n| n.key == *key)
    }

    /// The children of a node, or the categories for `None`, in order.
    pub fn children(&self, parent: Option<NodeId>) -> Vec<&Node> {
        let mut children: Vec<&Node> = self.nodes.values().filter(|n| n.parent == parent).collect();
        children.sort_by_key(|n| (n.position, n.id));
        children
    }

    /// The categories, in order.
    pub fn categories(&self) -> Vec<&Node> {
        self.children(None)
    }

    /// From the category down to the node itself; empty for an unknown node.
    pub fn path(&self, id: NodeId) -> Vec<&Node> {
        let mut path = Vec::new();
        let mut next = self.nodes.get(&id);
        while let Some(node) = next {
            if path.len() > MAX_DEPTH + 1 {
                break;
            }
            path.push(node);
            next = node.parent.and_then(|p| self.nodes.get(&p));
        }
        path.reverse();
        path
    }

    /// The node and everything below it.
    pub fn subtree(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        if self.nodes.contains_key(&id) {
            found.push(id);
        }
        let mut n = 0;
        while n < found.len() {
            let children: Vec<NodeId> = self
                .children(Some(found[n]))
                .into_iter()
                .map(|c| c.id)
                .collect();
            found.extend(children);
            n += 1;
        }
        found
    }

    /// The same tree with nothing but these nodes and what they stand below; ids of other trees are passed over.
    #[must_use]
    pub fn leading_to(&self, ids: impl IntoIterator<Item = NodeId>) -> Self {
        let paths = ids.into_iter().flat_map(|id| self.path(id));
        Self::new(paths.cloned())
    }

    /// The tree with `node` added or replaced. Refused when its parent is absent or below it, when the tree would be too
    /// deep, or when it has no name.
    pub fn with(&self, node: Node) -> Result<Self, Error> {
        if node.name.values().all(|n| n.trim().is_empty())
            || node.name.values().any(|n| n.chars().count() > 200)
        {
            return Err(Error::field(
                "/name",
                "required",
                "give a name of 1 to 200 characters in at least one language",
            ));
        }
        match (node.id, node.parent) {
            (NodeId::Category(_), Some(_)) => {
                return Err(Error::field(
                    "/parent",
                    "category",
                    "a category stands on top; make a section instead",
                ));
            }
            (NodeId::Section(_), None) => {
                return Err(Error::field(
                    "/parent",
                    "required",
                    "a section stands below a category or a section",
                ));
            }
            (_, Some(parent)) if !self.nodes.contains_key(&parent) => {
                return Err(Error::field(
                    "/parent",
                    "unknown",
                    "there is no such category or section in this portal",
                ));
            }
            (id, Some(parent)) if self.subtree(id).contains(&parent) => {
                return Err(Error::field(
                    "/parent",
                    "cycle",
                    "a section cannot stand below itself",
                ));
            }
            _ => {}
        }
        let mut next = self.clone();
        let id = node.id;
        next.nodes.insert(id, node);
        let deepest = next
            .subtree(id)
            .into_iter()
            .map(|n| next.path(n).len())
            .max()
            .unwrap_or(0);
        if deepest > MAX_DEPTH {
            return Err(Error::field(
                "/parent",
                "too_deep",
                format!("at most {MAX_DEPTH} levels stand below one another"),
            ));
        }
        Ok(next)
    }
}

/// The id of a category node.
impl From<CategoryId> for NodeId {
    fn from(id: CategoryId) -> Self {
        Self::Category(id)
    }
}

/// The id of a section node.
impl From<SectionId> for NodeId {
    fn from(id: SectionId) -> Self {
        Self::Section(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn node(id: NodeId, parent: Option<NodeId>) -> Node {
        Node {
            id,
            key: PublicKey::from_uuid(Uuid::from_u128(1)),
            parent,
            position: 0,
            name: BTreeMap::from([(Locale::en(), id.to_string())]),
            description: BTreeMap::new(),
            external: None,
        }
    }

    fn section(n: u128) -> NodeId {
        NodeId::Section(SectionId::new(Uuid::from_u128(n)))
    }

    fn chain(length: u128) -> Tree {
        let top = NodeId::Category(CategoryId::new(Uuid::from_u128(0)));
        let mut tree = Tree::default().with(node(top, None)).unwrap();
        for n in 1..length {
            let parent = if n == 1 { top } else { section(n - 1) };
            tree = tree.with(node(section(n), Some(parent))).unwrap();
        }
        tree
    }

    #[test]
    fn a_section_stands_below_five_levels_and_its_path_lists_them() {
        let tree = chain(6);
        assert_eq!(tree.path(section(5)).len(), 6);
        assert_eq!(
            tree.subtree(section(2)),
            [section(2), section(3), section(4), section(5)]
        );
    }

    #[test]
    fn cycles_are_refused() {
        let tree = chain(5);
        let moved = Node {
            parent: Some(section(4)),
            ..tree.get(section(2)).unwrap().clone()
        };
        assert!(tree.with(moved).is_err());
        let itself = Node {
            parent: Some(section(2)),
            ..tree.get(section(2)).unwrap().clone()
        };
        assert!(tree.with(itself).is_err());
    }

    #[test]
    fn depth_is_bounded_and_a_section_needs_a_known_parent() {
        let tree = chain(MAX_DEPTH as u128);
        assert!(
            tree.with(node(section(99), Some(section(MAX_DEPTH as u128 - 1))))
                .is_err()
        );
        assert!(tree.with(node(section(99), None)).is_err());
        assert!(tree.with(node(section(99), Some(section(98)))).is_err());
    }

    #[test]
    fn a_part_of_a_tree_keeps_what_its_nodes_stand_below() {
        let tree = chain(5);
        let part = tree.leading_to([section(2), section(77)]);
        assert_eq!(part.path(section(2)), tree.path(section(2)));
        assert_eq!(part.nodes().count(), 3);
    }

    #[test]
    fn a_move_takes_the_subtree_along() {
        let tree = chain(5);
        let top = tree.categories()[0].id;
        let moved = tree
            .with(Node {
                parent: Some(top),
                ..tree.get(section(3)).unwrap().clone()
            })
            .unwrap();
        assert_eq!(moved.path(section(4)).len(), 3);
    }
}
