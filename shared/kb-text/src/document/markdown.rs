//! Markdown to HTML by comrak: GitHub's dialect, emphasis that works beside Han text, heading ids from their attributes.

use comrak::nodes::{AstNode, NodeCodeBlock, NodeValue};
use comrak::{Arena, Options, format_html, parse_document};

/// Deeper quotes and lists are read as text: no author nests them, and each level costs all below it.
const MARKERS_MAX: usize = 20;

pub(super) fn to_html(source: &str) -> String {
    let source = flatten(source);
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.cjk_friendly_emphasis = true;
    options.extension.header_attributes = true;
    options.render.r#unsafe = true;
    options.render.ignore_empty_links = false;
    let arena = Arena::new();
    let root = parse_document(&arena, &source, &options);
    show_xml(root);
    let mut html = String::new();
    for node in root.descendants() {
        let id = node.data.borrow().attrs.as_ref().and_then(|a| a.id.clone());
        if let NodeValue::Text(text) = &mut node.data.borrow_mut().value
            && text.contains("**")
        {
            // Emphasis that never found its other end says nothing to a reader.
            *text = text.replace("**", "").into();
        }
        let is_heading = matches!(node.data.borrow().value, NodeValue::Heading(_));
        if let Some(id) = id.filter(|_| is_heading) {
            // An empty element carries the author's id to the reader of the page, which gives it to the heading.
            let marker = arena.alloc(AstNode::from(NodeValue::HtmlInline(format!(
                "<h-id id=\"{}\"></h-id>",
                super::page::escape(&id)
            ))));
            node.prepend(marker);
        }
    }
    match format_html(root, &options, &mut html) {
        Ok(()) => html,
        Err(_) => super::text_to_html(&source),
    }
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

/// Takes quote markers and indentation off lines that have more of them than anybody means.
fn flatten(source: &str) -> std::borrow::Cow<'_, str> {
    let excessive = |line: &str| {
        line.chars()
            .take_while(|c| matches!(c, '>' | ' ' | '\t' | '-' | '*' | '+'))
            .filter(|c| *c == '>' || *c == '-' || *c == '*')
            .count()
            > MARKERS_MAX
            && line.chars().any(char::is_alphanumeric)
    };
    if !source.lines().any(excessive) {
        return source.into();
    }
    let lines = source.lines().map(|line| {
        if excessive(line) {
            line.trim_start_matches(['>', ' ', '\t', '-', '*', '+'])
        } else {
            line
        }
    });
    lines.collect::<Vec<_>>().join("\n").into()
}
