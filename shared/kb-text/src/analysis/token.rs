//! Folded text to terms: words (Latin words, codes, Han words) and a second reading (stems, Han bigrams).

use super::fold::{Folded, fold};
use super::han::is_han;
use frostem::{Algorithm, Stemmer};
use jieba_rs::Jieba;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

/// The longest term, in characters.
const TERM_MAX_CHARS: usize = 64;

/// A term with the bytes of the original it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Letters, digits and underscores.
    pub term: String,
    /// Where it stands in the original.
    pub range: Range<usize>,
}

/// Both readings of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Words as written: Latin words, codes whole and in pieces, Han words with the shorter words in them.
    pub words: Vec<Token>,
    /// Stems of Latin words, bigrams of Han runs.
    pub second: Vec<Token>,
}

/// Kana and Hangul are written without reliable spaces; their runs are read as bigrams.
fn is_bigram_script(c: char) -> bool {
    c.is_alphanumeric()
        && matches!(u32::from(c), 0x3041..=0x30FF | 0x31F0..=0x31FF | 0x1100..=0x11FF | 0xAC00..=0xD7AF)
}

fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    c.is_alphanumeric() && !is_han(c) && !is_bigram_script(c)
}

/// The terms of a text.
pub fn tokens(text: &str) -> Tokens {
    analyse(text, None)
}

/// Finds some terms in texts; what cannot become one of them is not worked out at all.
pub struct Matcher<'a> {
    terms: &'a HashSet<String>,
    ascii: [bool; 128],
    others: Vec<char>,
    heads: Vec<Head>,
}

/// First and second character of a word. A stem keeps both, but for a y that becomes an i, or the first alone.
type Head = (char, Option<char>);

fn head(word: &str) -> Option<Head> {
    let mut chars = word.chars();
    let first = chars.next()?;
    Some((first, chars.next().map(|c| if c == 'y' { 'i' } else { c })))
}

impl<'a> Matcher<'a> {
    /// For these terms.
    pub fn new(terms: &'a HashSet<String>) -> Self {
        let mut wanted = Self {
            terms,
            ascii: [false; 128],
            others: Vec::new(),
            heads: terms.iter().filter_map(|t| head(t)).collect(),
        };
        for (first, _) in &wanted.heads {
            match wanted.ascii.get_mut(*first as usize) {
                Some(begins) => *begins = true,
                None => wanted.others.push(*first),
            }
        }
        wanted
    }

    /// Those of the terms of a text that are looked for.
    pub fn tokens(&self, text: &str) -> Tokens {
        analyse(text, Some(self))
    }

    /// Whether the stem of a word with this head may be looked for; of a short word one letter may be all that is left.
    fn has_head(&self, (first, second): Head) -> bool {
        self.heads.contains(&(first, second)) || self.heads.contains(&(first, None))
    }

    fn begins(&self, c: char) -> bool {
        let ascii = self.ascii.get(c as usize).copied();
        ascii.unwrap_or_else(|| self.others.contains(&c))
    }
}

/// The terms of a text; with `wanted`, those of them.
fn analyse(text: &str, wanted: Option<&Matcher<'_>>) -> Tokens {
    let begins = |c: &char| wanted.is_none_or(|w| w.begins(*c));
    let folded = &fold(text);
    let source = &Source { folded, wanted };
    let mut tokens = Tokens::default();
    let mut at = 0;
    while at < folded.chars.len() {
        let c = folded.chars[at];
        let start = at;
        if is_han(c) {
            at = run(folded, at, is_han);
            if folded.chars[start..at].iter().any(begins) {
                han(source, start..at, &mut tokens);
            }
        } else if is_bigram_script(c) {
            at = run(folded, at, is_bigram_script);
            bigrams(source, start..at, &mut tokens.words);
            bigrams(source, start..at, &mut tokens.second);
        } else if is_word(c) {
            at = compound(folded, at);
            latin(source, start..at, &mut tokens);
        } else {
            at += 1;
        }
    }
    tokens
}

/// A text that is analysed, and what is looked for in it: everything, or some terms.
struct Source<'a> {
    folded: &'a Folded,
    wanted: Option<&'a Matcher<'a>>,
}

fn run(folded: &Folded, start: usize, is: impl Fn(char) -> bool) -> usize {
    folded.chars[start..]
        .iter()
        .position(|c| !is(*c))
        .map_or(folded.chars.len(), |n| start + n)
}

/// The end of a word with what is joined to it: `e-4107`, `v2.3.1`, `kb_text`, `don't`.
fn compound(folded: &Folded, start: usize) -> usize {
    let mut end = run(folded, start, is_word);
    while end + 1 < folded.chars.len()
        && matches!(folded.chars[end], '-' | '.' | '_' | '/' | '\'' | '’')
        && is_word(folded.chars[end + 1])
    {
        end = run(folded, end + 1, is_word);
    }
    end
}

/// Neither a stem nor a code begins with another letter than what is written.
fn latin(source: &Source<'_>, range: Range<usize>, tokens: &mut Tokens) {
    let (folded, wanted) = (source.folded, source.wanted);
    let chars = &folded.chars[range.clone()];
    let mut several = false;
    let mut start = range.start;
    for at in range.clone().chain([range.end]) {
        if at < range.end && (is_word(folded.chars[at]) || matches!(folded.chars[at], '\'' | '’'))
        {
            continue;
        }
        let piece = start..at;
        start = at + 1;
        several |= at < range.end;
        let first = folded.chars[piece.clone()].iter().find(|c| is_word(**c));
        if !first.is_some_and(|c| wanted.is_none_or(|w| w.begins(*c))) {
            continue;
        }
        let mut text: String = folded.chars[piece.clone()]
            .iter()
            .filter(|c| is_word(**c))
            .collect();
        if let [.., '\'' | '’', 's'] = folded.chars[piece.clone()] {
            text.pop();
        }
        if wanted.is_none_or(|w| head(&text).is_some_and(|h| w.has_head(h))) {
            push(source, piece.clone(), stem(&text), &mut tokens.second);
        }
        push(source, piece, text, &mut tokens.words);
    }
    // A code is one thing: it is found whole, however it is joined.
    if several && chars.iter().any(char::is_ascii_digit) {
        let whole: String = chars
            .iter()
            .map(|c| if is_word(*c) { *c } else { '_' })
            .collect();
        push(source, range.clone(), whole.clone(), &mut tokens.words);
        push(source, range, whole, &mut tokens.second);
    }
}

fn stem(word: &str) -> String {
    static ENGLISH: OnceLock<Stemmer> = OnceLock::new();
    if !word.is_ascii() || word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    ENGLISH
        .get_or_init(|| Stemmer::new(Algorithm::English))
        .stem(word)
        .into_owned()
}

fn dictionary() -> &'static Jieba {
    static DICTIONARY: OnceLock<Jieba> = OnceLock::new();
    DICTIONARY.get_or_init(Jieba::new)
}

fn han(source: &Source<'_>, range: Range<usize>, tokens: &mut Tokens) {
    let text: String = source.folded.chars[range.clone()].iter().collect();
    let (mut bytes, mut before) = (0, 0);
    for token in dictionary().cut_for_search(&text, true) {
        // Words within words come before the word that they stand in.
        if token.byte_start < bytes {
            (bytes, before) = (0, 0);
        }
        before += text[bytes..token.byte_start].chars().count();
        bytes = token.byte_start;
        let length = token.word.chars().count();
        let at = range.start + before;
        let term = token.word.to_owned();
        push(source, at..at + length, term, &mut tokens.words);
    }
    bigrams(source, range, &mut tokens.second);
}

fn bigrams(source: &Source<'_>, range: Range<usize>, into: &mut Vec<Token>) {
    let chars = &source.folded.chars;
    if range.len() == 1 {
        let term = chars[range.start].to_string();
        push(source, range.clone(), term, into);
    }
    for at in range.start..range.end.saturating_sub(1) {
        let term = chars[at..at + 2].iter().collect();
        push(source, at..at + 2, term, into);
    }
}

fn push(source: &Source<'_>, range: Range<usize>, term: String, into: &mut Vec<Token>) {
    if term.is_empty() || range.is_empty() {
        return;
    }
    let term = match term.char_indices().nth(TERM_MAX_CHARS) {
        Some((end, _)) => term[..end].to_owned(),
        None => term,
    };
    if source.wanted.is_none_or(|w| w.terms.contains(&term)) {
        let range = source.folded.origin(&range);
        into.push(Token { term, range });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).words.into_iter().map(|t| t.term).collect()
    }

    #[test]
    fn mixed_scripts_split_and_codes_stay_whole() {
        assert_eq!(words("ERP2025单 报错"), ["erp2025", "单", "报错"]);
        assert!(words("错误 E-4107!").contains(&"e_4107".to_owned()));
        assert!(words("update to v2.3.1.").contains(&"v2_3_1".to_owned()));
        assert_eq!(
            words("don't sign-in user's"),
            ["dont", "sign", "in", "user"]
        );
        assert!(words("这是一个测试文档").contains(&"测试".to_owned()));
        assert_eq!(words("カタ・カナ"), ["カタ", "カナ"]);
        assert!(words("知識庫").iter().any(|w| words("知识库").contains(w)));
    }

    #[test]
    fn a_stem_that_changes_its_second_letter_is_found() {
        for word in ["dying", "lying", "skies", "by", "I's", "cried", "aed"] {
            let stem = &tokens(word).second[0].term;
            let terms = HashSet::from([stem.clone()]);
            assert_eq!(
                Matcher::new(&terms).tokens(word).second.len(),
                1,
                "{word} {stem}"
            );
        }
    }

    #[test]
    fn stems_and_bigrams_stand_in_the_second_reading() {
        let second: Vec<String> = tokens("resetting passwords 知识库")
            .second
            .into_iter()
            .map(|t| t.term)
            .collect();
        assert_eq!(second, ["reset", "password", "知识", "识库"]);
    }

    proptest! {
        #[test]
        fn what_matches_is_what_the_tokens_hold(text in "[a-zA-ZéüＥ測試網際路密码 0-9.'_/-]{0,60}|\\PC{0,40}", pick in 1_usize..7) {
            let all = tokens(&text);
            let every = all.words.iter().chain(&all.second).map(|t| t.term.clone());
            let terms: HashSet<String> = every.step_by(pick).collect();
            let found = Matcher::new(&terms).tokens(&text);
            let among = |tokens: &[Token]| -> Vec<Token> { tokens.iter().filter(|t| terms.contains(&t.term)).cloned().collect() };
            prop_assert_eq!(&found.words, &among(&all.words));
            prop_assert_eq!(&found.second, &among(&all.second));
        }

        #[test]
        fn every_range_maps_back_to_text_that_folds_to_its_term(text in "[a-zA-ZéüＥ測試網際路密码 0-9.'_/-]{0,60}|\\PC{0,40}") {
            let tokens = tokens(&text);
            for token in tokens.words.iter().chain(&tokens.second) {
                let original = text.get(token.range.clone());
                prop_assert!(original.is_some());
                prop_assert!(token.term.chars().all(|c| c.is_alphanumeric() || c == '_'), "{:?}", token);
                prop_assert!(token.term.chars().count() <= TERM_MAX_CHARS);
                let again = super::tokens(original.unwrap_or_default());
                let found = again.words.iter().chain(&again.second).any(|t| t.term == token.term || t.term.contains(&token.term));
                let shared = fold(original.unwrap_or_default()).chars.iter().any(|c| token.term.contains(*c));
                prop_assert!(found || shared, "{:?} from {:?}", token, original);
            }
        }
    }
}
