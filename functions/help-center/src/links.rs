//! Links of a body: to files of the same import, to old addresses, to nowhere.

use crate::place::Place;
use kb_actions::{Error, articles, browse, import, portals};
use kb_domain::{Article, ArticleId, ExternalId, PublicKey};
use kb_http::Deps;
use kb_store::repo::KeyTarget;
use kb_text::document::{Link, LinkResolver};
use std::collections::HashMap;

/// Addresses by the authored ones.
pub(crate) struct Resolved(HashMap<String, String>);

impl LinkResolver for Resolved {
    fn link(&self, href: &str) -> Option<String> {
        // What was not looked up stands in markup that is no link of the text.
        let found = self.0.get(href).cloned();
        found.or_else(|| (!leads_outside(href)).then(|| NOWHERE.to_owned()))
    }
}

/// An address of no scheme that a page shows: what has it keeps its words and is no link.
const NOWHERE: &str = "nowhere:";

/// Looks up where each link of a body leads for this reader. One that leads nowhere is none: a reader is never sent to a page that
/// is not there.
pub(crate) async fn resolver(
    deps: &Deps,
    place: &Place,
    article: &Article,
    links: &[Link],
) -> Result<Resolved, Error> {
    let mut resolved = HashMap::new();
    for link in links {
        let (target, anchor) = link
            .href
            .split_once('#')
            .map_or((link.href.as_str(), None), |(t, a)| (t, Some(a)));
        if leads_outside(target) || resolved.contains_key(&link.href) {
            continue;
        }
        let found = match find(deps, place, article, target).await? {
            Found::Article(id) => url_of(deps, place, id).await?,
            Found::Page => Some(target.to_owned()),
            Found::Nothing => None,
        };
        let url = match (found, anchor) {
            (Some(url), Some(anchor)) => format!("{url}#{anchor}"),
            (Some(url), None) => url,
            (None, _) => NOWHERE.to_owned(),
        };
        resolved.insert(link.href.clone(), url);
    }
    Ok(Resolved(resolved))
}

/// Whether an address is of another host, or of a place in the same text.
fn leads_outside(href: &str) -> bool {
    let target = href.split('#').next().unwrap_or_default();
    target.is_empty() || target.contains(':') || target.starts_with("//")
}

/// What an address of a body names.
enum Found {
    Article(ArticleId),
    /// A page of the help center itself.
    Page,
    Nothing,
}

/// What an address of the source names: a text of the same source, a page of ours, or an old address.
async fn find(deps: &Deps, place: &Place, article: &Article, target: &str) -> Result<Found, Error> {
    let target = percent_encoding::percent_decode_str(target.split('?').next().unwrap_or_default())
        .decode_utf8_lossy()
        .into_owned();
    if let Some(external) = &article.external {
        let folder = external
            .id
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        let from = if target.starts_with('/') { "" } else { folder };
        if let Some(path) = join(from, &target)
            && let Some(found) = in_source(deps, place, &external.source, &path).await?
        {
            return Ok(Found::Article(found));
        }
    }
    let old = format!("/{}", target.trim_matches('/'));
    if let Some(found) = browse::old_address(&deps.kb, place.portal.id, &old).await? {
        return Ok(Found::Article(found));
    }
    own_page(deps, place, &target).await
}

/// The article of a source that a path names. Its source may be called otherwise in this portal, and an id has no ending, for the same
/// article may be Markdown today and HTML tomorrow, unless another one has the plain name.
async fn in_source(
    deps: &Deps,
    place: &Place,
    source: &str,
    path: &str,
) -> Result<Option<ArticleId>, Error> {
    let stem = [".md", ".markdown", ".html", ".htm", ".txt"]
        .iter()
        .find_map(|end| path.strip_suffix(end));
    let bare = stem.unwrap_or(path);
    let index = format!("{bare}/index");
    let plain = source.split('@').next().unwrap_or(source);
    let here = import::source_in_portal(plain, place.portal.id);
    for id in [stem.map(|_| path), Some(bare), Some(&index)]
        .into_iter()
        .flatten()
    {
        let mut tried = Vec::new();
        for source in [source, plain, &here] {
            if tried.contains(&source) {
                continue;
            }
            tried.push(source);
            let wanted = ExternalId {
                source: source.to_owned(),
                id: id.to_owned(),
            };
            // Another portal may have the same source; its articles are not here.
            if let Some(found) = browse::by_external(&deps.kb, &wanted).await?
                && url_of(deps, place, found).await?.is_some()
            {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// A page of ours that a body names by its address, if it is there.
async fn own_page(deps: &Deps, place: &Place, target: &str) -> Result<Found, Error> {
    let mut parts = target.trim_matches('/').split('/');
    let handle = parts.next().unwrap_or_default();
    let portals = portals::list(&deps.kb, &place.ctx).await?;
    if !target.starts_with('/') || !portals.iter().any(|p| p.value.handle == handle) {
        return Ok(Found::Nothing);
    }
    let (kind, segment) = (parts.nth(1), parts.next());
    let (Some("articles"), Some(segment)) = (kind, segment) else {
        return Ok(Found::Page);
    };
    let Some(key) = PublicKey::from_segment(segment) else {
        return Ok(Found::Nothing);
    };
    Ok(match articles::by_key(&deps.kb, &key).await? {
        Some(KeyTarget::Article(id)) if handle == place.portal.handle => Found::Article(id),
        Some(_) => Found::Page,
        None => Found::Nothing,
    })
}

async fn url_of(deps: &Deps, place: &Place, id: ArticleId) -> Result<Option<String>, Error> {
    match browse::article_page(&deps.kb, &place.ctx, &place.portal, id, &place.locale).await {
        Ok(page) => Ok(Some(page.url)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
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
