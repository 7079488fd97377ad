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
        let Some(tag) = tag(html, start) else {
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

/// The tag that begins at `start`; `None` when what stands there is no tag.
pub fn tag(html: &str, start: usize) -> Option<Tag> {
    let bytes = html.as_bytes();
    let closing = bytes.get(start + 1) == Some(&b'/');
    let mut at = start + 1 + usize::from(closing);
    let from = at;
    if !bytes.get(at)?.is_ascii_alphabetic() {
        return None;
    }
    while at < bytes.len() && !bytes[at].is_ascii_whitespace() && !matches!(bytes[at], b'>' | b'/')
    {
        at += 1;
    }
    let name = html.get(from..at)?.to_ascii_lowercase();
    let mut attributes = Vec::new();
    loop {
        while at < bytes.len() && (bytes[at].is_ascii_whitespace() || bytes[at] == b'/') {
            at += 1;
        }
        match bytes.get(at)? {
            b'>' => {
                at += 1;
                break;
            }
            b'<' => return None,
            _ => {}
        }
        let begin = at;
        while at < bytes.len()
            && !bytes[at].is_ascii_whitespace()
            && !matches!(bytes[at], b'>' | b'=' | b'/' | b'<')
        {
            at += 1;
        }
        if at == begin {
            // A stray `=` is part of no name.
            at += 1;
            continue;
        }
        let attribute = html.get(begin..at)?.to_ascii_lowercase();
        let mut behind = at;
        while behind < bytes.len() && bytes[behind].is_ascii_whitespace() {
            behind += 1;
        }
        let mut value = String::new();
        if bytes.get(behind) == Some(&b'=') {
            behind += 1;
            while behind < bytes.len() && bytes[behind].is_ascii_whitespace() {
                behind += 1;
            }
            let quote = *bytes.get(behind)?;
            let range = if matches!(quote, b'"' | b'\'') {
                let length = html[behind + 1..].find(quote as char)?;
                let range = behind + 1..behind + 1 + length;
                at = range.end + 1;
                range
            } else {
                let end = html[behind..]
                    .find(|c: char| c.is_ascii_whitespace() || c == '>')
                    .map(|n| behind + n)?;
                at = end;
                behind..end
            };
            value = unescape(&html[range]);
        }
        attributes.push(Attribute {
            name: attribute,
            value,
            at: begin..at,
        });
    }
    Some(Tag {
        name,
        closing,
        attributes,
        at: start..at,
    })
}

/// Text from HTML: the entities that addresses, titles and metadata have.
pub fn unescape(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.get(1..).and_then(|r| r.find(';')).filter(|n| *n < 10);
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
