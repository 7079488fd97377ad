//! Reads HTML into tags and text, in time that grows with its length whatever it holds.
//!
//! This is not the parser of record: what is read here is written anew, whole and well nested, and goes through the
//! sanitizer's own parser after that. It is here because that parser compares every attribute of a tag with every other one,
//! looks through all open elements at each tag, and lets one element without an end swallow all text that follows.

use std::borrow::Cow;
use std::collections::HashSet;

/// Attributes of one tag beyond this number are left out.
pub(in super::super) const ATTRIBUTES_MAX: usize = 100;
/// After so many tags that never end, what follows is text.
const OPEN_ENDS_MAX: usize = 16;

/// A piece of HTML.
#[derive(Debug)]
pub(in super::super) enum Piece<'s> {
    /// Text, with entities as authored.
    Text(&'s str),
    /// Text that is no markup, whatever it looks like.
    Raw(&'s str),
    /// A tag.
    Tag(Tag<'s>),
}

/// A tag.
#[derive(Debug)]
pub(in super::super) struct Tag<'s> {
    /// The tag as written.
    pub source: &'s str,
    /// The name in lower case.
    pub name: Cow<'s, str>,
    /// Whether it closes an element.
    pub closing: bool,
    /// Whether it ends with `/>`.
    pub closes_itself: bool,
    /// Names in lower case and values with entities as authored; the first [`ATTRIBUTES_MAX`].
    pub attributes: Vec<(Cow<'s, str>, Option<&'s str>)>,
    /// How many attributes were written.
    pub written: usize,
}

impl Tag<'_> {
    /// The value of an attribute, with entities as authored.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|(n, _)| n == name);
        found.next().and_then(|(_, value)| *value)
    }

    /// Whether an attribute is there, with a value or without.
    pub fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(n, _)| n == name)
    }

    /// Whether it says nothing but words: `<path>`, `<your name>`.
    pub fn is_bare(&self) -> bool {
        !self.closes_itself && self.attributes.iter().all(|(_, value)| value.is_none())
    }
}

/// The pieces of a text in order. Comments are left out; so are scripts and styles with all they hold.
pub(in super::super) fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut scanner = Scanner {
        html,
        found: Vec::new(),
        last_end: html.rfind('>').unwrap_or(0),
        last_data_end: html.rfind("]]>").unwrap_or(0),
        open_ends: 0,
        endless: HashSet::new(),
    };
    scanner.run();
    scanner.found
}

struct Scanner<'s> {
    html: &'s str,
    found: Vec<Piece<'s>>,
    /// Where the last `>` stands: nothing behind it is a tag, and nobody has to look.
    last_end: usize,
    /// Where the last `]]>` stands.
    last_data_end: usize,
    open_ends: usize,
    /// Elements of literal content that end nowhere in what is left.
    endless: HashSet<&'static str>,
}

impl<'s> Scanner<'s> {
    fn run(&mut self) {
        let (mut at, mut text) = (0, 0);
        while let Some(found) = self.html[at..].find('<') {
            let start = at + found;
            let Some(end) = self.markup(start, text) else {
                at = start + 1;
                continue;
            };
            (at, text) = (end, end);
        }
        self.text(text, self.html.len());
    }

    fn text(&mut self, from: usize, to: usize) {
        if from < to {
            self.found.push(Piece::Text(&self.html[from..to]));
        }
    }

    /// Reads the markup at `start` and answers where it ends; `None` when it is text. `text` is where the text before it begins.
    fn markup(&mut self, start: usize, text: usize) -> Option<usize> {
        let rest = &self.html[start..];
        let next = *rest.as_bytes().get(1)?;
        if let Some(end) = comment(rest) {
            self.text(text, start);
            return Some(start + end);
        }
        if self.open_ends >= OPEN_ENDS_MAX || start > self.last_end {
            return None;
        }
        if let Some(data) = rest
            .strip_prefix("<![CDATA[")
            .filter(|_| start < self.last_data_end)
        {
            let length = data.find("]]>")?;
            self.text(text, start);
            self.found.push(Piece::Raw(&data[..length]));
            return Some(start + 9 + length + 3);
        }
        if matches!(next, b'!' | b'?') || (next == b'/' && !letter(rest, 2)) {
            let end = rest.find('>')? + 1;
            self.text(text, start);
            return Some(start + end);
        }
        if next != b'/' && !next.is_ascii_alphabetic() {
            return None;
        }
        if !named(rest) {
            return None;
        }
        let Some((tag, length)) = tag(rest) else {
            self.open_ends += 1;
            return None;
        };
        self.text(text, start);
        let end = start + length;
        Some(self.tag(tag, end))
    }

    /// Keeps a tag, or passes over all that it holds, and answers where reading goes on.
    fn tag(&mut self, tag: Tag<'s>, end: usize) -> usize {
        let swallows = match (&*tag.name, tag.closing) {
            ("script", false) => "script",
            ("style", false) => "style",
            ("xmp", false) => "xmp",
            ("listing", false) => "listing",
            _ => "",
        };
        if swallows.is_empty() || self.endless.contains(swallows) {
            self.found.push(Piece::Tag(tag));
            return end;
        }
        let Some((length, after)) = closing(&self.html[end..], swallows) else {
            // Without an end it is a word about the element, and not the element.
            self.endless.insert(swallows);
            self.found.push(Piece::Tag(tag));
            return end;
        };
        if matches!(swallows, "xmp" | "listing") {
            self.found.push(Piece::Tag(Tag {
                name: "pre".into(),
                ..tag
            }));
            self.found.push(Piece::Raw(&self.html[end..end + length]));
            self.found.push(Piece::Tag(Tag {
                source: "</pre>",
                name: "pre".into(),
                closing: true,
                closes_itself: false,
                attributes: Vec::new(),
                written: 0,
            }));
        }
        end + after
    }
}

fn letter(text: &str, at: usize) -> bool {
    let byte = text.as_bytes().get(at);
    byte.is_some_and(u8::is_ascii_alphabetic)
}

/// Where a comment ends; the end of the text when it never does; `None` when this is no comment.
fn comment(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix("<!--")?;
    for empty in [">", "->"] {
        if inside.starts_with(empty) {
            return Some(4 + empty.len());
        }
    }
    let mut at = 0;
    while let Some(found) = inside[at..].find("--") {
        at += found + 2;
        for end in [">", "!>"] {
            if inside[at..].starts_with(end) {
                return Some(4 + at + end.len());
            }
        }
        // Of three dashes the last two may be the end.
        at -= 1;
    }
    Some(rest.len())
}

/// Where the closing tag of an element begins and ends.
fn closing(text: &str, name: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    while let Some(found) = text[at..].find("</") {
        let start = at + found;
        let rest = &text.as_bytes()[start + 2..];
        let named =
            rest.len() > name.len() && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes());
        if named && matches!(rest[name.len()], b'>' | b'/' | b' ' | b'\t' | b'\n') {
            let end = text[start..].find('>')?;
            return Some((start, start + end + 1));
        }
        at = start + 2;
    }
    None
}

/// Whether what follows `<` is the name of an element: `a <b <c` has none.
fn named(rest: &str) -> bool {
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '<');
    let name = rest[1..].trim_start_matches('/');
    name.find(ends)
        .is_some_and(|end| !name[end..].starts_with('<'))
}

/// The tag at the beginning of a text, and its length; `None` when it never ends.
fn tag(rest: &str) -> Option<(Tag<'_>, usize)> {
    let bytes = rest.as_bytes();
    let closing = bytes[1] == b'/';
    let from = if closing { 2 } else { 1 };
    let mut at = from;
    while !matches!(bytes.get(at)?, b'>' | b'/') && !bytes[at].is_ascii_whitespace() {
        at += 1;
    }
    let mut tag = Tag {
        source: "",
        name: lower(&rest[from..at]),
        closing,
        closes_itself: false,
        attributes: Vec::new(),
        written: 0,
    };
    loop {
        match bytes.get(at)? {
            b'>' => break,
            b'/' => {
                tag.closes_itself = bytes.get(at + 1) == Some(&b'>');
                at += 1;
            }
            b if b.is_ascii_whitespace() => at += 1,
            _ => at = attribute(rest, at, &mut tag)?,
        }
    }
    tag.source = &rest[..=at];
    Some((tag, at + 1))
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}

/// Reads one attribute and answers where it ends; `None` when the text ends first.
fn attribute<'s>(rest: &'s str, start: usize, tag: &mut Tag<'s>) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = start + 1;
    while !matches!(bytes.get(at)?, b'>' | b'/' | b'=') && !bytes[at].is_ascii_whitespace() {
        at += 1;
    }
    let name = &rest[start..at];
    let mut ahead = at;
    while bytes.get(ahead)?.is_ascii_whitespace() {
        ahead += 1;
    }
    let mut value = None;
    if bytes[ahead] == b'=' {
        at = ahead + 1;
        while bytes.get(at)?.is_ascii_whitespace() {
            at += 1;
        }
        let from = at;
        if let quote @ (b'"' | b'\'') = bytes[at] {
            at = from + 1 + rest[from + 1..].find(char::from(quote))?;
            value = Some(&rest[from + 1..at]);
            at += 1;
        } else {
            while *bytes.get(at)? != b'>' && !bytes[at].is_ascii_whitespace() {
                at += 1;
            }
            value = Some(&rest[from..at]);
        }
    }
    tag.written += 1;
    if tag.attributes.len() < ATTRIBUTES_MAX && !tag.has(&lower(name)) {
        tag.attributes.push((lower(name), value));
    }
    Some(at)
}
