//! Links between the pages of a wiki: `[[Page]]`, `[[Page#Part|words]]`, `![[picture.png]]`.

use super::super::{TagOutcome, Warning};
use super::code;
use regex::Regex;
use std::sync::LazyLock;

static LINK: LazyLock<Regex> =
    LazyLock::new(|| super::pattern(r"(!?)\[\[([^\[\]|\n]+?)(?:\\?\|([^\[\]\n]*))?\]\](\(?)"));

/// Turns them into links. `find` answers where the page or picture of a name is, as a link from here; a link to nothing
/// becomes its words.
pub(in super::super) fn resolve(
    source: &str,
    find: &dyn Fn(&str) -> Option<String>,
) -> (String, Vec<Warning>) {
    if !source.contains("[[") {
        return (source.to_owned(), Vec::new());
    }
    let aside = code::aside(source);
    let mut warnings = Vec::new();
    let (mut out, mut at) = (String::new(), 0);
    for found in LINK.captures_iter(&aside.text) {
        let Some(whole) = found.get(0) else { continue };
        let (embeds, name) = (!found[1].is_empty(), found[2].trim());
        let label = found
            .get(3)
            .map(|m| m.as_str().trim())
            .filter(|l| !l.is_empty());
        let (page, part) = name
            .split_once('#')
            .map_or((name, None), |(page, part)| (page, Some(part)));
        let target = if page.is_empty() {
            Some(String::new())
        } else {
            find(page.trim())
        };
        // A size is no text: `![[a.png|300]]`.
        let label =
            label.filter(|l| !(embeds && l.chars().all(|c| c.is_ascii_digit() || c == 'x')));
        let words = label.map_or_else(|| words_of(page, part), str::to_owned);
        let instead = match target {
            _ if !found[4].is_empty() || is_code(&found[2], label) && target.is_none() => continue,
            Some(target) => {
                let part = part.map_or(String::new(), |p| {
                    format!("#{}", p.trim().trim_start_matches('^'))
                });
                let sign = if embeds && is_picture(page) { "!" } else { "" };
                format!("{sign}[{words}](<{target}{part}>)")
            }
            None => {
                warnings.push(Warning {
                    line: aside.line(whole.start()),
                    tag: whole.as_str().chars().take(200).collect(),
                    outcome: TagOutcome::BecameText,
                });
                words
            }
        };
        out.push_str(&aside.text[at..whole.start()]);
        out.push_str(&instead);
        at = whole.end();
    }
    out.push_str(&aside.text[at..]);
    (aside.back(&out), warnings)
}

fn words_of(page: &str, part: Option<&str>) -> String {
    if is_picture(page) {
        return String::new();
    }
    let name = page
        .rsplit('/')
        .next()
        .unwrap_or(page)
        .trim_end_matches(".md");
    let part = part.map(|p| p.trim().trim_start_matches('^'));
    match (name.is_empty(), part) {
        (true, Some(part)) => part.to_owned(),
        (false, Some(part)) => format!("{name}: {part}"),
        _ => name.to_owned(),
    }
}

fn is_picture(name: &str) -> bool {
    let ending = name
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    matches!(
        ending.as_str(),
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "avif" | "bmp"
    )
}

/// Whether it looks like a program and not like a page: `[[ -f x ]]`, `[[bin]]`, `[[1, 2]]`.
fn is_code(inside: &str, label: Option<&str>) -> bool {
    let spaced = inside.starts_with(' ') || inside.ends_with(' ');
    let plain = inside.chars().all(|c| {
        c.is_ascii_lowercase()
            || c.is_ascii_digit()
            || matches!(c, '_' | '.' | ',' | ' ' | '-' | '$')
    });
    label.is_none() && (spaced || plain)
}
