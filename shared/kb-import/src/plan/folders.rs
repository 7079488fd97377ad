//! Categories and sections from folders: their names, what their pages say about them, and who may read below them.

use super::text::Text;
use crate::layout::{Place, display_name};
use crate::order;
use kb_actions::import::Folder;
use kb_domain::Locale;
use std::collections::BTreeMap;

/// The name of the category for articles that stand in no folder.
const ROOT: &str = "general";

/// Whether a file is made to name its folder.
pub(super) fn is_page(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let (stem, ending) = name.split_once('.').unwrap_or((&name, ""));
    matches!(stem, "_index" | "_category" | "_section")
        && matches!(ending, "md" | "markdown" | "mdx" | "html")
}

/// Whether a text without a body may be there for the name of its folder.
pub(super) fn may_name(text: &Text) -> bool {
    let index = matches!(text.place.stem.to_lowercase().as_str(), "index" | "readme");
    index && !text.place.folders.is_empty() && !text.title_is_made_up
}

/// What the pages of folders say.
pub(super) struct FolderPages<'a>(BTreeMap<(Option<Locale>, String), &'a Text>);

impl<'a> FolderPages<'a> {
    pub fn of(pages: &'a [Text]) -> Self {
        let key = |p: &Text| (p.place.locale.clone(), p.place.folders.join("/"));
        Self(pages.iter().map(|p| (key(p), p)).collect())
    }

    /// Category and sections of a file; an article stands in a section, so one directly in a category gets one of the same name.
    pub fn chain(&self, place: &Place) -> Vec<Folder> {
        let spelled: Vec<&str> = if place.folders.is_empty() {
            vec![ROOT]
        } else {
            place.folders.iter().map(String::as_str).collect()
        };
        let mut folders: Vec<Folder> = (1..=spelled.len())
            .map(|depth| {
                let external = spelled[..depth].join("/");
                let page = self.0.get(&(place.locale.clone(), external.clone()));
                Folder {
                    name: page
                        .filter(|p| !p.title_is_made_up)
                        .map_or_else(|| display_name(spelled[depth - 1]), |p| p.title.clone()),
                    summary: page.and_then(|p| p.said.summary.clone()),
                    others: self.elsewhere(place.locale.as_ref(), &external),
                    position: page
                        .and_then(|p| p.said.weight)
                        .map(|weight| order::ranks(&[weight])[0]),
                    language: None,
                    external,
                }
            })
            .collect();
        if folders.len() == 1 {
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
    fn elsewhere(
        &self,
        locale: Option<&Locale>,
        external: &str,
    ) -> Vec<(Locale, String, Option<String>)> {
        let others = self
            .0
            .iter()
            .filter(|((other, path), _)| path == external && other.as_ref() != locale);
        others
            .filter(|(_, page)| !page.title_is_made_up)
            .filter_map(|((other, _), page)| {
                Some((
                    other.clone()?,
                    page.title.clone(),
                    page.said.summary.clone(),
                ))
            })
            .collect()
    }

    /// What forbids readers the page of a folder forbids them all that stands below it.
    pub fn forbid(&self, text: &mut Text) {
        for depth in 0..=text.place.folders.len() {
            let folder = text.place.folders[..depth].join("/");
            let Some(page) = self.0.get(&(text.place.locale.clone(), folder)) else {
                continue;
            };
            // That it holds no text is nothing a folder's page says.
            let reasons = page
                .access
                .reasons
                .iter()
                .filter(|r| r.starts_with("it says"));
            for reason in reasons {
                text.access
                    .forbid(format!("{} is not for everybody: {reason}", page.path));
            }
            if let (None, Some(audience)) = (&text.access.audience, &page.access.audience) {
                text.access.audience = Some(audience.clone());
            }
        }
    }
}
