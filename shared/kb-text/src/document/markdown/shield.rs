//! Signs that Markdown would read and that the author did not mean, put out of its sight and brought back afterwards.
//!
//! A sign is shielded by a character that stands for nothing, so that it does not matter whether it stood in code: whatever
//! becomes of the text, the sign comes back as it was written.

use super::super::html::{Class, class};
use regex::Regex;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The character that stands for a sign, the sign as HTML, and as a part of an address.
const SHIELDS: [(char, &str, &str); 6] = [
    (LESS, "&lt;", "%3C"),
    (GREATER, "&gt;", "%3E"),
    (TILDE, "~", "~"),
    (BRACKET, "[", "%5B"),
    (POINT, ".", "."),
    (COLON, ":", ":"),
];
const LESS: char = '\u{fdd0}';
const GREATER: char = '\u{fdd1}';
const TILDE: char = '\u{fdd2}';
const BRACKET: char = '\u{fdd3}';
const POINT: char = '\u{fdd6}';
const COLON: char = '\u{fdd7}';

/// Deeper quotes are read as text: no author nests them, and each level costs all below it.
const QUOTES_MAX: usize = 20;
/// More marks of footnotes than this are read as text: each is a link, and another one back.
pub(in super::super) const NOTES_MAX: usize = 1_000;

/// So many bytes may be looked through for the ends of the addresses in a text; those that come later are text.
const ADDRESSES_MAX: usize = 8_000_000;

/// Shields what is not meant as markup.
pub(super) fn shield(source: &str) -> String {
    let mut text: String = if source.contains(|c| SHIELDS.iter().any(|(s, ..)| *s == c)) {
        // They stand for nothing in any text.
        source.replace(|c| SHIELDS.iter().any(|(s, ..)| *s == c), "\u{fffd}")
    } else {
        source.to_owned()
    };
    if text.contains('~') {
        text = tildes(&text);
    }
    if text.contains("]:") {
        text = labels(&text).into_owned();
    }
    if text.contains("[^") {
        text = notes(&text).into_owned();
    }
    if text.contains("://") || text.contains("www.") {
        text = addresses(&text).into_owned();
    }
    if text.contains(">>") || text.contains("> >") {
        text = quotes(&text);
    }
    if text.contains('<') {
        text = elements(&text).into_owned();
    }
    text
}

/// Brings the signs back, in HTML.
pub(super) fn restore(html: &str) -> Cow<'_, str> {
    if !html.contains(|c| SHIELDS.iter().any(|(s, ..)| *s == c)) && !html.contains("%EF%B7%9") {
        return html.into();
    }
    let mut text = html.to_owned();
    for (shield, sign, in_address) in SHIELDS {
        let mut bytes = [0; 4];
        let encoded: String = shield
            .encode_utf8(&mut bytes)
            .bytes()
            .map(|b| format!("%{b:02X}"))
            .collect();
        text = text.replace(shield, sign).replace(&encoded, in_address);
    }
    text.into()
}

/// One tilde alone means "about" or "to" between numbers; two strike a text through.
fn tildes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let alone = c == '~' && !matches!(before, '~' | '\\') && chars.peek() != Some(&'~');
        out.push(if alone { TILDE } else { c });
        before = c;
    }
    out
}

/// `[注]: 不含税。` is a sentence and no address for links.
fn labels(text: &str) -> Cow<'_, str> {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?m)^([ \t>]*)\[([^\]\[^][^\]\[]*\]:[ \t]*([^\s<#]\S*)[ \t]*\r?)$")
    });
    LABEL.replace_all(text, |found: &regex::Captures<'_>| {
        let target = &found[3];
        let address = target.is_ascii()
            || target.contains(['/', '.', ':']) && target.starts_with(|c: char| c.is_ascii());
        if address {
            found[0].to_owned()
        } else {
            format!("{}{BRACKET}{}", &found[1], &found[2])
        }
    })
}

/// Notes that nothing leads to stay where they are, and so do marks beyond [`NOTES_MAX`].
fn notes(text: &str) -> Cow<'_, str> {
    static MARK: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?m)(^[ \t>]*)?\[\^([^\]\s]+)\](:)?"));
    let mut marks: HashMap<String, usize> = HashMap::new();
    let is_note = |found: &regex::Captures<'_>| found.get(1).is_some() && found.get(3).is_some();
    for found in MARK.captures_iter(text).filter(|f| !is_note(f)) {
        *marks.entry(found[2].to_lowercase()).or_default() += 1;
    }
    let mut seen = 0;
    MARK.replace_all(text, |found: &regex::Captures<'_>| {
        let dead = if is_note(found) {
            !marks.contains_key(&found[2].to_lowercase())
        } else {
            seen += 1;
            seen > NOTES_MAX
        };
        if dead {
            found[0].replacen('[', &BRACKET.to_string(), 1)
        } else {
            found[0].to_owned()
        }
    })
}

/// comrak looks for the end of each address at the next space, however far that is, and then ends it at a `<` or sooner.
fn addresses(text: &str) -> Cow<'_, str> {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"://|www\."));
    let (mut space, mut passed) = (0, 0);
    ADDRESS.replace_all(text, |found: &regex::Captures<'_>| {
        let at = found.get(0).map_or(0, |m| m.start());
        if space <= at {
            let ahead = text[at..].find(|c: char| c.is_ascii_whitespace());
            space = ahead.map_or(text.len(), |n| at + n);
        }
        passed += space - at;
        if passed <= ADDRESSES_MAX {
            return found[0].to_owned();
        }
        match &found[0] {
            "://" => format!("{COLON}//"),
            _ => format!("www{POINT}"),
        }
    })
}

/// How many marks of footnotes a text has.
pub(in super::super) fn marks(source: &str) -> usize {
    source.matches("[^").count()
}

/// Quotes in quotes, to a depth that somebody means.
fn quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut depth = 0;
        let mut marks = true;
        for c in line.chars() {
            marks &= matches!(c, '>' | ' ' | '\t');
            if c == '>' && marks {
                depth += 1;
            }
            out.push(if c == '>' && marks && depth > QUOTES_MAX {
                GREATER
            } else {
                c
            });
        }
    }
    out
}

/// A line that begins with an element that ends nowhere is a sentence about that element: as an element it would take all that
/// follows, up to the next empty line or to the end of the text.
fn elements(text: &str) -> Cow<'_, str> {
    static START: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?m)^([ \t>*+-]*(?:\d+[.)])?[ \t]*)<([A-Za-z][A-Za-z0-9]*)([^\n>]*)>(.?)")
    });
    static END: LazyLock<Regex> = LazyLock::new(|| pattern(r"</([A-Za-z][A-Za-z0-9]*)"));
    let mut ends: HashMap<String, usize> = HashMap::new();
    for found in END.captures_iter(text) {
        let at = found.get(0).map_or(0, |m| m.start());
        ends.insert(found[1].to_ascii_lowercase(), at);
    }
    START.replace_all(text, |found: &regex::Captures<'_>| {
        let name = found[2].to_ascii_lowercase();
        let at = found.get(0).map_or(0, |m| m.start());
        let ends_nowhere = ends.get(&name).is_none_or(|end| *end < at);
        let takes_all = matches!(name.as_str(), "script" | "style" | "pre" | "textarea");
        let named = match class(&name) {
            Class::Machinery | Class::Literal | Class::Frame | Class::Hidden => true,
            Class::TablePart => name == "table",
            _ => matches!(name.as_str(), "html" | "body" | "summary" | "details"),
        };
        let sentence = found[3].is_empty() && found[4].starts_with([' ', ',', '.']) && named;
        if ends_nowhere && (takes_all || sentence) {
            found[0].replacen('<', &LESS.to_string(), 1)
        } else {
            found[0].to_owned()
        }
    })
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant of this file")
}

#[cfg(test)]
mod tests {
    use super::{ADDRESSES_MAX, addresses};

    #[test]
    fn the_ends_of_addresses_are_not_looked_for_over_and_over() {
        let text = "https://a.example/b<i>www.a.example<i>".repeat(25_000);
        let left = addresses(&text);
        let found =
            ["://", "www."].map(|sign| left.match_indices(sign).map(|(n, _)| left.len() - n));
        let found: Vec<usize> = found.into_iter().flatten().collect();
        assert!(found.iter().sum::<usize>() <= ADDRESSES_MAX + left.len());
        assert!(found.len() > 5, "{}", found.len());
        let lines = "https://a.example/b<i> www.a.example<i>\n".repeat(25_000);
        assert_eq!(addresses(&lines), lines);
    }
}
