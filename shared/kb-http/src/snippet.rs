//! Snippets, strengths and readers as the API writes them.

use kb_domain::{Audience, Readers};
use kb_search::{SnippetPiece, Strength};

/// The word for a strength.
pub fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Strong => "strong",
        Strength::Likely => "likely",
        Strength::Weak => "weak",
    }
}

/// Pieces as escaped text with `<mark>` around what matched.
pub fn snippet(pieces: &[SnippetPiece]) -> String {
    let mut html = String::new();
    for piece in pieces {
        let text = piece
            .text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;");
        if piece.marked {
            html.extend(["<mark>", &text, "</mark>"]);
        } else {
            html.push_str(&text);
        }
    }
    html
}

/// The passage to show.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct PassageAnswer {
    /// Where it begins in the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    /// Its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Escaped text with `<mark>` around what matched.
    pub snippet: String,
}

/// Who may read an article, as staff are told: what goes to a customer must be theirs to read.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct ReadersAnswer {
    /// In short: `public`, `customers`, `employees,segment:hr`.
    audience: String,
    readers: Readers,
}

impl ReadersAnswer {
    /// Of an audience; one that is not known here is nobody's to send.
    pub fn of(audience: Option<&Audience>) -> Self {
        Self {
            audience: audience.map_or_else(|| "unknown".to_owned(), ToString::to_string),
            readers: audience.map_or(Readers::Internal, Readers::of),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_026_markup_of_an_article_is_escaped_in_a_snippet() {
        let pieces =
            [("<b onclick=\"x\">", false), ("reset", true)].map(|(text, marked)| SnippetPiece {
                text: text.to_owned(),
                marked,
            });
        assert_eq!(
            snippet(&pieces),
            "&lt;b onclick=&quot;x&quot;&gt;<mark>reset</mark>"
        );
    }
}
