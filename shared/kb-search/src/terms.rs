//! From a question or a ticket to weighted terms.

use crate::fields;
use crate::index::WeightedTerm;
use crate::lexicon::Lexicon;
use crate::weights::Weights;
use kb_domain::Ticket;
use kb_text::analysis::{clean, is_stop, tokens};
use std::collections::{HashMap, HashSet};

/// Characters of a question or ticket that are read; what is said later in a longer one says nothing new.
const TEXT_MAX_CHARS: usize = 60_000;

/// The words a query is made of, most telling first.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    words: Vec<Word>,
}

#[derive(Clone, Debug)]
struct Word {
    term: String,
    /// As it was written.
    written: String,
    count: f32,
    /// How telling it is: inverse document frequency.
    weight: f32,
    /// Its stem or its bigrams.
    second: Vec<String>,
}

impl Terms {
    /// All words of a typed question that the limit admits; stop words count unless there are others.
    pub fn of_question(text: &str, lexicon: &Lexicon, weights: &Weights) -> Self {
        Self::of(text, lexicon, weights.terms_max, false)
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
        Self::of(&text, lexicon, weights.terms_max, true)
    }

    fn of(text: &str, lexicon: &Lexicon, max: usize, drop_stop_words: bool) -> Self {
        let end = text
            .char_indices()
            .nth(TEXT_MAX_CHARS)
            .map_or(text.len(), |(at, _)| at);
        let text = &text[..end];
        let analysed = tokens(text);
        let mut order: Vec<Word> = Vec::new();
        let mut at: HashMap<String, usize> = HashMap::new();
        for token in analysed.words {
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
                .filter(|s| s.range.end <= token.range.end);
            let mut second: Vec<String> = second.map(|s| s.term.clone()).collect();
            second.dedup();
            order.push(Word {
                written: text[token.range.clone()].to_owned(),
                weight: lexicon.weight(&token.term),
                count: 1.0,
                term: token.term,
                second,
            });
        }
        let telling = order.iter().any(|w| !is_stop(&w.term));
        if drop_stop_words && telling {
            order.retain(|w| !is_stop(&w.term));
        }
        // A word that no article holds finds nothing; it only counts against what is found.
        let value = |w: &Word| w.weight * (w.count * 2.2 / (w.count + 1.2));
        order.sort_by(|a, b| {
            value(b)
                .total_cmp(&value(a))
                .then_with(|| a.term.cmp(&b.term))
        });
        if order.len() > max {
            let (known, unknown): (Vec<Word>, Vec<Word>) = order
                .into_iter()
                .partition(|w| lexicon.is_empty() || lexicon.frequency(&w.term) > 0);
            order = known.into_iter().chain(unknown).take(max).collect();
        }
        Self { words: order }
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The flat OR: each word in each field with its weight.
    pub fn weighted(&self, weights: &Weights) -> Vec<WeightedTerm> {
        let mut sums: HashMap<(&'static str, &str), f32> = HashMap::new();
        for word in &self.words {
            let count = word.count * 2.2 / (word.count + 1.2);
            for (field, weight) in [
                (fields::TITLE_WORDS, weights.title_words),
                (fields::BODY_WORDS, weights.body_words),
                (fields::PLACE, weights.place),
            ] {
                *sums.entry((field, &word.term)).or_default() += weight * count;
            }
            for second in &word.second {
                for (field, weight) in [
                    (fields::TITLE_SECOND, weights.title_second),
                    (fields::BODY_SECOND, weights.body_second),
                ] {
                    let sum = sums.entry((field, second)).or_default();
                    *sum = sum.max(weight * count);
                }
            }
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

    /// Every term, for marking.
    pub fn all(&self) -> HashSet<String> {
        let telling = self.words.iter().filter(|w| !is_stop(&w.term));
        telling
            .flat_map(|w| w.second.iter().chain([&w.term]))
            .cloned()
            .collect()
    }

    /// The words as they were written, most telling first.
    pub fn written(&self, max: usize) -> Vec<String> {
        self.words
            .iter()
            .take(max)
            .map(|w| w.written.clone())
            .collect()
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
