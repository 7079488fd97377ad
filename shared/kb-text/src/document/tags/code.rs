//! Code in a source, put aside while what stands around it is worked on.

use super::super::ends::Ends;
use super::super::markdown::{Code, code_lines};
use super::patterns::pattern;
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Stands before the number of a piece of code.
const OPEN: char = '\u{fdd4}';
/// Stands behind it.
const SHUT: char = '\u{fdd5}';

/// A source whose code is put aside.
pub(super) struct Aside {
    /// The source with a mark in place of each piece of code.
    pub text: String,
    pieces: Vec<String>,
}

/// Puts all code of a Markdown source aside: blocks, spans, and elements of HTML that hold code.
pub(super) fn aside(source: &str) -> Aside {
    let source = source.replace([OPEN, SHUT], "\u{fffd}");
    let mut kept = Aside {
        text: String::with_capacity(source.len()),
        pieces: Vec::new(),
    };
    let code = code_lines(&source);
    let mut prose = String::new();
    let mut block = String::new();
    for (n, line) in source.split_inclusive('\n').enumerate() {
        let is_code = code.get(n).is_some_and(|c| *c != Code::No);
        if is_code {
            kept.spans(&std::mem::take(&mut prose));
            block.push_str(line);
            continue;
        }
        kept.put(std::mem::take(&mut block));
        prose.push_str(line);
    }
    kept.spans(&prose);
    kept.put(block);
    kept
}

impl Aside {
    fn put(&mut self, code: String) {
        if !code.is_empty() {
            self.text
                .push_str(&format!("{OPEN}{}{SHUT}", self.pieces.len()));
            self.pieces.push(code);
        }
    }

    /// Puts the spans of code in running text aside.
    fn spans(&mut self, prose: &str) {
        static OPENING: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)<(pre|code|script|style)(?-u:\b)"));
        static ENDS: LazyLock<HashMap<&str, Regex>> = LazyLock::new(|| {
            let end = |name| (name, pattern(&format!("(?i)</{name}>")));
            HashMap::from(["pre", "code", "script", "style"].map(end))
        });
        let mut ends = Ends::new(prose);
        let (mut at, mut from) = (0, 0);
        while let Some(found) = OPENING.captures_at(prose, from) {
            let opening = found.get(0).map_or(0..0, |m| m.range());
            let end = ENDS.get(found[1].to_ascii_lowercase().as_str());
            from = opening.end;
            if let Some(end) = end.and_then(|end| ends.after(end, opening.end)) {
                self.backticks(&prose[at..opening.start]);
                self.put(prose[opening.start..end.end].to_owned());
                (at, from) = (end.end, end.end);
            }
        }
        self.backticks(&prose[at..]);
    }

    fn backticks(&mut self, prose: &str) {
        static RUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\\?`+|\n[ \t]*\n"));
        let runs: Vec<(usize, usize, &str)> = RUN
            .find_iter(prose)
            .map(|m| (m.start(), m.end(), m.as_str()))
            .collect();
        let (mut at, mut n) = (0, 0);
        while n < runs.len() {
            let (start, _, run) = runs[n];
            if !run.starts_with('`') {
                n += 1;
                continue;
            }
            // A span ends at a run of the same length in the same paragraph.
            let ahead = runs[n + 1..].iter().take(SPANS_AHEAD);
            let close = ahead
                .take_while(|(_, _, other)| !other.starts_with('\n'))
                .position(|(_, _, other)| other.trim_start_matches('\\') == run);
            let Some(close) = close.map(|c| n + 1 + c) else {
                n += 1;
                continue;
            };
            self.text.push_str(&prose[at..start]);
            self.put(prose[start..runs[close].1].to_owned());
            at = runs[close].1;
            n = close + 1;
        }
        self.text.push_str(&prose[at..]);
    }

    /// How many lines of the source end in a part of the text, which begins and ends outside of code.
    pub fn lines_in(&self, part: &str) -> usize {
        let count = |text: &str| text.bytes().filter(|b| *b == b'\n').count();
        let pieces = part
            .split(OPEN)
            .skip(1)
            .filter_map(|mark| self.piece(mark.split(SHUT).next()?));
        count(part) + pieces.map(count).sum::<usize>()
    }

    fn piece(&self, number: &str) -> Option<&str> {
        let number = number.parse::<usize>().ok()?;
        self.pieces.get(number).map(String::as_str)
    }

    /// Brings the code back into a text that was made of this one.
    pub fn back(&self, text: &str) -> String {
        let mut parts = text.split(OPEN);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (number, rest) = part.split_once(SHUT).unwrap_or((part, ""));
            out.push_str(self.piece(number).unwrap_or_default());
            out.push_str(rest);
        }
        out
    }
}

/// So many runs of backticks are looked at for the end of a span.
const SPANS_AHEAD: usize = 500;
