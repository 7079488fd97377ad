//! Folded text to terms: words (Latin words, codes, Han words) and a second reading (stems, Han bigrams).

use super::fold::{Folded, fold};
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

/// Whether a character is Han.
pub fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF | 0x3005 | 0x3007)
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

/// Those of the terms of a text that are among `terms`; words that begin like none of them are not worked out at all.
pub fn matching(text: &str, terms: &HashSet<String>) -> Tokens {
    let starts: HashSet<char> = terms.iter().filter_map(|t| t.chars().next()).collect();
    let mut tokens = analyse(text, Some(&starts));
    tokens.words.retain(|t| terms.contains(&t.term));
    tokens.second.retain(|t| terms.contains(&t.term));
    tokens
}

/// The terms of a text; with `starts`, at least those that begin with one of them.
fn analyse(text: &str, starts: Option<&HashSet<char>>) -> Tokens {
    let wanted = |c: &char| starts.is_none_or(|starts| starts.contains(c));
    let folded = fold(text);
    let mut tokens = Tokens::default();
    let mut at = 0;
    while at < folded.chars.len() {
        let c = folded.chars[at];
        let start = at;
        if is_han(c) {
            at = run(&folded, at, is_han);
            if folded.chars[start..at].iter().any(wanted) {
                han(&folded, start..at, &mut tokens);
            }
        } else if is_bigram_script(c) {
            at = run(&folded, at, is_bigram_script);
            bigrams(&folded, start..at, &mut tokens.words);
            bigrams(&folded, start..at, &mut tokens.second);
        } else if is_word(c) {
            at = compound(&folded, at);
            latin(&folded, start..at, wanted, &mut tokens);
        } else {
            at += 1;
        }
    }
    tokens
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
fn latin(
    folded: &Folded,
    range: Range<usize>,
    wanted: impl Fn(&char) -> bool,
    tokens: &mut Tokens,
) {
    let chars = &folded.chars[range.clone()];
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut start = range.start;
    for at in range.clone().chain([range.end]) {
        if at == range.end || !(is_word(folded.chars[at]) || matches!(folded.chars[at], '\'' | '’'))
        {
            pieces.push(start..at);
            start = at + 1;
        }
    }
    for piece in &pieces {
        let first = folded.chars[piece.clone()].iter().find(|c| is_word(**c));
        if !first.is_some_and(&wanted) {
            continue;
        }
        let text: String = folded.chars[piece.clone()]
            .iter()
            .filter(|c| is_word(**c))
            .collect();
        let text = match folded.chars[piece.clone()] {
            [.., '\'' | '’', 's'] => text[..text.len() - 1].to_owned(),
            _ => text,
        };
        push(folded, piece.clone(), text.clone(), &mut tokens.words);
        push(folded, piece.clone(), stem(&text), &mut tokens.second);
    }
    // A code is one thing: it is found whole, however it is joined.
    if pieces.len() > 1 && chars.iter().any(char::is_ascii_digit) {
        let whole: String = chars
            .iter()
            .map(|c| if is_word(*c) { *c } else { '_' })
            .collect();
        push(folded, range.clone(), whole.clone(), &mut tokens.words);
        push(folded, range, whole, &mut tokens.second);
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

fn han(folded: &Folded, range: Range<usize>, tokens: &mut Tokens) {
    let text: String = folded.chars[range.clone()].iter().collect();
    for token in dictionary().cut_for_search(&text, true) {
        let length = token.word.chars().count();
        let before = text[..token.byte_start].chars().count();
        let at = range.start + before;
        push(
            folded,
            at..at + length,
            token.word.to_owned(),
            &mut tokens.words,
        );
    }
    bigrams(folded, range, &mut tokens.second);
}

fn bigrams(folded: &Folded, range: Range<usize>, into: &mut Vec<Token>) {
    if range.len() == 1 {
        push(
            folded,
            range.clone(),
            folded.chars[range.start].to_string(),
            into,
        );
    }
    for at in range.start..range.end.saturating_sub(1) {
        push(
            folded,
            at..at + 2,
            folded.chars[at..at + 2].iter().collect(),
            into,
        );
    }
}

fn push(folded: &Folded, range: Range<usize>, term: String, into: &mut Vec<Token>) {
    if term.is_empty() || range.is_empty() {
        return;
    }
    let term = if term.chars().count() > TERM_MAX_CHARS {
        term.chars().take(TERM_MAX_CHARS).collect()
    } else {
        term
    };
    into.push(Token {
        term,
        range: folded.origins[range.start].start..folded.origins[range.end - 1].end,
    });
}

/// Words that say nothing about what a ticket is about.
pub fn is_stop(term: &str) -> bool {
    STOP.binary_search(&term).is_ok()
}

/// Sorted.
const STOP: [&str; 160] = [
    "a",
    "about",
    "after",
    "all",
    "also",
    "am",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "back",
    "be",
    "because",
    "been",
    "before",
    "but",
    "by",
    "can",
    "cant",
    "could",
    "did",
    "didnt",
    "do",
    "does",
    "doesnt",
    "doing",
    "dont",
    "for",
    "from",
    "get",
    "getting",
    "got",
    "had",
    "has",
    "have",
    "having",
    "he",
    "hello",
    "help",
    "her",
    "here",
    "hi",
    "his",
    "how",
    "i",
    "id",
    "if",
    "ill",
    "im",
    "in",
    "into",
    "is",
    "isnt",
    "it",
    "its",
    "ive",
    "just",
    "know",
    "like",
    "make",
    "many",
    "may",
    "me",
    "more",
    "most",
    "much",
    "my",
    "need",
    "no",
    "not",
    "now",
    "of",
    "on",
    "one",
    "only",
    "or",
    "other",
    "our",
    "out",
    "over",
    "please",
    "re",
    "regards",
    "same",
    "see",
    "she",
    "should",
    "since",
    "so",
    "some",
    "still",
    "such",
    "than",
    "thank",
    "thanks",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "this",
    "those",
    "to",
    "too",
    "try",
    "trying",
    "up",
    "us",
    "use",
    "using",
    "very",
    "want",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "why",
    "will",
    "with",
    "would",
    "you",
    "your",
    "一个",
    "不",
    "个",
    "为什么",
    "也",
    "了",
    "什么",
    "他",
    "们",
    "你",
    "你好",
    "再",
    "吗",
    "呢",
    "和",
    "在",
    "如何",
    "就",
    "怎么",
    "我",
    "我们",
    "是",
    "有",
    "的",
    "请",
    "谢谢",
    "这",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).words.into_iter().map(|t| t.term).collect()
    }

    #[test]
    fn stop_words_are_sorted() {
        assert!(
            STOP.is_sorted(),
            "{:?}",
            STOP.windows(2).find(|w| w[0] >= w[1])
        );
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
            let found = matching(&text, &terms);
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
