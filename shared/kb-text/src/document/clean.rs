//! Sanitizing: an allow-list of elements, attributes and schemes; everything else goes.

use super::LinkResolver;
use ammonia::{Builder, UrlRelative};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Elements that a page may hold.
const ELEMENTS: [&str; 54] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "h-id",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];
/// Elements whose content goes with them.
const WITH_CONTENT: [&str; 12] = [
    "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript",
    "template", "svg", "math",
];
/// Schemes of addresses.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];
/// More tags than this in a row without a closing one are nesting for its own sake.
const OPEN_MAX: usize = 200;

pub(super) fn clean(html: &str, links: &dyn LinkResolver) -> String {
    let html = bounded(html);
    let mut builder = Builder::default();
    let headings = ["h1", "h2", "h3", "h4", "h5", "h6"];
    let mut attributes: HashMap<&str, HashSet<&str>> = headings
        .iter()
        .map(|h| (*h, HashSet::from(["id"])))
        .collect();
    attributes.insert("h-id", HashSet::from(["id"]));
    attributes.insert("a", HashSet::from(["href"]));
    attributes.insert("img", HashSet::from(["src", "alt", "width", "height"]));
    attributes.insert("ol", HashSet::from(["start"]));
    attributes.insert("code", HashSet::from(["class"]));
    for cell in ["td", "th"] {
        attributes.insert(cell, HashSet::from(["colspan", "rowspan", "align"]));
    }
    // SAFETY of the closure's lifetime: ammonia wants a 'static filter, so addresses are resolved in a table beforehand.
    let resolved = resolve_all(&html, links);
    builder
        .tags(ELEMENTS.into())
        .clean_content_tags(WITH_CONTENT.into())
        .tag_attributes(attributes)
        .generic_attributes(HashSet::new())
        .url_schemes(SCHEMES.into())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer nofollow"))
        .attribute_filter(move |element, attribute, value| {
            filter(&resolved, element, attribute, value)
        });
    builder.clean(&html).to_string()
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
                .collect();
            (!plain.is_empty()).then(|| format!("h-{plain}").into())
        }
        ("code", "class") => value
            .split_whitespace()
            .find(|c| c.starts_with("language-"))
            .map(|c| c.to_owned().into()),
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

/// Drops opening tags beyond a depth that no author needs: the parser looks through all open elements at each tag.
fn bounded(html: &str) -> Cow<'_, str> {
    let mut open = 0_usize;
    let mut kept = String::new();
    let mut copied = 0;
    let bytes = html.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|b| *b == b'<') {
        let start = at + found;
        at = start + 1;
        match bytes.get(at) {
            Some(b'/') => open = open.saturating_sub(1),
            Some(b) if b.is_ascii_alphabetic() => {
                let name: String = html[at..]
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .take(12)
                    .collect::<String>()
                    .to_ascii_lowercase();
                if matches!(
                    name.as_str(),
                    "br" | "img" | "hr" | "p" | "li" | "td" | "th" | "tr" | "col" | "dt" | "dd"
                ) {
                    continue;
                }
                open += 1;
                if open > OPEN_MAX {
                    kept.push_str(&html[copied..start]);
                    copied = html[start..]
                        .find('>')
                        .map_or(html.len(), |end| start + end + 1);
                    at = copied;
                }
            }
            _ => {}
        }
    }
    if copied == 0 {
        return html.into();
    }
    kept.push_str(&html[copied..]);
    kept.into()
}
