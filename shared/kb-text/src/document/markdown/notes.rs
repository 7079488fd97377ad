//! Notes and warnings, as GitHub and Obsidian write them in quotes, and comments that are no text.

use super::super::html::KINDS;
use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Node};
use regex::Regex;
use std::sync::LazyLock;

static MARK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\[!([A-Za-z][\w-]*)(?:\|[^\]]*)?\]([+-]?)[ \t]*"));
/// `[//]: # text`, which Markdown takes for a comment only where the text stands in brackets.
static COMMENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^\[(?://|_?comment)[^\]]*\]:\s*(?:#|<>)"));

/// The kind of a note by the name that a site generator or a wiki gives it.
pub(super) fn kind(name: &str) -> Option<&'static str> {
    let kind = match name.to_ascii_lowercase().as_str() {
        "note" | "info" | "abstract" | "summary" | "tldr" | "todo" | "seealso" | "question"
        | "help" | "faq" | "example" | "quote" | "cite" | "default" => "note",
        "tip" | "hint" | "success" | "check" | "done" => "tip",
        "important" => "important",
        "warning" | "attention" | "warn" => "warning",
        "caution" | "danger" | "error" | "bug" | "failure" | "fail" | "missing" => "caution",
        "details" => "details",
        _ => return None,
    };
    Some(kind)
}

/// How a kind is called where nobody says it in another language.
pub(in super::super) fn name(kind: &str) -> &'static str {
    match kind {
        "tip" => "Tip",
        "important" => "Important",
        "warning" => "Warning",
        "caution" => "Caution",
        "details" => "Details",
        _ => "Note",
    }
}

/// Turns quotes that are notes into notes, and takes comments out.
pub(super) fn read<'a>(root: Node<'a>, arena: &'a Arena<'a>) {
    let is_paragraph = |n: &Node<'a>| matches!(n.data().value, NodeValue::Paragraph);
    for paragraph in root.descendants().filter(is_paragraph).collect::<Vec<_>>() {
        take_comments(paragraph);
    }
    let is_quote = |n: &Node<'a>| matches!(n.data().value, NodeValue::BlockQuote);
    for quote in root.descendants().filter(is_quote).collect::<Vec<_>>() {
        if let Some((kind, folded)) = marked(quote).or_else(|| named(quote)) {
            note(quote, arena, kind, folded);
        }
    }
}

/// The kind that a quote names in its first line, `[!NOTE]`; the mark is taken off.
fn marked(quote: Node<'_>) -> Option<(&'static str, bool)> {
    let text = first_text(quote)?;
    let mut data = text.data_mut();
    let NodeValue::Text(content) = &mut data.value else {
        return None;
    };
    let found = MARK.captures(content)?;
    let kind = kind(&found[1]).unwrap_or("note");
    let folded = found[2].starts_with('-') || kind == "details";
    let rest = content[found[0].len()..].to_owned();
    *content = rest.into();
    Some((kind, folded))
}

/// The kind that stands alone and bold in the first line of a quote: `> **Note**`.
fn named(quote: Node<'_>) -> Option<(&'static str, bool)> {
    let paragraph = quote.first_child()?;
    let strong = paragraph.first_child()?;
    let alone = strong
        .next_sibling()
        .is_none_or(|n| matches!(n.data().value, NodeValue::SoftBreak | NodeValue::LineBreak));
    if !alone || !matches!(strong.data().value, NodeValue::Strong) {
        return None;
    }
    let only = strong
        .first_child()
        .filter(|c| c.next_sibling().is_none())?;
    let kind = match &only.data().value {
        NodeValue::Text(text) => KINDS
            .iter()
            .find(|kind| name(kind) == text.as_ref())
            .copied(),
        _ => None,
    }?;
    strong.detach();
    Some((kind, false))
}

fn first_text(quote: Node<'_>) -> Option<Node<'_>> {
    let paragraph = quote.first_child()?;
    if !matches!(paragraph.data().value, NodeValue::Paragraph) {
        return None;
    }
    paragraph.first_child()
}

/// Marks a quote as a note for those who write the HTML anew: its first line is the title.
fn note<'a>(quote: Node<'a>, arena: &'a Arena<'a>, kind: &str, folded: bool) {
    let title = arena.alloc(AstNode::from(NodeValue::Paragraph));
    let html = |html: &str| arena.alloc(AstNode::from(NodeValue::HtmlInline(html.to_owned())));
    title.append(html("<h-kind></h-kind>"));
    let mut titled = false;
    if let Some(paragraph) = quote.first_child() {
        while let Some(child) = paragraph.first_child() {
            child.detach();
            if matches!(
                child.data().value,
                NodeValue::SoftBreak | NodeValue::LineBreak
            ) {
                break;
            }
            titled |= !matches!(&child.data().value, NodeValue::Text(t) if t.trim().is_empty());
            title.append(child);
        }
        if paragraph.first_child().is_none() {
            paragraph.detach();
        }
    }
    if !titled {
        title.append(html(name(kind)));
    }
    quote.prepend(title);
    let element = if folded { "details" } else { kind };
    let mark = format!("<h-note class=\"{element}\"></h-note>");
    quote.prepend(arena.alloc(AstNode::from(NodeValue::Raw(mark))));
}

/// Whether a line begins with the mark of a comment; a comment in brackets elsewhere makes a link of the mark.
fn begins_comment(node: Node<'_>) -> bool {
    match &node.data().value {
        NodeValue::Text(text) => COMMENT.is_match(text),
        NodeValue::Link(link) if link.url == "#" || link.url.is_empty() => {
            let mut words = String::new();
            for part in [node.first_child(), node.next_sibling()]
                .into_iter()
                .flatten()
            {
                if let NodeValue::Text(text) = &part.data().value {
                    words = if words.is_empty() {
                        format!("[{text}]")
                    } else {
                        words + text
                    };
                }
            }
            COMMENT.is_match(&words)
        }
        _ => false,
    }
}

fn take_comments(paragraph: Node<'_>) {
    let mut at = paragraph.first_child();
    let mut line_start = true;
    let mut taking = false;
    while let Some(node) = at {
        at = node.next_sibling();
        let is_break = matches!(
            node.data().value,
            NodeValue::SoftBreak | NodeValue::LineBreak
        );
        if line_start {
            taking = begins_comment(node);
        }
        line_start = is_break;
        if taking {
            node.detach();
        }
    }
    if paragraph.first_child().is_none() {
        paragraph.detach();
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant of this file")
}
