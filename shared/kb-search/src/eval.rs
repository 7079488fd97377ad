//! Evaluation on judged sets: a throw-away index through the same functions that serve readers and agents.

use crate::error::Error;
use crate::index::SearchIndex;
use crate::lexicon::Lexicon;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tally::Tally;

pub use judged::{Answer, Judged};

pub mod parity;

mod judged;
mod set;
mod tally;

/// How a query is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// As typed into a search box.
    Search,
    /// As a ticket.
    Suggestion,
}

/// One half of the queries. Which half a query is in follows from its id alone, so that anybody finds the same halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// For choosing between variants: the SHA-256 of the id begins with an even hexadecimal digit.
    Tune,
    /// For the figures of what was chosen.
    Report,
}

/// What is evaluated.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A folder with corpus*.jsonl[.gz], queries.jsonl[.gz] and qrels.tsv.
    pub dir: PathBuf,
    /// One surface for all queries; by their length when absent.
    pub surface: Option<Surface>,
    /// Another corpus file.
    pub corpus: Option<PathBuf>,
    /// Another queries file.
    pub queries: Option<PathBuf>,
    /// Another judgments file.
    pub qrels: Option<PathBuf>,
    /// Only this half of the queries.
    pub half: Option<Half>,
    /// From which grade on a document counts as relevant.
    pub relevant_from: u32,
    /// Where to write "query doc rank score" lines.
    pub run: Option<PathBuf>,
}

/// Why a set cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A file is not there or cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// A line is not of the form it should be.
    #[error("{0}, line {1}: {2}")]
    Line(PathBuf, usize, String),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] Error),
}

/// The figures of a set or of a group of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// Queries with a relevant document.
    pub queries: usize,
    /// nDCG@10 with linear gain.
    pub ndcg10: f64,
    /// Mean reciprocal rank among the first ten.
    pub mrr10: f64,
    /// Share of the relevant documents among the first ten.
    pub recall10: f64,
    /// Share of queries whose first hit is relevant.
    pub p1: f64,
}

/// The figures of one direction of a set with several languages.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Language of the queries.
    pub from: String,
    /// Language of the documents.
    pub to: String,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Percentiles of the time one query takes, in microseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Latency {
    /// Half of the queries take no longer.
    pub p50: u64,
    /// 95 of 100.
    pub p95: u64,
    /// 99 of 100.
    pub p99: u64,
}

/// The share of queries whose first hit is above a floor of suggestions.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Shown {
    /// The share of the term weight that is asked for.
    pub floor: f64,
    /// Of the queries that a document fits.
    pub fitting: f64,
    /// Of the others, in a set that has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub others: Option<f64>,
}

/// The report of a set.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Name of the folder.
    pub set: String,
    /// Over all queries.
    #[serde(flatten)]
    pub figures: Figures,
    /// How well the coverage of the first hit tells queries that nothing fits from the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auroc: Option<f64>,
    /// What a floor of suggestions lets through: the one in force, then others, so that it can be chosen.
    pub shown: Vec<Shown>,
    /// Time of a query.
    pub latency_us: Latency,
    /// By language, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
}

/// Evaluates a set on an empty index. `elapsed` measures spans; `progress` is told documents and queries done.
pub async fn run(
    options: &Options,
    index: &dyn SearchIndex,
    elapsed: &(dyn Fn() -> Duration + Send + Sync),
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<Report, Fault> {
    let set = Judged::read(options)?;
    let (documents, total) = (set.documents(), set.documents() + set.questions());
    set.fill(index, 1, &mut |done| progress(done, total))
        .await?;
    let lexicon = lexicon_of(index).await?;
    let mut asked = |done| progress(documents + done, total);
    let answered = set.ask(index, &lexicon, 10, elapsed, &mut asked).await?;
    let mut tally = Tally::default();
    for answer in &answered {
        tally.scope(answer.share, answer.out_of_scope);
        set.judge(answer, &mut tally);
    }
    if let Some(file) = &options.run {
        let written = write_run(file, &answered);
        written.map_err(|e| Fault::File(file.clone(), e))?;
    }
    progress(total, total);
    Ok(tally.report(set.name().to_owned()))
}

/// The lexicon that the indexer would make of this index.
pub async fn lexicon_of(index: &dyn SearchIndex) -> Result<Lexicon, Error> {
    let (words, count) = index.terms(None).await?;
    Lexicon::build(words, count)
}

fn write_run(path: &Path, answered: &[Answer]) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for answer in answered {
        for (rank, (id, score)) in (1..).zip(&answer.ranked) {
            writeln!(file, "{} {id} {rank} {score}", answer.query)?;
        }
    }
    file.flush()
}

#[cfg(test)]
mod tests;
