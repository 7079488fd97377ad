//! Addresses in running text end where Chinese text goes on.

use super::super::looked;
use comrak::Node;
use comrak::nodes::{AstNode, NodeLink, NodeValue};

/// Cuts addresses that were recognized in a text where the text around them begins again.
pub(super) fn cut<'a>(root: Node<'a>, arena: &'a comrak::Arena<'a>) {
    let links: Vec<Node<'a>> = root.descendants().filter(|n| is_written_out(n)).collect();
    for link in links {
        let Some(text) = only_text(link) else {
            continue;
        };
        let Some(end) = end(&text, false) else {
            continue;
        };
        if let NodeValue::Link(found) = &mut link.data_mut().value {
            let added = found.url.len().saturating_sub(text.len());
            let scheme = found.url.get(..added).unwrap_or_default().to_owned();
            found.url = scheme + &text[..end];
        }
        if let Some(child) = link.first_child() {
            child.data_mut().value = NodeValue::Text(text[..end].to_owned().into());
        }
        behind(link, arena, &text[end..]);
    }
}

/// Puts a text behind a link, with the addresses in it as links of their own.
fn behind<'a>(link: Node<'a>, arena: &'a comrak::Arena<'a>, text: &str) {
    let mut parts: Vec<Node<'a>> = Vec::new();
    let node = |value| -> Node<'a> { arena.alloc(AstNode::from(value)) };
    let (mut shown, mut from) = (0, 0);
    while let Some(at) = text[from..].find("http").map(|n| from + n) {
        looked::at(at - from);
        let address = &text[at..];
        from = at + 4;
        if !address.starts_with("https://") && !address.starts_with("http://") {
            continue;
        }
        parts.push(node(NodeValue::Text(text[shown..at].to_owned().into())));
        shown = at + end(address, true).unwrap_or(address.len());
        looked::at(shown - at);
        from = shown;
        let url = text[at..shown].to_owned();
        let found = NodeLink {
            url: url.clone(),
            title: String::new(),
        };
        let link = node(NodeValue::Link(Box::new(found)));
        link.append(node(NodeValue::Text(url.into())));
        parts.push(link);
    }
    parts.push(node(NodeValue::Text(text[shown..].to_owned().into())));
    for part in parts.into_iter().rev() {
        link.insert_after(part);
    }
}

/// Whether a link shows its own address.
fn is_written_out(node: Node<'_>) -> bool {
    let url = match &node.data().value {
        NodeValue::Link(link) if link.title.is_empty() => link.url.clone(),
        _ => return false,
    };
    only_text(node).is_some_and(|text| url.ends_with(&text) && url.len() - text.len() <= 8)
}

fn only_text(node: Node<'_>) -> Option<String> {
    let child = node.first_child().filter(|c| c.next_sibling().is_none())?;
    match &child.data().value {
        NodeValue::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

/// Where an address ends before the text does; `spaced` says that a space ends it, too.
fn end(address: &str, spaced: bool) -> Option<usize> {
    let mut before = ' ';
    for (at, c) in address.char_indices() {
        let han = matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}');
        let sign = matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'
            | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' | '“' | '”' | '‘' | '’' | '…' | '—');
        let space = spaced && c.is_whitespace();
        if at > 0 && (sign || space || (han && before.is_ascii_alphanumeric())) {
            return Some(at);
        }
        before = c;
    }
    None
}
