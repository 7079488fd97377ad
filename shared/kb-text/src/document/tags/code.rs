//! Code in a source, put aside while what stands around it is worked on.

use super::super::markdown::{Code, code_lines};
use regex::Regex;
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
        static ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
            super::pattern(
                r"(?is)<pre\b.*?</pre>|<code\b.*?</code>|<script\b.*?</script>|<style\b.*?</style>",
            )
        });
        let mut at = 0;
        for element in ELEMENT.find_iter(prose) {
            self.backticks(&prose[at..element.start()]);
            self.put(element.as_str().to_owned());
            at = element.end();
        }
        self.backticks(&prose[at..]);
    }

    fn backticks(&mut self, prose: &str) {
        static RUN: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"\\?`+|\n[ \t]*\n"));
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

    /// The line, from 1, of a place in the text.
    pub fn line(&self, at: usize) -> usize {
        let before = &self.text[..at];
        let mut lines = 1 + before.matches('\n').count();
        for mark in before.split(OPEN).skip(1) {
            let number = mark
                .split(SHUT)
                .next()
                .and_then(|n| n.parse::<usize>().ok());
            let piece = number.and_then(|n| self.pieces.get(n));
            lines += piece.map_or(0, |p| p.matches('\n').count());
        }
        lines
    }

    /// Brings the code back into a text that was made of this one.
    pub fn back(&self, text: &str) -> String {
        let mut parts = text.split(OPEN);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (number, rest) = part.split_once(SHUT).unwrap_or((part, ""));
            let piece = number
                .parse::<usize>()
                .ok()
                .and_then(|n| self.pieces.get(n));
            out.push_str(piece.map_or("", String::as_str));
            out.push_str(rest);
        }
        out
    }
}

/// So many runs of backticks are looked at for the end of a span.
const SPANS_AHEAD: usize = 500;
