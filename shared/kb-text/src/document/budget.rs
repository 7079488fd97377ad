//! What a body may ask of those who render it.
//!
//! Everything that renders is bounded whatever it is given; a body beyond the budget would lose what is beyond the bound. So
//! it is refused where it is written, while somebody is there who can mend it.

use super::html::{ATTRIBUTES_MAX, DEPTH_MAX, Tidied};
use super::markdown::{NOTES_MAX, marks};
use super::tidied;
use kb_domain::BodyFormat;

/// A page is never larger than this, in bytes.
pub const PAGE_MAX_BYTES: usize = 4_000_000;

/// What is too much about a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// What there is too much of, for programs.
    pub code: &'static str,
    /// How much there is, how much there may be, and what to do about it.
    pub detail: String,
}

/// Whether a body can be shown whole. Errors: what is too much about it.
pub fn within_budget(format: BodyFormat, source: &str) -> Result<(), Excess> {
    let excess = |code, detail: String| Err(Excess { code, detail });
    if format == BodyFormat::Markdown {
        let marks = marks(source);
        if marks > NOTES_MAX {
            let detail = format!(
                "at most {NOTES_MAX} marks of footnotes; this has {marks}: write fewer, or split the article"
            );
            return excess("too_many_footnotes", detail);
        }
    }
    let Tidied {
        html,
        deepest,
        attributes,
        ..
    } = tidied(format, source);
    if attributes > ATTRIBUTES_MAX {
        let detail = format!(
            "at most {ATTRIBUTES_MAX} attributes in a tag; one has {attributes}: take out those that nobody needs"
        );
        return excess("too_many_attributes", detail);
    }
    if deepest > DEPTH_MAX {
        let detail = format!(
            "elements nest at most {DEPTH_MAX} deep; these nest deeper: close each element that you open"
        );
        return excess("too_deep", detail);
    }
    let mut bytes = html.len();
    if bytes <= PAGE_MAX_BYTES {
        // Headings and tables have more in the page than in their source.
        let page = super::page::read(&super::clean::clean(&html, &super::KeepLinks));
        bytes = page.html.len();
    }
    if bytes > PAGE_MAX_BYTES {
        let detail = format!(
            "its page may have at most {PAGE_MAX_BYTES} bytes; it would have {bytes}: split the article"
        );
        return excess("too_large", detail);
    }
    Ok(())
}
