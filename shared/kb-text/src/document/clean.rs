//! Sanitizing: an allow-list of elements, attributes and schemes; everything else goes.

use super::{LinkResolver, html};
use ammonia::{Builder, UrlRelative};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Schemes of addresses.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];
/// The longest id: every passage below a heading has it.
const ID_MAX_CHARS: usize = 200;

/// Sanitizes HTML that was written anew.
pub(super) fn clean(tidied: &str, links: &dyn LinkResolver) -> String {
    let mut builder = Builder::default();
    let attributes: HashMap<&str, HashSet<&str>> = html::kept()
        .map(|element| {
            (
                element,
                html::attributes_of(element).iter().copied().collect(),
            )
        })
        .collect();
    // SAFETY of the closure's lifetime: ammonia wants a 'static filter, so addresses are resolved in a table beforehand.
    let resolved = resolve_all(tidied, links);
    builder
        .tags(html::kept().collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["dir", "lang"]))
        .url_schemes(SCHEMES.into())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer nofollow"))
        .attribute_filter(move |element, attribute, value| {
            filter(&resolved, element, attribute, value)
        });
    builder.clean(tidied).to_string()
}

fn filter<'v>(
    resolved: &HashMap<String, String>,
    element: &str,
    attribute: &str,
    value: &'v str,
) -> Option<Cow<'v, str>> {
    match (element, attribute) {
        (_, "id") => {
            let plain: String = value
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
                .take(ID_MAX_CHARS)
                .collect();
            (!plain.is_empty()).then(|| format!("h-{plain}").into())
        }
        ("code", "class") => value
            .split_whitespace()
            .find(|c| c.starts_with("language-"))
            .map(|c| c.to_owned().into()),
        ("aside", "class") => html::KINDS.contains(&value).then(|| value.into()),
        ("p", "class") => (value == "kind").then(|| value.into()),
        ("a", "href") | ("img", "src") => {
            let address = resolved.get(value).map_or(value, String::as_str);
            let read = as_browsers_read(address);
            let other_host =
                read.starts_with("//") || read.starts_with('\\') || read.starts_with("/\\");
            // The authored address was checked before; the one in its place was not.
            let allowed = address == value || has_allowed_scheme(&read);
            (!other_host && allowed).then(|| {
                if address == value {
                    value.into()
                } else {
                    address.to_owned().into()
                }
            })
        }
        _ => Some(value.into()),
    }
}

/// An address without the control characters and spaces around it and the tabs and line breaks in it.
fn as_browsers_read(address: &str) -> String {
    address
        .trim_matches(|c| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect()
}

/// Whether an address leads to this server or has one of the schemes.
fn has_allowed_scheme(read: &str) -> bool {
    let Some((scheme, _)) = read.split_once(':') else {
        return true;
    };
    scheme.contains(['/', '?', '#']) || SCHEMES.iter().any(|s| scheme.eq_ignore_ascii_case(s))
}

/// New addresses of all links and images, asked once each.
fn resolve_all(html: &str, links: &dyn LinkResolver) -> HashMap<String, String> {
    let mut resolved = HashMap::new();
    for (name, is_link) in [("href=\"", true), ("src=\"", false)] {
        for piece in html.split(name).skip(1) {
            let Some((value, _)) = piece.split_once('"') else {
                continue;
            };
            let value = super::page::unescape(value);
            if value.starts_with('#') || value.len() > 2_000 {
                continue;
            }
            let found = if is_link {
                links.link(&value)
            } else {
                links.image(&value)
            };
            if let Some(found) = found {
                resolved.insert(value, found);
            }
        }
    }
    resolved
}
