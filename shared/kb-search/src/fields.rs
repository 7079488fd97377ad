//! The text fields of a part, and what stands in each.

use crate::part::Part;
use kb_text::analysis::{SENTINEL, Token, tokens};

/// Words of the title.
pub const TITLE_WORDS: &str = "title_words";
/// Stems and bigrams of the title.
pub const TITLE_SECOND: &str = "title_second";
/// Words of the body.
pub const BODY_WORDS: &str = "body_words";
/// Stems and bigrams of the body.
pub const BODY_SECOND: &str = "body_second";
/// Words of labels and path.
pub const PLACE: &str = "place_words";

/// Every text field.
pub const TEXT: [&str; 5] = [TITLE_WORDS, TITLE_SECOND, BODY_WORDS, BODY_SECOND, PLACE];

/// The terms of a part, field by field, joined by spaces. A tombstone has the sentinels alone.
pub fn texts(part: &Part) -> [(&'static str, String); 5] {
    let title = tokens(&part.title);
    // The title stands in the body as well: a reader who remembers it types its words among others.
    let body = tokens(&format!(
        "{}\n{}\n{}",
        part.title,
        part.summary,
        part.body()
    ));
    let labels = part
        .labels
        .iter()
        .map(|l| l.split_once(':').map_or(l.as_str(), |(_, value)| value));
    let place = tokens(
        &part
            .path
            .iter()
            .map(String::as_str)
            .chain(labels)
            .collect::<Vec<_>>()
            .join("\n"),
    );
    [
        (TITLE_WORDS, join(&title.words)),
        (TITLE_SECOND, join(&title.second)),
        (BODY_WORDS, join(&body.words)),
        (BODY_SECOND, join(&body.second)),
        (PLACE, join(&place.words)),
    ]
}

fn join(tokens: &[Token]) -> String {
    let mut text = SENTINEL.to_owned();
    for token in tokens {
        text.push(' ');
        text.push_str(&token.term);
    }
    text
}
