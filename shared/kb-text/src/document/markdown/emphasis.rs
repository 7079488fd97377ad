//! Asterisks that nobody meant as emphasis: masked numbers, powers, products, patterns of paths.

use comrak::Node;
use comrak::nodes::{AstNode, NodeValue};

/// Turns emphasis that nobody meant back into its signs.
pub(super) fn restore<'a>(root: Node<'a>, arena: &'a comrak::Arena<'a>, source: &str) {
    let lines: Vec<&str> = source.split('\n').collect();
    let implausible: Vec<Node<'a>> = root.descendants().filter(|n| is_implausible(n)).collect();
    for node in implausible {
        let strong = matches!(node.data().value, NodeValue::Strong);
        let start = node.data().sourcepos.start;
        let line = lines.get(start.line.saturating_sub(1));
        let byte = line.and_then(|l| l.as_bytes().get(start.column.saturating_sub(1)));
        let sign = if byte == Some(&b'_') { "_" } else { "*" };
        let signs = sign.repeat(if strong { 2 } else { 1 });
        let text = || arena.alloc(AstNode::from(NodeValue::Text(signs.clone().into())));
        node.insert_before(text());
        while let Some(child) = node.first_child() {
            node.insert_before(child);
        }
        node.insert_before(text());
        node.detach();
    }
}

/// The characters around an emphasis and at its ends.
struct Around {
    before: char,
    first: char,
    last: char,
    after: char,
}

fn is_implausible(node: Node<'_>) -> bool {
    let strong = match node.data().value {
        NodeValue::Strong => true,
        NodeValue::Emph => false,
        _ => return false,
    };
    let around = Around {
        before: beside(node, false),
        first: edge(node.first_child(), true),
        last: edge(node.last_child(), false),
        after: beside(node, true),
    };
    let Around {
        before,
        first,
        last,
        after,
    } = around;
    // A single sign with spaces around it was made bold on purpose.
    if strong && length(node) == 1 && before.is_whitespace() && after.is_whitespace() {
        return is_cut(node);
    }
    // No sentence begins with the sign that ends another one; a path or a pattern of one goes on.
    if matches!(
        first,
        '，' | '。' | '、' | '；' | '！' | '？' | '）' | ')' | ',' | ';'
    ) || before == '/'
        || (before == '_' && first == '_')
        || (first == '/' && last == '/')
        || is_cut(node)
    {
        return true;
    }
    let (open, shut) = (joined(before, first), joined(last, after));
    let ascii = |a: char, b: char| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric();
    let digit = |a: char, b: char| a.is_ascii_digit() || b.is_ascii_digit();
    if strong {
        let masked = open && shut && is_doubled(node);
        let power = (ascii(before, first) && digit(before, first))
            || (ascii(last, after) && digit(last, after));
        let product = ascii(before, first) && ascii(last, after) && has_break(node);
        masked || power || product
    } else {
        let number = (open && digit(before, first)) || (shut && digit(last, after));
        // One sign within a word and a clause between it and the other: they belong to different products.
        let product = ((open || shut) && has_break(node)) || (open && shut && length(node) == 1);
        number || product || first == '.' || last == '/'
    }
}

/// Whether it took only some of the signs that stand together.
fn is_cut(node: Node<'_>) -> bool {
    let sign = |beside: Option<Node<'_>>, after: bool| {
        beside.is_some_and(|n| match &n.data().value {
            NodeValue::Text(text) if after => text.starts_with('*'),
            NodeValue::Text(text) => text.ends_with('*'),
            _ => false,
        })
    };
    sign(node.previous_sibling(), false) || sign(node.next_sibling(), true)
}

fn joined(a: char, b: char) -> bool {
    a.is_alphanumeric() && b.is_alphanumeric()
}

/// Whether four or more signs stand together.
fn is_doubled(node: Node<'_>) -> bool {
    let strong =
        |n: Option<Node<'_>>| n.is_some_and(|n| matches!(n.data().value, NodeValue::Strong));
    let alone = node
        .first_child()
        .is_some_and(|c| c.next_sibling().is_none());
    let inner = alone && strong(node.first_child());
    let outer =
        strong(node.parent()) && node.previous_sibling().is_none() && node.next_sibling().is_none();
    inner || outer
}

/// Whether it goes over more than one word or clause.
fn has_break(node: Node<'_>) -> bool {
    let mut children = node.children();
    children.any(|c| match &c.data().value {
        NodeValue::Text(text) => {
            text.contains(|c: char| c.is_whitespace() || matches!(c, '，' | '。' | '；' | '、'))
        }
        NodeValue::SoftBreak | NodeValue::LineBreak => true,
        _ => false,
    })
}

fn length(node: Node<'_>) -> usize {
    let lengths = node.children().map(|c| match &c.data().value {
        NodeValue::Text(text) => text.chars().count(),
        _ => 2,
    });
    lengths.sum()
}

/// The character before or after a node in its line; a space at the ends of the line.
fn beside(node: Node<'_>, after: bool) -> char {
    let mut at = node;
    // Emphasis in emphasis has its neighbors outside.
    for _ in 0..8 {
        let next = if after {
            at.next_sibling()
        } else {
            at.previous_sibling()
        };
        if let Some(found) = next {
            // Signs that were left over stand for nothing: what counts is the text beyond them.
            if is_signs(found) {
                at = found;
                continue;
            }
            return edge(next, after);
        }
        match at.parent() {
            Some(parent) if matches!(parent.data().value, NodeValue::Strong | NodeValue::Emph) => {
                at = parent;
            }
            _ => break,
        }
    }
    ' '
}

fn is_signs(node: Node<'_>) -> bool {
    matches!(&node.data().value, NodeValue::Text(text) if text.chars().all(|c| c == '*'))
}

/// The first or last character of a node.
fn edge(node: Option<Node<'_>>, first: bool) -> char {
    let mut at = node;
    for _ in 0..8 {
        let Some(node) = at else { return ' ' };
        match &node.data().value {
            NodeValue::Text(text) => {
                let found = if first {
                    text.trim_start_matches('*').chars().next()
                } else {
                    text.trim_end_matches('*').chars().next_back()
                };
                return found.unwrap_or(' ');
            }
            NodeValue::SoftBreak | NodeValue::LineBreak => return ' ',
            NodeValue::Strong | NodeValue::Emph | NodeValue::Link(_) | NodeValue::Strikethrough => {
            }
            _ => return '\u{fffc}',
        }
        at = if first {
            node.first_child()
        } else {
            node.last_child()
        };
    }
    '\u{fffc}'
}
