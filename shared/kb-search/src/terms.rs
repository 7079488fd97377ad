//! From a question or a ticket to weighted terms.

use crate::fields;
use crate::index::{UnitQuery, WeightedTerm};
use crate::lexicon::Lexicon;
use crate::weights::Weights;
use kb_domain::Ticket;
use kb_text::analysis::{Token, Tokens, clean, is_han, is_stop, tokens};
use std::collections::{HashMap, HashSet};

/// The longest question that a reader may type, in characters.
pub const QUESTION_MAX_CHARS: usize = 2_000;
/// Characters of a text that are read; what is said later in a longer one says nothing new.
const TEXT_MAX_CHARS: usize = 60_000;
/// Characters of a word that are told as it was written.
const WRITTEN_MAX_CHARS: usize = 64;

/// The words a query is made of.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// A question's in their order, a ticket's with the most telling first.
    words: Vec<Word>,
    /// Bigrams that begin in one of the words and end in the next, with their numbers: what two neighbors say together.
    between: Vec<(String, f32)>,
}

#[derive(Clone, Debug)]
struct Word {
    term: String,
    /// As it was written, as far as that is told.
    written: String,
    /// Its place among the words of the text.
    place: usize,
    count: f32,
    /// How telling it is: inverse document frequency.
    weight: f32,
    /// Its stem or its bigrams.
    second: Vec<String>,
}

impl Terms {
    /// The first words of a typed question, whatever the lexicon knows of them: if it had a say, one could ask it which words
    /// there are. Stop words count unless there are others.
    pub fn of_question(text: &str, lexicon: &Lexicon, weights: &Weights) -> Self {
        Self::of(text, lexicon, weights.terms_max, Choice::First)
    }

    /// The key terms of a conversation, whoever wrote.
    pub fn of_ticket(ticket: &Ticket, lexicon: &Lexicon, weights: &Weights) -> Self {
        let mut text = ticket.subject.clone();
        for message in
            std::iter::once(&ticket.description).chain(ticket.messages.iter().map(|m| &m.text))
        {
            text.push('\n');
            text.push_str(&clean(message));
        }
        Self::of(&text, lexicon, weights.terms_max, Choice::Telling)
    }

    fn of(text: &str, lexicon: &Lexicon, max: usize, choice: Choice) -> Self {
        let end = text
            .char_indices()
            .nth(TEXT_MAX_CHARS)
            .map_or(text.len(), |(at, _)| at);
        let text = &text[..end];
        let analysed = tokens(text);
        let mut order: Vec<Word> = Vec::new();
        let mut at: HashMap<String, usize> = HashMap::new();
        for token in &analysed.words {
            if let Some(n) = at.get(&token.term) {
                order[*n].count += 1.0;
                continue;
            }
            at.insert(token.term.clone(), order.len());
            let inside = analysed.second.iter();
            let first = inside
                .as_slice()
                .partition_point(|s| s.range.start < token.range.start);
            let second = analysed.second[first..]
                .iter()
                .take_while(|s| s.range.start < token.range.end)
                .filter(|s| s.range.end <= token.range.end)
                .take(token.term.chars().count());
            let mut second: Vec<String> = second.map(|s| s.term.clone()).collect();
            second.dedup();
            let written = text[token.range.clone()].chars();
            order.push(Word {
                written: written.take(WRITTEN_MAX_CHARS).collect(),
                place: order.len(),
                weight: lexicon.weight(&token.term),
                count: 1.0,
                term: token.term.clone(),
                second,
            });
        }
        if choice == Choice::Telling {
            if order.iter().any(|w| !is_stop(&w.term)) {
                order.retain(|w| !is_stop(&w.term));
            }
            // A word that no article holds finds nothing; it only counts against what is found.
            let unknown = |w: &Word| !lexicon.is_empty() && lexicon.frequency(&w.term) == 0;
            let crowded = order.len() > max;
            let value = |w: &Word| w.weight * saturated(w.count);
            order.sort_by(|a, b| {
                value(b)
                    .total_cmp(&value(a))
                    .then_with(|| a.term.cmp(&b.term))
            });
            if crowded {
                order.sort_by_key(unknown);
            }
        }
        order.truncate(max);
        let chosen: HashSet<&str> = order.iter().map(|w| w.term.as_str()).collect();
        let between = between(text, &analysed, &chosen, max);
        Self {
            words: order,
            between,
        }
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The flat OR: each word in each field with its weight.
    pub fn weighted(&self, weights: &Weights) -> Vec<WeightedTerm> {
        let mut sums: HashMap<(&'static str, &str), f32> = HashMap::new();
        for word in &self.words {
            if sums.len() + 3 + 2 * word.second.len() > UnitQuery::TERMS_MAX {
                break;
            }
            let count = saturated(word.count);
            for (field, weight) in [
                (fields::TITLE_WORDS, weights.title_words),
                (fields::BODY_WORDS, weights.body_words),
                (fields::PLACE, weights.place),
            ] {
                *sums.entry((field, &word.term)).or_default() += weight * count;
            }
            for second in &word.second {
                let (title, body) = if second.chars().all(is_han) {
                    (weights.title_bigrams, weights.body_bigrams)
                } else {
                    (weights.title_stems, weights.body_stems)
                };
                for (field, weight) in [(fields::TITLE_SECOND, title), (fields::BODY_SECOND, body)]
                {
                    let sum = sums.entry((field, second)).or_default();
                    *sum = sum.max(weight * count);
                }
            }
        }
        // The title stands in the body as well; there these bigrams count once.
        let room = UnitQuery::TERMS_MAX - sums.len();
        for (term, count) in self.between.iter().take(room) {
            let sum = sums.entry((fields::BODY_SECOND, term)).or_default();
            *sum = sum.max(weights.body_bigrams * saturated(*count));
        }
        let mut terms: Vec<WeightedTerm> = sums
            .into_iter()
            .map(|((field, term), weight)| WeightedTerm {
                field,
                term: term.to_owned(),
                weight,
            })
            .collect();
        terms.sort_by(|a, b| (a.field, &a.term).cmp(&(b.field, &b.term)));
        terms
    }

    /// Every term, stop words included, for [`Terms::coverage`].
    pub fn every(&self) -> HashSet<String> {
        let terms = self
            .words
            .iter()
            .flat_map(|w| w.second.iter().chain([&w.term]));
        terms.cloned().collect()
    }

    /// Every telling term, for marking.
    pub fn all(&self) -> HashSet<String> {
        let telling = self.words.iter().filter(|w| !is_stop(&w.term));
        telling
            .flat_map(|w| w.second.iter().chain([&w.term]))
            .cloned()
            .collect()
    }

    /// The words as they were written and in the order in which they were: another order would tell how rare they are.
    pub fn written(&self) -> Vec<String> {
        let mut words: Vec<&Word> = self.words.iter().collect();
        words.sort_by_key(|w| w.place);
        words.into_iter().map(|w| w.written.clone()).collect()
    }

    /// The share of the term weight that a text covers (0 to 1), and the words it covers, most telling first.
    pub fn coverage(&self, held: &HashSet<String>) -> (f32, Vec<String>) {
        let (mut covered, mut all, mut words) = (0.0, 0.0, Vec::new());
        for word in &self.words {
            let weight = if is_stop(&word.term) {
                0.1
            } else {
                word.weight
            };
            all += weight;
            let whole = held.contains(&word.term);
            if whole || (!word.second.is_empty() && word.second.iter().all(|s| held.contains(s))) {
                covered += weight;
                words.push(word.written.clone());
            }
        }
        (if all > 0.0 { covered / all } else { 0.0 }, words)
    }
}

/// Which words of a text are used when there are too many.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// Those that stand first.
    First,
    /// The most telling of those that articles hold; stop words only where there are no others.
    Telling,
}

/// A word said often counts more, but never more than 2.2 times.
fn saturated(count: f32) -> f32 {
    count * 2.2 / (count + 1.2)
}

/// The bigrams that stand in no word, where the words on both sides are chosen; most frequent first, at most `max`.
/// Without them a text that holds the words apart is as good as one that holds them joined.
fn between(
    text: &str,
    analysed: &Tokens,
    chosen: &HashSet<&str>,
    max: usize,
) -> Vec<(String, f32)> {
    let all = Spans::of(analysed.words.iter());
    let kept = Spans::of(
        analysed
            .words
            .iter()
            .filter(|w| chosen.contains(w.term.as_str())),
    );
    let mut found: Vec<(String, f32)> = Vec::new();
    let mut at: HashMap<&str, usize> = HashMap::new();
    for bigram in &analysed.second {
        let (start, end) = (bigram.range.start, bigram.range.end);
        let first = text[start..end].chars().next().map_or(0, char::len_utf8);
        let joins = all.reach(start) < end
            && kept.reach(start) > start
            && kept.reach(start + first) > start + first;
        if !joins {
            continue;
        }
        let n = *at.entry(&bigram.term).or_insert_with(|| {
            found.push((bigram.term.clone(), 0.0));
            found.len() - 1
        });
        found[n].1 += 1.0;
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.truncate(max);
    found
}

/// Where words begin, each with the furthest end of those that begin there or before.
struct Spans(Vec<(usize, usize)>);

impl Spans {
    fn of<'a>(words: impl Iterator<Item = &'a Token>) -> Self {
        let mut spans: Vec<(usize, usize)> = words.map(|w| (w.range.start, w.range.end)).collect();
        spans.sort_unstable();
        let mut furthest = 0;
        for span in &mut spans {
            furthest = furthest.max(span.1);
            span.1 = furthest;
        }
        Self(spans)
    }

    /// The furthest end of the words that begin at `at` or before; 0 when there are none.
    fn reach(&self, at: usize) -> usize {
        let n = self.0.partition_point(|(start, _)| *start <= at);
        n.checked_sub(1).map_or(0, |last| self.0[last].1)
    }
}

#[cfg(test)]
mod tests;
