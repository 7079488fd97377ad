//! Writes HTML whose elements are closed in the order in which they were opened.

use super::elements::{Class, class};
use std::collections::HashSet;

/// Elements nest no deeper than this; what is nested deeper stays without the element.
pub(in super::super) const DEPTH_MAX: usize = 200;
/// Text that goes on for longer is parted by empty comments, which the sanitizer takes out: for each `&` its serializer looks through
/// all that follows in the text.
const TEXT_MAX: usize = 1_000;
/// The longest name of a character, from `&` to `;`.
const ENTITY_MAX: usize = 40;
/// The longest name of a place in a page.
const NAME_MAX: usize = 200;
/// The kinds of notes.
pub(in super::super) const KINDS: [&str; 5] = ["note", "tip", "important", "warning", "caution"];

/// The attributes that an element may have in a page, beside direction and language.
pub(in super::super) fn attributes_of(element: &str) -> &'static [&'static str] {
    match element {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "h-id" => &["id"],
        "a" => &["href", "name"],
        "img" => &["src", "alt", "width", "height"],
        "ol" => &["start", "type", "reversed"],
        "li" => &["value"],
        "code" | "aside" | "p" => &["class"],
        "td" | "th" => &["colspan", "rowspan", "align", "scope"],
        "details" => &["open"],
        "abbr" | "dfn" => &["title"],
        _ => &[],
    }
}

/// An element that is open.
struct Open {
    name: &'static str,
    /// The piece that opened it.
    piece: usize,
}

/// What is being written.
#[derive(Default)]
pub(super) struct Writer {
    /// What was written.
    pub out: String,
    open: Vec<Open>,
    opened: HashSet<usize>,
    /// Names of places that wait for where one may stand.
    waiting: Vec<String>,
    names: HashSet<String>,
    /// How much text was written since the last tag.
    run: usize,
    /// Whether anything was written that can be read.
    pub has_text: bool,
    /// The work done: every element that was opened, closed or looked at.
    pub steps: usize,
    /// How deep elements were meant to nest.
    pub deepest: usize,
}

impl Writer {
    /// Text that is HTML already, but for `<`.
    pub fn text(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.has_text = true;
            self.places();
        }
        self.steps += 1;
        self.parted(&text.replace('<', "&lt;"));
    }

    fn parted(&mut self, text: &str) {
        let mut rest = text;
        while self.run + rest.len() > TEXT_MAX {
            let end = rest.floor_char_boundary(TEXT_MAX.saturating_sub(self.run));
            let near = rest.as_bytes()[..end].iter().rev().take(ENTITY_MAX);
            // No name of a character is torn apart.
            let end = near
                .clone()
                .position(|b| *b == b'&')
                .map_or(end, |n| end - n - 1);
            self.out.push_str(&rest[..end]);
            self.out.push_str("<!---->");
            self.run = 0;
            rest = &rest[end..];
        }
        self.out.push_str(rest);
        self.run += rest.len();
    }

    fn tag(&mut self, tag: &str) {
        self.out.push_str(tag);
        self.run = 0;
    }

    /// Text as it is read.
    pub fn literal(&mut self, text: &str) {
        self.text(&text.replace('&', "&amp;"));
    }

    /// The name of a place: links within the page and from others lead to it.
    pub fn place(&mut self, name: &str) {
        let fits =
            !name.is_empty() && name.len() <= NAME_MAX && !name.contains(char::is_whitespace);
        if fits && self.names.insert(name.to_owned()) {
            self.waiting.push(name.to_owned());
        }
    }

    /// Writes the places that wait, where they may stand.
    fn places(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let in_table = self.open.last().is_some_and(|o| {
            matches!(class(o.name), Class::TablePart) || matches!(o.name, "ul" | "ol" | "dl")
        });
        if in_table || self.is_open("a") {
            return;
        }
        for name in std::mem::take(&mut self.waiting) {
            let name = name.replace('"', "&quot;").replace('<', "&lt;");
            self.tag(&format!("<a name=\"{name}\"></a>"));
        }
    }

    /// Whether an element is open.
    pub fn is_open(&mut self, name: &str) -> bool {
        self.steps += 1;
        self.open.iter().any(|o| o.name == name)
    }

    /// The element that was opened last and is still open.
    pub fn innermost(&self) -> Option<&'static str> {
        self.open.last().map(|o| o.name)
    }

    /// Whether the next text begins a line of the source.
    pub fn at_line_start(&self) -> bool {
        let before = self.out.trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with('\n')
    }

    /// Opens an element with attributes as HTML; `piece` closes it again.
    pub fn open(&mut self, name: &'static str, attributes: &str, piece: usize) {
        self.room_for(name);
        self.steps += 1;
        self.deepest = self.deepest.max(self.open.len() + 1);
        if self.open.len() >= DEPTH_MAX {
            return;
        }
        self.tag(&format!("<{name}{attributes}>"));
        self.open.push(Open { name, piece });
        self.opened.insert(piece);
        self.places();
    }

    /// An element that holds nothing.
    pub fn void(&mut self, name: &'static str, attributes: &str) {
        if name == "hr" {
            self.room_for(name);
        }
        if name == "img" {
            self.has_text = true;
        }
        if name != "col" {
            self.places();
        }
        self.steps += 1;
        self.tag(&format!("<{name}{attributes}>"));
    }

    /// Closes the element that a piece opened, and all that is still open in it.
    pub fn close(&mut self, piece: usize) {
        self.steps += 1;
        if self.opened.contains(&piece) {
            while self.pop() != Some(piece) {}
        }
    }

    /// Closes all.
    pub fn finish(&mut self) {
        while self.pop().is_some() {}
        self.places();
    }

    fn pop(&mut self) -> Option<usize> {
        let open = self.open.pop()?;
        self.steps += 1;
        self.opened.remove(&open.piece);
        self.tag(&format!("</{}>", open.name));
        Some(open.piece)
    }

    /// Closes what an element ends without saying so.
    fn room_for(&mut self, name: &str) {
        match name {
            "li" => self.end(&["li"], false),
            "dt" | "dd" => self.end(&["dt", "dd"], false),
            "td" | "th" => self.end(&["td", "th"], true),
            "tr" => self.end(&["tr"], true),
            "thead" | "tbody" | "tfoot" | "caption" | "colgroup" => {
                self.end(&["thead", "tbody", "tfoot", "caption", "colgroup"], true);
            }
            "a" if self.is_open("a") => {
                let a = self.open.iter().rfind(|o| o.name == "a");
                if let Some(piece) = a.map(|o| o.piece) {
                    self.close(piece);
                }
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.end(&["p", "h1", "h2", "h3", "h4", "h5", "h6"], false);
            }
            _ => {}
        }
        if class(name) != Class::Inline {
            self.end(&["p"], false);
        }
    }

    /// Closes the nearest of some elements: within its table, or with nothing but elements of a line in between.
    fn end(&mut self, names: &[&str], in_table: bool) {
        for n in (0..self.open.len()).rev() {
            self.steps += 1;
            let open = &self.open[n];
            if names.contains(&open.name) {
                let piece = open.piece;
                self.close(piece);
                return;
            }
            let passed = if in_table {
                open.name != "table"
            } else {
                open.name == "p" || class(open.name) == Class::Inline
            };
            if !passed {
                return;
            }
        }
    }
}
