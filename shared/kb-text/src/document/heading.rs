//! The title that stands in a body: its first heading of level 1.

use super::html::{Piece, partners, pieces, tidy};
use super::{KeepLinks, clean, looked, markdown, page};

/// Takes the first heading of level 1 out of a Markdown source. What only looks like one, in code or in a comment, is none.
pub(super) fn take_from_markdown(source: &str) -> (Option<String>, String) {
    let Some((from, to)) = markdown::first_h1(source) else {
        return (None, source.to_owned());
    };
    let lines: Vec<&str> = source.split_inclusive('\n').collect();
    let heading: String = lines[from..to.min(lines.len())].concat();
    let title = title_of(&markdown::to_html(&heading));
    let rest = [&lines[..from], &lines[to.min(lines.len())..]]
        .concat()
        .concat();
    match title {
        None => (None, source.to_owned()),
        title => (title, rest.trim_start_matches(['\n', '\r']).to_owned()),
    }
}

/// Takes the first `<h1>` out of an HTML source.
pub(super) fn take_from_html(source: &str) -> (Option<String>, String) {
    let pieces = pieces(source);
    let partners = partners(&pieces);
    let mut passed = 0;
    for (n, piece) in pieces.iter().enumerate() {
        let (Piece::Tag(open), Some(end)) = (piece, partners[n]) else {
            continue;
        };
        let Piece::Tag(close) = &pieces[end] else {
            continue;
        };
        if &*open.name != "h1" || open.closing || n < passed {
            continue;
        }
        let from = place(source, open.source);
        let to = place(source, close.source) + close.source.len();
        let title = title_of(&source[from..to]);
        if title.is_some() {
            return (title, [&source[..from], &source[to..]].concat());
        }
        // A heading inside one that says nothing says nothing either.
        passed = end;
    }
    (None, source.to_owned())
}

/// Where a part of a text begins in it.
fn place(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

fn title_of(html: &str) -> Option<String> {
    looked::at(html.len());
    let heading = page::read(&clean::clean(&tidy(html, false).html, &KeepLinks));
    heading.first_h1.filter(|title| !title.is_empty())
}

/// Whether two titles say the same, whatever their case, spaces and punctuation.
pub(super) fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| -> String {
        let kept = text.chars().filter(|c| c.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (letters(a), letters(b));
    !a.is_empty() && a == b
}
