//! Decides for each tag what a page shows of it. No readable text goes with an element that a page does not show.

use super::elements::{Class, class, is_void};
use super::frames;
use super::scan::{Piece, Tag, pieces};
use super::write::{KINDS, Writer, attributes_of};
use std::collections::HashMap;

/// So many pieces of a player are looked at for what it plays.
const SOURCES_AHEAD: usize = 50;

/// The longest value of an attribute, in bytes; nobody writes such an address or such words about a picture, and for each `&` in it the serializer looks through all that follows.
const VALUE_MAX: usize = 8_000;

/// HTML written anew, and what it took.
pub(in super::super) struct Tidied {
    /// The HTML.
    pub html: String,
    /// The work done, in tags, texts and open elements looked at.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests count it"))]
    pub steps: usize,
    /// How deep elements were meant to nest.
    pub deepest: usize,
    /// The most attributes of one tag.
    pub attributes: usize,
}

/// For each piece the one that closes it or that it closes.
pub(in super::super) fn partners(pieces: &[Piece<'_>]) -> Vec<Option<usize>> {
    let mut found = vec![None; pieces.len()];
    let mut open: HashMap<&str, Vec<usize>> = HashMap::new();
    for (n, piece) in pieces.iter().enumerate() {
        let Piece::Tag(tag) = piece else { continue };
        if tag.closing {
            if let Some(opening) = open.get_mut(&*tag.name).and_then(Vec::pop) {
                found[n] = Some(opening);
                found[opening] = Some(n);
            }
        } else if !tag.closes_itself && !is_void(&tag.name, tag.source) {
            open.entry(&tag.name).or_default().push(n);
        }
    }
    found
}

/// Whether a tag that is never closed is a word between angle brackets and not an element.
pub(in super::super) fn is_bare_word(tag: &Tag<'_>) -> bool {
    match class(&tag.name) {
        Class::Unknown => {
            let component = tag.name.contains(['-', ':'])
                || tag.source.contains(|c: char| c.is_ascii_uppercase());
            tag.is_bare() || (!tag.closes_itself && !component)
        }
        Class::Machinery | Class::Literal | Class::Frame | Class::Hidden => tag.is_bare(),
        _ => false,
    }
}

/// Writes HTML anew. `document` says that it is a page of its own, whose title stands elsewhere.
pub(in super::super) fn tidy(html: &str, document: bool) -> Tidied {
    let pieces = pieces(html);
    let partners = partners(&pieces);
    let mut tidying = Tidying {
        pieces: &pieces,
        partners: &partners,
        writer: Writer::default(),
        attributes: 0,
        document,
    };
    let mut n = 0;
    while n < pieces.len() {
        n = tidying.piece(n);
    }
    tidying.writer.finish();
    Tidied {
        html: tidying.writer.out,
        steps: tidying.writer.steps + pieces.len(),
        deepest: tidying.writer.deepest,
        attributes: tidying.attributes,
    }
}

struct Tidying<'p, 's> {
    pieces: &'p [Piece<'s>],
    partners: &'p [Option<usize>],
    writer: Writer,
    attributes: usize,
    document: bool,
}

impl Tidying<'_, '_> {
    /// Writes one piece and answers which is next.
    fn piece(&mut self, n: usize) -> usize {
        match &self.pieces[n] {
            Piece::Text(text) => self.writer.text(text),
            Piece::Raw(text) => self.writer.literal(text),
            Piece::Tag(tag) if tag.closing => match self.partners[n] {
                Some(opening) => self.writer.close(opening),
                None if is_bare_word(tag) => self.writer.literal(tag.source),
                None if &*tag.name == "br" => self.writer.void("br", ""),
                None => {}
            },
            Piece::Tag(tag) => {
                self.attributes = self.attributes.max(tag.written);
                return self.opening(n, tag);
            }
        }
        n + 1
    }

    fn opening(&mut self, n: usize, tag: &Tag<'_>) -> usize {
        let end = self.partners[n];
        let closed = end.is_some() || tag.closes_itself;
        if !closed && is_bare_word(tag) {
            self.writer.literal(tag.source);
            return n + 1;
        }
        let named = tag
            .value("id")
            .or_else(|| tag.value("name").filter(|_| &*tag.name == "a"));
        // A heading that was named here before keeps that name, and needs no other.
        let is_ours = |name: &str| name.starts_with("h-") && is_heading(&tag.name);
        let is_link = tag.name.as_ref() == "a" && tag.has("href");
        let bare = |name: &&str| !is_link && !is_ours(name);
        if let Some(name) = named.filter(bare) {
            self.writer.place(name);
        }
        let mut class = class(&tag.name);
        let mut name = kept_name(&tag.name);
        if let Class::Renamed(other) = class {
            class = super::elements::class(other);
            name = kept_name(other);
        }
        if &*tag.name == "title" && self.document && !self.writer.has_text && closed {
            class = Class::Hidden;
        }
        match class {
            Class::Hidden => {
                if &*tag.name == "svg" {
                    self.drawing(n, tag);
                }
                return end.map_or(n + 1, |end| end + 1);
            }
            Class::Frame => return self.frame(n, tag),
            Class::Void => {
                let attributes = attributes(name, tag);
                self.writer.void(name, &attributes);
            }
            Class::Inline if !closed => {}
            // A place is written where it is; what it stands around is no link.
            Class::Inline if name == "a" && !tag.has("href") => {}
            Class::TablePart | Class::Block if self.stands_alone(name) => self.writer.text(" "),
            Class::Inline | Class::Block | Class::TablePart => {
                if class == Class::Block && is_component(tag) {
                    self.component(tag);
                }
                let mut attributes = attributes(name, tag);
                if let Some((other, more)) = self.noted(n, name) {
                    name = other;
                    attributes.push_str(&more);
                }
                self.writer.open(name, &attributes, n);
                self.choice(n, tag);
                if tag.closes_itself {
                    self.writer.close(n);
                }
            }
            Class::Machinery => self.machinery(tag),
            Class::Unknown => self.component(tag),
            Class::Literal | Class::Wrapping | Class::Renamed(_) => {}
        }
        n + 1
    }

    /// What a quote that is a note, or the paragraph with its title, becomes: element and attributes.
    fn noted(&self, n: usize, name: &str) -> Option<(&'static str, String)> {
        if !matches!(name, "blockquote" | "p") {
            return None;
        }
        let blank = |p: &&Piece<'_>| matches!(p, Piece::Text(text) if text.trim().is_empty());
        let Some(Piece::Tag(mark)) = self.pieces[n + 1..].iter().find(|p| !blank(p)) else {
            return None;
        };
        match (name, &*mark.name, mark.closing) {
            ("blockquote", "h-note", false) => {
                let kind = mark.value("class").filter(|k| KINDS.contains(k));
                Some(kind.map_or(("details", String::new()), |kind| {
                    ("aside", format!(" class=\"{kind}\""))
                }))
            }
            ("p", "h-kind", false) if self.writer.innermost() == Some("details") => {
                Some(("summary", String::new()))
            }
            ("p", "h-kind", false) => Some(("p", " class=\"kind\"".to_owned())),
            _ => None,
        }
    }

    /// Whether it is a part of a table without one.
    fn stands_alone(&mut self, name: &str) -> bool {
        let part = matches!(
            name,
            "td" | "th" | "tr" | "thead" | "tbody" | "tfoot" | "caption" | "colgroup"
        );
        part && !self.writer.is_open("table")
    }

    /// A link in place of a frame or player, and where to go on.
    fn frame(&mut self, n: usize, tag: &Tag<'_>) -> usize {
        let end = self.partners[n];
        let ahead = self.pieces[n..end.unwrap_or(n)].iter();
        let inside = ahead.take(SOURCES_AHEAD).find_map(|p| match p {
            Piece::Tag(tag) if matches!(&*tag.name, "source" | "embed") => tag.value("src"),
            _ => None,
        });
        let Some(address) = frames::address(tag, inside) else {
            // What it holds is what it says instead.
            return n + 1;
        };
        let said = ["title", "aria-label", "alt", "name"]
            .iter()
            .find_map(|a| tag.value(a));
        let said = said.filter(|s| !s.trim().is_empty()).unwrap_or(&address);
        self.link(&address, said, n);
        end.map_or(n + 1, |end| end + 1)
    }

    /// The title and the words of a drawing.
    fn drawing(&mut self, n: usize, tag: &Tag<'_>) {
        let end = self.partners[n].filter(|_| tag.value("aria-hidden") != Some("true"));
        let mut spoken = n;
        for n in n..end.unwrap_or(n) {
            match &self.pieces[n] {
                Piece::Tag(tag) if matches!(&*tag.name, "title" | "text") && n > spoken => {
                    spoken = self.partners[n].unwrap_or(n);
                    self.writer.text(" ");
                }
                Piece::Text(text) if n < spoken => self.writer.text(text),
                _ => {}
            }
        }
    }

    /// What a choice, or a group of them, says in an attribute.
    fn choice(&mut self, n: usize, tag: &Tag<'_>) {
        let says = match &*tag.name {
            "optgroup" => true,
            "option" => self.partners[n] == Some(n + 1),
            _ => false,
        };
        if let Some(label) = tag.value("label").filter(|_| says) {
            self.writer.text(label);
        }
    }

    fn link(&mut self, address: &str, text: &str, n: usize) {
        let attribute = format!(" href=\"{}\"", quoted(address));
        self.writer.open("a", &attribute, n);
        self.writer.text(text);
        self.writer.close(n);
    }

    /// What a control of a form says.
    fn machinery(&mut self, tag: &Tag<'_>) {
        let kind = tag.value("type").unwrap_or("text").to_ascii_lowercase();
        match (&*tag.name, kind.as_str()) {
            ("input", "checkbox" | "radio") => {
                let sign = if tag.has("checked") { "☑" } else { "☐" };
                self.writer.text(sign);
            }
            ("input", "button" | "submit" | "reset") => {
                self.writer.text(tag.value("value").unwrap_or_default());
            }
            ("input", "image") => self.writer.text(tag.value("alt").unwrap_or_default()),
            ("input", "hidden" | "password" | "file" | "color") => {}
            ("input", _) => {
                let value = tag.value("value").filter(|v| !v.is_empty());
                let value = value.or_else(|| tag.value("placeholder"));
                self.writer.text(value.unwrap_or_default());
            }
            ("area", _) => {
                if let (Some(address), Some(said)) = (tag.value("href"), tag.value("alt")) {
                    let (address, said) = (address.to_owned(), said.to_owned());
                    self.writer.text(" ");
                    self.link(&address, &said, usize::MAX);
                }
            }
            _ => {}
        }
    }

    /// What an element of somebody's own says beside what it holds.
    fn component(&mut self, tag: &Tag<'_>) {
        let text = |name: &str| {
            tag.value(name)
                .filter(|v| !v.trim().is_empty() && !v.starts_with('{'))
        };
        if let Some(alt) = text("alt") {
            let src = text("src").map_or(String::new(), |s| format!(" src=\"{}\"", quoted(s)));
            let attributes = format!("{src} alt=\"{}\"", quoted(alt));
            self.writer.void("img", &attributes);
        }
        let label = ["title", "label", "header", "heading", "summary", "caption"];
        if let Some(label) = label.iter().find_map(|name| text(name))
            && self.writer.at_line_start()
        {
            self.writer.open("div", "", usize::MAX);
            self.writer.open("strong", "", usize::MAX - 1);
            self.writer.text(label);
            self.writer.close(usize::MAX);
        }
    }
}

/// Whether it is spelled as programs spell their own elements, even one that HTML knows: `<Aside title="Mind it">`.
fn is_component(tag: &Tag<'_>) -> bool {
    let mut name = tag.source.bytes().skip(1);
    let mut next = || name.next().unwrap_or_default();
    next().is_ascii_uppercase() && next().is_ascii_lowercase()
}

/// The name of an element that is kept.
fn kept_name(name: &str) -> &'static str {
    super::elements::kept()
        .find(|kept| *kept == name)
        .unwrap_or("")
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

fn quoted(value: &str) -> String {
    value.replace('"', "&quot;").replace('<', "&lt;")
}

/// The attributes of a tag that a page may hold, as HTML.
fn attributes(name: &str, tag: &Tag<'_>) -> String {
    let mut out = String::new();
    for allowed in attributes_of(name).iter().chain(&["dir", "lang"]) {
        let mut value = tag.value(allowed);
        match *allowed {
            "name" if name == "a" && tag.has("href") => value = value.or(tag.value("id")),
            "name" => value = None,
            "alt" => value = value.or_else(|| tag.value("title")),
            "src" => value = value.or_else(|| tag.value("data-src")),
            "open" | "reversed" if tag.has(allowed) => value = Some(""),
            "class" => value = value.filter(|v| is_known_class(name, v)),
            "dir" => value = value.filter(|v| matches!(*v, "ltr" | "rtl" | "auto")),
            "lang" => {
                let plain = |v: &&str| {
                    v.len() <= 35 && v.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                };
                value = value.filter(plain);
            }
            _ => {}
        }
        if let Some(value) = value.filter(|v| v.len() <= VALUE_MAX) {
            out.push_str(&format!(" {allowed}=\"{}\"", quoted(value)));
        }
    }
    out
}

fn is_known_class(name: &str, value: &str) -> bool {
    match name {
        "aside" => KINDS.contains(&value),
        "p" => value == "kind",
        _ => value.split_whitespace().any(|c| c.starts_with("language-")),
    }
}
