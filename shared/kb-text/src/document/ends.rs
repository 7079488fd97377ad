//! Where something ends that was opened, found in time that grows with the text whatever it holds.
//!
//! A pattern such as `<!--.*?-->` looks through all that follows for each opening without an end, so that a text of such openings
//! takes the square of its length.

use super::looked;
use regex::Regex;
use std::collections::HashMap;
use std::ops::Range;

/// The ends in a text. Where there is none, none is looked for again.
pub struct Ends<'t> {
    text: &'t str,
    /// Where each end is known not to be, by its pattern.
    none: HashMap<&'static str, Range<usize>>,
}

impl<'t> Ends<'t> {
    /// The ends in a text.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            none: HashMap::new(),
        }
    }

    /// The first end from `at` on; `None` when none follows. Places are asked about in order.
    pub fn after(&mut self, end: &'static Regex, at: usize) -> Option<Range<usize>> {
        self.find(end, at, str::len)
    }

    /// The same where the end must stand in the line of `at`.
    pub fn in_line(&mut self, end: &'static Regex, at: usize) -> Option<Range<usize>> {
        self.find(end, at, |text| {
            text[at..].find('\n').map_or(text.len(), |n| at + n)
        })
    }

    fn find(
        &mut self,
        end: &'static Regex,
        at: usize,
        limit: impl FnOnce(&str) -> usize,
    ) -> Option<Range<usize>> {
        let none = self.none.entry(end.as_str()).or_default();
        if none.contains(&at) {
            return None;
        }
        let limit = limit(self.text);
        let found = end.find_at(&self.text[..limit], at);
        looked::at(found.map_or(limit, |found| found.end()) - at);
        if found.is_none() {
            *none = at..limit;
        }
        found.map(|found| found.range())
    }
}

#[cfg(test)]
mod tests {
    use super::{Ends, looked};
    use regex::Regex;
    use std::sync::LazyLock;

    static END: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\*/").unwrap());

    #[test]
    fn an_end_that_is_not_there_is_looked_for_once() {
        let text = "/* a */ /* b\n/* c\n".to_owned() + &"/* d ".repeat(10_000);
        let bytes = looked::during(|| {
            let mut ends = Ends::new(&text);
            assert_eq!(ends.in_line(&END, 2), Some(5..7));
            assert_eq!(ends.in_line(&END, 10), None);
            assert_eq!(ends.after(&END, 2), Some(5..7));
            for at in (10..text.len()).step_by(5) {
                assert_eq!(ends.after(&END, at), None);
                assert_eq!(ends.in_line(&END, at), None);
            }
        });
        assert!(bytes < 2 * text.len(), "{bytes}");
    }
}
