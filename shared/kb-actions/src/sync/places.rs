//! Categories and sections of theirs: made, named and moved here as they are there.

use super::{Known, Sync};
use crate::context::RequestContext;
use crate::error::Error;
use crate::tree::{self, NewNode, NodeChange};
use kb_domain::remote::{
    Counterpart, CounterpartState, Master, Ours, RemoteId, RemotePlace, Thing, Way,
};
use kb_domain::{Locale, NodeId, PortalId};
use kb_store::record::Stored;
use kb_store::repo::Counterparts;
use std::collections::BTreeMap;

/// The longest name of a node that comes in.
const NAME_MAX_CHARS: usize = 200;

/// Brings the tree to the shape that it has there; answers how many nodes were made, named or moved. A place whose articles do not
/// come in is not made, and one that a section of ours stands for is left alone. Errors: a tree was changed meanwhile (stale).
pub async fn places(sync: Sync<'_>) -> Result<u64, Error> {
    let ids: Vec<RemoteId> = sync.shape.places.iter().map(|p| p.id.clone()).collect();
    let (store, connection) = (sync.kb.store(), sync.connection.id);
    let known = Counterparts::of(store, connection, Thing::Place, &ids).await?;
    let mut nodes: BTreeMap<&RemoteId, NodeId> = BTreeMap::new();
    let mut written = 0;
    for (place, known) in sync.shape.places.iter().zip(&known) {
        let settings = sync.connection.mapping.settings(&place.id, sync.shape);
        let Some(portal) = settings.portal.filter(|_| is_wanted(&sync, place)) else {
            continue;
        };
        if let Some(section) = settings.section {
            nodes.insert(&place.id, NodeId::Section(section));
            continue;
        }
        let parent = match &place.parent {
            None => None,
            Some(parent) => match nodes.get(parent) {
                Some(node) => Some(*node),
                // Its parent is not here, and without one it would be a category.
                None => continue,
            },
        };
        let ctx = &sync.context().await?;
        let wanted = Wanted {
            sync,
            ctx,
            portal,
            parent,
            place,
        };
        let (node, is_written) = wanted.stand(known.as_ref()).await?;
        nodes.insert(&place.id, node);
        written += u64::from(is_written);
    }
    Ok(written)
}

/// Whether articles of a place, or of one below it, come in.
fn is_wanted(sync: &Sync<'_>, place: &RemotePlace) -> bool {
    let comes_in =
        |p: &&RemotePlace| sync.connection.mapping.settings(&p.id, sync.shape).way == Way::In;
    let below = |p: &&RemotePlace| {
        sync.shape
            .path(&p.id)
            .iter()
            .any(|above| above.id == place.id)
    };
    sync.shape.places.iter().filter(below).any(|p| comes_in(&p))
}

/// A place on its way into a tree.
struct Wanted<'a> {
    sync: Sync<'a>,
    ctx: &'a RequestContext,
    portal: PortalId,
    parent: Option<NodeId>,
    place: &'a RemotePlace,
}

impl Wanted<'_> {
    /// Makes the node, or changes what is different; whether that was so.
    async fn stand(&self, known: Option<&Stored<Counterpart>>) -> Result<(NodeId, bool), Error> {
        let kb = self.sync.kb;
        let tree = kb.tree(&self.ctx.gate, self.portal).await?;
        let found = known.and_then(|known| match known.value.ours {
            Ours::Node(node) => tree.value.get(node),
            Ours::Article(_) => None,
        });
        // A category that became a section there, or the other way round, is another node here.
        let found = found.filter(|node| node.parent.is_some() == self.parent.is_some());
        let Some(node) = found else {
            return self.make(known).await;
        };
        let change = NodeChange {
            name: Some(self.names(&node.name)),
            position: Some(self.place.position),
            parent: self.parent,
            ..NodeChange::default()
        };
        let before = tree.version;
        let updated = tree::update(kb, self.ctx, self.portal, &tree, node.id, change).await?;
        Ok((updated.value.id, updated.version != before))
    }

    async fn make(&self, known: Option<&Stored<Counterpart>>) -> Result<(NodeId, bool), Error> {
        let new = NewNode {
            parent: self.parent,
            name: self.names(&BTreeMap::new()),
            position: Some(self.place.position),
            ..NewNode::default()
        };
        let kb = self.sync.kb;
        let mut made = tree::create(kb, self.ctx, self.portal, new).await?;
        let node = made.value().value.id;
        let counterpart = Counterpart {
            connection: self.sync.connection.id,
            id: self.place.id.clone(),
            ours: Ours::Node(node),
            master: Master::Theirs,
            version: None,
            texts: BTreeMap::new(),
            places: self.place.parent.iter().cloned().collect(),
            readers: Vec::new(),
            state: CounterpartState::Current,
            checked_at: self.ctx.now,
        };
        made.also(|tx| Known::new(known).put(tx, &counterpart));
        made.commit(kb.store()).await?;
        Ok((node, true))
    }

    /// The names in the languages that come in; those that somebody here has added stay.
    fn names(&self, before: &BTreeMap<Locale, String>) -> BTreeMap<Locale, String> {
        let languages = &self.sync.connection.mapping.languages;
        let mut names = before.clone();
        for (language, name) in &self.place.names {
            let words: Vec<&str> = name.split_whitespace().collect();
            let name: String = words.join(" ").chars().take(NAME_MAX_CHARS).collect();
            if let Some(locale) = languages.ours(language).filter(|_| !name.is_empty()) {
                names.insert(locale.clone(), name);
            }
        }
        if names.is_empty() {
            // No language of it comes in; a node has a name.
            names.insert(
                Locale::en(),
                format!("{} {}", self.sync.connection.name, self.place.id),
            );
        }
        names
    }
}
