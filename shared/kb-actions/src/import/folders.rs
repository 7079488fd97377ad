//! The categories and sections that articles come in: found again, made, and named in languages they lack.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::tree::{self, NewNode, NodeChange};
use kb_domain::{Locale, Node, NodeId, PortalId, SectionId, Viewer};
use std::collections::BTreeMap;

/// A category or section on the way to an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The path of the folder, equal in all languages: how a second run finds the node again.
    pub external: String,
    /// Its name in the article's language.
    pub name: String,
    /// The language of `name`, where it is not the article's.
    pub language: Option<Locale>,
    /// What it is about, in the language of `name`.
    pub summary: Option<String>,
    /// Name and summary in the other languages that the source names it in.
    pub others: Vec<(Locale, String, Option<String>)>,
    /// Its place among its siblings, where the source says one.
    pub position: Option<u32>,
}

impl Folder {
    /// Names and descriptions in every language, its own for an article of `locale`.
    fn texts(&self, locale: &Locale) -> (BTreeMap<Locale, String>, BTreeMap<Locale, String>) {
        let language = self.language.as_ref().unwrap_or(locale);
        let own = std::iter::once((language, &self.name, &self.summary));
        let all = own.chain(
            self.others
                .iter()
                .map(|(l, name, summary)| (l, name, summary)),
        );
        let (mut names, mut descriptions) = (BTreeMap::new(), BTreeMap::new());
        for (locale, name, summary) in all {
            let short = |text: &str| text.chars().take(200).collect::<String>();
            names.entry(locale.clone()).or_insert_with(|| short(name));
            if let Some(summary) = summary {
                descriptions
                    .entry(locale.clone())
                    .or_insert_with(|| short(summary));
            }
        }
        (names, descriptions)
    }
}

/// The section of an item, with every category and section above it; what is not there is made, and a name in a language
/// that a node lacks is added.
pub(super) async fn section_of(
    kb: &Kb,
    portal: PortalId,
    folders: &[Folder],
    locale: &Locale,
    viewer: &Viewer,
) -> Result<SectionId, Error> {
    match stand(kb, portal, folders, locale, viewer).await? {
        Some(NodeId::Section(section)) => Ok(section),
        _ => Err(kb_domain::Error::field(
            "/path",
            "required",
            "an article stands in a section below a category",
        )
        .into()),
    }
}

/// Makes a category or section with everything above it, unless it is there; `locale` is the language of the folders that
/// have one name only. Answers the last of them.
pub async fn stand(
    kb: &Kb,
    portal: PortalId,
    folders: &[Folder],
    locale: &Locale,
    viewer: &Viewer,
) -> Result<Option<NodeId>, Error> {
    let mut parent: Option<NodeId> = None;
    for folder in folders {
        let ctx = RequestContext::load(kb, viewer.clone()).await?;
        let tree = kb.tree(&ctx.gate, portal).await?;
        let found = tree
            .value
            .nodes()
            .find(|n| n.parent == parent && is_called(n, &folder.external));
        let (names, descriptions) = folder.texts(locale);
        let id = match found {
            Some(node) if names.keys().all(|l| node.name.contains_key(l)) => node.id,
            Some(node) => {
                // What a node is called already stays: somebody may have renamed it.
                let (mut name, mut description) = (names, descriptions);
                name.extend(node.name.clone());
                description.extend(node.description.clone());
                let change = NodeChange {
                    name: Some(name),
                    description: Some(description),
                    ..NodeChange::default()
                };
                let updated = tree::update(kb, &ctx, portal, &tree, node.id, change).await?;
                updated.value.id
            }
            None => {
                let new = NewNode {
                    parent,
                    name: names,
                    description: descriptions,
                    position: folder.position,
                    external: Some(folder.external.clone()),
                };
                let made = tree::create(kb, &ctx, portal, new).await?;
                made.commit(kb.store()).await?.value.id
            }
        };
        parent = Some(id);
    }
    Ok(parent)
}

/// Whether a source means this node: by the word of an earlier import, or by its id, where it was exported from here.
fn is_called(node: &Node, external: &str) -> bool {
    node.external.as_deref() == Some(external) || node.id.to_string() == external
}
