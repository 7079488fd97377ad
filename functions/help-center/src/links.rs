//! Links of a body: to files of the same import, to old addresses, to nowhere.

use crate::place::Place;
use kb_actions::rendering::Links;
use kb_actions::{Error, browse};
use kb_domain::{Article, ArticleId, ExternalId};
use kb_http::Deps;
use kb_text::document::Link;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;

/// Looks up where each link of a body leads for this reader.
pub(crate) async fn resolver(
    deps: &Deps,
    place: &Place,
    article: &Article,
    links: &[Link],
) -> Result<Links, Error> {
    let mut resolved = BTreeMap::new();
    for link in links {
        let (target, anchor) = link
            .href
            .split_once('#')
            .map_or((link.href.as_str(), None), |(t, a)| (t, Some(a)));
        let outside = target.is_empty() || target.contains(':') || target.starts_with("//");
        if outside || resolved.contains_key(&link.href) {
            continue;
        }
        let found = match find(deps, place, article, target).await? {
            Some(id) => url_of(deps, place, id).await?,
            None => None,
        };
        let url = match (found, anchor) {
            (Some(url), Some(anchor)) => format!("{url}#{anchor}"),
            (Some(url), None) => url,
            // What it says is searched for: a reader is never sent to a page that is not there.
            (None, _) => {
                let words = utf8_percent_encode(link.text.trim(), NON_ALPHANUMERIC);
                format!("/{}/{}/search?q={words}", place.portal.handle, place.locale)
            }
        };
        resolved.insert(link.href.clone(), url);
    }
    Ok(Links(resolved))
}

/// The article that an address of the source names: a file beside this one, or an old address.
async fn find(
    deps: &Deps,
    place: &Place,
    article: &Article,
    target: &str,
) -> Result<Option<ArticleId>, Error> {
    let target = percent_encoding::percent_decode_str(target.split('?').next().unwrap_or_default())
        .decode_utf8_lossy()
        .into_owned();
    let old = format!("/{}", target.trim_matches('/'));
    if let Some(external) = article
        .external
        .as_ref()
        .filter(|_| !target.starts_with('/'))
    {
        let folder = external
            .id
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        if let Some(path) = join(folder, &target) {
            // An id has no ending: the same article may be Markdown today and HTML tomorrow.
            let stem = [".md", ".markdown", ".html", ".htm", ".txt"]
                .iter()
                .find_map(|end| path.strip_suffix(end))
                .unwrap_or(&path);
            for id in [stem.to_owned(), format!("{stem}/index")] {
                let wanted = ExternalId {
                    source: external.source.clone(),
                    id,
                };
                if let Some(found) = browse::by_external(&deps.kb, &wanted).await? {
                    return Ok(Some(found));
                }
            }
        }
    }
    browse::old_address(&deps.kb, place.portal.id, &old).await
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
