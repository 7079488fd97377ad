//! From the files of a source to the articles they become. Pure: the same listing gives the same plan.

mod folders;
mod nav;
pub mod record;
mod settle;
mod text;
mod title;

pub use record::from_record;
pub use settle::Known;

use super::access::names::hidden;
use super::encoding;
use super::entry::{Listing, is_article, is_image};
use super::layout::{self, Layout};
use encoding_rs::Encoding;
use folders::FolderPages;
use kb_actions::import::Item;
use kb_domain::{Locale, Timestamp};
use std::collections::{HashMap, HashSet};
use text::Text;

/// What becomes of one entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Planned {
    /// It becomes an article.
    Article(Box<Item>),
    /// It is no article, and that is right.
    Skipped {
        /// Path.
        name: String,
        /// Why.
        reason: String,
    },
    /// It should have become one.
    Failed {
        /// Path.
        name: String,
        /// Why, with the remedy.
        reason: String,
    },
}

/// What the command says about every source.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The time: what is to be published later is kept as a draft.
    pub now: Timestamp,
    /// The encoding of texts that are not UTF-8.
    pub encoding: Option<&'static Encoding>,
    /// The language of texts that say none, where the command names it: nothing is guessed then.
    pub locale: Option<Locale>,
    /// What an earlier run left out of ids: a folder, or none; absent where no earlier run is known.
    pub wrapper: Option<Option<String>>,
}

/// A plan that lacks only what the base knows.
pub struct Draft {
    texts: Vec<Text>,
    others: Vec<Planned>,
    navigation: Vec<(String, String)>,
    asked: Asked,
}

/// Every entry of a folder or archive that no earlier run brought in, in order of path.
pub fn plan(listing: Listing, asked: &Asked) -> Vec<Planned> {
    draft(listing, asked).finish(&HashMap::new())
}

/// The paths of a listing that become articles.
pub fn article_paths(listing: &Listing) -> Vec<&str> {
    let paths = listing.entries.iter().map(|e| e.path.as_str());
    let comes = |p: &&str| is_article(p) && !is_legal(p) && hidden(p).is_none();
    paths.filter(comes).collect()
}

/// Reads every entry.
pub fn draft(listing: Listing, asked: &Asked) -> Draft {
    let articles = article_paths(&listing);
    let wrapper = match &asked.wrapper {
        Some(known) => known.clone(),
        None => layout::wrapper(articles.iter().copied()),
    };
    let layout = Layout::new(&articles, wrapper);
    let mut others: Vec<Planned> = listing
        .refused
        .into_iter()
        .map(|r| {
            let harmless = r.reason.starts_with("hidden") || r.reason.starts_with("not a Markdown");
            if harmless {
                skipped(r.path, &r.reason)
            } else {
                Planned::Failed {
                    name: r.path,
                    reason: r.reason,
                }
            }
        })
        .collect();
    let navigation: Vec<(String, String)> = listing
        .navigation
        .into_iter()
        .filter_map(|e| Some((e.path, encoding::decode(&e.bytes, None).ok()?.text)))
        .collect();
    let order = "gives the order of the articles";
    others.extend(
        navigation
            .iter()
            .map(|(path, _)| skipped(path.clone(), order)),
    );
    let (mut texts, mut pages) = (Vec::new(), Vec::new());
    for entry in listing.entries {
        if let Some(reason) = hidden(&entry.path) {
            others.push(skipped(entry.path, reason));
        } else if is_image(&entry.path) {
            others.push(skipped(
                entry.path,
                "a picture; pictures are not imported yet",
            ));
        } else if is_legal(&entry.path) {
            others.push(skipped(
                entry.path,
                "the source's own licence or notice, not an article",
            ));
        } else {
            match Text::read(&entry, &layout, asked) {
                Ok(text) if folders::is_page(&entry.path) => pages.push(text),
                Ok(text) => texts.push(text),
                Err(reason) => others.push(Planned::Failed {
                    name: entry.path,
                    reason,
                }),
            }
        }
    }
    // A page that is nothing but a title names its folder, where it stands in one.
    let bare = |text: &Text| text.is_empty() && !text.pictures;
    pages.extend(texts.extract_if(.., |text| bare(text) && folders::may_name(text)));
    let nothing = texts.extract_if(.., |text| bare(text) && text.title_is_made_up);
    others.extend(nothing.map(|t| skipped(t.path, "it holds no text")));
    let folders = FolderPages::of(&pages);
    for text in &mut texts {
        text.folders = folders.chain(&text.place);
        folders.forbid(text);
    }
    others.extend(
        pages
            .into_iter()
            .map(|p| skipped(p.path, "names its folder")),
    );
    Draft {
        texts,
        others,
        navigation,
        asked: asked.clone(),
    }
}

fn skipped(name: String, reason: &str) -> Planned {
    Planned::Skipped {
        name,
        reason: reason.to_owned(),
    }
}

impl Draft {
    /// Ids that several texts of one language would have: what the base knows under them decides whose they are.
    pub fn shared(&self) -> HashSet<String> {
        settle::shared(&self.texts, &self.asked)
    }

    /// The plan; `known` is what the base holds under the shared ids.
    pub fn finish(self, known: &HashMap<String, Known>) -> Vec<Planned> {
        let items = settle::settle(self.texts, &self.navigation, &self.asked, known);
        let items = items
            .into_iter()
            .map(|item| Planned::Article(Box::new(item)));
        items.chain(self.others).collect()
    }
}

fn is_legal(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_uppercase();
    let stem = name.split('.').next().unwrap_or(&name);
    matches!(stem, "LICENSE" | "LICENCE" | "COPYING" | "NOTICE")
}

#[cfg(test)]
mod tests;
