//! The line of a place in a text whose code was put aside, for places that come in order.

use super::super::looked;
use super::code::Aside;

/// Nothing is nested deeper than so many spaces.
const INDENT_MAX: usize = 100;

/// A place that moves forward, and what stands before it in its line.
pub(super) struct Lines<'a> {
    aside: &'a Aside,
    at: usize,
    number: usize,
    /// Where the line begins.
    start: usize,
    /// Where the first character of the line stands that is no space, or the line ends.
    text: usize,
}

impl<'a> Lines<'a> {
    pub fn of(aside: &'a Aside) -> Self {
        let mut lines = Self {
            aside,
            at: 0,
            number: 1,
            start: 0,
            text: 0,
        };
        lines.text = lines.first();
        lines
    }

    /// Goes on to a place behind the one before.
    pub fn go_to(&mut self, at: usize) {
        let passed = &self.aside.text[self.at..at];
        looked::at(passed.len());
        self.number += self.aside.lines_in(passed);
        if let Some(end) = passed.rfind('\n') {
            self.start = self.at + end + 1;
            self.text = self.first();
        }
        self.at = at;
    }

    fn first(&self) -> usize {
        let rest = &self.aside.text[self.start..];
        let space = |c: char| c != '\n' && c.is_whitespace();
        let length = rest.find(|c| !space(c)).unwrap_or(rest.len());
        looked::at(length);
        self.start + length
    }

    /// What stands before the text of the line: a new line needs it too, or it would stand outside of its list or quote.
    pub fn indent(&self) -> &'a str {
        let line = &self.aside.text[self.start..self.at];
        let line = &line[..line.floor_char_boundary(INDENT_MAX)];
        let text = line.find(|c| !matches!(c, ' ' | '\t' | '>'));
        &line[..text.unwrap_or(line.len())]
    }

    /// The number of the line in the source, from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Whether the line is a heading.
    pub fn is_heading(&self) -> bool {
        self.text < self.at && self.aside.text[self.text..].starts_with('#')
    }

    /// Whether nothing stands in the line before the place.
    pub fn is_empty(&self) -> bool {
        self.text >= self.at
    }
}
