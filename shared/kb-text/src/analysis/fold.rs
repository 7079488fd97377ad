//! Folding: compatibility forms, case, accents, and Traditional Chinese with Taiwan wording to Simplified, with a map from
//! every folded character back to the bytes it came from.

use super::han::is_han;
use super::phrases::Phrases;
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use std::ops::Range;
use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// A folded text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded characters.
    pub chars: Vec<char>,
    /// The bytes of the original that each came from; empty where they are the bytes one by one.
    origins: Vec<Range<usize>>,
}

impl Folded {
    /// The bytes of the original that the characters of a range, which is not empty, came from.
    pub fn origin(&self, range: &Range<usize>) -> Range<usize> {
        match self.origins.get(range.clone()) {
            Some([first, .., last]) => first.start..last.end,
            Some([only]) => only.clone(),
            _ => range.clone(),
        }
    }

    fn push(&mut self, c: char, origin: Range<usize>) {
        self.chars.push(c);
        self.origins.push(origin);
    }
}

/// Folds a text.
pub fn fold(text: &str) -> Folded {
    if text.is_ascii() {
        return Folded {
            chars: text
                .bytes()
                .map(|b| b.to_ascii_lowercase().into())
                .collect(),
            origins: Vec::new(),
        };
    }
    let mut folded = Folded {
        chars: Vec::with_capacity(text.len()),
        origins: Vec::with_capacity(text.len()),
    };
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_ascii() && chars.peek().is_none_or(|(_, next)| next.is_ascii()) {
            folded.push(c.to_ascii_lowercase(), start..start + 1);
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some((at, mark)) =
            chars.next_if(|(_, next)| canonical_combining_class(*next) != 0)
        {
            end = at + mark.len_utf8();
        }
        for folded_char in text[start..end].nfkc().flat_map(char::to_lowercase) {
            // An accent is taken off a Latin letter; other scripts keep their marks.
            let mut parts = std::iter::once(folded_char).nfd();
            let base = parts.next().unwrap_or(folded_char);
            let plain = if base.is_ascii() { base } else { folded_char };
            if canonical_combining_class(plain) == 0 {
                folded.push(plain, start..end);
            }
        }
    }
    simplify(folded)
}

fn converter() -> Option<&'static OpenCC> {
    static CONVERTER: OnceLock<Option<OpenCC>> = OnceLock::new();
    CONVERTER
        .get_or_init(|| OpenCC::from_config(BuiltinConfig::Tw2sp).ok())
        .as_ref()
}

/// Every run of Han characters to Simplified. A phrase that changes its length gets the bytes of the whole phrase.
fn simplify(folded: Folded) -> Folded {
    if !folded.chars.iter().any(|c| is_han(*c)) {
        return folded;
    }
    let Some(converter) = converter() else {
        return folded;
    };
    let mut phrases = Phrases::new(|text: &[char]| {
        let converted = converter.convert(&String::from_iter(text));
        converted.chars().collect()
    });
    let mut simple = Folded::default();
    let mut at = 0;
    while at < folded.chars.len() {
        let start = at;
        while at < folded.chars.len() && is_han(folded.chars[at]) {
            at += 1;
        }
        if start == at {
            simple.push(folded.chars[at], folded.origins[at].clone());
            at += 1;
            continue;
        }
        let origins = &folded.origins[start..at];
        phrases.run(&folded.chars[start..at], &mut |phrase, after| {
            let origin = origins[phrase.start].start..origins[phrase.end - 1].end;
            for c in after {
                simple.push(*c, origin.clone());
            }
        });
    }
    simple
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        fold(text).chars.into_iter().collect()
    }

    #[test]
    fn case_width_accents_and_script_fold() {
        assert_eq!(folded("ＥＲＰ２０２５"), "erp2025");
        assert_eq!(folded("Café RÉSUMÉ"), "cafe resume");
        assert_eq!(folded("知識庫"), "知识库");
        assert_eq!(folded("網路印表機"), folded("网络打印机"));
        assert_eq!(folded("Straße ﬁn"), "straße fin");
    }

    #[test]
    fn every_folded_character_points_into_the_text() {
        let text = "aé網際網路cafe\u{301}Z";
        for text in [text, "Plain text"] {
            let folded = fold(text);
            for at in 0..folded.chars.len() {
                let origin = folded.origin(&(at..at + 1));
                assert!(text.get(origin).is_some_and(|t| !t.is_empty()));
            }
        }
    }
    #[test]
    fn no_character_of_a_long_run_points_at_more_than_its_phrase() {
        let text = format!(
            "記憶體{}辛巴威{}軟體記憶體",
            "測試".repeat(9_000),
            "网路".repeat(9_000)
        );
        let folded = fold(&text);
        let points = (0..folded.chars.len()).map(|at| folded.origin(&(at..at + 1)));
        assert!(points.into_iter().all(|origin| origin.len() <= 9));
        let run: String = folded.chars.iter().collect();
        assert!(run.starts_with("内存测试") && run.ends_with("软件内存"));
        let found = run.match_indices("津巴布韦").next().unwrap().0;
        let at = run[..found].chars().count();
        assert_eq!(text.get(folded.origin(&(at..at + 4))), Some("辛巴威"));
    }
}
