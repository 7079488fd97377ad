//! Authored bodies become pages, plain text and passages.
//!
//! The body of record stays as authored; everything here is derived from it and may be cached by
//! (source, [`RENDERER_VERSION`]). The order is fixed: to HTML, sanitize, then read headings, text and links from
//! what was sanitized, so that no later step re-opens markup and no reader gets a passage that the page does not show.

use kb_domain::BodyFormat;
use serde::{Deserialize, Serialize};

mod anchors;
mod budget;
mod clean;
mod ends;
mod faq;
mod heading;
mod html;
mod looked;
mod markdown;
mod page;
mod plain;
mod slug;
mod tags;
mod words;

pub use budget::{Excess, PAGE_MAX_BYTES, page_within_budget};
pub use ends::Ends;
pub use slug::slug;
pub use words::word_count;

/// Counts up whenever the same source may render differently, so that cached pages are made anew.
pub const RENDERER_VERSION: u32 = 5;

/// A body made ready for pages and for search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// Sanitized HTML, ready to embed in a page.
    pub html: String,
    /// The whole plain text; blocks are separated by `\n`, the cells of a table row by ` | `.
    pub plain: String,
    /// All headings in order.
    pub headings: Vec<Heading>,
    /// The text in order, one or more for each heading section, cut at block borders at about 200 words.
    pub passages: Vec<Passage>,
    /// All links with an address, in order.
    pub links: Vec<Link>,
    /// All images with an address, in order.
    pub images: Vec<Image>,
    /// The text of the first heading of level 1; absent when there is none.
    pub first_h1: Option<String>,
    /// Question headings with their answers, in order; those without an answer are left out.
    pub faq: Vec<FaqPair>,
}

/// A heading of the rendered page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// From 1 to 6.
    pub level: u8,
    /// The id of the heading in the page, unique there and never empty.
    pub anchor: String,
    /// The plain text; empty for a heading that holds only an image without alternative text.
    pub text: String,
}

/// A stretch of text under one heading, in the size that a search hit shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Where in the page the section starts; absent for text before the first heading.
    pub anchor: Option<String>,
    /// The text of the section's heading; absent for text before the first heading.
    pub heading: Option<String>,
    /// The text without the heading; empty for a heading that is directly followed by another one.
    pub text: String,
}

/// A link of the rendered page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The address after resolving.
    pub href: String,
    /// The plain text of the link.
    pub text: String,
}

/// An image of the rendered page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The address after resolving.
    pub src: String,
    /// The alternative text; empty when the author gave none.
    pub alt: String,
}

/// A question heading and the text that answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaqPair {
    /// The anchor of the question in the page.
    pub anchor: String,
    /// The text of the heading.
    pub question: String,
    /// The plain text up to the next question or the next heading of the same or a higher rank.
    pub answer_text: String,
}

/// Gives links and images their address in the product, before anything is sanitized.
///
/// Whatever an implementation answers is sanitized like an authored address.
pub trait LinkResolver {
    /// The new address of a link; `None` keeps the authored one. Links within the page are not asked about.
    fn link(&self, href: &str) -> Option<String> {
        let _ = href;
        None
    }

    /// The new address of an image; `None` keeps the authored one.
    fn image(&self, src: &str) -> Option<String> {
        let _ = src;
        None
    }
}

/// Keeps every address as authored.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeepLinks;

impl LinkResolver for KeepLinks {}

/// Renders a body: sanitized HTML and what search and pages need to know about it.
///
/// Never fails: what cannot be shown safely is left out.
pub fn render(format: BodyFormat, source: &str, links: &dyn LinkResolver) -> Rendered {
    page::read(&clean::clean(&tidied(format, source).html, links))
}

/// A body as HTML that is well nested and bounded, and not sanitized yet.
fn tidied(format: BodyFormat, source: &str) -> html::Tidied {
    let source = &lines(source);
    match format {
        BodyFormat::Markdown => html::tidy(&markdown::to_html(source), false),
        BodyFormat::Html => html::tidy(source, true),
        BodyFormat::Text => html::tidy(&plain::to_html(source), false),
    }
}

/// The text with its lines ended as they are here, whatever system wrote it.
fn lines(source: &str) -> std::borrow::Cow<'_, str> {
    if source.contains('\r') {
        source.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        source.into()
    }
}

/// Whether two titles say the same, whatever their case, spaces and punctuation.
pub fn same_title(a: &str, b: &str) -> bool {
    heading::same(a, b)
}

/// The page without a heading that repeats its title before anything else; absent when there is none.
///
/// The title stands above the page already, and nobody reads it twice.
pub fn without_title<'r>(rendered: &'r Rendered, title: &str) -> Option<&'r str> {
    let first = rendered.headings.first()?;
    if !heading::same(&first.text, title) || rendered.passages.first()?.anchor.is_none() {
        return None;
    }
    let end = format!("</h{}>", first.level);
    let at = rendered.html.find(&end)? + end.len();
    Some(&rendered.html[at..])
}

/// The names of the kinds of notes that [`render`] writes, `Note` to `Caution`, in another language.
///
/// `name` gives the name of a kind: `note`, `tip`, `important`, `warning` or `caution`.
pub fn name_notes(html: &str, name: &dyn Fn(&str) -> String) -> String {
    let mut html = html.to_owned();
    for kind in html::KINDS {
        let title = |name: &str| format!("<p class=\"kind\">{}</p>", page::escape(name));
        html = html.replace(&title(markdown::name_of_kind(kind)), &title(&name(kind)));
    }
    html
}

/// Takes the first heading of level 1 out of a source: its plain text and the source without it.
///
/// Absent, with the source unchanged, when there is none; a body in plain text never has one.
pub fn take_first_h1(format: BodyFormat, source: &str) -> (Option<String>, String) {
    match format {
        BodyFormat::Markdown => heading::take_from_markdown(source),
        BodyFormat::Html => heading::take_from_html(source),
        BodyFormat::Text => (None, source.to_owned()),
    }
}

/// The plain text of a body, as [`render`] gives it.
pub fn plain_text(format: BodyFormat, source: &str) -> String {
    render(format, source, &KeepLinks).plain
}

/// A template tag that could not be carried over as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The line of the source, from 1.
    pub line: usize,
    /// The tag as written, cut at 200 characters.
    pub tag: String,
    /// What became of it.
    pub outcome: TagOutcome,
}

/// What became of a template tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagOutcome {
    /// The tag is gone; text between a start and an end tag stayed.
    Removed,
    /// The tag and everything up to its end tag are gone.
    RemovedWithContent,
    /// The tag became plain text.
    BecameText,
}

/// Resolves the template tags of site generators in an imported source; code stays as it is.
pub fn resolve_template_tags(source: &str) -> (String, Vec<Warning>) {
    tags::resolve(source)
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let outcome = match self.outcome {
            TagOutcome::Removed => "removed",
            TagOutcome::RemovedWithContent => "removed with what it held",
            TagOutcome::BecameText => "kept as text",
        };
        write!(f, "line {}: {} {outcome}", self.line, self.tag)
    }
}

#[cfg(test)]
mod tests;
