//! Template tags of site generators: resolved where they name a target, else removed; code stays as it is.

use super::{TagOutcome, Warning};
use regex::{Captures, Regex};
use std::sync::OnceLock;

struct Patterns {
    code: Regex,
    comment: Regex,
    target: Regex,
    reference: Regex,
    any: Regex,
    attributes: Regex,
    id: Regex,
}

fn patterns() -> &'static Patterns {
    static PATTERNS: OnceLock<Patterns> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let compile = |text| Regex::new(text).expect("the pattern is a constant of this file");
        Patterns {
            code: compile(r"(?s)(?:^|\n)(?:```.*?(?:\n```|\z)|~~~.*?(?:\n~~~|\z))|`[^`\n]+`"),
            comment: compile(
                r"(?s)\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|\{#[^#\n][^\n]*?#\}",
            ),
            target: compile(r#"\{%-?\s*(?:link|post_url)\s+["']?([^"'%\s]+)["']?\s*-?%\}"#),
            reference: compile(r#"\{\{[<%]\s*(?:ref|relref)\s+"?([^"\s>%]+)"?\s*[>%]\}\}"#),
            any: compile(r"(?s)\{%.*?%\}|\{\{.*?\}\}|\{#[^}\n]*\}"),
            attributes: compile(r"\{:[^}\n]*\}"),
            id: compile(r"^\{#[\w.-]+(?:\s+[\w.=-]+)*\s*\}$"),
        }
    })
}

pub(super) fn resolve(source: &str) -> (String, Vec<Warning>) {
    if !source.contains('{') {
        return (source.to_owned(), Vec::new());
    }
    let (mut out, mut warnings, mut at) = (String::new(), Vec::new(), 0);
    for code in patterns().code.find_iter(source) {
        out.push_str(&prose(
            &source[at..code.start()],
            line_of(source, at),
            &mut warnings,
        ));
        out.push_str(code.as_str());
        at = code.end();
    }
    out.push_str(&prose(&source[at..], line_of(source, at), &mut warnings));
    (out, warnings)
}

fn line_of(source: &str, at: usize) -> usize {
    1 + source[..at].matches('\n').count()
}

fn prose(text: &str, first_line: usize, warnings: &mut Vec<Warning>) -> String {
    let patterns = patterns();
    let mut warn = |text: &str, found: &regex::Match<'_>, outcome| {
        let tag = found.as_str().chars().take(200).collect();
        warnings.push(Warning {
            line: first_line + text[..found.start()].matches('\n').count(),
            tag,
            outcome,
        });
    };
    let mut next = text.to_owned();
    for found in patterns.comment.find_iter(text) {
        warn(text, &found, TagOutcome::RemovedWithContent);
    }
    next = patterns.comment.replace_all(&next, "").into_owned();
    next = patterns
        .target
        .replace_all(&next, |c: &Captures<'_>| c[1].to_owned())
        .into_owned();
    next = patterns
        .reference
        .replace_all(&next, |c: &Captures<'_>| c[1].to_owned())
        .into_owned();
    let before = next.clone();
    for found in patterns.any.find_iter(&before) {
        let is_heading_id =
            found.as_str().starts_with("{#") && is_in_heading(&before, found.start());
        let silent = found.as_str().contains("baseurl") || found.as_str().contains("raw");
        if !is_heading_id && !silent {
            warn(&before, &found, TagOutcome::Removed);
        }
    }
    next = replace_with_place(&before, &patterns.any, |found, at| {
        if patterns.id.is_match(found) && is_in_heading(&before, at) {
            found.to_owned()
        } else {
            String::new()
        }
    });
    patterns.attributes.replace_all(&next, "").into_owned()
}

fn is_in_heading(text: &str, at: usize) -> bool {
    text[..at]
        .rsplit('\n')
        .next()
        .is_some_and(|line| line.trim_start().starts_with('#'))
}

fn replace_with_place(
    text: &str,
    pattern: &Regex,
    replace: impl Fn(&str, usize) -> String,
) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for found in pattern.find_iter(text) {
        out.push_str(&text[at..found.start()]);
        out.push_str(&replace(found.as_str(), found.start()));
        at = found.end();
    }
    out.push_str(&text[at..]);
    out
}
