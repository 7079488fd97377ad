//! Snippets: a window of a passage around what matched, with marks from the ranges that tokens kept.

use super::han::is_han;
use super::token::{Matcher, Tokens};
use std::collections::HashSet;
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// The longest snippet, in columns: a Han character counts two.
const COLUMNS_MAX: usize = 200;

/// A stretch of a snippet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text as it stands in the passage.
    pub text: String,
    /// Whether it matched.
    pub marked: bool,
}

fn columns(text: &str) -> usize {
    text.chars().map(|c| if is_han(c) { 2 } else { 1 }).sum()
}

/// Cuts the window of `text` that holds most of the `terms` (each counted once) and marks them. An ellipsis stands where
/// text was left out. The result is whole graphemes.
pub fn cut(text: &str, terms: &HashSet<String>) -> Vec<Piece> {
    cut_matching(text, &Matcher::new(terms).tokens(text), terms)
}

/// As [`cut`], of a text of which at least the tokens that are among the terms are known.
pub fn cut_matching(text: &str, analysed: &Tokens, terms: &HashSet<String>) -> Vec<Piece> {
    let mut marks: Vec<(Range<usize>, &str)> = Vec::new();
    for token in analysed
        .words
        .iter()
        .chain(&analysed.second)
        .filter(|t| terms.contains(&t.term))
    {
        marks.push((token.range.clone(), &token.term));
    }
    marks.sort_by_key(|(range, _)| (range.start, range.end));
    let breaks: Vec<usize> = text
        .split_word_bound_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let window = best_window(text, &breaks, &marks);
    pieces(text, window, marks.into_iter().map(|(range, _)| range))
}

/// The window that begins a little before a mark and holds the most distinct terms.
fn best_window(text: &str, breaks: &[usize], marks: &[(Range<usize>, &str)]) -> Range<usize> {
    let from = |start: usize| {
        let (mut end, mut used) = (start, 0);
        for at in &breaks[breaks.partition_point(|at| *at <= start)..] {
            used += columns(&text[end..*at]);
            if used > COLUMNS_MAX {
                break;
            }
            end = *at;
        }
        if end == start {
            start..text.ceil_char_boundary((start + COLUMNS_MAX).min(text.len()))
        } else {
            start..end
        }
    };
    let whole = from(0);
    if whole.end == text.len() {
        return whole;
    }
    let mut best = (0, whole);
    let mut starts: Vec<usize> = marks
        .iter()
        .take(200)
        .map(|(mark, _)| lead(text, breaks, mark.start))
        .collect();
    starts.dedup();
    for start in starts {
        let window = from(start);
        let inside = marks
            .iter()
            .filter(|(m, _)| m.start >= window.start && m.end <= window.end)
            .map(|(_, term)| *term);
        let distinct = inside.collect::<HashSet<_>>().len();
        if distinct > best.0 {
            best = (distinct, window);
        }
    }
    best.1
}

/// Where a window around `at` begins: at the sentence, if that is near, else some words before.
fn lead(text: &str, breaks: &[usize], at: usize) -> usize {
    let near = text.floor_char_boundary(at.saturating_sub(90));
    let before = &text[near..at];
    if let Some((end, c)) = before
        .char_indices()
        .rfind(|(_, c)| matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '\n'))
    {
        let start = near + end + c.len_utf8();
        return start + text[start..at].len() - text[start..at].trim_start().len();
    }
    if near == 0 {
        0
    } else {
        breaks
            .iter()
            .copied()
            .find(|b| *b >= near)
            .unwrap_or(at)
            .min(at)
    }
}

fn pieces(
    text: &str,
    window: Range<usize>,
    marks: impl Iterator<Item = Range<usize>>,
) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |text: &str, marked: bool| {
        if text.is_empty() {
            return;
        }
        match pieces.last_mut() {
            Some(last) if last.marked == marked => last.text.push_str(text),
            _ => pieces.push(Piece {
                text: text.to_owned(),
                marked,
            }),
        }
    };
    if window.start > 0 {
        push("… ", false);
    }
    let mut at = window.start;
    for mark in marks {
        // A mark that begins inside the one before it has only its end to add.
        let (start, end) = (mark.start.max(at), mark.end);
        if start >= end || end > window.end {
            continue;
        }
        push(&text[at..start], false);
        push(&text[start..end], true);
        at = end;
    }
    push(&text[at..window.end], false);
    if window.end < text.len() {
        push(" …", false);
    }
    for piece in &mut pieces {
        if piece.text.contains(['\n', '\t']) {
            piece.text = piece.text.replace(['\n', '\t'], " ");
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, terms: &[&str]) -> String {
        let terms = terms.iter().map(|t| (*t).to_owned()).collect();
        cut(text, &terms)
            .iter()
            .map(|p| {
                if p.marked {
                    format!("[{}]", p.text)
                } else {
                    p.text.clone()
                }
            })
            .collect()
    }

    #[test]
    fn marks_stand_on_the_original_text() {
        assert_eq!(
            shown("How to RESET your Café password.", &["reset", "cafe"]),
            "How to [RESET] your [Café] password."
        );
        assert_eq!(
            shown("怎樣重置密碼？", &["重置", "密码"]),
            "怎樣[重置密碼]？"
        );
    }

    #[test]
    fn a_long_text_is_cut_around_the_terms() {
        let text = format!(
            "{} The blue gateway needs a reset. {}",
            "Other words. ".repeat(40),
            "And more. ".repeat(40)
        );
        let cut = shown(&text, &["gateway", "reset"]);
        assert!(
            cut.starts_with("… The blue [gateway] needs a [reset]."),
            "{cut}"
        );
        assert!(cut.ends_with('…') && cut.chars().count() < 230);
    }

    proptest! {
        #[test]
        fn never_panics_and_shows_only_what_is_there(text in "\\PC{0,400}") {
            let terms = ["a".to_owned(), "的".to_owned()].into();
            for piece in cut(&text, &terms) {
                let bare = piece.text.trim_matches(['…', ' ']);
                prop_assert!(text.replace(['\n', '\t'], " ").contains(bare));
            }
        }
    }
}
