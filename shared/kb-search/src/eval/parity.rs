//! Whether two engines that hold the same set answer alike, and where they do not, why.

use super::judged::{Answer, Judged};
use super::tally::Tally;
use super::{Fault, lexicon_of};
use crate::index::SearchIndex;
use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

/// Documents that count.
const SHOWN: usize = 10;
/// Documents that are looked at, for the scores of those that are just not shown.
const LOOKED_AT: usize = 30;
/// Scores closer than this share of them are one score: sums of floats in another order differ in the fifth digit.
const ALIKE: f32 = 1e-4;

/// Why one engine shows a document among the first ten and the other does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It scores like the tenth in both; who is tenth is chance.
    Tie,
    /// The engines give it different scores.
    Score,
    /// The other engine does not have it among the first thirty.
    Missing,
}

/// A document that one engine shows among the first ten and the other does not.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The question.
    pub query: String,
    /// The document.
    pub document: String,
    /// Its score in the engine that shows it, and in the other one.
    pub scores: (f32, Option<f32>),
    /// Why.
    pub why: Why,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, other) = self.scores;
        let (query, document) = (&self.query, &self.document);
        write!(f, "{query}: {document} is shown with {shown}")?;
        match (self.why, other) {
            (Why::Tie, _) => write!(f, " and stands level with the tenth in the other"),
            (_, Some(other)) => write!(f, " and has {other} in the other"),
            (_, None) => write!(f, " and is not among the first {LOOKED_AT} of the other"),
        }
    }
}

/// Two engines on one set.
#[derive(Clone, Debug)]
pub struct Parity {
    /// Name of the set.
    pub set: String,
    /// Number of documents.
    pub documents: usize,
    /// Number of questions.
    pub queries: usize,
    /// The mean share of the first ten documents that both show.
    pub overlap10: f64,
    /// nDCG@10 of both.
    pub ndcg10: (f64, f64),
    /// The largest difference of the scores of one document, as a share of them.
    pub apart: f32,
    /// What is not shown by both.
    pub differences: Vec<Difference>,
}

impl Parity {
    /// How far the two figures are apart.
    pub fn ndcg_apart(&self) -> f64 {
        (self.ndcg10.0 - self.ndcg10.1).abs()
    }

    /// Whether the engines answer alike: overlap@10 of 0.99 and nDCG@10 within 0.001.
    pub fn holds(&self) -> bool {
        self.overlap10 >= 0.99 && self.ndcg_apart() <= 0.001
    }
}

impl fmt::Display for Parity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |why| self.differences.iter().filter(|d| d.why == why).count();
        write!(
            f,
            "{:<20} {:>6} documents {:>5} queries  overlap@10 {:.4}  nDCG@10 {:.4} {:.4}  scores apart {:.0e}  \
             not in both: {} ties, {} by score, {} missing",
            self.set,
            self.documents,
            self.queries,
            self.overlap10,
            self.ndcg10.0,
            self.ndcg10.1,
            self.apart,
            of(Why::Tie),
            of(Why::Score),
            of(Why::Missing),
        )
    }
}

/// Asks both engines every question of a set that both hold. Each has the lexicon of its own words.
pub async fn compare(
    set: &Judged,
    left: &dyn SearchIndex,
    right: &dyn SearchIndex,
) -> Result<Parity, Fault> {
    let (left, right) = (answers(set, left).await?, answers(set, right).await?);
    let (mut overlap, mut apart, mut differences) = (0.0, 0.0_f32, Vec::new());
    for (left, right) in left.iter().zip(&right) {
        let (l, r) = (first(left), first(right));
        let most = l.len().max(r.len());
        overlap += if most == 0 {
            1.0
        } else {
            l.intersection(&r).count() as f64 / most as f64
        };
        for (id, score) in &left.ranked {
            if let Some(other) = score_of(right, id) {
                apart = apart.max((score - other).abs() / score.max(f32::MIN_POSITIVE));
            }
        }
        differences.extend(l.difference(&r).map(|id| difference(left, right, id)));
        differences.extend(r.difference(&l).map(|id| difference(right, left, id)));
    }
    let ndcg = |answers: &[Answer]| {
        let mut tally = Tally::default();
        for answer in answers {
            set.judge(answer, &mut tally);
        }
        tally.report(String::new()).figures.ndcg10
    };
    Ok(Parity {
        set: set.name().to_owned(),
        documents: set.documents(),
        queries: left.len(),
        overlap10: overlap / left.len().max(1) as f64,
        ndcg10: (ndcg(&left), ndcg(&right)),
        apart,
        differences,
    })
}

async fn answers(set: &Judged, index: &dyn SearchIndex) -> Result<Vec<Answer>, Fault> {
    let lexicon = lexicon_of(index).await?;
    let (still, silent) = (&|| Duration::ZERO, &mut |_| ());
    Ok(set.ask(index, &lexicon, LOOKED_AT, still, silent).await?)
}

fn first(answer: &Answer) -> HashSet<&str> {
    let shown = answer.ranked.iter().take(SHOWN);
    shown.map(|(id, _)| id.as_str()).collect()
}

fn score_of(answer: &Answer, document: &str) -> Option<f32> {
    let mut ranked = answer.ranked.iter();
    ranked
        .find(|(id, _)| id == document)
        .map(|(_, score)| *score)
}

fn difference(shown: &Answer, other: &Answer, document: &str) -> Difference {
    let score = score_of(shown, document).unwrap_or_default();
    let found = score_of(other, document);
    let last = other.ranked.get(SHOWN - 1).map_or(0.0, |(_, score)| *score);
    let alike = |a: f32, b: f32| (a - b).abs() <= ALIKE * a.max(b);
    let why = match found {
        None => Why::Missing,
        Some(found) if alike(found, last) && alike(score, found) => Why::Tie,
        Some(_) => Why::Score,
    };
    Difference {
        query: shown.query.clone(),
        document: document.to_owned(),
        scores: (score, found),
        why,
    }
}
