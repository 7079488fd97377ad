//! What the files of an export are called: readable, and the same file on every system.
//!
//! A name holds letters, digits, `-` and `_` of every script in lower case (Han is kept), is short, is no word that Windows
//! keeps for devices, and differs from its neighbors in more than case.

use kb_actions::export::Shelf;
use kb_domain::{
    Article, ArticleState, BodyFormat, Locale, Node, NodeId, PortalId, PublicKey, Revision,
    SectionId, Translation,
};
use kb_text::document::slug;
use std::collections::{HashMap, HashSet};

/// The folder of articles that stand in no section; no handle has an underscore.
const UNPLACED: &str = "_unplaced";
/// Longest name of an article's file in characters, without language and ending.
const STEM_CHARS: usize = 48;
/// Longest name in bytes: with what is added it stays below the 255 that file systems hold.
const NAME_BYTES: usize = 120;

/// The folders and names that were given.
#[derive(Default)]
pub struct Names {
    folders: HashMap<(PortalId, NodeId), String>,
    taken: HashSet<String>,
}

impl Names {
    /// Names the folders of every node that has none yet. A node keeps the folder it was given first.
    pub fn add(&mut self, shelf: &Shelf) {
        let portal = &shelf.portal.value;
        let mut below = vec![(None, portal.handle.clone(), 0)];
        while let Some((parent, folder, depth)) = below.pop() {
            for node in shelf.tree.children(parent) {
                let id = (portal.id, node.id);
                let path = match self.folders.get(&id) {
                    Some(path) => path.clone(),
                    None => self.free(&folder, &node_name(node, shelf, depth), &node.key, ""),
                };
                self.folders.insert(id, path.clone());
                below.push((Some(node.id), path, depth + 1));
            }
        }
    }

    /// The folder of a node; `None` when it has none yet.
    pub fn folder(&self, portal: PortalId, node: NodeId) -> Option<&str> {
        self.folders.get(&(portal, node)).map(String::as_str)
    }

    /// Whether an article's home has a folder.
    pub fn knows_home_of(&self, article: &Article) -> bool {
        let known = |portal, section: SectionId| self.folder(portal, section.into()).is_some();
        article
            .home
            .as_ref()
            .is_none_or(|home| known(home.portal, home.section))
    }

    /// Folder and stem of an article's files, the same in all its languages so that they stand together. `title` is the one
    /// of its source language.
    pub fn article(&mut self, article: &Article, title: &str) -> String {
        let home = article.home.as_ref();
        let folder = home
            .and_then(|home| self.folder(home.portal, home.section.into()))
            .unwrap_or(UNPLACED)
            .to_owned();
        self.free(&folder, &name(title, STEM_CHARS), &article.key, ".")
    }

    /// The path of a name that nobody in the folder has: with the public key behind it where somebody has it already.
    /// `ending` keeps files apart from folders, which have none.
    fn free(&mut self, folder: &str, name: &str, key: &PublicKey, ending: &str) -> String {
        let mut path = if name.is_empty() {
            format!("{folder}/{key}")
        } else {
            format!("{folder}/{name}")
        };
        while !self.taken.insert(fold(&path) + ending) {
            path = format!("{path}-{key}");
        }
        path
    }
}

/// What systems that ignore case compare; a wider net than any of them casts.
fn fold(path: &str) -> String {
    path.to_uppercase().to_lowercase()
}

/// Deep folders have short names, so that a whole path stays below the 260 characters that some systems hold.
fn node_name(node: &Node, shelf: &Shelf, depth: usize) -> String {
    let default = &shelf.portal.value.default_locale;
    let chars = if depth < 3 { 32 } else { 12 };
    name(node.name_in(default, default), chars)
}

/// A title as a file name without an ending; empty when nothing of it can stand in one.
fn name(title: &str, chars: usize) -> String {
    let mut name = String::new();
    for c in slug(title).chars().take(chars) {
        if name.len() + c.len_utf8() > NAME_BYTES {
            break;
        }
        name.push(c);
    }
    name.truncate(name.trim_end_matches('-').len());
    if is_device(&name) {
        name.push('_');
    }
    name
}

/// Whether Windows takes the name for a device, whatever its ending.
fn is_device(name: &str) -> bool {
    let numbered = |prefix: &str| {
        name.strip_prefix(prefix)
            .is_some_and(|n| matches!(n.as_bytes(), [b'0'..=b'9']))
    };
    matches!(name, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// Where the body of a revision lies: what readers get in `content` (in `archived`, when the article is out of use), what
/// authors work on in `drafts`, everything earlier in `history`. `stem` is the one that [`Names::article`] gave.
pub fn file(
    article: &Article,
    translation: &Translation,
    revision: &Revision,
    stem: &str,
) -> String {
    let locale: &Locale = &translation.locale;
    let ending = match revision.body.format {
        BodyFormat::Markdown => "md",
        BodyFormat::Html => "html",
        BodyFormat::Text => "txt",
    };
    let root = if translation.live == Some(revision.id) {
        match article.state {
            ArticleState::Active => "content",
            ArticleState::Archived => "archived",
        }
    } else if translation.working == revision.id {
        "drafts"
    } else {
        let number = revision.number;
        return format!("history/{stem}.{locale}/{number}.{ending}");
    };
    format!("{root}/{stem}.{locale}.{ending}")
}

#[cfg(test)]
mod tests;
