//! Signs in the text itself: comments, lines at its top, blocks for some readers only.

use super::words::{self, distance, is_strong};
use super::{Access, judge};
use crate::fields::{Fields, plain, unquoted};
use crate::yaml::key_of;
use kb_domain::Timestamp;
use kb_text::document::Ends;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Lines at the top that may speak about the text, and as many characters of each.
const HEAD_LINES: usize = 12;
const LINE_MAX_CHARS: usize = 80;

/// How a comment begins, each kind in a group of its own, and how it ends.
static COMMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(<!--)|(\{/\*)|(\{%-?\s*comment\s*-?%\})|(\{\{/\*)|(%%)|((?m:^)\s{0,3}\[(?://|_|comment|#)\]:\s*(?:#|<>|/)\s*[("'])"#,
    )
});
static COMMENT_END: LazyLock<[Regex; 6]> = LazyLock::new(|| {
    [
        r"-->|\z",
        r"\*/\}",
        r"\{%-?\s*endcomment\s*-?%\}",
        r"\*/\}\}",
        r"%%",
        r#"(?m)[)"']\s*$"#,
    ]
    .map(pattern)
});
static FENCE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[\s>*+\-\d.]*(`{3,}|~{3,})\s*([^`]*)$"));
static CONTAINER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[\s>*+\-\d.)]*:{2,}\s*([\p{L}_-]*)\s*(.*)$"));
static INCLUDE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\[!include|^\s*!include(?-u:\b)|\{\{\s*#include(?-u:\b)|--8<--|<!--\s*#?include(?-u:\b)|<xi:include(?-u:\b)|^\s*include::|<include(?-u:\b)",
    )
});
static ONLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?-u:\b)data-only(?-u:\b)|</?only(?-u:\b)|\{[%{<]+-?\s*only(?-u:\b)|<(?:private|internal|restricted|draft|staff-?only|members-?only)(?-u:\b)",
    )
});
static READERS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)<\w[^>]*\s(?:data-)?(?:visibility|audience|roles|visible-to|restricted-to|access)\s*=\s*["']?([^"'>\s]+)"#,
    )
});
/// What an attribute says of everybody, or of how a picture is drawn.
const DRAWN: [&str; 8] = [
    "public", "everyone", "all", "visible", "hidden", "inherit", "collapse", "always",
];

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant of this file")
}

/// Keys that give a block to some readers.
const ONLY_KEYS: [&str; 6] = [
    "level",
    "segment",
    "department",
    "person",
    "region",
    "version",
];

/// Sentences by which a text forbids everybody else to read it.
const PHRASES: [&str; 18] = [
    "internal use only",
    "internal only",
    "for internal use",
    "not for publication",
    "do not publish",
    "do not distribute",
    "not for distribution",
    "not for external",
    "strictly confidential",
    "company confidential",
    "confidential and proprietary",
    "private and confidential",
    "employees only",
    "staff only",
    "agents only",
    "work in progress",
    "not yet public",
    "not public",
];
/// The same in scripts that write no spaces; a longer line says something else with them.
const HAN_PHRASES: [&str; 8] = [
    "仅供内部",
    "僅供內部",
    "仅限内部",
    "僅限內部",
    "内部使用",
    "內部使用",
    "请勿外传",
    "請勿外傳",
];
const HAN_LINE_MAX_CHARS: usize = 20;

fn says_so(line: &str) -> bool {
    let lower = line.to_lowercase();
    let han = line.chars().count() <= HAN_LINE_MAX_CHARS;
    PHRASES.iter().any(|phrase| lower.contains(phrase))
        || (han && HAN_PHRASES.iter().any(|phrase| line.contains(phrase)))
}

/// What the signs in a text say about readers.
pub fn in_text(text: &str, title: &str, now: Timestamp) -> Access {
    let mut access = Access::default();
    let prose = without_code(text);
    let (mut shown, mut at) = (String::with_capacity(prose.len()), 0);
    for (whole, inside) in comments(&prose) {
        comment(&prose[inside], now, &mut access);
        shown.push_str(&prose[at..whole.start]);
        at = whole.end;
    }
    shown.push_str(&prose[at..]);
    blocks(&prose, &mut access);
    if let Some(word) = marked_title(title) {
        access.forbid(format!("its title says {word}"));
    }
    let lines: Vec<&str> = shown
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let mut head = Fields::default();
    for line in lines.iter().take(HEAD_LINES) {
        let bare = line.trim_start_matches(|c: char| !c.is_alphanumeric());
        let short = line.chars().count() <= LINE_MAX_CHARS;
        if let Some((key, value)) = key_of(&bare.replace("**", "")).filter(|_| short) {
            let value = value.trim_matches(|c: char| matches!(c, '*' | '_' | '`' | '|' | ' '));
            // Prose has colons, too: a short value under a key that is about readers is none.
            let words = value.split_whitespace().count();
            let han = value.chars().filter(|c| !c.is_ascii()).count();
            if words <= 4 && han <= 6 && !value.ends_with(['.', '。']) && words::key(key).is_some()
            {
                head.push(key.trim_matches(['*', '_']), unquoted(value));
            }
        }
    }
    access.add(super::judge_lines(&head, now));
    let ends = lines.len().saturating_sub(3).max(5.min(lines.len()));
    for line in lines.iter().take(5).chain(&lines[ends..]) {
        let bare = line.trim_matches(|c: char| !c.is_alphanumeric());
        let said = says_so(line);
        let marked = *line != bare || *line == line.to_uppercase();
        if line.chars().count() <= LINE_MAX_CHARS && (said || (marked && is_strong(bare))) {
            access.forbid(format!("it says \"{}\"", clip(line)));
        }
    }
    access
}

/// Where the comments of a text stand, with and without their marks.
fn comments(prose: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let (mut found, mut at) = (Vec::new(), 0);
    let mut ends = Ends::new(prose);
    while let Some(groups) = COMMENT.captures_at(prose, at) {
        let opening = groups.get(0).map_or(0..0, |m| m.range());
        let end = COMMENT_END.iter().zip(groups.iter().skip(1));
        let end = end.filter(|(_, group)| group.is_some()).map(|(end, _)| end);
        match end.last().and_then(|end| ends.after(end, opening.end)) {
            Some(end) => {
                found.push((opening.start..end.end, opening.end..end.start));
                at = end.end;
            }
            None => at = prose.ceil_char_boundary(opening.start + 1),
        }
    }
    found
}

/// A title such as `[Draft] Plan`, `DRAFT: Plan`, `Plan (internal only)`.
fn marked_title(title: &str) -> Option<&str> {
    let title = title.trim();
    let inside = |open: char, close: char| {
        let at = title.find(open)?;
        let end = title[at..].find(close)? + at;
        let word = &title[at + open.len_utf8()..end];
        let edge = at == 0 || end + close.len_utf8() == title.len();
        (edge && is_strong(word)).then_some(word)
    };
    let before = title
        .split_once([':', '：', '|'])
        .map(|(word, _)| word)
        .filter(|word| is_strong(word));
    [
        ('[', ']'),
        ('(', ')'),
        ('【', '】'),
        ('（', '）'),
        ('〔', '〕'),
    ]
    .into_iter()
    .find_map(|(open, close)| inside(open, close))
    .or(before)
    .or_else(|| matches!(plain(title).as_str(), "draft" | "wip" | "草稿").then_some(title))
}

fn comment(content: &str, now: Timestamp, access: &mut Access) {
    let mut fields = Fields::default();
    for line in content.lines().take(200) {
        let line = line.trim().trim_matches(['-', '*', '#', '/', ' ']);
        if line.is_empty() || line.chars().count() > LINE_MAX_CHARS {
            continue;
        }
        if let Some((key, value)) = key_of(line).or_else(|| line.split_once('='))
            && words::key(key.trim()).is_some()
            && value.split_whitespace().count() <= 6
        {
            fields.push(key.trim(), unquoted(value));
        }
        let lower = line.to_lowercase();
        let first: String = lower.chars().take_while(|c| c.is_alphanumeric()).collect();
        let said = says_so(line);
        let told = matches!(
            first.as_str(),
            "draft" | "wip" | "confidential" | "unpublished"
        );
        if said || told || is_strong(line) {
            access.forbid(format!("a comment in it says \"{}\"", clip(line)));
        }
    }
    let heard = judge(&fields, now);
    for reason in heard.reasons {
        access.forbid(reason.replacen("it says", "a comment in it says", 1));
    }
    if let Some(audience) = heard.audience {
        access.forbid(format!("a comment in it says that it is for {audience}"));
    }
}

/// Blocks for some readers only, and texts that stand elsewhere: neither is understood yet.
fn blocks(prose: &str, access: &mut Access) {
    for line in prose.lines() {
        let found = if let Some(found) = CONTAINER.captures(line) {
            let name = found[1].to_lowercase();
            let rest = &found[2];
            let keyed = ONLY_KEYS.iter().any(|key| {
                let set = |word: &str| word.starts_with(&format!("{key}="));
                rest.split(['{', '}', ' ', ',']).any(set)
            });
            let near =
                !name.is_empty() && (distance(&name, "only") <= 2 || name.starts_with("only"));
            keyed || near || name.starts_with("includ")
        } else {
            let readers = READERS.captures(line).map(|found| found[1].to_lowercase());
            ONLY.is_match(line)
                || INCLUDE.is_match(line)
                || readers.is_some_and(|value| !DRAWN.contains(&value.as_str()))
        };
        if found {
            let line = clip(line.trim());
            access.forbid(format!(
                "line \"{line}\" is for some readers only or includes another text, which is not understood yet"
            ));
        }
    }
}

fn clip(line: &str) -> String {
    line.chars().take(60).collect()
}

/// A text without its fenced code and code spans: what an example shows forbids nobody.
fn without_code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<(char, usize)> = None;
    for line in text.lines() {
        let fence = FENCE.captures(line);
        match (open, fence) {
            (None, Some(found)) => {
                let mark = &found[1];
                open = mark.chars().next().map(|c| (c, mark.len()));
            }
            (Some((c, n)), Some(found)) => {
                let mark = &found[1];
                if mark.starts_with(c) && mark.len() >= n && found[2].trim().is_empty() {
                    open = None;
                }
            }
            (Some(_), None) => {}
            (None, None) => {
                let mut pieces = line.split('`');
                out.push_str(pieces.next().unwrap_or_default());
                let rest: Vec<&str> = pieces.collect();
                // An odd mark at the end opens nothing.
                for (n, piece) in rest.iter().enumerate() {
                    if n % 2 == 1 || n + 1 == rest.len() {
                        out.push_str(piece);
                    }
                }
                out.push('\n');
            }
        }
    }
    // A fence that is never closed must not hide what stands below it.
    if open.is_some() { text.to_owned() } else { out }
}

/// Words of a class of a page's root that say what state it is in, as WordPress writes them.
pub fn classes(words: &str) -> Option<&str> {
    words.split_whitespace().find(|word| {
        let bare = word.to_lowercase();
        let state = bare
            .strip_prefix("status-")
            .or_else(|| bare.strip_prefix("visibility-"))
            .or_else(|| bare.strip_prefix("post-status-"));
        state.is_some_and(|s| {
            !matches!(
                plain(s).as_str(),
                "publish" | "published" | "public" | "inherit"
            )
        }) || bare.starts_with("post-password")
            || is_strong(&bare)
    })
}
