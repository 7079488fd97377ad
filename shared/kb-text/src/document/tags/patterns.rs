//! How each tag is written, and where the next one stands in a text.
//!
//! Openings without an end must not cost more than they say. A tag therefore either holds no sign that begins another tag of its
//! kind, or its opening and its end are two patterns.

use super::super::ends::Ends;
use regex::{Captures, Regex};
use std::ops::Range;
use std::sync::LazyLock;

/// Every tag by its kind, in the order in which they are tried at a place: the whole of it, or its opening and its end.
const TAGS: [(&str, &str, &str); 31] = [
    (
        "raw",
        r"\{%-?\s*(?:raw|verbatim)\s*-?%\}",
        r"\{%-?\s*end(?:raw|verbatim)\s*-?%\}",
    ),
    (
        "comment",
        r"\{%-?\s*comment(?-u:\b)[^%]*%\}",
        r"\{%-?\s*endcomment\s*-?%\}",
    ),
    ("comment", r"\{::comment\}", r"\{:/(?:comment)?\}"),
    ("comment", r"\{\{-?\s*/\*", r"\*/\s*-?\}\}"),
    ("comment", r"\{\{!--", r"--\}\}"),
    ("comment", r"\{\{![^{}]*\}\}", ""),
    ("comment", r"\{/\*", r"\*/\}"),
    (LINE_COMMENT, r"\{#[^#\n\w]", r"#\}"),
    (
        "comment",
        r"(?m:^[ \t>]*%%[ \t]*\n)",
        r"(?m:\n[ \t>]*%%[ \t]*$)",
    ),
    ("obsidian", r"%%[^%\n]*\p{L}[^%\n]*%%", ""),
    ("expression", r"\$\{\{", r"\}\}"),
    ("literal", r"\{\{(?P<literal>[<%])\s*/\*", r"\*/\s*[>%]\}\}"),
    ("variable", r"\{\{\{[^{}]*\}\}\}", ""),
    (
        "highlight",
        r"\{%-?\s*(?:highlight|codeblock)(?:\s+(?P<hl>[\w+#-]+))?[^%]*%\}\n?",
        r"\{%-?\s*end(?:highlight|codeblock)\s*-?%\}",
    ),
    (
        "highlight",
        r"\{\{[<%]\s*highlight(?:\s+(?P<hs>[\w+#-]+))?[^{}]*\}\}\n?",
        r"\{\{[<%]\s*/\s*highlight\s*[%>]\}\}",
    ),
    (
        "target",
        r#"\{%-?\s*(?:link|post_url)\s+["']?(?P<to>[^"'%\s]+)["']?\s*-?%\}|\{\{[<%]\s*(?:ref|relref)\s+"?(?P<reference>[^"\s>%]+)"?\s*[>%]\}\}|\{\{-?\s*["'](?P<filtered>[^"'}]*)["']\s*\|\s*(?:relative_url|absolute_url|url)\s*-?\}\}"#,
        "",
    ),
    (
        "picture",
        r"\{\{[<%]\s*(?:figure|img|image)\s(?P<figure>[^{}]*?)/?[>%]\}\}|\{%-?\s*(?:figure|img|image)\s(?P<figure_tag>[^%]*?)-?%\}|(?m:^[ \t]*:::image\s(?P<image>.*?):::[ \t]*$)",
        "",
    ),
    (
        "film",
        r#"\{\{[<%]\s*youtube\s+(?:id=)?"?(?P<youtube>[\w-]+)"?[^{}]*[>%]\}\}|\{%-?\s*(?:youtube|embed)\s+(?:url=)?["']?(?P<embed>[^"'\s%]+)["']?[^%]*%\}|\{\{[<%]\s*vimeo\s+(?:id=)?"?(?P<vimeo>\d+)"?[^{}]*[>%]\}\}|\[!VIDEO\s+(?P<video>[^\]\s]+)\s*\]"#,
        "",
    ),
    ("shortcode", r"\{\{[<%](?P<call>[^{}]*?)[>%]\}\}", ""),
    ("tag", r"\{%", r"%\}"),
    ("braces", r"\{\{-?(?P<braces_text>[^{}]*?)-?\}\}", ""),
    ("slug", r"\[\]\{#[\w-]+\}", ""),
    (
        "id",
        r"\{#(?P<id_text>[\w:.-]+)(?:\s+(?:\.[\w-]+|[\w-]+=[\w.-]+))*\s*\}",
        "",
    ),
    (
        "attributes",
        r#"\{:/?\s*(?:(?:[.#][\w-]+|[\w-]+=(?:"[^"\n}]*"|'[^'\n}]*'|[^\s"'{}]+)|toc|no_toc)\s*)+\}|\{::/?[a-z]\w*[^{}\n]*\}"#,
        "",
    ),
    ("space", r#"\{(?:"\s*"|'\s*')\}"#, ""),
    (
        "include",
        r"\[!INCLUDE\s*-?\[[^\[\]\n]*\]\([^()\n]*\)\s*\]|\[!code[\w-]*\[[^\[\]\n]*\]\([^()\n]*\)\s*\]|(?m:^[ \t]*-+8<-+.*$)",
        "",
    ),
    ("frame", r"(?m:^[ \t>]*\[!div\s[^\]\n]*\][ \t]*$)", ""),
    (
        "contents",
        r"(?mi:^[ \t]*(?:\[TOC\]|\[\[_?TOC_?\]\]|\$\{toc\}|@\[toc\])[ \t]*$)",
        "",
    ),
    (
        "module",
        r#"(?m:^import\s+(?:[\w$*]+|\{[^{}'"]*\}|[\w$*]+\s*,\s*\{[^{}'"]*\}|\*\s+as\s+\w+)\s+from\s+(?:'[^'\n]+'|"[^"\n]+");?[ \t]*$|^import\s+(?:'[^'\n]+'|"[^"\n]+");?[ \t]*$|^export\s+(?:const|let|var)\s+[\w{\[][^\n]*=[^\n]*(?:\n[^\n]*\S[^\n]*)*|^export\s+(?:default\s+)?(?:async\s+)?(?:function|class)(?-u:\b)[^\n]*(?:\n[^\n]*\S[^\n]*)*|^export\s+(?:default\s+[A-Z]\w*|\*|\{[^{}\n]*\})(?:\s+from\s+['"][^'"\n]+['"])?;[ \t]*$)"#,
        "",
    ),
    (
        "icon",
        r":(?:material|fontawesome|octicons|simple)-[a-z0-9-]+:(?:\{[^{}\n]*\})?",
        "",
    ),
    (
        "size",
        r"(?P<sized>!\[[^\[\]\n]*\]\([^()\s]+)\s+=\d*%?x?\d*%?\)",
        "",
    ),
];

/// The kind of a comment that ends in its line or is none.
const LINE_COMMENT: &str = "comment in a line";

/// Patterns that were put together.
struct Patterns {
    /// What may begin at a place, each kind in a group of its own.
    any: Regex,
    /// What stands whole at the beginning of a text.
    whole: Regex,
    /// The end of each kind that has one.
    ends: Vec<Option<Regex>>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let together = |only_whole: bool| {
        let tags = TAGS.iter().enumerate();
        let tags = tags.filter(|(_, (_, _, end))| !only_whole || end.is_empty());
        let tags: Vec<String> = tags
            .map(|(n, (_, tag, _))| format!("(?P<t{n}>{tag})"))
            .collect();
        tags.join("|")
    };
    let end = |end: &str| (!end.is_empty()).then(|| pattern(end));
    Patterns {
        any: pattern(&together(false)),
        whole: pattern(&format!(
            r"\A(?:{}|\{{%(?P<tag>(?s:.*?))%\}})",
            together(true)
        )),
        ends: TAGS.iter().map(|(_, _, text)| end(text)).collect(),
    }
});

pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant of its file")
}

/// A tag in a text.
pub(super) struct Tag<'t> {
    pub kind: &'static str,
    pub at: Range<usize>,
    /// What stands between its opening and its end, where it has both.
    pub inside: &'t str,
    groups: Captures<'t>,
}

impl<'t> Tag<'t> {
    /// The first of some groups that is there.
    pub fn first(&self, groups: &[&str]) -> &'t str {
        let mut found = groups.iter().filter_map(|name| self.groups.name(name));
        found.next().map_or("", |group| group.as_str())
    }
}

/// The tags of a text, one after the other.
pub(super) struct Tags<'t> {
    text: &'t str,
    at: usize,
    ends: Ends<'t>,
}

impl<'t> Tags<'t> {
    pub fn of(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            ends: Ends::new(text),
        }
    }

    /// The tag whose opening was found; what is no opening of it after all may be another one.
    fn closed(&mut self, n: usize, groups: Captures<'t>) -> Option<Tag<'t>> {
        let opening = groups.get(0)?.range();
        let (kind, ..) = TAGS[n];
        let Some(end) = &PATTERNS.ends[n] else {
            return Some(Tag {
                kind,
                at: opening,
                inside: "",
                groups,
            });
        };
        let found = match kind {
            LINE_COMMENT => self.ends.in_line(end, opening.end),
            _ => self.ends.after(end, opening.end),
        };
        if let Some(end) = found {
            return Some(Tag {
                kind: if kind == LINE_COMMENT {
                    "comment"
                } else {
                    kind
                },
                at: opening.start..end.end,
                inside: &self.text[opening.end..end.start],
                groups,
            });
        }
        if kind == "tag" {
            return None;
        }
        let groups = PATTERNS.whole.captures(&self.text[opening.start..])?;
        let length = groups.get(0)?.len();
        let inside = groups.name("tag").map(|tag| tag.as_str());
        Some(Tag {
            kind: inside.map_or_else(|| numbered(&groups).map_or("", |n| TAGS[n].0), |_| "tag"),
            at: opening.start..opening.start + length,
            inside: inside.unwrap_or_default(),
            groups,
        })
    }
}

impl<'t> Iterator for Tags<'t> {
    type Item = Tag<'t>;

    fn next(&mut self) -> Option<Tag<'t>> {
        loop {
            let groups = PATTERNS.any.captures_at(self.text, self.at)?;
            let start = groups.get(0)?.start();
            let tag = numbered(&groups).and_then(|n| self.closed(n, groups));
            // Whatever begins a tag begins with a sign of one byte.
            self.at = tag.as_ref().map_or(start + 1, |tag| tag.at.end);
            if tag.is_some() {
                return tag;
            }
        }
    }
}

/// Which tag a pattern has found.
fn numbered(groups: &Captures<'_>) -> Option<usize> {
    (0..TAGS.len()).find(|n| groups.name(&format!("t{n}")).is_some())
}
