//! From the files of a source to the articles they become. Pure: the same listing gives the same plan.

use super::entry::{Entry, Listing, extension, is_article, is_image};
use super::front_matter::{self, FrontMatter};
use super::jsonl::Record;
use super::layout::{self, Place};
use kb_actions::import::{Folder, Item};
use kb_domain::{Body, BodyFormat, Locale};
use kb_text::document;
use std::collections::{BTreeMap, BTreeSet};

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

/// The name of the category for articles that stand in no folder.
pub const ROOT_FOLDER: &str = "general";

/// Every entry of a folder or archive, in order of path.
pub fn plan(listing: Listing) -> Vec<Planned> {
    let articles: Vec<&str> = listing
        .entries
        .iter()
        .map(|e| e.path.as_str())
        .filter(|p| is_article(p) && !is_legal(p))
        .collect();
    let wrapper = layout::wrapper(articles.iter().copied());
    let names: BTreeSet<String> = listing.entries.iter().map(|e| e.path.clone()).collect();
    let mut folders = BTreeMap::new();
    for entry in listing.entries.iter().filter(|e| is_folder_page(&e.path)) {
        if let Ok((front, _)) = front_matter::split(&String::from_utf8_lossy(&entry.bytes)) {
            let place = layout::place(&entry.path, wrapper.as_deref());
            folders.insert((place.locale, place.folders.join("/")), front);
        }
    }
    let context = Context {
        wrapper,
        names,
        folders,
    };
    let refused = listing.refused.into_iter().map(|r| {
        let harmless = r.reason == "hidden" || r.reason.starts_with("not a Markdown");
        if harmless {
            Planned::Skipped {
                name: r.path,
                reason: r.reason,
            }
        } else {
            Planned::Failed {
                name: r.path,
                reason: r.reason,
            }
        }
    });
    let mut planned: Vec<Planned> = listing
        .entries
        .into_iter()
        .map(|e| context.entry(&e))
        .collect();
    planned.extend(refused);
    planned
}

struct Context {
    wrapper: Option<String>,
    names: BTreeSet<String>,
    folders: BTreeMap<(Option<Locale>, String), FrontMatter>,
}

impl Context {
    fn entry(&self, entry: &Entry) -> Planned {
        let name = entry.path.clone();
        let skipped = |reason: &str| Planned::Skipped {
            name: name.clone(),
            reason: reason.to_owned(),
        };
        if is_image(&entry.path) {
            return skipped("a picture; it stays with the articles that show it");
        }
        if is_legal(&entry.path) {
            return skipped("the source's own licence or notice, not an article");
        }
        if is_folder_page(&entry.path) {
            return skipped("names its folder");
        }
        match self.article(entry) {
            Ok(item) => Planned::Article(Box::new(item)),
            Err(reason) => Planned::Failed { name, reason },
        }
    }

    fn article(&self, entry: &Entry) -> Result<Item, String> {
        let text = std::str::from_utf8(&entry.bytes)
            .map_err(|e| format!("not UTF-8 at byte {}; save it as UTF-8", e.valid_up_to()))?;
        let format = match extension(&entry.path).as_str() {
            "html" | "htm" => BodyFormat::Html,
            "txt" => BodyFormat::Text,
            _ => BodyFormat::Markdown,
        };
        let (front, rest) = if format == BodyFormat::Markdown {
            front_matter::split(text)?
        } else {
            (FrontMatter::default(), text)
        };
        let place = layout::place(&entry.path, self.wrapper.as_deref());
        let mut warnings = Vec::new();
        let mut source = rest.trim_start_matches(['\n', '\r']).to_owned();
        if format == BodyFormat::Markdown {
            let (resolved, removed) = document::resolve_template_tags(&source);
            source = resolved;
            warnings.extend(removed.into_iter().map(|w| w.to_string()));
        }
        let (heading, without_heading) = document::take_first_h1(format, &source);
        let file_stem = entry
            .path
            .rsplit('/')
            .next()
            .map_or("", |f| f.rsplit_once('.').map_or(f, |(s, _)| s));
        let title = match (
            front.title.clone().filter(|t| !t.trim().is_empty()),
            heading,
        ) {
            (Some(title), _) => title,
            (None, Some(title)) => {
                source = without_heading;
                title
            }
            (None, None) => title_without_heading(file_stem, format, &source),
        };
        warnings.extend(self.unknown_targets(entry, format, &source));
        Ok(Item {
            name: entry.path.clone(),
            external_id: place.external_id.clone(),
            folders: self.folders_of(&place),
            locale: place.locale,
            title,
            summary: front
                .summary
                .clone()
                .unwrap_or_default()
                .trim()
                .chars()
                .take(1_000)
                .collect(),
            body: Body { format, source },
            kind: front.kind()?,
            article_type: front.article_type()?,
            labels: front.labels(),
            audience: front.audience()?,
            redirects: front
                .redirect_from
                .0
                .iter()
                .map(|a| tidy_address(a))
                .filter(|a| a.len() > 1)
                .collect(),
            position: front.position,
            draft: front.draft,
            warnings,
            portal: None,
            origin: None,
        })
    }

    fn folders_of(&self, place: &Place) -> Vec<Folder> {
        let spelled: Vec<&str> = if place.folders.is_empty() {
            vec![ROOT_FOLDER]
        } else {
            place.folders.iter().map(String::as_str).collect()
        };
        let mut folders: Vec<Folder> = (1..=spelled.len())
            .map(|depth| {
                let external = spelled[..depth].join("/");
                let page = self.folders.get(&(place.locale.clone(), external.clone()));
                Folder {
                    name: page
                        .and_then(|p| p.title.clone())
                        .unwrap_or_else(|| layout::display_name(spelled[depth - 1])),
                    summary: page.and_then(|p| p.summary.clone()),
                    others: self.names_elsewhere(place.locale.as_ref(), &external),
                    position: page.and_then(|p| p.position),
                    language: None,
                    external,
                }
            })
            .collect();
        if folders.len() == 1 {
            // An article stands in a section: one directly in a category gets a section of the category's name.
            let category = folders[0].clone();
            folders.push(Folder {
                external: format!("{}/.", category.external),
                summary: None,
                ..category
            });
        }
        folders
    }

    /// What the folder pages of other languages call a folder: a reader of theirs may see it before it has a text of theirs.
    fn names_elsewhere(
        &self,
        locale: Option<&Locale>,
        external: &str,
    ) -> Vec<(Locale, String, Option<String>)> {
        let others = self
            .folders
            .iter()
            .filter(|((other, path), _)| path == external && other.as_ref() != locale);
        others
            .filter_map(|((other, _), page)| {
                Some((other.clone()?, page.title.clone()?, page.summary.clone()))
            })
            .collect()
    }

    /// Links to files that the source does not hold.
    fn unknown_targets(&self, entry: &Entry, format: BodyFormat, source: &str) -> Vec<String> {
        let folder = entry.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let rendered = document::render(format, source, &document::KeepLinks);
        let mut unknown: BTreeSet<String> = BTreeSet::new();
        for link in &rendered.links {
            let target = link.href.split(['#', '?']).next().unwrap_or_default();
            if target.is_empty()
                || target.contains(':')
                || target.starts_with('/')
                || !is_article(target)
            {
                continue;
            }
            let known = join(folder, &percent_decoded(target))
                .is_some_and(|path| self.names.contains(&path));
            if !known {
                unknown.insert(format!("links to {target}, which is not in the source"));
            }
        }
        unknown.into_iter().collect()
    }
}

/// One line of a JSONL file as an article. Errors: the reason for the report.
pub fn from_record(record: Record) -> Result<Item, String> {
    let locale = record
        .lang
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|e: kb_domain::Error| format!("lang: {e}"))?;
    let audience = record
        .audience
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|e: kb_domain::Error| e.to_string())?;
    let (format, source) = match (record.html, record.body) {
        (Some(html), None) => (BodyFormat::Html, html),
        (None, body) => (
            record.format.unwrap_or(BodyFormat::Text),
            body.unwrap_or_default(),
        ),
        (Some(_), Some(_)) => return Err("html: give either body or html, not both".to_owned()),
    };
    let title = if record.title.trim().is_empty() {
        title_without_heading("", format, &source)
    } else {
        record.title
    };
    let spelled = match record.path.0.as_slice() {
        [] => vec![ROOT_FOLDER.to_owned(), ROOT_FOLDER.to_owned()],
        [one] => vec![one.clone(), one.clone()],
        many => many.to_vec(),
    };
    let folders = (1..=spelled.len())
        .map(|depth| Folder {
            external: spelled[..depth].join("/"),
            name: layout::display_name(&spelled[depth - 1]),
            summary: None,
            others: Vec::new(),
            position: None,
            language: None,
        })
        .collect();
    Ok(Item {
        name: record.id.clone(),
        external_id: record.id,
        locale,
        folders,
        title,
        summary: record.summary.trim().chars().take(1_000).collect(),
        body: Body { format, source },
        kind: record.kind,
        article_type: record.article_type,
        labels: front_matter::tidy_labels(&record.tags.0),
        audience,
        redirects: Vec::new(),
        position: None,
        draft: false,
        warnings: Vec::new(),
        portal: None,
        origin: None,
    })
}

fn title_without_heading(file_stem: &str, format: BodyFormat, source: &str) -> String {
    let named = layout::display_name(file_stem);
    if !named.is_empty() && !matches!(file_stem, "index" | "README" | "readme") {
        return named;
    }
    let plain = document::plain_text(format, source);
    let first: String = plain
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(80)
        .collect();
    if first.is_empty() { named } else { first }
}

fn is_folder_page(path: &str) -> bool {
    matches!(
        path.rsplit('/').next(),
        Some("_index.md" | "_category.md" | "_section.md")
    )
}

fn is_legal(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_uppercase();
    let stem = name.split('.').next().unwrap_or(&name);
    matches!(stem, "LICENSE" | "LICENCE" | "COPYING" | "NOTICE")
}

/// An old address in one form: a leading slash, no trailing one.
pub fn tidy_address(address: &str) -> String {
    format!("/{}", address.trim().trim_matches('/'))
}

/// `target` as seen from `folder`; `None` when it climbs out of the source.
pub fn join(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests;
