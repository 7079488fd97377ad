//! The Tantivy engine: the collection `parts` in a folder, or in memory.

mod best;
mod bound;
mod collect;
mod counts;
mod lengths;
mod names;
mod schema;
mod words;

use crate::error::Error;
use crate::index::{Bound, SearchIndex, UnitQuery, Units};
use crate::part::{Part, PartId};
use ::tantivy::collector::TopDocs;
use ::tantivy::query::TermQuery;
use ::tantivy::schema::{IndexRecordOption, Value};
use ::tantivy::{
    DocAddress, DocSet, Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, SegmentReader,
    TERMINATED, TantivyDocument, Term,
};
use async_trait::async_trait;
use kb_domain::{ArticleId, NodeId, PortalId};
use kb_text::analysis;
use lengths::{Lengths, Statistics};
use schema::Fields;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Memory of the writer, in bytes; Tantivy wants 15 MB a thread at least.
const WRITER_BYTES: usize = 50_000_000;
/// The most parts that one article has in all languages.
const PARTS_MAX: usize = 10_000;

/// The engine.
pub struct TantivyIndex {
    index: Index,
    fields: Fields,
    lengths: Lengths,
    reader: IndexReader,
    writer: Mutex<Writing>,
    was_built: bool,
}

struct Writing {
    /// `None` after a fault, until there is another one.
    writer: Option<IndexWriter>,
    /// Whether something that was written before a fault, by whomever, is not in the index.
    lost: bool,
    /// Versions of what was written since the last refresh.
    pending: HashMap<PartId, u64>,
    /// Whether anything was written or removed since then.
    changed: bool,
}

fn open_writer(index: &Index) -> ::tantivy::Result<IndexWriter> {
    index.writer_with_num_threads(1, WRITER_BYTES)
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Broken(error.to_string())
}

impl TantivyIndex {
    /// Opens or makes the index in a folder; in memory without one. Errors: it was built by another analysis.
    pub fn open(folder: Option<&Path>) -> Result<Arc<Self>, Error> {
        let (schema, fields) = schema::build();
        let index = match folder {
            None => Index::create_in_ram(schema),
            Some(folder) => {
                std::fs::create_dir_all(folder).map_err(broken)?;
                let directory =
                    ::tantivy::directory::MmapDirectory::open(folder).map_err(broken)?;
                Index::open_or_create(directory, schema).map_err(broken)?
            }
        };
        schema::register(&index);
        let metas = index.load_metas().map_err(broken)?;
        let found = metas.payload.as_deref().and_then(|p| p.parse().ok());
        if let Some(found) = found.filter(|v| *v != analysis::VERSION) {
            return Err(Error::Outdated {
                found,
                wanted: analysis::VERSION,
            });
        }
        let writer = open_writer(&index).map_err(broken)?;
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(broken)?;
        Ok(Arc::new(Self {
            index,
            fields,
            lengths: Lengths::default(),
            reader,
            writer: Mutex::new(Writing {
                writer: Some(writer),
                lost: false,
                pending: HashMap::new(),
                changed: false,
            }),
            was_built: found.is_some(),
        }))
    }

    /// Whether something had ever been made durable in it when it was opened. One that was made and not yet built was not.
    pub fn was_built(&self) -> bool {
        self.was_built
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works with the engine's writer. After a fault, such as a full disk, that one is of no use any more: another one takes its
    /// place, now or as soon as there can be one.
    fn with_writer<T>(
        &self,
        writing: &mut Writing,
        work: impl FnOnce(&mut IndexWriter) -> ::tantivy::Result<T>,
    ) -> Result<T, Error> {
        let unavailable = |e: ::tantivy::TantivyError| Error::Unavailable(e.to_string());
        if writing.writer.is_none() {
            writing.writer = Some(open_writer(&self.index).map_err(unavailable)?);
        }
        let Some(writer) = &mut writing.writer else {
            return Err(Error::Unavailable("there is no writer".to_owned()));
        };
        let done = work(writer);
        if done.is_err() {
            // The old one goes first: it holds the index.
            writing.writer = None;
            writing.writer = open_writer(&self.index).ok();
            writing.lost = true;
            writing.pending.clear();
            writing.changed = false;
        }
        done.map_err(unavailable)
    }

    /// Where a part stands that the last refresh showed. Most parts stand in the largest segment.
    fn address(&self, searcher: &Searcher, id: &PartId) -> Result<Option<DocAddress>, Error> {
        let term = Term::from_field_text(self.fields.id, &id.to_string());
        let mut segments: Vec<_> = (0..).zip(searcher.segment_readers()).collect();
        segments.sort_by_key(|(_, reader)| std::cmp::Reverse(reader.max_doc()));
        for (segment, reader) in segments {
            let inverted = reader.inverted_index(self.fields.id).map_err(broken)?;
            let Some(mut postings) = inverted
                .read_postings(&term, IndexRecordOption::Basic)
                .map_err(broken)?
            else {
                continue;
            };
            while postings.doc() != TERMINATED {
                let doc = postings.doc();
                if reader
                    .alive_bitset()
                    .is_none_or(|alive| alive.is_alive(doc))
                {
                    return Ok(Some(DocAddress::new(segment, doc)));
                }
                postings.advance();
            }
        }
        Ok(None)
    }

    /// The version of a part that the last refresh showed.
    fn visible_version(&self, searcher: &Searcher, id: &PartId) -> Result<Option<u64>, Error> {
        let Some(address) = self.address(searcher, id)? else {
            return Ok(None);
        };
        let columns = searcher.segment_reader(address.segment_ord).fast_fields();
        let versions = columns.u64(schema::VERSION).map_err(broken)?;
        Ok(versions.first(address.doc_id))
    }

    /// The parts of an article that the last refresh showed, tombstones included.
    fn visible_parts(&self, searcher: &Searcher, article: ArticleId) -> Result<Vec<Part>, Error> {
        let query = TermQuery::new(
            Term::from_field_text(self.fields.article, &article.to_string()),
            IndexRecordOption::Basic,
        );
        let found = searcher
            .search(&query, &TopDocs::with_limit(PARTS_MAX).order_by_score())
            .map_err(broken)?;
        found
            .into_iter()
            .map(|(_, address)| self.stored(searcher, address))
            .collect()
    }

    fn stored(&self, searcher: &Searcher, address: DocAddress) -> Result<Part, Error> {
        let document: TantivyDocument = searcher.doc(address).map_err(broken)?;
        let bytes = document
            .get_first(self.fields.stored)
            .and_then(|v| v.as_bytes())
            .unwrap_or_default();
        serde_json::from_slice(bytes).map_err(broken)
    }
}

#[async_trait]
impl SearchIndex for TantivyIndex {
    async fn write(&self, parts: Vec<Part>) -> Result<(), Error> {
        let searcher = self.reader.searcher();
        let mut writing = self.writing();
        for part in parts {
            let known = match writing.pending.get(&part.id) {
                Some(version) => Some(*version),
                None => self.visible_version(&searcher, &part.id)?,
            };
            if known.is_some_and(|version| version > part.version) {
                continue;
            }
            let document = schema::document(&self.fields, &part).map_err(broken)?;
            let before = Term::from_field_text(self.fields.id, &part.id.to_string());
            self.with_writer(&mut writing, |writer| {
                writer.delete_term(before);
                writer.add_document(document)
            })?;
            writing.pending.insert(part.id, part.version);
            writing.changed = true;
        }
        Ok(())
    }

    async fn refresh(&self) -> Result<(), Error> {
        let mut writing = self.writing();
        if std::mem::take(&mut writing.lost) {
            let detail = "what was written before a fault is not in the index; write it again";
            return Err(Error::Unavailable(detail.to_owned()));
        }
        if !writing.changed {
            return Ok(());
        }
        self.with_writer(&mut writing, |writer| {
            let mut commit = writer.prepare_commit()?;
            commit.set_payload(&analysis::VERSION.to_string());
            commit.commit()
        })?;
        self.reader.reload().map_err(broken)?;
        writing.pending.clear();
        writing.changed = false;
        Ok(())
    }

    async fn parts(&self, articles: &[ArticleId]) -> Result<Vec<(PartId, u64)>, Error> {
        let searcher = self.reader.searcher();
        let mut parts: BTreeMap<PartId, u64> = BTreeMap::new();
        for article in articles {
            let visible = self.visible_parts(&searcher, *article)?;
            parts.extend(visible.into_iter().map(|p| (p.id, p.version)));
        }
        let writing = self.writing();
        let pending = writing.pending.iter();
        let pending = pending.filter(|(id, _)| articles.contains(&id.article));
        parts.extend(pending.map(|(id, version)| (id.clone(), *version)));
        Ok(parts.into_iter().collect())
    }

    async fn articles(
        &self,
        after: Option<ArticleId>,
        limit: usize,
    ) -> Result<Vec<ArticleId>, Error> {
        let searcher = self.reader.searcher();
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let mut found = BTreeSet::new();
        for reader in searcher.segment_readers() {
            let inverted = reader.inverted_index(self.fields.article).map_err(broken)?;
            let terms = inverted.terms().range().gt(after.as_bytes());
            let (mut terms, mut here) = (terms.into_stream().map_err(broken)?, 0);
            while here < limit && terms.advance() {
                let id = std::str::from_utf8(terms.key()).ok();
                found.extend(id.and_then(|id| id.parse::<ArticleId>().ok()));
                here += 1;
            }
        }
        Ok(found.into_iter().take(limit).collect())
    }

    async fn load(&self, ids: &[PartId]) -> Result<Vec<Option<Part>>, Error> {
        let searcher = self.reader.searcher();
        let load = |id: &PartId| {
            let address = self.address(&searcher, id)?;
            address.map(|a| self.stored(&searcher, a)).transpose()
        };
        ids.iter().map(load).collect()
    }

    async fn forget(&self, article: ArticleId, up_to: u64) -> Result<(), Error> {
        // Looked at under the lock, so that no refresh shows something newer between the look and the removal.
        let mut writing = self.writing();
        let visible = self.visible_parts(&self.reader.searcher(), article)?;
        for part in visible
            .iter()
            .filter(|p| p.is_tombstone() && p.version <= up_to)
        {
            // What was written since has a version of its own, and its tombstone a time of its own.
            if writing.pending.contains_key(&part.id) {
                continue;
            }
            let gone = Term::from_field_text(self.fields.id, &part.id.to_string());
            self.with_writer(&mut writing, |writer| Ok(writer.delete_term(gone)))?;
            writing.changed = true;
        }
        Ok(())
    }

    async fn search(&self, query: &UnitQuery) -> Result<Units, Error> {
        let searcher = &self.reader.searcher();
        let lengths = self.lengths.of(searcher)?;
        let statistics = Statistics {
            searcher,
            fields: &self.fields,
            lengths,
        };
        collect::search(&statistics, query)
    }

    async fn places(&self, portal: PortalId, bound: &Bound) -> Result<Vec<NodeId>, Error> {
        let found = collect::places(&self.reader.searcher(), portal, bound)?;
        Ok(found.iter().filter_map(|id| id.parse().ok()).collect())
    }

    async fn sizes(&self, portal: PortalId, bound: &Bound) -> Result<Vec<(NodeId, u64)>, Error> {
        let found = collect::sizes(&self.reader.searcher(), portal, bound)?;
        let sections = found.iter();
        Ok(sections
            .filter_map(|(id, parts)| Some((id.parse().ok()?, *parts)))
            .collect())
    }

    async fn terms(&self, bound: Option<&Bound>) -> Result<(Vec<(String, u64)>, u64), Error> {
        words::of(&self.reader.searcher(), &self.fields, bound)
    }

    async fn size(&self) -> Result<u64, Error> {
        Ok(self.reader.searcher().num_docs())
    }

    async fn merge(&self) -> Result<u64, Error> {
        self.refresh().await?;
        let searcher = self.reader.searcher();
        let segments = searcher.segment_readers();
        if segments.len() > 1 || segments.iter().any(|s| s.num_deleted_docs() > 0) {
            let ids: Vec<_> = segments.iter().map(SegmentReader::segment_id).collect();
            let merging = self.with_writer(&mut self.writing(), |writer| Ok(writer.merge(&ids)))?;
            // It fails while a merge that a write began is under way.
            let merged = merging.await;
            merged.map_err(|e| Error::Unavailable(e.to_string()))?;
            self.reader.reload().map_err(broken)?;
        }
        let searcher = self.reader.searcher();
        let left = searcher.segment_readers().iter();
        Ok(left.map(|s| u64::from(s.num_deleted_docs())).sum())
    }
}

#[cfg(test)]
mod tests;
