//! Reads sanitized HTML: gives headings their anchors, tables their region, and takes out text, passages, links and images.
//! The input was written by the sanitizer, so tags are well formed and text is escaped.

use super::anchors::Anchors;
use super::faq::faq;
use super::words::half_words;
use super::{Heading, Image, Link, Passage, Rendered, slug};

/// Words after which a passage ends at the next block.
const PASSAGE_WORDS: usize = 200;

/// So much of a heading stands with each of its further passages.
const HEADING_MAX_CHARS: usize = 250;

/// Text as HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The text of escaped HTML, for the entities that the sanitizer and comrak write.
pub(super) fn unescape(html: &str) -> String {
    if !html.contains('&') {
        return html.to_owned();
    }
    let text = html
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", "\u{a0}");
    text.replace("&amp;", "&")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[at..].split_once('"').map(|(value, _)| unescape(value))
}

/// A heading that is being read.
struct Open {
    level: u8,
    /// Where its tag begins in the output.
    at: usize,
    id: Option<String>,
    text: String,
}

#[derive(Default)]
struct Reader {
    rendered: Rendered,
    out: String,
    anchors: Anchors,
    heading: Option<Open>,
    /// The block that is being read.
    block: String,
    passage: String,
    /// Twice the number of words that the passage has so far: to count them anew with each block takes the square of them.
    half_words: usize,
    link: Option<(String, String)>,
    note: Note,
    cells: usize,
    in_cell: bool,
}

/// Whether a link leads to a footnote.
#[derive(Clone, Copy, Default, PartialEq)]
enum Note {
    #[default]
    None,
    /// The mark of a note in the text: read as `[1]`, or the number would be a part of the word before it.
    Mark,
    /// The arrow that leads back, which says nothing.
    Back,
}

impl Note {
    fn of(href: &str) -> Self {
        match href {
            _ if href.starts_with("#fnref-") => Self::Back,
            _ if href.starts_with("#fn-") => Self::Mark,
            _ => Self::None,
        }
    }
}

pub(super) fn read(html: &str) -> Rendered {
    let mut reader = Reader::default();
    let mut rest = html;
    while !rest.is_empty() {
        let text = &rest[..rest.find('<').unwrap_or(rest.len())];
        reader.text(text);
        rest = &rest[text.len()..];
        let Some(end) = rest.find('>') else { break };
        reader.tag(&rest[..=end]);
        rest = &rest[end + 1..];
    }
    reader.finish()
}

impl Reader {
    fn text(&mut self, html: &str) {
        self.out.push_str(html);
        // The line breaks of the source between the cells of a row are none of the text.
        let between = self.cells > 0 && !self.in_cell && html.trim().is_empty();
        if self.note != Note::Back && !between {
            let text = unescape(html);
            self.add(&text);
        }
    }

    fn add(&mut self, text: &str) {
        if let Some((_, label)) = &mut self.link {
            label.push_str(text);
        }
        match &mut self.heading {
            Some(open) => open.text.push_str(text),
            None => self.block.push_str(text),
        }
    }

    fn tag(&mut self, tag: &str) {
        let closing = tag.starts_with("</");
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        if name == "h-id" {
            if let Some(open) = &mut self.heading {
                open.id = attribute(tag, "id").or(open.id.take());
            }
            return;
        }
        match (name.as_str(), closing) {
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", false) => {
                self.end_block();
                let level = name.as_bytes()[1] - b'0';
                self.heading = Some(Open {
                    level,
                    at: self.out.len(),
                    id: attribute(tag, "id"),
                    text: String::new(),
                });
                return;
            }
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", true) => {
                self.end_heading();
                return;
            }
            ("table", false) => self
                .out
                .push_str("<div class=\"table\" role=\"region\" tabindex=\"0\">"),
            ("td" | "th", false) => {
                if self.cells > 0 {
                    self.block.push_str(" | ");
                }
                self.cells += 1;
                self.in_cell = true;
            }
            ("td" | "th", true) => self.in_cell = false,
            ("a", false) => {
                if let Some(name) = attribute(tag, "name") {
                    self.anchors.name(&name);
                }
                let href = attribute(tag, "href").unwrap_or_default();
                let inside = href.is_empty() || href.starts_with(['/', '#']);
                self.note = Note::of(&href);
                if self.note == Note::Mark {
                    self.add(" [");
                }
                self.link = Some((href, String::new()));
                if inside {
                    self.out
                        .push_str(&tag.replace(" rel=\"noopener noreferrer nofollow\"", ""));
                    return;
                }
            }
            ("a", true) => {
                if std::mem::take(&mut self.note) == Note::Mark {
                    self.add("]");
                }
                if let Some((href, text)) = self.link.take().filter(|(href, _)| !href.is_empty()) {
                    self.rendered.links.push(Link {
                        href,
                        text: one_line(&text),
                    });
                }
            }
            ("img", _) => {
                let alt = attribute(tag, "alt").unwrap_or_default();
                self.add(&alt);
                let src = attribute(tag, "src");
                if src.as_deref().is_some_and(shows) {
                    self.out
                        .push_str(&tag.replacen("<img", "<img loading=\"lazy\"", 1));
                } else if !alt.trim().is_empty() {
                    // What the picture would say is better than the sign of a broken one.
                    self.out
                        .push_str(&format!("<span class=\"image\">{}</span>", escape(&alt)));
                }
                if let Some(src) = src {
                    self.rendered.images.push(Image { src, alt });
                }
                return;
            }
            ("br", _) => self.add("\n"),
            (
                "p" | "div" | "li" | "tr" | "pre" | "blockquote" | "dt" | "dd" | "ul" | "ol"
                | "table" | "aside" | "summary" | "figcaption" | "caption" | "details" | "hr",
                _,
            ) => {
                self.end_block();
            }
            _ => {}
        }
        self.out.push_str(tag);
        if name == "table" && closing {
            self.out.push_str("</div>");
        }
    }

    fn end_block(&mut self) {
        self.cells = 0;
        let block = std::mem::take(&mut self.block);
        let block = block
            .lines()
            .map(one_line)
            .filter(|l| !l.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        if block.is_empty() {
            return;
        }
        push_line(&mut self.rendered.plain, &block);
        push_line(&mut self.passage, &block);
        self.half_words += half_words(&block);
        if self.half_words.div_ceil(2) >= PASSAGE_WORDS {
            self.end_passage(false);
        }
    }

    /// A passage under the last heading; one without text only where the heading would be lost otherwise.
    fn end_passage(&mut self, keep_empty: bool) {
        let text = std::mem::take(&mut self.passage);
        self.half_words = 0;
        if text.is_empty() && !keep_empty {
            return;
        }
        let under = self.rendered.headings.last();
        let anchor = under.map(|h| h.anchor.clone());
        let begins = self.rendered.passages.last().map(|p| &p.anchor) != Some(&anchor);
        // Only the first passage says a long heading whole, or many would say it many times.
        let heading = under.map(|h| match h.text.char_indices().nth(HEADING_MAX_CHARS) {
            Some((end, _)) if !begins => h.text[..end].to_owned(),
            _ => h.text.clone(),
        });
        self.rendered.passages.push(Passage {
            anchor,
            heading,
            text,
        });
    }

    fn end_heading(&mut self) {
        let Some(open) = self.heading.take() else {
            return;
        };
        let text = one_line(&open.text);
        let covered = self.rendered.passages.last().map(|p| &p.anchor)
            == self
                .rendered
                .headings
                .last()
                .map(|h| Some(h.anchor.clone()))
                .as_ref();
        self.end_passage(!covered && !self.rendered.headings.is_empty());
        let wanted = open.id.unwrap_or_else(|| slug(&text));
        let wanted = if wanted.is_empty() {
            "section".to_owned()
        } else {
            wanted
        };
        let anchor = self.anchors.heading(&wanted, &text);
        let elsewhere = self.anchors.elsewhere(&text, &anchor);
        let elsewhere = elsewhere.map_or(String::new(), |name| {
            format!("<a name=\"{}\"></a>", escape(&name))
        });
        let inner = self.out.split_off(open.at);
        let level = open.level;
        self.out.push_str(&format!(
            "<h{level} id=\"{}\">{elsewhere}{inner}</h{level}>",
            escape(&anchor)
        ));
        push_line(&mut self.rendered.plain, &text);
        if level == 1 && self.rendered.first_h1.is_none() {
            self.rendered.first_h1 = Some(text.clone());
        }
        self.rendered.headings.push(Heading {
            level,
            anchor,
            text,
        });
    }

    fn finish(mut self) -> Rendered {
        self.end_heading();
        self.end_block();
        let bare = self.rendered.passages.last().map(|p| &p.anchor)
            != self
                .rendered
                .headings
                .last()
                .map(|h| Some(h.anchor.clone()))
                .as_ref();
        self.end_passage(bare && !self.rendered.headings.is_empty());
        self.rendered.html = with_anchors(&self.out, &self.anchors);
        self.rendered.faq = faq(&self.rendered);
        self.rendered
    }
}

/// Links within the page go to the places as they are named here.
fn with_anchors(html: &str, anchors: &Anchors) -> String {
    let mut parts = html.split("href=\"#");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (target, rest) = part.split_once('"').unwrap_or((part, ""));
        let found = anchors.target(&unescape(target));
        let target = found.map_or(target.to_owned(), |found| escape(&found));
        out.push_str(&format!("href=\"#{target}\"{rest}"));
    }
    out
}

/// Whether an address leads to a picture that the page can show. Those that came beside a text are not kept yet.
fn shows(src: &str) -> bool {
    src.starts_with('/') || src.contains(':')
}

fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
