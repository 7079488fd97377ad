//! The title of a text: what it says of itself, else a heading that stands above everything, else the name of its file.

use crate::layout::display_name;
use crate::page::Page;
use kb_domain::BodyFormat;
use kb_text::document;

/// The longest title.
const TITLE_MAX_CHARS: usize = 250;

/// A text with its title.
pub(super) struct Titled {
    pub title: String,
    pub body: String,
    /// Whether nothing names the text but its file, or its own first words.
    pub made_up: bool,
}

/// Finds the title of a text. `said` is what its block says, `stem` the name of its file.
pub(super) fn titled(
    said: Option<&str>,
    page: &Page,
    format: BodyFormat,
    source: String,
    stem: &str,
) -> Titled {
    let named = |title: &str, body: String| Titled {
        title: title.to_owned(),
        body,
        made_up: false,
    };
    if let Some(title) = said {
        return named(title, source);
    }
    if let Some((heading, at)) = &page.heading {
        let rest = match source.get(at.clone()) {
            Some(text) if text.starts_with('<') => {
                [&source[..at.start], &source[at.end..]].concat()
            }
            _ => source,
        };
        return named(heading, rest);
    }
    if let Some(title) = &page.title {
        return named(title, source);
    }
    if format == BodyFormat::Markdown
        && let Some(at) = leading(&source)
    {
        let (above, below) = source.split_at(at);
        if let (Some(title), rest) = document::take_first_h1(format, below) {
            let above = above.trim_start_matches(['\n', '\r']);
            return named(&title, format!("{above}{rest}"));
        }
    }
    Titled {
        title: without_heading(stem, format, &source),
        body: source,
        made_up: true,
    }
}

/// Where the heading of level 1 begins that stands above everything but comments, pictures and rules.
fn leading(source: &str) -> Option<usize> {
    let mut at = 0;
    let mut lines = source.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim();
        let indented = line.starts_with("    ") || line.starts_with('\t');
        if bare.starts_with("<!--") {
            let end = source[at..].find("-->")? + 3;
            let rest = source[at + end..]
                .split_inclusive('\n')
                .next()
                .unwrap_or_default();
            if !rest.trim().is_empty() {
                return None;
            }
            at += end + rest.len();
            lines = source[at..].split_inclusive('\n').peekable();
            continue;
        }
        if bare.starts_with('<') && bare[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            // Raw HTML goes on to the next empty line.
            let length = source[at..]
                .find("\n\n")
                .map_or(source.len() - at, |n| n + 2);
            if !crate::markup::text(&source[at..at + length]).is_empty() {
                return None;
            }
            at += length;
            lines = source[at..].split_inclusive('\n').peekable();
            continue;
        }
        if bare.is_empty() || is_rule(bare) || shows_only_pictures(bare) {
            at += line.len();
            continue;
        }
        let hashes = bare.starts_with("# ") && !bare.trim_matches('#').trim().is_empty();
        let underlined = lines.peek().is_some_and(|next| {
            let next = next.trim();
            !next.is_empty() && next.chars().all(|c| c == '=')
        });
        return (!indented && (hashes || underlined)).then_some(at);
    }
    None
}

fn is_rule(line: &str) -> bool {
    let marks = line.chars().filter(|c| !c.is_whitespace());
    let first = line.chars().next().unwrap_or_default();
    matches!(first, '-' | '*' | '_')
        && marks.clone().count() >= 3
        && marks.clone().all(|c| c == first)
}

/// A line of pictures and of links around pictures, such as badges.
fn shows_only_pictures(line: &str) -> bool {
    let mut rest = line;
    while let Some(start) = rest.strip_prefix("[![").or_else(|| rest.strip_prefix("![")) {
        let linked = rest.starts_with("[![");
        let Some((_, mut behind)) = start.split_once(')') else {
            return false;
        };
        // The picture ends first, and then the link around it.
        if let Some(link) = behind.strip_prefix("](").filter(|_| linked) {
            match link.split_once(')') {
                Some((_, after)) => behind = after,
                None => return false,
            }
        }
        rest = behind.trim_start();
    }
    rest.is_empty()
}

/// A title for a text that has none: the name of its file, else its first words.
pub(super) fn without_heading(stem: &str, format: BodyFormat, source: &str) -> String {
    let named = display_name(stem);
    let general = matches!(
        stem.to_lowercase().as_str(),
        "index" | "readme" | "default" | "_index"
    );
    if !named.is_empty() && !general {
        return named;
    }
    let plain = document::plain_text(format, source);
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let first: String = words.chars().take(80).collect();
    if first.is_empty() { named } else { first }
}

/// A title that fits, and what to say where it was cut.
pub(super) fn fitting(title: &str) -> (String, Option<String>) {
    let title: String = title
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = title.chars().count();
    if length <= TITLE_MAX_CHARS {
        return (title, None);
    }
    let cut: String = title.chars().take(TITLE_MAX_CHARS - 1).collect();
    let warning = format!("title: {length} characters; it was cut at {TITLE_MAX_CHARS}");
    (cut.trim_end().to_owned() + "…", Some(warning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(source: &str) -> (String, String) {
        let found = titled(
            None,
            &Page::default(),
            BodyFormat::Markdown,
            source.to_owned(),
            "run-script",
        );
        (found.title, found.body)
    }

    #[test]
    fn a_heading_that_stands_above_everything_is_the_title() {
        for source in [
            "# T\n\nText.\n",
            "\n\n# T #\nText.\n",
            "T\n===\nText.\n",
            "<!-- # old\n-->\n# T\n\nText.\n",
            "![p](p.png)\n\n# T\n\nText.\n",
            "[![b](b.svg)](https://x.example) ![c](c.svg)\n# T\n\nText.\n",
            "---\n\n# T\n\nText.\n",
            "<p align=\"center\"><img src=\"l.png\"></p>\n\n# T\n\nText.\n",
        ] {
            let (found, body) = title(source);
            assert_eq!(found, "T", "{source:?}");
            assert!(
                body.ends_with("Text.\n") && !body.contains("# T"),
                "{source:?}: {body:?}"
            );
        }
    }

    #[test]
    fn a_heading_further_down_stays_and_the_file_names_the_text() {
        for source in [
            "Text.\n\n# Appendix\n",
            "## Steps\n\n# Appendix\n",
            "~~~~\n~~~\n# stop\n~~~\n~~~~\n\nText.\n",
            "```\n# x\n```\n# Appendix\n",
            "    # code\n\nText\n",
            "> # quoted\n",
            "- # item\n",
            "<!-- open\n# x\n",
            "<div>\n# x\n</div>",
            "#hashtag\n",
            "#\n\nText",
        ] {
            assert_eq!(
                title(source),
                ("Run script".to_owned(), source.to_owned()),
                "{source:?}"
            );
        }
    }

    #[test]
    fn a_title_that_is_too_long_is_cut_and_told() {
        let (short, told) = fitting(&"如何".repeat(200));
        assert_eq!(short.chars().count(), TITLE_MAX_CHARS);
        assert!(told.is_some());
        assert_eq!(fitting("a\n b\u{0}"), ("a b".to_owned(), None));
    }
}
