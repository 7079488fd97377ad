//! What becomes of each element of HTML in a page.

/// What becomes of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Class {
    /// It stays, and stands in a line.
    Inline,
    /// It stays, and stands by itself.
    Block,
    /// It stays, and is a part of a table that holds other parts only.
    TablePart,
    /// It stays, and never holds anything.
    Void,
    /// It becomes another one that stays.
    Renamed(&'static str),
    /// It is a frame or a player; a link to what it shows takes its place.
    Frame,
    /// What it holds is literal text.
    Literal,
    /// It goes with what it holds.
    Hidden,
    /// It belongs to forms, scripts or players; what it holds stays.
    Machinery,
    /// It frames a document, or only says how something looks; what it holds stays.
    Wrapping,
    /// HTML does not know it.
    Unknown,
}

use Class::{
    Block, Frame, Hidden, Inline, Literal, Machinery, Renamed, TablePart, Unknown, Void, Wrapping,
};

/// Every element of HTML, by class.
const ELEMENTS: [(Class, &[&str]); 17] = [
    (
        Inline,
        &[
            "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "h-id", "i", "ins",
            "kbd", "mark", "q", "rb", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong",
            "sub", "sup", "u", "var",
        ],
    ),
    (
        Block,
        &[
            "aside",
            "blockquote",
            "caption",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
            "figcaption",
            "figure",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "li",
            "ol",
            "p",
            "pre",
            "summary",
            "td",
            "th",
            "ul",
        ],
    ),
    (
        TablePart,
        &["colgroup", "table", "tbody", "tfoot", "thead", "tr"],
    ),
    (Void, &["br", "col", "hr", "img", "wbr"]),
    (Renamed("s"), &["strike"]),
    (Renamed("img"), &["image"]),
    (Renamed("abbr"), &["acronym"]),
    (Renamed("code"), &["tt"]),
    (Renamed("ul"), &["dir", "menu"]),
    (
        Renamed("div"),
        &[
            "address", "article", "center", "fieldset", "footer", "form", "header", "hgroup",
            "legend", "main", "nav", "optgroup", "option", "search", "section",
        ],
    ),
    (
        Frame,
        &["iframe", "frame", "video", "audio", "embed", "object"],
    ),
    (Literal, &["xmp", "listing", "plaintext"]),
    (Hidden, &["script", "style", "svg", "head", "annotation"]),
    (
        Machinery,
        &[
            "area", "button", "canvas", "datalist", "dialog", "input", "math", "noembed",
            "noframes", "noscript", "output", "select", "template", "textarea", "title",
        ],
    ),
    (
        Wrapping,
        &[
            "base", "basefont", "big", "h-kind", "h-note", "blink", "body", "data", "font",
            "frameset", "html", "label", "link", "map", "marquee", "meta", "meter", "nobr",
            "param", "picture", "progress", "slot", "source", "time", "track",
        ],
    ),
    (
        Wrapping,
        &[
            "semantics",
            "mi",
            "mn",
            "mo",
            "ms",
            "mtext",
            "mrow",
            "msup",
            "msub",
            "mfrac",
            "msqrt",
            "mroot",
            "mtable",
            "mtr",
            "mtd",
            "munder",
            "mover",
            "munderover",
            "msubsup",
            "mstyle",
            "mspace",
            "mpadded",
        ],
    ),
    (Unknown, &[]),
];

/// The class of an element by its name in lower case.
pub(in super::super) fn class(name: &str) -> Class {
    let known = ELEMENTS.iter().find(|(_, names)| names.contains(&name));
    known.map_or(Unknown, |(class, _)| *class)
}

/// The names of all elements that a page may hold.
pub(in super::super) fn kept() -> impl Iterator<Item = &'static str> {
    let stays = |class: &Class| matches!(class, Inline | Block | TablePart | Void);
    let kept = ELEMENTS.iter().filter(move |(class, _)| stays(class));
    kept.flat_map(|(_, names)| names.iter().copied())
}

/// Whether the element of a tag never holds anything, kept or not. A component of somebody's own, `<Frame>`, is not the element of
/// HTML of nearly that name.
pub(in super::super) fn is_void(name: &str, tag: &str) -> bool {
    let written = tag.trim_start_matches(['<', '/']);
    let written = written.get(..name.len()).unwrap_or_default();
    let component = written.starts_with(|c: char| c.is_ascii_uppercase())
        && written.contains(|c: char| c.is_ascii_lowercase());
    !component && is_void_in_html(name)
}

fn is_void_in_html(name: &str) -> bool {
    class(name) == Void
        || matches!(
            name,
            "area"
                | "base"
                | "embed"
                | "frame"
                | "input"
                | "link"
                | "meta"
                | "param"
                | "source"
                | "track"
        )
}
