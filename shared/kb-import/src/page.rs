//! What an HTML page says about itself: title, language, metadata.

use super::access::marks;
use super::fields::Fields;
use super::markup::{self, Tag, tags};
use kb_text::document;
use std::collections::HashMap;
use std::ops::Range;

/// A page read.
#[derive(Debug, Default)]
pub struct Page {
    /// Its heading of level 1, where it comes before every other, and where it stands.
    pub heading: Option<(String, Range<usize>)>,
    /// Its title outside of the text: of the element, or as a word processor marks it.
    pub title: Option<String>,
    /// Its language as it says it.
    pub lang: Option<String>,
    /// Its metadata, and the data of its outermost elements.
    pub fields: Fields,
    /// A class of its outermost elements by which it is not for everybody.
    pub class: Option<String>,
}

/// Names that programs give to pages nobody has named.
const UNTITLED: [&str; 12] = [
    "untitled",
    "untitled document",
    "untitled page",
    "document",
    "new page",
    "new document",
    "no title",
    "title",
    "无标题文档",
    "無標題文件",
    "新建页面",
    "unbenannt",
];

/// Reads a page.
pub fn read(html: &str) -> Page {
    let mut page = Page::default();
    let tags = tags(html);
    let closing = tags.iter().enumerate().filter(|(_, tag)| tag.closing);
    let last: HashMap<&str, usize> = closing.map(|(n, tag)| (tag.name.as_str(), n)).collect();
    let (mut element, mut marked, mut other_heading) = (None, None, false);
    let mut passed = 0;
    for (n, tag) in tags.iter().enumerate().filter(|(_, tag)| !tag.closing) {
        // What ends nowhere is not looked through for its end.
        let ends = last.get(tag.name.as_str()).is_some_and(|last| n < *last);
        let content = || ends.then(|| content(html, &tags[n..])).flatten();
        let class = tag.get("class").unwrap_or_default();
        match tag.name.as_str() {
            "title" if element.is_none() => element = content().map(|(text, _)| text),
            "meta" => meta(tag, &mut page),
            "h1" if page.heading.is_none() && !other_heading && tag.at.start >= passed => {
                page.heading = content().map(|(_, to)| {
                    let at = tag.at.start..to;
                    // A heading inside one that says nothing says nothing either.
                    passed = to;
                    let taken =
                        document::take_first_h1(kb_domain::BodyFormat::Html, &html[at.clone()]);
                    (taken.0.unwrap_or_default(), at)
                });
                page.heading.take_if(|(text, _)| text.is_empty());
            }
            "h1" | "h2" | "h3" | "h4" => other_heading = true,
            "p" | "div" | "span" if marked.is_none() => {
                let names = [
                    "msotitle",
                    "title",
                    "page-title",
                    "entry-title",
                    "doc-title",
                ];
                let is_title = class
                    .split_whitespace()
                    .any(|c| names.contains(&c.to_lowercase().as_str()));
                if is_title && !other_heading {
                    marked = content().map(|(text, _)| text);
                }
            }
            _ => {}
        }
        if matches!(tag.name.as_str(), "html" | "body" | "main" | "article") || n == 0 {
            outermost(tag, &mut page);
        }
    }
    let titles = ["ogtitle", "twittertitle", "dctitle"];
    let said = {
        let mut said = page.fields.all(&titles);
        said.find_map(|(_, v)| v.as_str().map(str::to_owned))
    };
    let named = |text: &String| {
        let lower = text.trim().to_lowercase();
        !lower.is_empty() && !UNTITLED.contains(&lower.as_str())
    };
    page.title = [element, marked, said].into_iter().flatten().find(named);
    page
}

/// The text of the element that begins with the first tag, and where the element ends.
fn content(html: &str, tags: &[Tag]) -> Option<(String, usize)> {
    let (first, rest) = tags.split_first()?;
    let end = rest.iter().find(|t| t.closing && t.name == first.name)?;
    let text = markup::text(&html[first.at.end..end.at.start]);
    Some((text, end.at.end))
}

fn meta(tag: &Tag, page: &mut Page) {
    let name = ["name", "property", "http-equiv", "itemprop"]
        .iter()
        .find_map(|key| tag.get(key));
    let (Some(name), Some(content)) = (name, tag.get("content")) else {
        return;
    };
    if matches!(
        name.to_lowercase().as_str(),
        "content-language" | "language" | "og:locale"
    ) && page.lang.is_none()
    {
        page.lang = Some(content.to_owned());
    }
    // What caches are told, and the old word for a subject, are about no reader.
    let of_caches = tag.get("http-equiv").is_some();
    if !of_caches && !matches!(name.to_lowercase().as_str(), "expires" | "classification") {
        page.fields.push(name, content);
    }
}

fn outermost(tag: &Tag, page: &mut Page) {
    for attribute in &tag.attributes {
        match attribute.name.as_str() {
            "lang" | "xml:lang" if page.lang.is_none() || tag.name == "html" => {
                page.lang = Some(attribute.value.clone());
            }
            "hidden" if matches!(tag.name.as_str(), "body" | "main" | "article") => {
                page.fields.push("hidden", "true");
            }
            "class" if page.class.is_none() => {
                page.class = marks::classes(&attribute.value).map(str::to_owned);
            }
            name => {
                if let Some(key) = name.strip_prefix("data-") {
                    let value = match attribute.value.as_str() {
                        "" => "true",
                        value => value,
                    };
                    page.fields.push(key, value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_its_title_language_and_metadata() {
        let page = read(
            "<html lang=zh-CN data-draft><head><title>退货 &amp; 换货</title><meta name=robots content='noindex'></head><body class='post status-draft'><!-- <h1>old</h1> --><h1>退货</h1><p>x</p></body></html>",
        );
        assert_eq!(page.heading.unwrap().0, "退货");
        assert_eq!(page.title.as_deref(), Some("退货 & 换货"));
        assert_eq!(page.lang.as_deref(), Some("zh-CN"));
        assert_eq!(page.class.as_deref(), Some("status-draft"));
        assert_eq!(page.fields.0.len(), 2);
    }

    #[test]
    fn what_caches_and_browsers_are_told_is_about_no_reader() {
        let page = read(
            "<html><head><meta http-equiv=expires content='-1'><meta http-equiv='Expires' content='Mon, 26 Jul 1997 05:00:00 GMT'><meta name=classification content=Business><meta name=viewport content='width=device-width'><meta name=robots content='index, follow'></head><body data-theme=dark><div data-state=closed></div></body></html>",
        );
        let now = "2026-11-29T12:00:00Z".parse().unwrap();
        let access = crate::access::judge(&page.fields, now);
        assert!(access.reasons.is_empty(), "{access:?}");
    }

    #[test]
    fn a_heading_below_others_is_no_title_and_word_marks_its_own() {
        let page = read("<h2>Steps</h2><p>x</p><h1>Appendix</h1>");
        assert!(page.heading.is_none());
        let page = read("<title>Untitled</title><p class=MsoTitle><b>休假制度</b></p>");
        assert_eq!(page.title.as_deref(), Some("休假制度"));
    }
}
