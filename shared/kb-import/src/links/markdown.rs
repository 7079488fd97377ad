//! Destinations in Markdown: inline, by reference, in raw HTML, and between double brackets; none in code.

use super::Led;
use crate::markup;

/// The source with every destination led. `named` finds a text by its name.
pub(super) fn rewrite(
    source: &str,
    led: &mut impl FnMut(&str) -> Led,
    named: &impl Fn(&str) -> Option<(String, String)>,
) -> String {
    let mut scan = Scan {
        source,
        out: String::with_capacity(source.len()),
        copied: 0,
        brackets: Vec::new(),
        tags: markup::Reader::of(source),
        comments_end: true,
        paragraph: 0,
        close: 0,
    };
    let mut fence: Option<(u8, usize)> = None;
    let mut at = 0;
    while at < source.len() {
        if at == 0 || source.as_bytes()[at - 1] == b'\n' {
            let line = source[at..].split('\n').next().unwrap_or_default();
            if let Some(found) = marks(line) {
                match fence {
                    None if !(found.0 == b'`' && found.2.contains('`')) => {
                        fence = Some((found.0, found.1));
                    }
                    Some((c, n)) if c == found.0 && found.1 >= n && found.2.trim().is_empty() => {
                        fence = None;
                        at += line.len();
                        continue;
                    }
                    _ => {}
                }
            }
            if fence.is_some() {
                at += line.len() + 1;
                continue;
            }
            if let Some(next) = scan.reference(at, line, led) {
                at = next;
                continue;
            }
        }
        at = scan.step(at, led, named);
    }
    scan.out.push_str(&source[scan.copied.min(source.len())..]);
    scan.out
}

/// A fence at the beginning of a line, behind quotes and list marks: its character, its length, what follows.
fn marks(line: &str) -> Option<(u8, usize, &str)> {
    let bare = line.trim_start_matches(['>', ' ', '\t', '-', '*', '+']);
    let bare = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    let bare = bare.strip_prefix(['.', ')']).unwrap_or(bare).trim_start();
    let first = *bare.as_bytes().first()?;
    let length = bare.bytes().take_while(|b| *b == first).count();
    (matches!(first, b'`' | b'~') && length >= 3).then(|| (first, length, &bare[length..]))
}

/// A destination is never longer, in bytes.
const DESTINATION_MAX: usize = 2_000;
/// A name between double brackets is never longer, in bytes.
const NAME_MAX: usize = 300;
/// So many runs of backticks are looked at for the end of a span.
const SPANS_AHEAD: usize = 500;

struct Scan<'s> {
    source: &'s str,
    out: String,
    /// How far the source was copied.
    copied: usize,
    /// Open brackets: where, and whether a picture begins there.
    brackets: Vec<(usize, bool)>,
    tags: markup::Reader<'s>,
    /// Whether a comment may still end behind here.
    comments_end: bool,
    /// Where the paragraph ends, and where the next `)` stands, as long as they are ahead.
    paragraph: usize,
    close: usize,
}

impl Scan<'_> {
    fn replace(&mut self, from: usize, to: usize, text: &str) {
        self.out.push_str(&self.source[self.copied..from]);
        self.out.push_str(text);
        self.copied = to;
    }

    /// One character, or what begins with it; where to go on.
    fn step(
        &mut self,
        at: usize,
        led: &mut impl FnMut(&str) -> Led,
        named: &impl Fn(&str) -> Option<(String, String)>,
    ) -> usize {
        let rest = &self.source[at..];
        let Some(first) = rest.chars().next() else {
            return at + 1;
        };
        let next = at + first.len_utf8();
        match first {
            '\\' => rest[1..]
                .chars()
                .next()
                .map_or(next, |c| next + c.len_utf8()),
            '`' => {
                let length = rest.bytes().take_while(|b| *b == b'`').count();
                self.code(at + length, length).unwrap_or(at + length)
            }
            '<' => self.tag(at, led).unwrap_or(next),
            '[' if rest.starts_with("[[") => self.wiki(at, named).unwrap_or_else(|| {
                self.brackets.push((at, false));
                next
            }),
            '[' => {
                self.brackets.push((at, self.source[..at].ends_with('!')));
                next
            }
            ']' => {
                let open = self.brackets.pop();
                match open {
                    Some((_, false)) if rest.starts_with("](") => {
                        self.inline(at + 2, led).unwrap_or(next)
                    }
                    _ => next,
                }
            }
            '\n' if rest.starts_with("\n\n") => {
                self.brackets.clear();
                next
            }
            _ => next,
        }
    }

    /// Where a span of code ends, in the same paragraph, that a run of so many backticks begins.
    fn code(&mut self, from: usize, length: usize) -> Option<usize> {
        if self.paragraph <= from {
            self.paragraph = self.find(from, "\n\n");
        }
        let mut at = from;
        for _ in 0..SPANS_AHEAD {
            at += self.source[at..self.paragraph].find('`')?;
            let run = self.source[at..].bytes().take_while(|b| *b == b'`').count();
            at += run;
            if run == length {
                return Some(at);
            }
        }
        None
    }

    /// Where a text stands next; the end of the source when nowhere.
    fn find(&self, from: usize, text: &str) -> usize {
        let found = self.source[from..].find(text);
        found.map_or(self.source.len(), |n| from + n)
    }

    /// Raw HTML: a comment is passed over, the address of a link is led.
    fn tag(&mut self, at: usize, led: &mut impl FnMut(&str) -> Led) -> Option<usize> {
        if self.source[at..].starts_with("<!--") {
            let end = self.comments_end.then(|| self.source[at..].find("-->"));
            self.comments_end = end.flatten().is_some();
            return end.flatten().map(|n| at + n + 3);
        }
        let tag = self.tags.tag(at)?;
        if let Some((range, text)) = super::link(&tag, self.source, led) {
            self.replace(range.start, range.end, &text);
        }
        Some(tag.at.end)
    }

    /// The destination that begins at `at`, behind `](`.
    fn inline(&mut self, at: usize, led: &mut impl FnMut(&str) -> Led) -> Option<usize> {
        if self.close < at {
            self.close = self.find(at, ")");
        }
        if self.close - at > DESTINATION_MAX {
            return None;
        }
        let (from, to, end) = destination(self.source, at)?;
        self.lead(from, to, led);
        Some(end)
    }

    fn lead(&mut self, from: usize, to: usize, led: &mut impl FnMut(&str) -> Led) {
        let written = &self.source[from..to];
        let bare = written.strip_prefix('<').and_then(|w| w.strip_suffix('>'));
        let bare = markup::unescape(&unescaped(bare.unwrap_or(written)));
        match led(&bare) {
            Led::Elsewhere | Led::Stays => {}
            Led::To(target) | Led::Nowhere(target) => {
                if target != written {
                    self.replace(from, to, &target);
                }
            }
        }
    }

    /// `[label]: destination` at the beginning of a line; where to go on.
    fn reference(
        &mut self,
        at: usize,
        line: &str,
        led: &mut impl FnMut(&str) -> Led,
    ) -> Option<usize> {
        let bare = line.trim_start_matches([' ', '>']);
        let label = bare.strip_prefix('[')?;
        let (label, rest) = label.split_once("]:")?;
        if label.is_empty() || label.starts_with('^') || label.contains(['[', ']']) {
            return None;
        }
        let target = rest.trim_start();
        let from = at + line.len() - target.len();
        let length = match target.get(..2) {
            Some("{%") => target.find("%}")? + 2,
            Some("{{") => {
                let end = target.find("}}")? + 2;
                end + target[end..].split_whitespace().next().map_or(0, str::len)
            }
            _ if target.starts_with('<') => target.find('>')? + 1,
            _ => target.split_whitespace().next()?.len(),
        };
        self.lead(from, from + length, led);
        Some(at + line.len())
    }

    /// `[[Name]]`, `[[Name#Heading|words]]`: a link to the text of that name; without one, the words.
    fn wiki(
        &mut self,
        at: usize,
        named: &impl Fn(&str) -> Option<(String, String)>,
    ) -> Option<usize> {
        let inner = &self.source[at + 2..];
        let inner = &inner[..inner.floor_char_boundary(NAME_MAX + 2)];
        let end = inner.find("]]").filter(|n| *n > 0)?;
        let inner = &inner[..end];
        if inner.contains(['\n', '[', ']']) || inner.starts_with([' ', '\t']) {
            return None;
        }
        let embeds = self.source[..at].ends_with('!');
        let (target, words) = inner
            .split_once('|')
            .map_or((inner, None), |(target, words)| (target, Some(words)));
        let target = target.trim_end_matches('\\');
        let (name, heading) = target
            .split_once('#')
            .map_or((target, None), |(name, heading)| (name, Some(heading)));
        let (way, title) = named(name).filter(|_| !embeds && !name.trim().is_empty())?;
        let words = words.unwrap_or(if name.contains('/') { &title } else { target });
        let anchor = heading.map_or(String::new(), |h| {
            format!("#{}", kb_text::document::slug(h))
        });
        let escaped = words.trim().replace('[', "\\[").replace(']', "\\]");
        self.replace(at, at + 2 + end + 2, &format!("[{escaped}]({way}{anchor})"));
        Some(at + 2 + end + 2)
    }
}

/// Where a destination begins and ends, and where its parenthesis ends; with spaces in it, as some editors write them, up to the
/// parenthesis that closes it on the same line.
fn destination(source: &str, at: usize) -> Option<(usize, usize, usize)> {
    let rest = &source[at..];
    let rest = &rest[..rest.floor_char_boundary(DESTINATION_MAX)];
    let line = rest.split('\n').next().unwrap_or_default();
    let lead = line.len() - line.trim_start().len();
    let body = &line[lead..];
    if body.starts_with('<') {
        let end = body.find('>')? + 1;
        let close = body[end..].find(')')?;
        return Some((at + lead, at + lead + end, at + lead + end + close + 1));
    }
    let (mut depth, mut close, mut quote) = (0_usize, None, None);
    // A tag of a site generator may hold parentheses, quotes and spaces.
    let tagged = body.starts_with("{%") || body.starts_with("{{");
    let skip = if tagged {
        body.find(if body.starts_with("{%") { "%}" } else { "}}" })
            .map_or(0, |n| n + 2)
    } else {
        0
    };
    for (n, c) in body.char_indices().filter(|(n, _)| *n >= skip) {
        match (c, quote) {
            ('"' | '\'', None) if body[..n].ends_with(' ') => quote = Some(c),
            (c, Some(q)) if c == q && body[n + 1..].trim_start().starts_with(')') => quote = None,
            ('(', None) => depth += 1,
            (')', None) if depth == 0 => {
                close = Some(n);
                break;
            }
            (')', None) => depth -= 1,
            _ => {}
        }
    }
    let close = close?;
    let inside = &body[..close];
    // A title stands behind the destination, in quotes.
    let title = [" \"", " '"]
        .iter()
        .filter_map(|mark| inside.find(mark))
        .min();
    let title = title.filter(|at| *at >= skip && inside.trim_end().ends_with(['"', '\'']));
    let end = inside[..title.unwrap_or(close)].trim_end().len();
    Some((at + lead, at + lead + end, at + lead + close + 1))
}

/// A destination without the backslashes that stand before punctuation; others are part of it.
fn unescaped(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut chars = written.chars().peekable();
    while let Some(c) = chars.next() {
        let escapes = c == '\\' && chars.peek().is_some_and(char::is_ascii_punctuation);
        out.push(if escapes {
            chars.next().unwrap_or(c)
        } else {
            c
        });
    }
    out
}
