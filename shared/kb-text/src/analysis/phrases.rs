//! A run of Han text through a converter, piece by piece along the converter's own phrases, so that every character of the
//! result is known to come from one phrase at most.
//!
//! The converter takes the longest phrase that it knows, from left to right, and does not say where its phrases begin. Where the
//! rest of a text gives by itself what it gives in the whole, a phrase begins.

use std::ops::Range;

/// Characters that are converted at a time.
const PIECE: usize = 256;
/// At least as long as the longest phrase of the converter, which has 20 characters.
const PHRASE_MAX: usize = 24;

/// Where a conversion is told: characters of the run, and what they became.
type Told<'a> = &'a mut dyn FnMut(Range<usize>, &[char]);

/// A converter, asked for stretches of a run. The work is linear in the length of the run, whatever stands in it.
pub(super) struct Phrases<C> {
    convert: C,
}

impl<C: FnMut(&[char]) -> Vec<char>> Phrases<C> {
    pub(super) fn new(convert: C) -> Self {
        Self { convert }
    }

    /// Tells the whole run in order, a character or a phrase at a time.
    pub(super) fn run(&mut self, run: &[char], told: Told<'_>) {
        let mut at = 0;
        while at < run.len() {
            let window = &run[at..run.len().min(at + PIECE)];
            let converted = (self.convert)(window);
            if at + window.len() == run.len() {
                return self.split(at, window, &converted, told);
            }
            // What is near the end of the window may become something else together with what follows it.
            let last = window.len() - PHRASE_MAX;
            let border = (last - PHRASE_MAX..=last).rev();
            let end = if let Some((end, given)) = self.first_border(window, &converted, border) {
                self.split(at, &window[..end], &converted[..given], told);
                end
            } else {
                let converted = (self.convert)(&window[..last]);
                self.split(at, &window[..last], &converted, told);
                last
            };
            at += end;
        }
    }

    /// The first of some places at which a phrase begins, and how many characters come before it in the result.
    fn first_border(
        &mut self,
        before: &[char],
        after: &[char],
        places: impl Iterator<Item = usize>,
    ) -> Option<(usize, usize)> {
        for place in places {
            let rest = (self.convert)(&before[place..]);
            if rest.len() < after.len() && after.ends_with(&rest) {
                return Some((place, after.len() - rest.len()));
            }
        }
        None
    }

    /// Tells what `before` became, in as small steps as there are.
    fn split(&mut self, at: usize, before: &[char], after: &[char], told: Told<'_>) {
        if self.is_each_by_itself(before, after) {
            return each(at, after, told);
        }
        let middle = before.len() / 2;
        let near = |n: usize| [middle.checked_sub(n), Some(middle + n + 1)];
        let places = (0..=PHRASE_MAX).flat_map(near).flatten();
        let places = places.filter(|place| (1..before.len()).contains(place));
        match self.first_border(before, after, places) {
            Some((border, given)) => {
                self.split(at, &before[..border], &after[..given], told);
                self.split(at + border, &before[border..], &after[given..], told);
            }
            None if before.len() == after.len() => each(at, after, told),
            None => told(at..at + before.len(), after),
        }
    }

    /// Whether every character became what it becomes alone.
    fn is_each_by_itself(&mut self, before: &[char], after: &[char]) -> bool {
        let mut alone = |c: &char| (self.convert)(std::slice::from_ref(c));
        before.len() == after.len()
            && before
                .iter()
                .zip(after)
                .filter(|(before, after)| before != after)
                .map(|(before, after)| (alone(before), after))
                .all(|(alone, after)| alone == [*after])
    }
}

fn each(at: usize, after: &[char], told: Told<'_>) {
    for n in 0..after.len() {
        told(at + n..at + n + 1, &after[n..=n]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longest phrase first, from left to right, as the real one.
    fn convert(text: &[char]) -> Vec<char> {
        let known = [
            ("記憶體", "内存"),
            ("辛巴威", "津巴布韦"),
            ("軟體", "软件"),
            ("體", "体"),
            ("憶", "忆"),
            ("記", "记"),
        ];
        let text: String = text.iter().collect();
        let (mut rest, mut converted) = (text.as_str(), String::new());
        while let Some(first) = rest.chars().next() {
            let found = known.iter().find(|(phrase, _)| rest.starts_with(phrase));
            let taken = found.map_or(first.len_utf8(), |(phrase, _)| phrase.len());
            match found {
                Some((_, becomes)) => converted.push_str(becomes),
                None => converted.push(first),
            }
            rest = &rest[taken..];
        }
        converted.chars().collect()
    }

    /// What each stretch became, and how many characters were converted for that.
    fn told(text: &str) -> (Vec<(String, String)>, usize) {
        let (run, mut stretches, mut converted): (Vec<char>, _, _) =
            (text.chars().collect(), Vec::new(), 0);
        let mut phrases = Phrases::new(|text: &[char]| {
            converted += text.len();
            convert(text)
        });
        phrases.run(&run, &mut |range, after| {
            stretches.push((run[range].iter().collect(), after.iter().collect()));
        });
        (stretches, converted)
    }

    #[test]
    fn a_phrase_that_changes_its_length_is_told_alone() {
        let (stretches, _) = told("用記憶體的軟體辛巴威體");
        let stretches: Vec<_> = stretches
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let expected = [
            ("用", "用"),
            ("記憶體", "内存"),
            ("的", "的"),
            ("軟", "软"),
            ("體", "件"),
            ("辛巴威", "津巴布韦"),
            ("體", "体"),
        ];
        assert_eq!(stretches, expected);
    }

    #[test]
    fn a_long_run_is_converted_as_a_whole_would_be_and_no_stretch_is_longer_than_a_phrase() {
        for text in ["用記憶體的軟體辛巴威體", "記憶體", "體", "用的"] {
            let text = text.repeat(900);
            let (stretches, _) = told(&text);
            let before: String = stretches
                .iter()
                .map(|(before, _)| before.as_str())
                .collect();
            let after: String = stretches.iter().map(|(_, after)| after.as_str()).collect();
            let run: Vec<char> = text.chars().collect();
            assert_eq!(before, text);
            assert_eq!(after, String::from_iter(convert(&run)));
            assert!(stretches.iter().all(|(b, _)| b.chars().count() <= 3));
        }
    }

    #[test]
    fn the_work_grows_with_the_length_of_the_run_and_not_faster() {
        for text in ["用記憶體的軟體辛巴威體", "記憶體", "體體體記憶", "用的"]
        {
            for length in [7_000, 80_000] {
                let run: String = text.chars().cycle().take(length).collect();
                let (_, converted) = told(&run);
                assert!(converted <= 12 * length, "{text} {length}: {converted}");
            }
            // Changed phrases at both ends of a run cost a constant more.
            let plain = "用".repeat(60_000);
            let changed = format!("記憶體{plain}辛巴威");
            assert!(told(&changed).1 <= told(&plain).1 + 2_000);
        }
    }
}
