//! What a body may ask of those who render it.
//!
//! Everything that renders is bounded whatever it is given; a body beyond the budget would lose what is beyond the bound. So
//! it is refused where it is written, while somebody is there who can mend it.

use super::html::{ATTRIBUTES_MAX, DEPTH_MAX};
use super::markdown::{NOTES_MAX, marks};
use super::{KeepLinks, Rendered, clean, page, tidied};
use kb_domain::BodyFormat;

/// A page is never larger than this, in bytes.
pub const PAGE_MAX_BYTES: usize = 4_000_000;
/// A page never has more headings, links and pictures together: each is kept and looked through beside the text.
const PLACES_MAX: usize = 20_000;

/// What is too much about a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// What there is too much of, for programs.
    pub code: &'static str,
    /// How much there is, how much there may be, and what to do about it.
    pub detail: String,
}

/// The page of a body that can be shown whole, with its links as authored. Errors: what is too much about it.
pub fn page_within_budget(format: BodyFormat, source: &str) -> Result<Rendered, Excess> {
    let within = |code, found: usize, most: usize, told: String| {
        let excess = || Excess { code, detail: told };
        (found <= most).then_some(()).ok_or_else(excess)
    };
    if format == BodyFormat::Markdown {
        let marks = marks(source);
        let told = format!(
            "at most {NOTES_MAX} marks of footnotes; this has {marks}: write fewer, or split the article"
        );
        within("too_many_footnotes", marks, NOTES_MAX, told)?;
    }
    let tidied = tidied(format, source);
    let told = format!(
        "at most {ATTRIBUTES_MAX} attributes in a tag; one has {}: take out those that nobody needs",
        tidied.attributes
    );
    within(
        "too_many_attributes",
        tidied.attributes,
        ATTRIBUTES_MAX,
        told,
    )?;
    let told = format!(
        "elements nest at most {DEPTH_MAX} deep; these nest deeper: close each element that you open"
    );
    within("too_deep", tidied.deepest, DEPTH_MAX, told)?;
    let large = |bytes: usize| {
        let told = format!(
            "its page may have at most {PAGE_MAX_BYTES} bytes; it would have {bytes}: split the article"
        );
        within("too_large", bytes, PAGE_MAX_BYTES, told)
    };
    large(tidied.html.len())?;
    let page = page::read(&clean::clean(&tidied.html, &KeepLinks));
    // Headings and tables have more in the page than in their source.
    large(page.html.len())?;
    let places = page.headings.len() + page.links.len() + page.images.len();
    let told = format!(
        "at most {PLACES_MAX} headings, links and pictures; this has {places}: split the article"
    );
    within("too_many_places", places, PLACES_MAX, told)?;
    Ok(page)
}
