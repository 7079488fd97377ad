//! Links of a body: to files of the same import, to old addresses, to nowhere.

use crate::place::Place;
use kb_actions::rendering::Links;
use kb_actions::search::QUESTION_MAX_CHARS;
use kb_actions::{Error, links};
use kb_domain::{Article, ExternalId};
use kb_http::Deps;
use kb_store::repo::Name;
use kb_text::document::Link;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::HashSet;

/// Looks up where each link of a body leads for this reader, all of them at once.
pub(crate) async fn resolver(
    deps: &Deps,
    place: &Place,
    article: &Article,
    links: &[Link],
) -> Result<Links, Error> {
    let mut asked: Vec<(&Link, Option<&str>)> = Vec::new();
    let mut names: Vec<Vec<Name>> = Vec::new();
    let mut seen = HashSet::new();
    for link in links {
        let (target, anchor) = link
            .href
            .split_once('#')
            .map_or((link.href.as_str(), None), |(t, a)| (t, Some(a)));
        let outside = target.is_empty() || target.contains(':') || target.starts_with("//");
        if !outside && seen.insert(&link.href) {
            asked.push((link, anchor));
            names.push(names_of(place, article, target));
        }
    }
    let (portal, locale) = (&place.portal, &place.locale);
    let found = links::addresses(&deps.kb, &place.ctx, portal, locale, &names).await?;
    let found = found.into_iter().chain(std::iter::repeat(None));
    let resolved = asked.into_iter().zip(found).map(|((link, anchor), url)| {
        let url = match (url, anchor) {
            (Some(url), Some(anchor)) => format!("{url}#{anchor}"),
            (Some(url), None) => url,
            // What it says is searched for: a reader is never sent to a page that is not there.
            (None, _) => {
                let words: String = link.text.trim().chars().take(QUESTION_MAX_CHARS).collect();
                let words = utf8_percent_encode(&words, NON_ALPHANUMERIC);
                format!("/{}/{locale}/search?q={words}", portal.handle)
            }
        };
        (link.href.clone(), url)
    });
    Ok(Links(resolved.collect()))
}

/// What the article at an address of the source may be called: a file beside this one, or an old address.
fn names_of(place: &Place, article: &Article, target: &str) -> Vec<Name> {
    let target = percent_encoding::percent_decode_str(target.split('?').next().unwrap_or_default())
        .decode_utf8_lossy()
        .into_owned();
    let mut names = Vec::new();
    let from = article.external.as_ref();
    if let Some(external) = from.filter(|_| !target.starts_with('/')) {
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
                names.push(Name::External(ExternalId {
                    source: external.source.clone(),
                    id,
                }));
            }
        }
    }
    let old = format!("/{}", target.trim_matches('/'));
    names.push(Name::Address(place.portal.id, old));
    names
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
