//! A judged set: documents, questions, and which document answers which question.

use super::set::{self, Document, Question, corpus_files, either, judgments, lines, number, parts};
use super::tally::Tally;
use super::{Fault, Options, Surface};
use crate::error::Error;
use crate::index::{Bound, SearchIndex};
use crate::lexicon::Lexicon;
use crate::part::Part;
use crate::query::{SearchRequest, SuggestRequest};
use crate::suggest;
use kb_domain::{ArticleId, Audience, Ticket};
use kb_text::analysis::is_han;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

/// Words from which a query is run as a ticket.
const TICKET_WORDS: usize = 12;
/// Han characters from which it is.
const TICKET_HAN: usize = 24;
/// Parts that are written at once.
const WRITTEN: usize = 500;

/// A judged set in memory.
pub struct Judged {
    name: String,
    documents: Vec<Document>,
    /// Only those that something is known of.
    questions: Vec<Question>,
    qrels: HashMap<String, BTreeMap<String, u32>>,
    languages: HashSet<String>,
    relevant_from: u32,
    surface: Option<Surface>,
}

/// What was found for a question.
pub struct Answer {
    /// The question.
    pub query: String,
    /// Documents with their scores, best first.
    pub ranked: Vec<(String, f32)>,
    pub(super) share: f32,
    pub(super) out_of_scope: bool,
    group: (String, String),
    took: Duration,
}

impl Judged {
    /// Reads a set.
    pub fn read(options: &Options) -> Result<Self, Fault> {
        let mut documents: Vec<Document> = Vec::new();
        for file in &corpus_files(options)? {
            documents.extend(lines::<Document>(file)?);
        }
        let file =
            |given: &Option<_>, name| given.clone().unwrap_or_else(|| either(&options.dir, name));
        let qrels = judgments(&file(&options.qrels, "qrels.tsv"))?;
        let mut questions: Vec<Question> = lines(&file(&options.queries, "queries.jsonl"))?;
        let relevant_from = options.relevant_from.max(1);
        questions.retain(|q| {
            let wanted = options.half.is_none_or(|half| half == set::half_of(&q.id));
            let relevant = qrels.get(&q.id);
            let judged = relevant.is_some_and(|r| r.values().any(|g| *g >= relevant_from));
            wanted && (judged || q.out_of_scope)
        });
        let name = options.dir.file_name();
        Ok(Self {
            name: name.map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
            languages: documents.iter().filter_map(|d| d.lang.clone()).collect(),
            documents,
            questions,
            qrels,
            relevant_from,
            surface: options.surface,
        })
    }

    /// Name of the folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many documents there are.
    pub fn documents(&self) -> usize {
        self.documents.len()
    }

    /// How many questions there are that a document answers or that none should answer.
    pub fn questions(&self) -> usize {
        self.questions.len()
    }

    /// The set with at most so many documents, the same ones each time: questions in the order of a hash, with everything that is
    /// judged for them, up to half of the room; then other documents in such an order. The set itself if it is small enough.
    #[must_use]
    pub fn sampled(mut self, most: usize) -> Self {
        if self.documents.len() <= most {
            return self;
        }
        let there: HashSet<&str> = self.documents.iter().map(|d| d.id.as_str()).collect();
        let (mut kept, mut asked) = (HashSet::new(), HashSet::new());
        let mut questions: Vec<&str> = self.questions.iter().map(|q| q.id.as_str()).collect();
        questions.sort_by_cached_key(|id| set::digest(id));
        for id in questions {
            let judged = self.qrels.get(id).into_iter().flat_map(BTreeMap::keys);
            // A question may be a document of the set itself.
            let own = judged.map(String::as_str).chain([id]);
            let new: HashSet<&str> = own
                .filter(|d| there.contains(d) && !kept.contains(*d))
                .collect();
            if kept.len() + new.len() <= most / 2 {
                kept.extend(new.into_iter().map(str::to_owned));
                asked.insert(id.to_owned());
            }
        }
        let mut others: Vec<&str> = there.into_iter().filter(|d| !kept.contains(*d)).collect();
        others.sort_by_cached_key(|id| set::digest(id));
        let others: Vec<String> = others.into_iter().map(str::to_owned).collect();
        let room = most - kept.len();
        kept.extend(others.into_iter().take(room));
        self.documents.retain(|d| kept.contains(&d.id));
        self.questions.retain(|q| asked.contains(&q.id));
        self
    }

    /// Ids of the documents and of the questions.
    #[cfg(test)]
    pub(super) fn names(&self) -> (Vec<String>, Vec<String>) {
        let documents = self.documents.iter().map(|d| d.id.clone());
        let questions = self.questions.iter().map(|q| q.id.clone());
        (documents.collect(), questions.collect())
    }

    /// Writes every document with a version and makes it visible. `progress` is told how many are done.
    pub async fn fill(
        &self,
        index: &dyn SearchIndex,
        version: u64,
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<(), Error> {
        self.fill_some(index, version, &|_| true, progress).await
    }

    /// Writes the documents that `chosen` picks by their number.
    pub async fn fill_some(
        &self,
        index: &dyn SearchIndex,
        version: u64,
        chosen: &(dyn Fn(usize) -> bool + Send + Sync),
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<(), Error> {
        let mut batch: Vec<Part> = Vec::new();
        for (n, document) in self
            .documents
            .iter()
            .enumerate()
            .filter(|(n, _)| chosen(*n))
        {
            let parts = parts(document, ArticleId::new(number(n)));
            batch.extend(parts.into_iter().map(|part| Part { version, ..part }));
            if batch.len() >= WRITTEN {
                index.write(std::mem::take(&mut batch)).await?;
                progress(n);
            }
        }
        index.write(batch).await?;
        index.refresh().await
    }

    /// Asks every question; so many documents are ranked for each.
    pub async fn ask(
        &self,
        index: &dyn SearchIndex,
        lexicon: &Lexicon,
        limit: usize,
        elapsed: &(dyn Fn() -> Duration + Send + Sync),
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<Vec<Answer>, Error> {
        let ids: HashSet<&str> = self.documents.iter().map(|d| d.id.as_str()).collect();
        let names = (0..self.documents.len()).map(|n| (ArticleId::new(number(n)), n));
        let names: HashMap<ArticleId, usize> = names.collect();
        let mut answers = Vec::with_capacity(self.questions.len());
        for (n, question) in self.questions.iter().enumerate() {
            if n % 100 == 0 {
                progress(n);
            }
            let own = question.lang.clone().filter(|_| self.languages.len() > 1);
            let target = question.target_lang.clone().or(own);
            let start = elapsed();
            let asked = self.asked(index, lexicon, question, target.clone(), limit + 2);
            let (ranked, share) = asked.await?;
            let took = elapsed().saturating_sub(start);
            // A document with the query's own id is the query itself, unless the judgments name it.
            let named = self
                .qrels
                .get(&question.id)
                .is_some_and(|r| r.contains_key(&question.id));
            let own = ids.contains(question.id.as_str()) && !named;
            let ranked = ranked
                .iter()
                .filter_map(|(id, score)| {
                    Some((self.documents[*names.get(id)?].id.clone(), *score))
                })
                .filter(|(id, _)| !own || *id != question.id);
            answers.push(Answer {
                query: question.id.clone(),
                ranked: ranked.take(limit).collect(),
                share,
                out_of_scope: question.out_of_scope,
                group: (
                    question.lang.clone().unwrap_or_default(),
                    target.unwrap_or_default(),
                ),
                took,
            });
        }
        Ok(answers)
    }

    /// Adds an answer's figures, unless nothing should answer the question.
    pub(super) fn judge(&self, answer: &Answer, tally: &mut Tally) {
        let relevant = self.qrels.get(&answer.query);
        if let Some(relevant) = relevant.filter(|_| !answer.out_of_scope) {
            let ranked = answer.ranked.iter().take(10);
            let ranked: Vec<(&str, f32)> = ranked.map(|(id, s)| (id.as_str(), *s)).collect();
            tally.add(
                &ranked,
                relevant,
                self.relevant_from,
                answer.group.clone(),
                answer.took,
            );
        }
    }

    async fn asked(
        &self,
        index: &dyn SearchIndex,
        lexicon: &Lexicon,
        question: &Question,
        language: Option<String>,
        limit: usize,
    ) -> Result<(Vec<(ArticleId, f32)>, f32), Error> {
        let bound = Bound {
            audiences: vec![Audience::public().id()],
            ..Bound::default()
        };
        let long = question.text.split_whitespace().count() > TICKET_WORDS
            || question.text.chars().filter(|c| is_han(*c)).count() > TICKET_HAN;
        let by_length = if long {
            Surface::Suggestion
        } else {
            Surface::Search
        };
        if self.surface.unwrap_or(by_length) == Surface::Search {
            let request = SearchRequest {
                text: question.text.clone(),
                language,
                bound,
                limit,
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
            bound,
            limit,
        };
        suggest::ranked(index, lexicon, &request, language).await
    }
}
