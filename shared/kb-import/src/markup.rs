//! The tags of an HTML source with the bytes they stand at, so that one address or heading can be changed and every other byte stays.

use std::ops::Range;

/// An attribute of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Name in lower case.
    pub name: String,
    /// Value without quotes, entities read.
    pub value: String,
    /// Where name, sign and value stand together.
    pub at: Range<usize>,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Name in lower case.
    pub name: String,
    /// Whether it ends an element.
    pub closing: bool,
    /// Its attributes in order.
    pub attributes: Vec<Attribute>,
    /// From `<` to behind `>`.
    pub at: Range<usize>,
}

impl Tag {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|a| a.name == name)?;
        Some(&found.value)
    }
}

/// Elements whose content is no markup.
const RAW: [&str; 7] = [
    "script", "style", "textarea", "xmp", "noscript", "template", "title",
];

/// Every tag in order; none inside comments, scripts and other content that is no markup. The end of raw content is a tag again.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut reader = Reader::of(html);
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        let start = at + found;
        let rest = &html[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let Some(end) = comment.find("-->") else {
                break;
            };
            at = start + 4 + end + 3;
            continue;
        }
        let Some(tag) = reader.tag(start) else {
            at = start + 1;
            continue;
        };
        at = tag.at.end;
        let raw = (!tag.closing && RAW.contains(&tag.name.as_str())).then(|| tag.name.clone());
        tags.push(tag);
        if let Some(name) = raw {
            at += end_of_raw(&html[at..], &name).unwrap_or(html.len() - at);
        }
    }
    tags
}

fn end_of_raw(rest: &str, name: &str) -> Option<usize> {
    rest.match_indices("</").map(|(n, _)| n).find(|n| {
        let end = rest.get(n + 2..n + 2 + name.len());
        end.is_some_and(|found| found.eq_ignore_ascii_case(name))
    })
}

/// Reads tags where they begin.
pub struct Reader<'h> {
    html: &'h str,
    at: usize,
    /// How many bytes were read for tags that were none.
    in_vain: usize,
}

impl<'h> Reader<'h> {
    /// A reader of a text.
    pub fn of(html: &'h str) -> Self {
        Self {
            html,
            at: 0,
            in_vain: 0,
        }
    }

    /// The tag that begins at `start`; `None` when what stands there is no tag. A text in which so much was read for tags that are
    /// none has no more of them: to go on would take the square of its length.
    pub fn tag(&mut self, start: usize) -> Option<Tag> {
        if self.in_vain > 4 * self.html.len() {
            return None;
        }
        self.at = start + 1;
        let tag = self.read(start);
        if tag.is_none() {
            self.in_vain += self.at - start;
        }
        tag
    }

    fn here(&self) -> Option<u8> {
        self.html.as_bytes().get(self.at).copied()
    }

    fn pass(&mut self, is_part: impl Fn(u8) -> bool) {
        while self.here().is_some_and(&is_part) {
            self.at += 1;
        }
    }

    fn read(&mut self, start: usize) -> Option<Tag> {
        let closing = self.here() == Some(b'/');
        self.at += usize::from(closing);
        let from = self.at;
        if !self.here()?.is_ascii_alphabetic() {
            return None;
        }
        self.pass(|b| !b.is_ascii_whitespace() && !matches!(b, b'>' | b'/'));
        let name = self.html.get(from..self.at)?.to_ascii_lowercase();
        let mut attributes = Vec::new();
        loop {
            self.pass(|b| b.is_ascii_whitespace() || b == b'/');
            match self.here()? {
                b'>' => break,
                b'<' => return None,
                // A stray `=` is part of no name.
                b'=' => self.at += 1,
                _ => attributes.push(self.attribute()?),
            }
        }
        self.at += 1;
        Some(Tag {
            name,
            closing,
            attributes,
            at: start..self.at,
        })
    }

    fn attribute(&mut self) -> Option<Attribute> {
        let begin = self.at;
        self.pass(|b| !b.is_ascii_whitespace() && !matches!(b, b'>' | b'=' | b'/' | b'<'));
        let name = self.html.get(begin..self.at)?.to_ascii_lowercase();
        let mut end = self.at;
        self.pass(|b| b.is_ascii_whitespace());
        let mut value = String::new();
        if self.here() == Some(b'=') {
            self.at += 1;
            self.pass(|b| b.is_ascii_whitespace());
            let quote = self.here().filter(|b| matches!(b, b'"' | b'\''));
            self.at += usize::from(quote.is_some());
            let from = self.at;
            self.pass(|b| match quote {
                Some(quote) => b != quote,
                None => !b.is_ascii_whitespace() && b != b'>',
            });
            self.here()?;
            value = unescape(&self.html[from..self.at]);
            self.at += usize::from(quote.is_some());
            end = self.at;
        }
        Some(Attribute {
            name,
            value,
            at: begin..end,
        })
    }
}

/// Text from HTML: the entities that addresses, titles and metadata have.
pub fn unescape(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let mut name = rest.bytes().skip(1).take(10);
        let end = name.position(|b| b == b';');
        let read = end.and_then(|n| entity(&rest[1..=n]).map(|c| (c, n + 2)));
        let (c, length) = read.unwrap_or(('&', 1));
        out.push(c);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = match hex {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| *c != '\0');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "copy" => '©',
        "reg" => '®',
        "rsquo" => '’',
        "lsquo" => '‘',
        "ldquo" => '“',
        "rdquo" => '”',
        "raquo" => '»',
        "laquo" => '«',
        _ => return None,
    })
}

/// The text between two places, without tags.
pub fn text(html: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for tag in tags(html) {
        if tag.at.start >= at {
            out.push_str(&html[at..tag.at.start]);
        }
        at = tag.at.end;
    }
    out.push_str(&html[at..]);
    unescape(&out)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_in_every_spelling_and_not_in_comments_and_scripts() {
        let html = "<!-- <a href=x> --><A HREF='b.md' data-x = y>t</A><script>'<a href=z>'</script><img src=\"a b.png\"/><p hidden>";
        let found = tags(html);
        let names: Vec<_> = found.iter().map(|t| (t.name.as_str(), t.closing)).collect();
        assert_eq!(
            names,
            [
                ("a", false),
                ("a", true),
                ("script", false),
                ("script", true),
                ("img", false),
                ("p", false)
            ]
        );
        assert_eq!(found[0].get("href"), Some("b.md"));
        assert_eq!(found[0].get("data-x"), Some("y"));
        assert_eq!(&html[found[0].attributes[0].at.clone()], "HREF='b.md'");
        assert_eq!(found[4].get("src"), Some("a b.png"));
        assert_eq!(found[5].get("hidden"), Some(""));
    }

    #[test]
    fn what_is_no_tag_is_text_and_nothing_panics() {
        for html in [
            "a < b",
            "<",
            "</",
            "<a",
            "<a href",
            "<a href=",
            "<a href='x",
            "<!--",
            "<a =>",
            "<é>",
            "<a<b>",
            "&#xZZ; &",
            "<a x=é",
        ] {
            let _ = tags(html);
            let _ = text(html);
        }
        assert_eq!(
            text("<b>R&amp;D</b>  &#39;x&#x27; &nope;"),
            "R&D 'x' &nope;"
        );
    }
}
