//! The one door for markup.

use std::fmt;

/// Markup that the sanitizer wrote; the only text that a template does not escape.
#[derive(Clone, Debug, Default)]
pub struct CleanHtml(pub String);

impl askama::filters::HtmlSafe for CleanHtml {}

impl fmt::Display for CleanHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
