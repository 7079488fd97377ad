//! Markdown to HTML by comrak: GitHub's dialect, emphasis that works beside Han text, heading ids from their attributes,
//! and what site generators and wikis add to it.

use comrak::nodes::{AstNode, NodeCodeBlock, NodeValue};
use comrak::{Arena, Node, Options, format_html, parse_document};
use regex::Regex;
use std::sync::LazyLock;

mod containers;
mod emphasis;
mod links;
mod notes;
mod shield;
mod words;

pub(super) use containers::Code;
pub(super) use notes::name as name_of_kind;
pub(super) use shield::{NOTES_MAX, marks};

/// Whether a name is that of a note.
pub(super) fn is_note(name: &str) -> bool {
    notes::kind(name).is_some()
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.cjk_friendly_emphasis = true;
    options.extension.header_attributes = true;
    options.extension.link_attributes = true;
    options.extension.inline_code_attributes = true;
    options.render.r#unsafe = true;
    options.render.ignore_empty_links = false;
    options
}

pub(super) fn to_html(source: &str) -> String {
    let source = shield::shield(&containers::rewrite(source));
    let options = options();
    let arena = Arena::new();
    let root = parse_document(&arena, &source, &options);
    show_xml(root);
    notes::read(root, &arena);
    words::show(root);
    emphasis::restore(root, &arena, &source);
    links::cut(root, &arena);
    for node in root.descendants() {
        let id = node.data().attrs.as_ref().and_then(|a| a.id.clone());
        let is_heading = matches!(node.data().value, NodeValue::Heading(_));
        if let Some(id) = is_heading.then(|| id.or_else(|| left_id(node))).flatten() {
            // An empty element carries the author's id to the reader of the page, which gives it to the heading.
            let marker = arena.alloc(AstNode::from(NodeValue::HtmlInline(format!(
                "<h-id id=\"{}\"></h-id>",
                super::page::escape(&id)
            ))));
            node.prepend(marker);
        }
        if let Some(title) = file_name(node) {
            let html = format!("<p><strong>{}</strong></p>\n", super::page::escape(&title));
            node.insert_before(arena.alloc(AstNode::from(NodeValue::Raw(html))));
        }
    }
    let mut html = String::new();
    match format_html(root, &options, &mut html) {
        Ok(()) => shield::restore(&html).into_owned(),
        Err(_) => super::plain::to_html(&source),
    }
}

/// What each line of a source stands in, as Markdown reads it.
pub(super) fn code_lines(source: &str) -> Vec<Code> {
    let arena = Arena::new();
    let root = parse_document(&arena, source, &options());
    let mut lines = vec![Code::No; source.split('\n').count()];
    for node in root.descendants() {
        let data = node.data();
        let NodeValue::CodeBlock(block) = &data.value else {
            continue;
        };
        let kind = if block.fenced {
            Code::Fenced
        } else {
            Code::Indented
        };
        let place = data.sourcepos;
        let end = place.end.line.min(lines.len());
        let from = place.start.line.saturating_sub(1).min(end);
        lines[from..end].fill(kind);
    }
    lines
}

/// The lines of the first heading of level 1, from 0, with the line behind them; absent when there is none.
pub(super) fn first_h1(source: &str) -> Option<(usize, usize)> {
    let arena = Arena::new();
    let root = parse_document(&arena, source, &options());

    root.children().find_map(|node| {
        let data = node.data();
        let NodeValue::Heading(heading) = &data.value else {
            return None;
        };
        let has_text = node.descendants().any(|n| match &n.data().value {
            NodeValue::Text(text) => !text.trim().is_empty(),
            NodeValue::Code(_) | NodeValue::Image(_) => true,
            _ => false,
        });
        let place = data.sourcepos;
        let lines = (place.start.line.saturating_sub(1), place.end.line);
        (heading.level == 1 && has_text).then_some(lines)
    })
}

/// The id at the end of a heading that comrak leaves in its text: `## Plans{#plans}`, `## 方案 {#方案}`.
fn left_id(heading: Node<'_>) -> Option<String> {
    static ID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[ \t]*\{#([^\s{}#]+)\}[ \t]*$")
            .expect("the pattern is a constant of this file")
    });
    let last = heading.last_child()?;
    let mut data = last.data_mut();
    let NodeValue::Text(text) = &mut data.value else {
        return None;
    };
    let found = ID.captures(text)?;
    let (id, at) = (found[1].to_owned(), found.get(0)?.start());
    *text = text[..at].to_owned().into();
    Some(id)
}

/// The name of the file that a block of code says it shows.
fn file_name(node: Node<'_>) -> Option<String> {
    let data = node.data();
    let NodeValue::CodeBlock(block) = &data.value else {
        return None;
    };
    let (_, rest) = block.info.split_once("title=")?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (title, _) = rest[1..].split_once(quote)?;
    (!title.trim().is_empty()).then(|| title.to_owned())
}

/// An XML document, or a program, that stands in a text without a fence is an example to be read, and not HTML whose elements nobody knows.
fn show_xml<'a>(root: &'a AstNode<'a>) {
    let raw = |node: &'a AstNode<'a>| match &node.data.borrow().value {
        NodeValue::HtmlBlock(block) => Some(block.literal.clone()),
        NodeValue::CodeBlock(block) if !block.fenced => Some(block.literal.clone()),
        _ => None,
    };
    let begins = |node: &&'a AstNode<'a>| {
        matches!(node.data.borrow().value, NodeValue::HtmlBlock(_))
            && raw(node).is_some_and(|text| text.trim_start().starts_with("<?"))
    };
    for first in root.descendants().filter(begins).collect::<Vec<_>>() {
        let mut literal = raw(first).unwrap_or_default();
        while let Some(next) = first.next_sibling()
            && let Some(more) = raw(next)
        {
            literal.push_str(&more);
            next.detach();
        }
        let block = NodeCodeBlock {
            fenced: true,
            info: "xml".to_owned(),
            literal,
            ..NodeCodeBlock::default()
        };
        first.data.borrow_mut().value = NodeValue::CodeBlock(Box::new(block));
    }
}
