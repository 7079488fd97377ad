//! Links of a body: to files of the same import, to pages of ours, to old addresses, to nowhere.

use crate::place::Place;
use kb_actions::rendering::Links;
use kb_actions::{Error, import, links, portals};
use kb_domain::{Article, ExternalId, PublicKey};
use kb_http::Deps;
use kb_store::repo::Name;
use kb_text::document::Link;
use std::collections::HashSet;

/// An address of no scheme that a page shows: what has it keeps its words and is no link.
const NOWHERE: &str = "nowhere:";

/// Looks up where each link of a body leads for this reader, all of them at once. One that leads nowhere is none: a reader is
/// never sent to a page that is not there.
pub(crate) async fn resolver(
    deps: &Deps,
    place: &Place,
    article: &Article,
    links: &[Link],
) -> Result<Links, Error> {
    let entered = portals::list(&deps.kb, &place.ctx).await?;
    let ours = |handle: &str| entered.iter().any(|p| p.value.handle == handle);
    let mut asked: Vec<(&Link, Target<'_>)> = Vec::new();
    let mut names: Vec<Vec<Name>> = Vec::new();
    let mut seen = HashSet::new();
    for link in links {
        let target = Target::of(&link.href);
        if !target.leads_outside() && seen.insert(&link.href) {
            names.push(names_of(place, article, &target.path()));
            asked.push((link, target));
        }
    }
    let (portal, locale) = (&place.portal, &place.locale);
    let found = links::addresses(&deps.kb, &place.ctx, portal, locale, &names).await?;
    let found = found.into_iter().chain(std::iter::repeat(None));
    let resolved = asked.into_iter().zip(found).map(|((link, target), url)| {
        let url = url.or_else(|| own_page(place, &target.path(), ours));
        let url = match (url, target.anchor) {
            (Some(url), Some(anchor)) => format!("{url}#{anchor}"),
            (Some(url), None) => url,
            (None, _) => NOWHERE.to_owned(),
        };
        (link.href.clone(), url)
    });
    Ok(Links(resolved.collect()))
}

/// An authored address in two halves.
struct Target<'a> {
    page: &'a str,
    anchor: Option<&'a str>,
}

impl<'a> Target<'a> {
    fn of(href: &'a str) -> Self {
        let halves = href.split_once('#');
        let (page, anchor) = halves.map_or((href, None), |(page, anchor)| (page, Some(anchor)));
        Self { page, anchor }
    }

    /// Whether it is of another host, or of a place in the same text.
    fn leads_outside(&self) -> bool {
        self.page.is_empty() || self.page.contains(':') || self.page.starts_with("//")
    }

    /// Its path, decoded.
    fn path(&self) -> String {
        let path = self.page.split('?').next().unwrap_or_default();
        let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        path.into_owned()
    }
}

/// What the article at an address of the source may be called: a text of the same source, an article of ours, or an old address.
/// Its source may be called otherwise in this portal.
fn names_of(place: &Place, article: &Article, target: &str) -> Vec<Name> {
    let mut names = Vec::new();
    if let Some(external) = &article.external {
        let folder = external
            .id
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        let from = if target.starts_with('/') { "" } else { folder };
        let plain = external.source.split('@').next().unwrap_or_default();
        let here = import::source_in_portal(plain, place.portal.id);
        let mut sources = vec![external.source.as_str(), plain, here.as_str()];
        sources.dedup();
        for id in join(from, target).iter().flat_map(|path| ids_of(path)) {
            names.extend(sources.iter().map(|source| {
                Name::External(ExternalId {
                    source: (*source).to_owned(),
                    id: id.clone(),
                })
            }));
        }
    }
    let old = format!("/{}", target.trim_matches('/'));
    names.push(Name::Address(place.portal.id, old));
    if let Page::Article(key) = Page::of(target)
        && target
            .trim_matches('/')
            .starts_with(&format!("{}/", place.portal.handle))
    {
        names.push(Name::Key(key));
    }
    names
}

/// The ids that a path of a source may have. An id has no ending, for the same article may be Markdown today and HTML tomorrow,
/// unless another one has the plain name.
fn ids_of(path: &str) -> Vec<String> {
    let stem = [".md", ".markdown", ".html", ".htm", ".txt"]
        .iter()
        .find_map(|end| path.strip_suffix(end));
    let bare = stem.unwrap_or(path);
    let mut ids: Vec<String> = stem.map(|_| path.to_owned()).into_iter().collect();
    ids.push(bare.to_owned());
    ids.push(format!("{bare}/index"));
    ids
}

/// What a path of ours names.
enum Page {
    Article(PublicKey),
    Other,
}

impl Page {
    fn of(target: &str) -> Self {
        let mut parts = target.trim_matches('/').split('/').skip(2);
        let segment = (parts.next() == Some("articles"))
            .then(|| parts.next())
            .flatten();
        let key = segment.and_then(PublicKey::from_segment);
        key.map_or(Self::Other, Self::Article)
    }
}

/// A page of a portal that the reader may enter, named by its address. An article of this portal is looked up with the names.
fn own_page(place: &Place, target: &str, ours: impl Fn(&str) -> bool) -> Option<String> {
    let handle = target.strip_prefix('/')?.split('/').next()?;
    let looked_up = handle == place.portal.handle && matches!(Page::of(target), Page::Article(_));
    (ours(handle) && !looked_up).then(|| target.to_owned())
}

/// `target` as seen from `folder`; `None` when it climbs out of the source.
fn join(folder: &str, target: &str) -> Option<String> {
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
