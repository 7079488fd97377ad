//! Evaluation on judged sets: a throw-away index through the same functions that serve readers and agents.

use crate::error::Error;
use crate::index::{Bound, SearchIndex};
use crate::lexicon::Lexicon;
use crate::part::{Part, Source, parts_of};
use crate::query::{SearchRequest, SuggestRequest};
use crate::suggest;
use crate::tantivy::TantivyIndex;
use kb_domain::{
    ArticleId, ArticleType, Audience, Kind, Locale, NodeId, PortalId, RevisionId, SectionId,
    Ticket, Timestamp,
};
use kb_text::analysis::is_han;
use kb_text::document::Passage;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a query is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// As typed into a search box.
    Search,
    /// As a ticket.
    Suggestion,
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
    /// Time of a query.
    pub latency_us: Latency,
    /// By language, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Document {
    id: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    path: Option<PathField>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PathField {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Question {
    id: String,
    text: String,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    target_lang: Option<String>,
    #[serde(default)]
    out_of_scope: bool,
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
    let questions: Vec<Question> = lines(
        &options
            .queries
            .clone()
            .unwrap_or_else(|| either(&options.dir, "queries.jsonl")),
    )?;
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
        hidden: Vec::new(),
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

fn number(n: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(n as u128 + 1)
}

fn parts(document: &Document, id: ArticleId) -> Vec<Part> {
    let locale = document
        .lang
        .as_deref()
        .and_then(|l| l.parse().ok())
        .unwrap_or_else(Locale::en);
    let body = document.body.as_deref().unwrap_or_default();
    let passages = body
        .split("\n\n")
        .filter(|p| !p.trim().is_empty())
        .map(|text| Passage {
            anchor: None,
            heading: None,
            text: text.to_owned(),
        });
    let path = match &document.path {
        Some(PathField::Many(path)) => path.clone(),
        Some(PathField::One(path)) => path.split('/').map(str::to_owned).collect(),
        None => Vec::new(),
    };
    parts_of(&Source {
        article: id,
        locale,
        revision: RevisionId::new(number(0)),
        version: 1,
        audience: Audience::public().id(),
        portals: vec![PortalId::new(number(0))],
        nodes: vec![NodeId::Section(SectionId::new(number(0)))],
        kind: Kind::Explicit,
        article_type: ArticleType::default(),
        labels: document.tags.clone(),
        published_at: Timestamp(1),
        title: document.title.clone().unwrap_or_default(),
        summary: String::new(),
        path,
        passages: passages.collect(),
        faq: Vec::new(),
    })
}

fn either(dir: &Path, name: &str) -> PathBuf {
    let plain = dir.join(name);
    if plain.exists() {
        plain
    } else {
        dir.join(format!("{name}.gz"))
    }
}

fn corpus_files(options: &Options) -> Result<Vec<PathBuf>, Fault> {
    if let Some(file) = &options.corpus {
        return Ok(vec![file.clone()]);
    }
    let fault = |e| Fault::File(options.dir.clone(), e);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&options.dir)
        .map_err(fault)?
        .flatten()
        .map(|e| e.path())
        .collect();
    let is_corpus = |path: &PathBuf| {
        let name = path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        name.starts_with("corpus.")
            && [".jsonl", ".jsonl.gz"]
                .iter()
                .any(|end| name.ends_with(end))
    };
    files.retain(is_corpus);
    files.sort();
    if files.is_empty() {
        return Err(fault(std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "there is no corpus*.jsonl[.gz] in it",
        )));
    }
    Ok(files)
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Fault> {
    let file = std::fs::File::open(path).map_err(|e| Fault::File(path.to_owned(), e))?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|e| e == "gz") {
        Box::new(flate2::read::GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(Box::new(BufReader::new(reader)))
}

fn lines<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>, Fault> {
    let mut records = Vec::new();
    for (n, line) in open(path)?.lines().enumerate() {
        let line = line.map_err(|e| Fault::File(path.to_owned(), e))?;
        if !line.trim().is_empty() {
            records.push(
                serde_json::from_str(&line)
                    .map_err(|e| Fault::Line(path.to_owned(), n + 1, e.to_string()))?,
            );
        }
    }
    Ok(records)
}

fn judgments(path: &Path) -> Result<HashMap<String, BTreeMap<String, u32>>, Fault> {
    let mut qrels: HashMap<String, BTreeMap<String, u32>> = HashMap::new();
    for (n, line) in open(path)?.lines().enumerate() {
        let line = line.map_err(|e| Fault::File(path.to_owned(), e))?;
        let mut parts = line.split('\t');
        let (Some(query), Some(document)) = (parts.next(), parts.next()) else {
            continue;
        };
        let grade = parts.next().unwrap_or("1").trim().parse::<f64>();
        let grade = grade.map_err(|e| Fault::Line(path.to_owned(), n + 1, e.to_string()))?;
        qrels
            .entry(query.to_owned())
            .or_default()
            .insert(document.to_owned(), grade.max(0.0) as u32);
    }
    Ok(qrels)
}

#[derive(Default)]
struct Tally {
    all: Vec<Figures>,
    groups: BTreeMap<(String, String), Vec<Figures>>,
    took: Vec<u64>,
    fits: Vec<f32>,
    fits_not: Vec<f32>,
}

impl Tally {
    fn scope(&mut self, share: f32, out_of_scope: bool) {
        if out_of_scope {
            self.fits_not.push(share);
        } else {
            self.fits.push(share);
        }
    }

    fn add(
        &mut self,
        ranked: &[(&str, f32)],
        relevant: &BTreeMap<String, u32>,
        from: u32,
        group: (String, String),
        took: Duration,
    ) {
        let grade = |id: &str| {
            relevant
                .get(id)
                .copied()
                .filter(|g| *g >= from)
                .unwrap_or(0)
        };
        let gain = |rank: usize, grade: u32| f64::from(grade) / (rank as f64 + 2.0).log2();
        let dcg: f64 = ranked
            .iter()
            .enumerate()
            .map(|(rank, (id, _))| gain(rank, grade(id)))
            .sum();
        let mut ideal: Vec<u32> = relevant.values().copied().filter(|g| *g >= from).collect();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        let best: f64 = ideal
            .iter()
            .take(10)
            .enumerate()
            .map(|(rank, g)| gain(rank, *g))
            .sum();
        let first = ranked.iter().position(|(id, _)| grade(id) > 0);
        let found = ranked.iter().filter(|(id, _)| grade(id) > 0).count();
        let figures = Figures {
            queries: 1,
            ndcg10: if best > 0.0 { dcg / best } else { 0.0 },
            mrr10: first.map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0)),
            recall10: found as f64 / ideal.len().max(1) as f64,
            p1: f64::from(u8::from(first == Some(0))),
        };
        self.groups.entry(group).or_default().push(figures.clone());
        self.all.push(figures);
        self.took
            .push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    fn report(mut self, set: String) -> Report {
        self.took.sort_unstable();
        let at = |share: f64| {
            self.took
                .get(
                    ((self.took.len() as f64 * share) as usize)
                        .min(self.took.len().saturating_sub(1)),
                )
                .copied()
                .unwrap_or(0)
        };
        let groups = self.groups.iter().map(|((from, to), list)| Group {
            from: from.clone(),
            to: to.clone(),
            figures: mean(list),
        });
        let groups: Vec<Group> = groups.collect();
        Report {
            set,
            figures: mean(&self.all),
            auroc: (!self.fits_not.is_empty() && !self.fits.is_empty())
                .then(|| auroc(&self.fits, &self.fits_not)),
            latency_us: Latency {
                p50: at(0.5),
                p95: at(0.95),
                p99: at(0.99),
            },
            groups: if groups.len() > 1 { groups } else { Vec::new() },
        }
    }
}

fn mean(list: &[Figures]) -> Figures {
    let n = list.len().max(1) as f64;
    let of = |value: fn(&Figures) -> f64| list.iter().map(value).sum::<f64>() / n;
    Figures {
        queries: list.len(),
        ndcg10: of(|f| f.ndcg10),
        mrr10: of(|f| f.mrr10),
        recall10: of(|f| f.recall10),
        p1: of(|f| f.p1),
    }
}

/// The chance that one that fits scores above one that does not; ties count half.
fn auroc(fits: &[f32], fits_not: &[f32]) -> f64 {
    let mut sorted = fits_not.to_vec();
    sorted.sort_by(f32::total_cmp);
    let wins: f64 = fits
        .iter()
        .map(|s| {
            let below = sorted.partition_point(|n| n < s) as f64;
            let equal = sorted.partition_point(|n| n <= s) as f64 - below;
            below + equal / 2.0
        })
        .sum();
    wins / (fits.len() as f64 * fits_not.len() as f64)
}
