//! Blocks that site generators know and Markdown does not: `!!! note`, `::: tip`, `!> Text`, `=== "Tab"`, and elements of their own that
//! hold Markdown. They are written anew as what Markdown knows, line by line, and never inside code.

use super::super::html::{Class, class};
use super::super::looked;
use super::notes;
use regex::Regex;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Blocks in blocks in blocks: nobody writes more.
const DEPTH_MAX: usize = 6;

static ADMONITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^([ \t]*)(!!!|\?\?\?\+?)[ \t]+([A-Za-z][\w-]*)((?:[ \t]+[\w-]+)*)(?:[ \t]+"(.*)")?[ \t]*$"#,
    )
});
static TAB: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^([ \t]*)===[!+]?[ \t]+"(.*)"[ \t]*$"#));
static CALLOUT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^([ \t]*)([!?])>[ \t]+(\S.*)$"));
static FENCE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^([ \t]*):{3,}[ \t]*\{?([A-Za-z][\w-]*)\}?[ \t]*(.*?)[ \t]*$"));
static FENCE_END: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[ \t]*:{3,}[ \t]*$"));
static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"^(?:\[(.*)\](?:\{.*\})?|\{?\s*(?:title|summary)\s*=\s*"(.*?)".*|([^{].*))$"#)
});
static ELEMENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^([ \t]*)<(/?)([A-Za-z][\w.:-]*)((?:[^<>]|=>)*)>[ \t]*$"));

/// What a line of code stands in.
#[derive(Clone, Copy, PartialEq)]
pub(in super::super) enum Code {
    /// None.
    No,
    /// A block between fences.
    Fenced,
    /// A block that is indented.
    Indented,
}

/// The source with such blocks written as what Markdown knows.
pub(super) fn rewrite(source: &str) -> Cow<'_, str> {
    let elements = source.contains('<') && source.lines().any(|l| element(l).is_some());
    let marks = [
        "!!! ", "??? ", "???+", ":::", "=== \"", "===+", "===!", "!> ", "?> ",
    ];
    if !elements && !marks.iter().any(|m| source.contains(m)) {
        return source.into();
    }
    blocks(source, 0).into()
}

fn blocks(source: &str, depth: usize) -> String {
    if depth >= DEPTH_MAX {
        return source.to_owned();
    }
    looked::at(source.len());
    let lines: Vec<&str> = source.split('\n').collect();
    let code = super::code_lines(source);
    let code_at = |n: usize| code.get(n).copied().unwrap_or(Code::No);
    let ends = ends(&lines, &code_at);
    let mut out: Vec<String> = Vec::new();
    let mut n = 0;
    while n < lines.len() {
        let line = lines[n].trim_end_matches('\r');
        let block = (code_at(n) == Code::No)
            .then(|| block(&lines, n, line, ends[n]))
            .flatten();
        let Some(block) = block else {
            out.push(lines[n].to_owned());
            n += 1;
            continue;
        };
        let body = blocks(&block.body, depth + 1);
        if out.last().is_some_and(|l| !l.trim().is_empty()) {
            out.push(String::new());
        }
        out.extend(block.head.iter().map(|h| format!("{}{h}", block.indent)));
        for line in body.split('\n') {
            let line = format!("{}{}{line}", block.indent, block.prefix);
            out.push(line.trim_end().to_owned());
        }
        out.extend(block.foot.map(|f| format!("{}{f}", block.indent)));
        out.push(String::new());
        n = block.next;
    }
    out.join("\n")
}

struct Block<'s> {
    indent: &'s str,
    head: Vec<String>,
    /// What stands before each line of the body.
    prefix: &'static str,
    body: String,
    foot: Option<String>,
    /// The first line behind it.
    next: usize,
}

/// For each line that begins a block the line that ends it, in one walk.
fn ends(lines: &[&str], code_at: &dyn Fn(usize) -> Code) -> Vec<Option<usize>> {
    let mut ends = vec![None; lines.len()];
    let mut fences: Vec<usize> = Vec::new();
    let mut elements: HashMap<&str, Vec<usize>> = HashMap::new();
    for (n, line) in lines
        .iter()
        .enumerate()
        .filter(|(n, _)| code_at(*n) != Code::Fenced)
    {
        let line = line.trim_end_matches('\r');
        if line.contains(":::") {
            if FENCE_END.is_match(line) {
                if let Some(open) = fences.pop() {
                    ends[open] = Some(n);
                }
            } else if FENCE.is_match(line) {
                fences.push(n);
            }
        } else if let Some((_, closing, name, itself)) = element(line) {
            let open = elements.entry(name).or_default();
            if closing {
                if let Some(open) = open.pop() {
                    ends[open] = Some(n);
                }
            } else if !itself {
                open.push(n);
            }
        }
    }
    ends
}

fn block<'s>(lines: &[&'s str], n: usize, line: &'s str, end: Option<usize>) -> Option<Block<'s>> {
    if let Some(found) = ADMONITION.captures(line) {
        let indent = found.get(1).map_or("", |m| m.as_str());
        let (body, next) = indented(lines, n + 1, width(indent) + 4);
        let fold = if &found[2] == "!!!" { "" } else { "-" };
        let title = found.get(5).map_or("", |m| m.as_str());
        return Some(Block {
            indent,
            head: vec![format!("> [!{}]{fold} {title}", &found[3]), ">".to_owned()],
            prefix: "> ",
            body,
            foot: None,
            next,
        });
    }
    if let Some(found) = TAB.captures(line) {
        let indent = found.get(1).map_or("", |m| m.as_str());
        let (body, next) = indented(lines, n + 1, width(indent) + 4);
        return Some(Block {
            indent,
            head: vec![format!("**{}**", found[2].trim()), String::new()],
            prefix: "",
            body,
            foot: None,
            next,
        });
    }
    if let Some(found) = CALLOUT.captures(line) {
        let indent = found.get(1).map_or("", |m| m.as_str());
        let behind = lines[n + 1..].iter().take_while(|l| !l.trim().is_empty());
        let behind: Vec<&str> = behind.map(|l| without(l, width(indent))).collect();
        let kind = if &found[2] == "!" { "important" } else { "tip" };
        return Some(Block {
            indent,
            head: vec![format!("> [!{kind}]"), ">".to_owned()],
            prefix: "> ",
            next: n + 1 + behind.len(),
            body: [&[&found[3]], &behind[..]].concat().join("\n"),
            foot: None,
        });
    }
    if line.contains(":::") {
        return fenced(lines, n, line, end?);
    }
    held(lines, n, line, end)
}

/// `::: tip Title` up to its `:::`.
fn fenced<'s>(lines: &[&'s str], n: usize, line: &'s str, end: usize) -> Option<Block<'s>> {
    let found = FENCE.captures(line)?;
    let kind = notes::kind(&found[2])?;
    let title = TITLE.captures(&found[3]);
    let title = title.and_then(|t| {
        (1..=3)
            .find_map(|g| t.get(g))
            .map(|m| m.as_str().to_owned())
    });
    let fold = if kind == "details" { "-" } else { "" };
    let head = format!("> [!{}]{fold} {}", &found[2], title.unwrap_or_default());
    Some(Block {
        indent: found.get(1).map_or("", |m| m.as_str()),
        head: vec![head, ">".to_owned()],
        prefix: "> ",
        body: dedented(&lines[n + 1..end]),
        foot: None,
        next: end + 1,
    })
}

/// An element of somebody's own alone in its line, up to the line that closes it: what it holds is Markdown.
fn held<'s>(lines: &[&'s str], n: usize, line: &'s str, end: Option<usize>) -> Option<Block<'s>> {
    let (indent, ..) = element(line)?;
    let head = line.trim().to_owned();
    let Some(end) = end else {
        return Some(Block {
            indent,
            head: vec![head],
            prefix: "",
            body: String::new(),
            foot: None,
            next: n + 1,
        });
    };
    Some(Block {
        indent,
        head: vec![head, String::new()],
        prefix: "",
        body: format!("{}\n", dedented(&lines[n + 1..end])),
        foot: Some(lines[end].trim().to_owned()),
        next: end + 1,
    })
}

/// The tag of an element that HTML does not know, or that says that it holds Markdown, if a line holds nothing else:
/// indentation, whether it closes, name, whether it closes itself.
fn element(line: &str) -> Option<(&str, bool, &str, bool)> {
    if !line.trim_start().starts_with('<') {
        return None;
    }
    let found = ELEMENT.captures(line)?;
    let name = found.get(3)?.as_str();
    let attributes = found.get(4)?.as_str();
    let component = name.contains(|c: char| c.is_ascii_uppercase())
        || class(&name.to_ascii_lowercase()) == Class::Unknown
        || attributes.contains(" markdown");
    let itself = attributes.trim_end().ends_with('/');
    component.then_some((found.get(1)?.as_str(), !found[2].is_empty(), name, itself))
}

/// The lines that are indented at least so far, without that indentation, and the first line behind them.
fn indented(lines: &[&str], from: usize, least: usize) -> (String, usize) {
    let mut body: Vec<&str> = Vec::new();
    let mut next = from;
    while let Some(line) = lines.get(next) {
        if !line.trim().is_empty() && width(line) < least {
            break;
        }
        body.push(line);
        next += 1;
    }
    while body.last().is_some_and(|l| l.trim().is_empty()) {
        body.pop();
    }
    let body: Vec<&str> = body.into_iter().map(|l| without(l, least)).collect();
    (body.join("\n"), next)
}

/// Lines without the indentation that all of them have.
fn dedented(lines: &[&str]) -> String {
    let indented = lines.iter().filter(|l| !l.trim().is_empty());
    let least = indented.map(|l| width(l)).min().unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|l| without(l, least)).collect();
    lines.join("\n")
}

/// How far a line is indented.
fn width(line: &str) -> usize {
    let mut width = 0;
    for c in line.chars() {
        match c {
            ' ' => width += 1,
            '\t' => width += 4 - width % 4,
            _ => break,
        }
    }
    width
}

fn without(line: &str, indentation: usize) -> &str {
    let mut taken = 0;
    for (at, c) in line.char_indices() {
        if taken >= indentation || !matches!(c, ' ' | '\t') {
            return &line[at..];
        }
        taken += if c == '\t' { 4 - taken % 4 } else { 1 };
    }
    ""
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant of this file")
}
