//! Template tags and other marks of site generators in an imported source: resolved where they name a target, turned into
//! what they say, or taken out. Code stays as it is, and so do braces that are no tag.

mod code;
mod containers;
mod lines;
mod patterns;

use super::{TagOutcome, Warning};
use TagOutcome::{BecameText, Removed, RemovedWithContent};
use lines::Lines;
use patterns::{Tag, Tags, pattern};
use regex::Regex;
use std::sync::LazyLock;

pub(super) fn resolve(source: &str) -> (String, Vec<Warning>) {
    let marks = ['{', '%', '[', ':', '<'];
    if !source.contains(marks) && !source.contains("import ") && !source.contains("export ") {
        return (source.to_owned(), Vec::new());
    }
    let aside = code::aside(source);
    let mut warnings = Vec::new();
    let text = containers::take_out(&aside, &mut warnings);
    let aside = if text == aside.text {
        aside
    } else {
        // The lines of the second step are counted in what the first one left, where it put an empty line for each it took.
        code::aside(&aside.back(&text))
    };
    let (mut out, mut at) = (String::new(), 0);
    let mut lines = Lines::of(&aside);
    for tag in Tags::of(&aside.text) {
        lines.go_to(tag.at.start);
        let whole = &aside.text[tag.at.clone()];
        let (instead, outcome) = become_of(&tag, &aside.text, &lines);
        out.push_str(&aside.text[at..tag.at.start]);
        out.push_str(instead.as_deref().unwrap_or(whole));
        at = tag.at.end;
        if let Some(outcome) = outcome {
            let tag = aside.back(whole).trim().chars().take(200).collect();
            warnings.push(Warning {
                line: lines.number(),
                tag,
                outcome,
            });
        }
    }
    out.push_str(&aside.text[at..]);
    warnings.sort_by_key(|w| w.line);
    (aside.back(&out), warnings)
}

/// What stands in place of a tag, `None` for the tag itself, and what is said about it.
fn become_of(tag: &Tag<'_>, text: &str, lines: &Lines<'_>) -> (Option<String>, Option<TagOutcome>) {
    let whole = &text[tag.at.clone()];
    let gone = |outcome| (Some(String::new()), Some(outcome));
    match tag.kind {
        "raw" => (Some(tag.inside.to_owned()), None),
        "comment" => heading_id(whole)
            .filter(|_| lines.is_heading())
            .map_or(gone(RemovedWithContent), |id| (Some(id), None)),
        "obsidian" if apart(text, &tag.at) => gone(RemovedWithContent),
        "variable" | "include" => gone(Removed),
        "highlight" => {
            let body = tag.inside.trim_end_matches([' ', '\t']);
            let body = body.strip_suffix('\n').unwrap_or(body);
            let fence = if body.contains("```") { "~~~~" } else { "```" };
            let language = tag.first(&["hl", "hs"]);
            let indent = lines.indent();
            let fenced = format!("\n{indent}{fence}{language}\n{body}\n{indent}{fence}\n");
            (Some(fenced), None)
        }
        "literal" => {
            let (inside, last) = (tag.inside, &whole[whole.len() - 3..]);
            (
                Some(format!("{{{{{}{inside}{last}", tag.first(&["literal"]))),
                None,
            )
        }
        "target" => (
            Some(tag.first(&["to", "reference", "filtered"]).to_owned()),
            None,
        ),
        "picture" => picture(tag.first(&["figure", "figure_tag", "image"]))
            .map_or(gone(Removed), |p| (Some(p), None)),
        "film" => {
            let address = match (tag.first(&["youtube"]), tag.first(&["vimeo"])) {
                ("", "") => tag.first(&["embed", "video"]).to_owned(),
                ("", id) => format!("https://vimeo.com/{id}"),
                (id, _) => format!("https://www.youtube.com/watch?v={id}"),
            };
            let address = if address.contains("://") {
                address
            } else {
                format!("https://www.youtube.com/watch?v={address}")
            };
            (Some(format!("<{address}>")), None)
        }
        "shortcode" => (Some(said(tag.first(&["call"]), lines)), Some(Removed)),
        "tag" => (Some(said(tag.inside, lines)), Some(Removed)),
        "braces" => braces(tag.first(&["braces_text"]), whole),
        "id" if lines.is_heading() => (Some(whole.to_owned()), None),
        "id" if lines.is_empty() || ends_marked(&text[..tag.at.start]) => {
            (Some(String::new()), None)
        }
        "slug" => {
            let id = whole.trim_start_matches("[]{#").trim_end_matches('}');
            (Some(format!("<a id=\"{id}\"></a>")), None)
        }
        "attributes" | "contents" | "module" | "icon" | "frame" => (Some(String::new()), None),
        "space" => (Some(" ".to_owned()), None),
        "size" => (Some(format!("{})", tag.first(&["sized"]))), None),
        _ => (None, None),
    }
}

/// The id that a comment gives a heading, as newer Docusaurus writes it.
fn heading_id(tag: &str) -> Option<String> {
    let id = tag
        .strip_prefix("{/*")?
        .strip_suffix("*/}")?
        .trim()
        .strip_prefix('#')?;
    let plain = !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    plain.then(|| format!("{{#{id}}}"))
}

/// Whether what stands before a tag is something that attributes belong to.
fn ends_marked(before: &str) -> bool {
    before.ends_with([')', ']', '*', '`', '\u{fdd5}'])
}

/// Whether a mark stands apart from words, as what is left out does.
fn apart(text: &str, whole: &std::ops::Range<usize>) -> bool {
    let before = text[..whole.start].chars().next_back();
    let after = text[whole.end..].chars().next();
    before.is_none_or(|c| c.is_whitespace() || !c.is_ascii())
        && after.is_none_or(|c| !c.is_ascii_alphanumeric())
}

/// Variables of the site are known to nobody here; others are a text about variables.
fn braces(inside: &str, tag: &str) -> (Option<String>, Option<TagOutcome>) {
    static SITE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^\s*(?:[.$]\w|(?:site|page|layout|config|frontmatter|frontMatter|book|props|include|theme)\.\w|(?:if|else|end|range|with|define|template|block|partial|printf|relURL|absURL|toc)\b)",
        )
    });
    if SITE.is_match(inside) || inside.contains('|') {
        let silent = inside.contains("baseurl") || inside.trim() == "toc";
        return (Some(String::new()), (!silent).then_some(Removed));
    }
    if inside.trim().is_empty() || tag.len() > 200 {
        return (None, None);
    }
    (None, Some(BecameText))
}

/// A shortcode for a picture as Markdown; `None` when it names none and says nothing.
fn picture(attributes: &str) -> Option<String> {
    let value = |names: &[&str]| names.iter().find_map(|n| attribute(attributes, n));
    let alt = value(&["alt", "alt-text", "caption", "title"]);
    let source = value(&["src", "source", "link"]).or_else(|| {
        let first = attributes.split_whitespace().next()?;
        Some(first.trim_matches(['"', '\'']).to_owned()).filter(|f| f.contains('.'))
    });
    if alt.is_none() && source.is_none() {
        return None;
    }
    let alt = alt.unwrap_or_default().replace(['[', ']'], " ");
    Some(format!("![{alt}](<{}>)", source.unwrap_or_default()))
}

/// The value of an attribute of a tag.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    while let Some((before, after)) = rest.split_once(&format!("{name}=")) {
        let whole_name = before.is_empty() || before.ends_with([' ', '\t', '\n', ',']);
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => after[1..].split(quote).next(),
            None => after.split_whitespace().next(),
        };
        if whole_name {
            return value.map(str::to_owned).filter(|v| !v.trim().is_empty());
        }
        rest = after;
    }
    None
}

/// What a tag says to a reader beside what it holds: its title.
fn said(inside: &str, lines: &Lines<'_>) -> String {
    let inside = inside.trim().trim_start_matches('-').trim();
    let name = inside.split_whitespace().next().unwrap_or_default();
    let titled = matches!(
        name,
        "tab"
            | "details"
            | "expand"
            | "expandable"
            | "notice"
            | "callout"
            | "alert"
            | "admonition"
            | "hint"
            | "card"
            | "note"
            | "tip"
            | "warning"
            | "step"
            | "accordion"
            | "collapse"
            | "panel"
    );
    if !titled {
        return String::new();
    }
    let named = ["title", "header", "name", "label", "summary"];
    let named = named.iter().find_map(|n| attribute(inside, n));
    let quoted = || {
        let quoted = inside.split('"').nth(1).filter(|_| !inside.contains('='))?;
        Some(quoted.to_owned()).filter(|q| !q.trim().is_empty())
    };
    named.or_else(quoted).map_or(String::new(), |title| {
        let indent = lines.indent();
        format!("\n{indent}**{}**\n{indent}", title.trim())
    })
}
