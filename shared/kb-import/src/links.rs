//! Links between the texts of one source: found in every spelling that people and site generators use, and written so that the help
//! center finds the article by them.

mod markdown;
mod targets;

pub use targets::{Known, Targets};

use super::markup::{Tag, tags};
use kb_domain::BodyFormat;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::collections::BTreeSet;

/// What would end a destination, or mean something else in it.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'\'')
    .add(b'(')
    .add(b')')
    .add(b'<')
    .add(b'>')
    .add(b'#')
    .add(b'?')
    .add(b'%')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'[')
    .add(b']')
    .add(b'|')
    .add(b'*')
    .add(b'_')
    .add(b'~')
    .add(b':');

/// A body whose links were looked up.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Linked {
    /// The body; only destinations are changed.
    pub source: String,
    /// Addresses that lead nowhere, each once.
    pub lost: BTreeSet<String>,
}

/// Looks up every link of the body of the text `from`.
pub fn resolve(format: BodyFormat, source: &str, from: &Known, targets: &Targets) -> Linked {
    let mut lost = BTreeSet::new();
    let mut led = |href: &str| lead(href, from, targets, &mut lost);
    let source = match format {
        BodyFormat::Text => source.to_owned(),
        BodyFormat::Html => html(source, &mut led),
        BodyFormat::Markdown => {
            let named = |name: &str| {
                let (id, title) = targets.named(name, from)?;
                Some((relative(&from.id, id), title.to_owned()))
            };
            markdown::rewrite(source, &mut led, &named)
        }
    };
    Linked { source, lost }
}

/// A Markdown source whose destinations are plain, without the tags of a site generator around them.
pub fn without_tags(source: &str) -> String {
    if !source.contains("{{") && !source.contains("{%") {
        return source.to_owned();
    }
    let mut led = |href: &str| match targets::without_base(href) {
        plain if plain == href => Led::Elsewhere,
        plain => Led::To(plain.to_owned()),
    };
    markdown::rewrite(source, &mut led, &|_| None)
}

/// What a destination becomes.
#[derive(Debug, PartialEq, Eq)]
enum Led {
    /// It is none of ours: another host, a mail address, a place in the same text.
    Elsewhere,
    /// It stays as it is.
    Stays,
    /// It becomes this.
    To(String),
    /// It leads nowhere; this is how it must be spelled so that the page shows its words without a link.
    Nowhere(String),
}

fn lead(href: &str, from: &Known, targets: &Targets, lost: &mut BTreeSet<String>) -> Led {
    let trimmed = targets::without_base(href);
    let (path, anchor) = trimmed
        .split_once('#')
        .map_or((trimmed, None), |(path, anchor)| (path, Some(anchor)));
    if let Some(rest) = ["https:/", "http:/"]
        .iter()
        .find_map(|s| path.strip_prefix(s))
        && !rest.starts_with('/')
        && rest.contains('.')
    {
        // One slash too few.
        return Led::To(trimmed.replacen(":/", "://", 1));
    }
    let scheme = path.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'-')
    });
    if path.is_empty() || path.starts_with("//") || (scheme && !path.contains(' ')) {
        return Led::Elsewhere;
    }
    let anchor = anchor
        .filter(|a| !a.is_empty())
        .map_or(String::new(), |a| format!("#{a}"));
    if let Some(target) = targets.find(path, from) {
        let found = relative(&from.id, target) + &anchor.replace(' ', "%20");
        return if trimmed == href && stays(trimmed, &from.id, target) {
            Led::Stays
        } else {
            Led::To(found)
        };
    }
    lost.insert(path.to_owned());
    let quoted = path.contains([' ', '"', '<', '>', '(', ')', '\'']);
    Led::Nowhere(if quoted {
        utf8_percent_encode(path, ESCAPED).to_string() + &anchor
    } else {
        trimmed.to_owned()
    })
}

/// Whether the help center finds the target by the destination as it is: relative, in the same spelling, with or without the ending.
fn stays(href: &str, from: &str, target: &str) -> bool {
    let path = href.split(['#', '?']).next().unwrap_or_default();
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    if path.starts_with('/') || path.ends_with('/') || path.contains(' ') || href.contains('?') {
        return false;
    }
    let Ok(path) = percent_encoding::percent_decode_str(path).decode_utf8() else {
        return false;
    };
    let Some(joined) = targets::join(folder, &path) else {
        return false;
    };
    let stem = [".md", ".markdown", ".html", ".htm", ".txt"]
        .iter()
        .find_map(|end| joined.strip_suffix(end));
    stem.unwrap_or(&joined) == target
}

/// The way from one id to another, percent-encoded.
fn relative(from: &str, to: &str) -> String {
    let folder: Vec<&str> = from.split('/').rev().skip(1).collect::<Vec<_>>();
    let folder: Vec<&str> = folder.into_iter().rev().collect();
    let target: Vec<&str> = to.split('/').collect();
    let common = folder
        .iter()
        .zip(&target[..target.len() - 1])
        .take_while(|(a, b)| a == b)
        .count();
    let up = std::iter::repeat_n("..".to_owned(), folder.len() - common);
    let down = target[common..]
        .iter()
        .map(|part| utf8_percent_encode(part, ESCAPED).to_string());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Leads the links of HTML; a destination of ours is written in double quotes in any case.
fn html(source: &str, led: &mut impl FnMut(&str) -> Led) -> String {
    let (mut out, mut at) = (String::with_capacity(source.len()), 0);
    for tag in tags(source) {
        if let Some((range, text)) = link(&tag, source, led) {
            out.push_str(&source[at..range.start]);
            out.push_str(&text);
            at = range.end;
        }
    }
    out.push_str(&source[at..]);
    out
}

/// What replaces the address of a tag, and where.
fn link(
    tag: &Tag,
    source: &str,
    led: &mut impl FnMut(&str) -> Led,
) -> Option<(std::ops::Range<usize>, String)> {
    if tag.closing || tag.name != "a" {
        return None;
    }
    let attribute = tag.attributes.iter().find(|a| a.name == "href")?;
    let to = match led(&attribute.value) {
        Led::Elsewhere => return None,
        Led::Stays => attribute.value.clone(),
        Led::To(to) | Led::Nowhere(to) => to,
    };
    let escaped = to.replace('&', "&amp;").replace('"', "&quot;");
    let text = format!("href=\"{escaped}\"");
    (source[attribute.at.clone()] != text).then(|| (attribute.at.clone(), text))
}

#[cfg(test)]
mod tests;
