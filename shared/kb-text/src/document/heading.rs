//! The title that stands in a body: its first heading of level 1.

use super::{KeepLinks, clean, markdown, page};

/// Takes a leading `# Title` (or a title underlined with `=`) out of a Markdown source; headings in code are none.
pub(super) fn take_from_markdown(source: &str) -> (Option<String>, String) {
    let lines: Vec<&str> = source.split_inclusive('\n').collect();
    let mut fence: Option<&str> = None;
    for (n, line) in lines.iter().enumerate() {
        let bare = line.trim();
        if let Some(mark) = ["```", "~~~"].into_iter().find(|m| bare.starts_with(m)) {
            fence = match fence {
                Some(open) if open == mark => None,
                None => Some(mark),
                other => other,
            };
            continue;
        }
        if fence.is_some() || line.starts_with("    ") {
            continue;
        }
        let hashes = bare.starts_with("# ") && !bare.trim_start_matches('#').trim().is_empty();
        let underline = lines
            .get(n + 1)
            .is_some_and(|next| next.trim().len() > 1 && next.trim().chars().all(|c| c == '='))
            && !bare.is_empty();
        if !hashes && !underline {
            continue;
        }
        let taken = if hashes { 1 } else { 2 };
        let heading: String = lines[n..n + taken].concat();
        let title = page::read(&clean::clean(&markdown::to_html(&heading), &KeepLinks))
            .first_h1
            .filter(|t| !t.is_empty());
        let rest: String = lines[..n]
            .iter()
            .chain(&lines[n + taken..])
            .copied()
            .collect();
        return if title.is_some() {
            (title, rest.trim_start_matches('\n').to_owned())
        } else {
            (None, source.to_owned())
        };
    }
    (None, source.to_owned())
}

/// Takes the first `<h1>` out of an HTML source.
pub(super) fn take_from_html(source: &str) -> (Option<String>, String) {
    let lower = source.to_ascii_lowercase();
    let Some(start) = lower
        .find("<h1")
        .filter(|at| lower[at + 3..].starts_with(['>', ' ', '\n', '\t']))
    else {
        return (None, source.to_owned());
    };
    let Some(length) = lower[start..].find("</h1>") else {
        return (None, source.to_owned());
    };
    let end = start + length + "</h1>".len();
    let title = page::read(&clean::clean(&source[start..end], &KeepLinks))
        .first_h1
        .filter(|t| !t.is_empty());
    match title {
        None => (None, source.to_owned()),
        title => (title, [&source[..start], &source[end..]].concat()),
    }
}
