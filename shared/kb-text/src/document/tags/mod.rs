//! Template tags and other marks of site generators in an imported source: resolved where they name a target, turned into
//! what they say, or taken out. Code stays as it is, and so do braces that are no tag.

mod code;
mod containers;

use super::{TagOutcome, Warning};
use TagOutcome::{BecameText, Removed, RemovedWithContent};
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// Every tag, in the order in which they are tried at a place; the name says what is done with it.
const TAGS: [(&str, &str); 23] = [
    (
        "raw",
        r"\{%-?\s*(?:raw|verbatim)\s*-?%\}(?P<raw_text>(?s:.*?))\{%-?\s*end(?:raw|verbatim)\s*-?%\}",
    ),
    (
        "comment",
        r"\{%-?\s*comment\b[^%]*%\}(?s:.*?)\{%-?\s*endcomment\s*-?%\}|\{::comment\}(?s:.*?)\{:/(?:comment)?\}|\{\{-?\s*/\*(?s:.*?)\*/\s*-?\}\}|\{\{!--(?s:.*?)--\}\}|\{\{![^}]*\}\}|\{/\*(?s:.*?)\*/\}|\{#[^#\n\w][^\n]*?#\}|(?m:^%%[ \t]*\n(?s:.*?)\n%%[ \t]*$)",
    ),
    ("obsidian", r"%%[^%\n]*\p{L}[^%\n]*%%"),
    ("expression", r"\$\{\{(?s:.*?)\}\}"),
    (
        "literal",
        r"\{\{(?P<lo>[<%])\s*/\*(?P<literal_text>(?s:.*?))\*/\s*(?P<lc>[>%])\}\}",
    ),
    ("variable", r"\{\{\{[^{}]*\}\}\}"),
    (
        "highlight",
        r"\{%-?\s*(?:highlight|codeblock)(?:\s+(?P<hl>[\w+#-]+))?[^%]*%\}\n?(?P<hl_text>(?s:.*?))\n?[ \t]*\{%-?\s*end(?:highlight|codeblock)\s*-?%\}|\{\{[<%]\s*highlight(?:\s+(?P<hs>[\w+#-]+))?[^}]*\}\}\n?(?P<hs_text>(?s:.*?))\n?[ \t]*\{\{[<%]\s*/\s*highlight\s*[%>]\}\}",
    ),
    (
        "target",
        r#"\{%-?\s*(?:link|post_url)\s+["']?(?P<to>[^"'%\s]+)["']?\s*-?%\}|\{\{[<%]\s*(?:ref|relref)\s+"?(?P<reference>[^"\s>%]+)"?\s*[>%]\}\}|\{\{-?\s*["'](?P<filtered>[^"'}]*)["']\s*\|\s*(?:relative_url|absolute_url|url)\s*-?\}\}"#,
    ),
    (
        "picture",
        r"\{\{[<%]\s*(?:figure|img|image)\s(?P<figure>[^}]*?)/?[>%]\}\}|\{%-?\s*(?:figure|img|image)\s(?P<figure_tag>[^%]*?)-?%\}|(?m:^[ \t]*:::image\s(?P<image>.*?):::[ \t]*$)",
    ),
    (
        "film",
        r#"\{\{[<%]\s*youtube\s+(?:id=)?"?(?P<youtube>[\w-]+)"?[^}]*[>%]\}\}|\{%-?\s*(?:youtube|embed)\s+(?:url=)?["']?(?P<embed>[^"'\s%]+)["']?[^%]*%\}|\{\{[<%]\s*vimeo\s+(?:id=)?"?(?P<vimeo>\d+)"?[^}]*[>%]\}\}|\[!VIDEO\s+(?P<video>[^\]\s]+)\s*\]"#,
    ),
    ("shortcode", r"\{\{[<%](?P<call>(?s:[^{}]*?))[>%]\}\}"),
    ("tag", r"\{%(?P<tag_text>(?s:.*?))%\}"),
    ("braces", r"\{\{-?(?P<braces_text>[^{}]*?)-?\}\}"),
    ("slug", r"(?P<bare>\[\]\{#[\w-]+\})"),
    (
        "id",
        r"\{#(?P<id_text>[\w:.-]+)(?:\s+(?:\.[\w-]+|[\w-]+=[\w.-]+))*\s*\}",
    ),
    (
        "attributes",
        r#"\{:/?\s*(?:(?:[.#][\w-]+|[\w-]+=(?:"[^"\n}]*"|'[^'\n}]*'|[^\s"'{}]+)|toc|no_toc)\s*)+\}|\{::/?[a-z]\w*[^}\n]*\}"#,
    ),
    ("space", r#"\{(?:"\s*"|'\s*')\}"#),
    (
        "include",
        r"\[!INCLUDE\s*-?\[[^\]\n]*\]\([^)\n]*\)\s*\]|\[!code[\w-]*\[[^\]\n]*\]\([^)\n]*\)\s*\]|(?m:^[ \t]*-+8<-+.*$)",
    ),
    ("frame", r"(?m:^[ \t>]*\[!div\s[^\]\n]*\][ \t]*$)"),
    (
        "contents",
        r"(?mi:^[ \t]*(?:\[TOC\]|\[\[_?TOC_?\]\]|\$\{toc\}|@\[toc\])[ \t]*$)",
    ),
    (
        "module",
        r#"(?m:^import\s+(?:[\w$*]+|\{[^}'"]*\}|[\w$*]+\s*,\s*\{[^}'"]*\}|\*\s+as\s+\w+)\s+from\s+(?:'[^'\n]+'|"[^"\n]+");?[ \t]*$|^import\s+(?:'[^'\n]+'|"[^"\n]+");?[ \t]*$|^export\s+(?:const|let|var)\s+[\w{\[][^\n]*=[^\n]*(?:\n[^\n]*\S[^\n]*)*|^export\s+(?:default\s+)?(?:async\s+)?(?:function|class)\b[^\n]*(?:\n[^\n]*\S[^\n]*)*|^export\s+(?:default\s+[A-Z]\w*|\*|\{[^}\n]*\})(?:\s+from\s+['"][^'"\n]+['"])?;[ \t]*$)"#,
    ),
    (
        "icon",
        r":(?:material|fontawesome|octicons|simple)-[a-z0-9-]+:(?:\{[^}\n]*\})?",
    ),
    (
        "size",
        r"(?P<sized>!\[[^\]\n]*\]\([^)\s]+)\s+=\d*%?x?\d*%?\)",
    ),
];

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let all: Vec<String> = TAGS
        .iter()
        .map(|(name, tag)| format!("(?P<{name}>{tag})"))
        .collect();
    pattern(&all.join("|"))
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant of its file")
}

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
    for found in PATTERN.captures_iter(&aside.text) {
        let Some(whole) = found.get(0) else { continue };
        let (instead, outcome) = become_of(&found, &aside.text);
        out.push_str(&aside.text[at..whole.start()]);
        out.push_str(instead.as_deref().unwrap_or(whole.as_str()));
        at = whole.end();
        if let Some(outcome) = outcome {
            let tag = aside
                .back(whole.as_str())
                .trim()
                .chars()
                .take(200)
                .collect();
            warnings.push(Warning {
                line: aside.line(whole.start()),
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
fn become_of(found: &Captures<'_>, text: &str) -> (Option<String>, Option<TagOutcome>) {
    let kind = TAGS.iter().find(|(name, _)| found.name(name).is_some());
    let kind = kind.map_or("", |(name, _)| *name);
    let whole = found.get(0).map_or(0..0, |m| m.range());
    let tag = &text[whole.clone()];
    let first = |names: &[&str]| {
        names
            .iter()
            .find_map(|n| found.name(n))
            .map_or("", |m| m.as_str())
    };
    let gone = |outcome| (Some(String::new()), Some(outcome));
    match kind {
        "raw" => (Some(first(&["raw_text"]).to_owned()), None),
        "comment" => heading_id(tag, text, whole.start)
            .map_or(gone(RemovedWithContent), |id| (Some(id), None)),
        "obsidian" if apart(text, &whole) => gone(RemovedWithContent),
        "variable" | "include" => gone(Removed),
        "highlight" => {
            let body = first(&["hl_text", "hs_text"]);
            let fence = if body.contains("```") { "~~~~" } else { "```" };
            let language = first(&["hl", "hs"]);
            (
                Some(format!("\n{fence}{language}\n{body}\n{fence}\n")),
                None,
            )
        }
        "literal" => {
            let inside = first(&["literal_text"]);
            (
                Some(format!(
                    "{{{{{}{inside}{}}}}}",
                    first(&["lo"]),
                    first(&["lc"])
                )),
                None,
            )
        }
        "target" => (
            Some(first(&["to", "reference", "filtered"]).to_owned()),
            None,
        ),
        "picture" => picture(first(&["figure", "figure_tag", "image"]))
            .map_or(gone(Removed), |p| (Some(p), None)),
        "film" => {
            let address = match (found.name("youtube"), found.name("vimeo")) {
                (Some(id), _) => format!("https://www.youtube.com/watch?v={}", id.as_str()),
                (_, Some(id)) => format!("https://vimeo.com/{}", id.as_str()),
                _ => first(&["embed", "video"]).to_owned(),
            };
            let address = if address.contains("://") {
                address
            } else {
                format!("https://www.youtube.com/watch?v={address}")
            };
            (Some(format!("<{address}>")), None)
        }
        "shortcode" | "tag" => {
            let said = said(first(&["call", "tag_text"]));
            (Some(said), Some(Removed))
        }
        "braces" => braces(first(&["braces_text"]), tag),
        "id" if attached(text, whole.start) => (
            heading(text, whole.start)
                .then(|| tag.to_owned())
                .or(Some(String::new())),
            None,
        ),
        "slug" => {
            let id = tag.trim_start_matches("[]{#").trim_end_matches('}');
            (Some(format!("<a id=\"{id}\"></a>")), None)
        }
        "attributes" | "contents" | "module" | "icon" | "frame" => (Some(String::new()), None),
        "space" => (Some(" ".to_owned()), None),
        "size" => (Some(format!("{})", first(&["sized"]))), None),
        _ => (None, None),
    }
}

/// The id that a comment gives a heading, as newer Docusaurus writes it.
fn heading_id(tag: &str, text: &str, at: usize) -> Option<String> {
    let id = tag
        .strip_prefix("{/*")?
        .strip_suffix("*/}")?
        .trim()
        .strip_prefix('#')?;
    let plain = !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    (plain && heading(text, at)).then(|| format!("{{#{id}}}"))
}

/// Whether a tag stands in the line of a heading.
fn heading(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    line.trim_start().starts_with('#')
}

/// Whether a tag belongs to what stands before it, or has its line for itself.
fn attached(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    heading(text, at) || line.trim().is_empty() || line.ends_with([')', ']', '*', '`', '\u{fdd5}'])
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
fn said(inside: &str) -> String {
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
    named
        .or_else(quoted)
        .map_or(String::new(), |title| format!("\n**{}**\n", title.trim()))
}
