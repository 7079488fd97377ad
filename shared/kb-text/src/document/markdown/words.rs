//! Angle brackets in running text: an element that is closed somewhere is one, any other is a word about it.

use super::super::html::{Class, Piece, class, is_void, pieces};
use comrak::Node;
use comrak::nodes::NodeValue;
use std::collections::{HashMap, HashSet};

/// A tag of raw HTML.
struct Found<'a> {
    node: Node<'a>,
    name: String,
    source: String,
    closing: bool,
    bare: bool,
    /// Whether it stands in a line of text.
    inline: bool,
    paired: bool,
}

/// Turns the names of elements in running text into text.
pub(super) fn show<'a>(root: Node<'a>) {
    let mut tags: Vec<Found<'a>> = Vec::new();
    for node in root.descendants() {
        let (literal, inline) = match &node.data().value {
            NodeValue::HtmlInline(literal) => (literal.clone(), true),
            NodeValue::HtmlBlock(block) => (block.literal.clone(), false),
            _ => continue,
        };
        for piece in pieces(&literal) {
            let Piece::Tag(tag) = piece else { continue };
            tags.push(Found {
                node,
                name: tag.name.to_string(),
                source: tag.source.to_owned(),
                closing: tag.closing,
                bare: tag.is_bare(),
                inline,
                paired: tag.closes_itself,
            });
        }
    }
    let mut open: HashMap<String, Vec<usize>> = HashMap::new();
    for n in 0..tags.len() {
        if tags[n].closing {
            if let Some(opening) = open.get_mut(&tags[n].name).and_then(Vec::pop) {
                tags[n].paired = true;
                tags[opening].paired = true;
            }
        } else if !is_void(&tags[n].name, &tags[n].source) {
            open.entry(tags[n].name.clone()).or_default().push(n);
        }
    }
    let names: HashSet<&str> = tags
        .iter()
        .filter(|t| t.paired)
        .map(|t| t.name.as_str())
        .collect();
    for tag in tags.iter().filter(|t| t.inline && t.bare && !t.paired) {
        if is_word(tag, &names) {
            tag.node.data_mut().value = NodeValue::Text(tag.source.clone().into());
        }
    }
}

fn is_word(tag: &Found<'_>, paired: &HashSet<&str>) -> bool {
    let name = tag.name.as_str();
    if tag.closing {
        return !matches!(class(name), Class::Inline | Class::Void | Class::Wrapping)
            && !matches!(name, "p" | "li" | "div" | "td" | "th" | "tr" | "center");
    }
    match name {
        "br" | "hr" | "wbr" => false,
        "p" => stands_alone(tag.node),
        // Parts of a list or table are never closed by those who write them by hand.
        "li" | "dt" | "dd" | "td" | "th" | "tr" | "thead" | "tbody" | "tfoot" | "caption"
        | "col" | "colgroup" => !["ul", "ol", "dl", "table"]
            .iter()
            .any(|holder| paired.contains(holder)),
        _ => true,
    }
}

/// Whether there is a space on both sides, as around a word.
fn stands_alone(node: Node<'_>) -> bool {
    let is_space = |beside: Option<Node<'_>>, after: bool| {
        beside.is_some_and(|n| match &n.data().value {
            NodeValue::Text(text) if after => text.starts_with(' '),
            NodeValue::Text(text) => text.ends_with(' '),
            _ => false,
        })
    };
    is_space(node.previous_sibling(), false) && is_space(node.next_sibling(), true)
}
