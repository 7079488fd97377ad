//! Evaluation on judged sets: a throw-away index through the same functions that serve readers and agents.

use crate::error::Error;
use crate::index::{Bound, SearchIndex};
use crate::lexicon::Lexicon;
use crate::query::{SearchRequest, SuggestRequest};
use crate::suggest;
use crate::tantivy::TantivyIndex;
use kb_domain::{ArticleId, Audience, Ticket};
use kb_text::analysis::is_han;
use serde::Serialize;
use set::{Document, Question, corpus_files, either, judgments, lines, number, parts};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use tally::Tally;

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

/// Words from which a query is run as a ticket.
const TICKET_WORDS: usize = 12;
/// Han characters from which it is.
const TICKET_HAN: usize = 24;

/// Evaluates a set. `elapsed` measures spans; `progress` is told documents and queries done.
pub async fn run(
    options: &Options,
    elapsed: &(dyn Fn() -> Duration + Send + Sync),
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<Report, Fault> {
    let corpus = corpus_files(options)?;
    let mut documents: Vec<Document> = Vec::new();
    for file in &corpus {
        documents.extend(lines::<Document>(file)?);
    }
    let mut questions: Vec<Question> = lines(
        &options
            .queries
            .clone()
            .unwrap_or_else(|| either(&options.dir, "queries.jsonl")),
    )?;
    questions.retain(|q| options.half.is_none_or(|half| half == set::half_of(&q.id)));
    let qrels = judgments(
        &options
            .qrels
            .clone()
            .unwrap_or_else(|| options.dir.join("qrels.tsv")),
    )?;
    let index = TantivyIndex::open(None)?;
    let languages: HashSet<String> = documents.iter().filter_map(|d| d.lang.clone()).collect();
    let mut names: HashMap<ArticleId, usize> = HashMap::new();
    let (total, audience) = (documents.len() + questions.len(), Audience::public().id());
    for (n, document) in documents.iter().enumerate() {
        let id = ArticleId::new(number(n));
        names.insert(id, n);
        index.write(parts(document, id)).await?;
        if n % 500 == 0 {
            progress(n, total);
        }
    }
    index.refresh().await?;
    let (words, count) = index.terms().await?;
    let lexicon = Lexicon::build(words, count)?;
    let bound = Bound {
        audiences: vec![audience],
        ..Bound::default()
    };
    let mut tally = Tally::default();
    let mut run_file = options
        .run
        .as_ref()
        .map(std::fs::File::create)
        .transpose()
        .map_err(|e| Fault::File(options.run.clone().unwrap_or_default(), e))?;
    for (n, question) in questions.iter().enumerate() {
        if n % 100 == 0 {
            progress(documents.len() + n, total);
        }
        let relevant = qrels.get(&question.id);
        let judged =
            relevant.is_some_and(|r| r.values().any(|g| *g >= options.relevant_from.max(1)));
        if !judged && !question.out_of_scope {
            continue;
        }
        let target = question
            .target_lang
            .clone()
            .or_else(|| question.lang.clone().filter(|_| languages.len() > 1));
        let start = elapsed();
        let (ranked, share) = ask(
            &*index,
            &lexicon,
            &bound,
            question,
            target.as_deref(),
            options.surface,
        )
        .await?;
        let took = elapsed().saturating_sub(start);
        let ranked: Vec<(&str, f32)> = ranked
            .iter()
            .filter_map(|(id, score)| Some((documents[*names.get(id)?].id.as_str(), *score)))
            .filter(|(id, _)| *id != question.id || !is_own(&documents, &question.id, relevant))
            .take(10)
            .collect();
        if let Some(file) = &mut run_file {
            for (rank, (id, score)) in ranked.iter().enumerate() {
                writeln!(file, "{} {id} {} {score}", question.id, rank + 1)
                    .map_err(|e| Fault::File(options.run.clone().unwrap_or_default(), e))?;
            }
        }
        tally.scope(share, question.out_of_scope);
        if let Some(relevant) = relevant.filter(|_| judged && !question.out_of_scope) {
            let group = (
                question.lang.clone().unwrap_or_default(),
                target.unwrap_or_default(),
            );
            tally.add(&ranked, relevant, options.relevant_from.max(1), group, took);
        }
    }
    progress(total, total);
    let set = options
        .dir
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    Ok(tally.report(set))
}

/// A document with the query's own id is the query itself, unless the judgments name it.
fn is_own(documents: &[Document], id: &str, relevant: Option<&BTreeMap<String, u32>>) -> bool {
    relevant.is_none_or(|r| !r.contains_key(id)) && documents.iter().any(|d| d.id == id)
}

async fn ask(
    index: &dyn SearchIndex,
    lexicon: &Lexicon,
    bound: &Bound,
    question: &Question,
    target: Option<&str>,
    surface: Option<Surface>,
) -> Result<(Vec<(ArticleId, f32)>, f32), Error> {
    let long = question.text.split_whitespace().count() > TICKET_WORDS
        || question.text.chars().filter(|c| is_han(*c)).count() > TICKET_HAN;
    let by_length = if long {
        Surface::Suggestion
    } else {
        Surface::Search
    };
    let language = target.map(str::to_owned);
    if surface.unwrap_or(by_length) == Surface::Search {
        let request = SearchRequest {
            text: question.text.clone(),
            language,
            bound: bound.clone(),
            limit: 12,
            ..SearchRequest::default()
        };
        return crate::search::ranked(index, lexicon, &request).await;
    }
    let ticket = Ticket {
        system: "eval".to_owned(),
        id: question.id.clone(),
        subject: String::new(),
        description: question.text.clone(),
        messages: Vec::new(),
        tags: Vec::new(),
        locale: None,
        recipients: Vec::new(),
    };
    let request = SuggestRequest {
        ticket,
        locale: None,
        portal: None,
        bound: bound.clone(),
        limit: 12,
    };
    suggest::ranked(index, lexicon, &request, language).await
}

#[cfg(test)]
mod tests;
