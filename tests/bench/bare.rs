//! The reference: Tantivy on the same index files without anything of ours around it, and a table of the same rows.

use crate::Fault;
use kb_search::weights::SEARCH;
use kb_search::{Lexicon, Part, Terms, fields};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;
use tantivy::collector::TopDocs;
use tantivy::directory::MmapDirectory;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{IndexRecordOption, Schema, Value};
use tantivy::tokenizer::{TextAnalyzer, WhitespaceTokenizer};
use tantivy::{
    DocAddress, Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term,
};

/// The memory that the product gives its writer.
const WRITER_BYTES: usize = 50_000_000;

/// So many of the best are looked at; no more have one and the same score.
const EQUALS_MAX: usize = 2_000;

/// A term of a flat query: field, text, weight.
pub(crate) type Clause = (String, String, f32);

/// The flat weighted query of a question; what the product does with it is left out.
pub(crate) fn clauses(question: &str) -> Vec<Clause> {
    let terms = Terms::of_question(question, &Lexicon::default(), &SEARCH);
    let mut clauses: Vec<Clause> = terms
        .weighted(&SEARCH)
        .into_iter()
        .map(|t| (t.field.to_owned(), t.term, t.weight))
        .collect();
    clauses.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    clauses
}

/// An index opened for reading.
pub(crate) struct Bare {
    schema: Schema,
    reader: IndexReader,
}

#[derive(Deserialize)]
struct Title {
    title: String,
}

#[derive(Deserialize)]
struct OnlyId {
    id: kb_search::PartId,
}

impl Bare {
    pub fn open(folder: &Path) -> Result<Self, Fault> {
        Self::of(&Index::open(MmapDirectory::open(folder)?)?)
    }

    fn of(index: &Index) -> Result<Self, Fault> {
        Ok(Self {
            schema: index.schema(),
            reader: index
                .reader_builder()
                .reload_policy(ReloadPolicy::Manual)
                .try_into()?,
        })
    }

    fn top(
        &self,
        searcher: &Searcher,
        clauses: &[Clause],
        limit: usize,
    ) -> Result<Vec<(f32, DocAddress)>, Fault> {
        let mut leaves: Vec<(Occur, Box<dyn Query>)> = Vec::with_capacity(clauses.len());
        for (field, term, weight) in clauses {
            let term = Term::from_field_text(self.schema.get_field(field)?, term);
            let leaf = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
            leaves.push((Occur::Should, Box::new(BoostQuery::new(leaf, *weight))));
        }
        let query = BooleanQuery::new(leaves);
        Ok(searcher.search(&query, &TopDocs::with_limit(limit).order_by_score())?)
    }

    /// What is timed: the ten best and their titles. Answers how many bytes of titles there were.
    pub fn titles(&self, clauses: &[Clause]) -> Result<usize, Fault> {
        let searcher = self.reader.searcher();
        let mut bytes = 0;
        for (_, address) in self.top(&searcher, clauses, 10)? {
            bytes += self.stored::<Title>(&searcher, address)?.title.len();
        }
        Ok(bytes)
    }

    /// What is wrong with ten articles as the answer to a query, if anything: each must be among the best, and they must stand in
    /// the order of their scores of five digits. Which of many with one and the same score are shown is free.
    pub fn objection(&self, clauses: &[Clause], ours: &[String]) -> Result<Option<String>, Fault> {
        let searcher = self.reader.searcher();
        let mut scores: HashMap<String, f32> = HashMap::new();
        let best = self.top(&searcher, clauses, EQUALS_MAX)?;
        for (score, address) in &best {
            let id = self.stored::<OnlyId>(&searcher, *address)?.id;
            let score = (score / 2.2 * 100_000.0).round() / 100_000.0;
            scores.insert(id.article.to_string(), score);
        }
        let mut sorted: Vec<f32> = scores.values().copied().collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let wanted = &sorted[..sorted.len().min(10)];
        let shown: Vec<f32> = ours
            .iter()
            .map(|id| scores.get(id).copied().unwrap_or_default())
            .collect();
        let equal = shown.len() == wanted.len()
            && shown.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 2e-5);
        Ok((!equal).then(|| format!("scores {shown:?} instead of {wanted:?}")))
    }

    fn stored<T: serde::de::DeserializeOwned>(
        &self,
        searcher: &Searcher,
        address: DocAddress,
    ) -> Result<T, Fault> {
        let document: TantivyDocument = searcher.doc(address)?;
        let bytes = document.get_first(self.schema.get_field("stored")?);
        Ok(serde_json::from_slice(
            bytes.and_then(|v| v.as_bytes()).unwrap_or_default(),
        )?)
    }

    /// Every part that is alive.
    pub fn parts(&self) -> Result<Vec<Part>, Fault> {
        let searcher = self.reader.searcher();
        let mut parts = Vec::new();
        for (segment, reader) in (0..).zip(searcher.segment_readers()) {
            for doc in reader.doc_ids_alive() {
                parts.push(self.stored(&searcher, DocAddress::new(segment, doc))?);
            }
        }
        Ok(parts)
    }
}

/// An index opened for writing, with the schema of the product.
pub(crate) struct BareWriter {
    writer: IndexWriter,
    bare: Bare,
}

impl BareWriter {
    /// Opens the copy of an index.
    pub fn open(folder: &Path) -> Result<Self, Fault> {
        Self::of(&Index::open(MmapDirectory::open(folder)?)?)
    }

    /// An empty one with the schema of `like`.
    pub fn create(folder: &Path, like: &Bare) -> Result<Self, Fault> {
        let directory = MmapDirectory::open(folder)?;
        Self::of(&Index::open_or_create(directory, like.schema.clone())?)
    }

    fn of(index: &Index) -> Result<Self, Fault> {
        index
            .tokenizers()
            .register("spaces", TextAnalyzer::from(WhitespaceTokenizer::default()));
        Ok(Self {
            writer: index.writer_with_num_threads(1, WRITER_BYTES)?,
            bare: Bare::of(index)?,
        })
    }

    /// A part as the document that the product would write.
    pub fn document(&self, part: &Part) -> Result<TantivyDocument, Fault> {
        let schema = &self.bare.schema;
        let mut document = TantivyDocument::new();
        let mut text = |name: &str, value: &str| -> Result<(), Fault> {
            document.add_text(schema.get_field(name)?, value);
            Ok(())
        };
        text("id", &part.id.to_string())?;
        text("article", &part.id.article.to_string())?;
        if let Some(audience) = part.audience {
            text("audience", &audience.to_string())?;
        }
        for (name, value) in fields::texts(part) {
            text(name, &value)?;
        }
        text("locale", part.id.locale.as_str())?;
        let facets = [
            format!("kind:{}", part.kind.as_str()),
            format!("type:{}", part.article_type),
            format!("language:{}", part.id.locale),
        ];
        text("facets", &facets.join("\n"))?;
        for facet in &facets {
            text("facet", facet)?;
        }
        for portal in &part.portals {
            text("where", &portal.to_string())?;
        }
        for node in &part.nodes {
            text("where", &node.to_string())?;
        }
        document.add_bytes(schema.get_field("stored")?, &serde_json::to_vec(part)?);
        document.add_i64(schema.get_field("published")?, part.published_at.0);
        for name in ["version", "group", "article_high", "article_low", "part"] {
            document.add_u64(schema.get_field(name)?, part.version);
        }
        Ok(document)
    }

    /// Adds documents, which are visible after [`BareWriter::commit`].
    pub fn add(&self, documents: Vec<TantivyDocument>) -> Result<(), Fault> {
        for document in documents {
            self.writer.add_document(document)?;
        }
        Ok(())
    }

    /// Makes what was added durable and visible.
    pub fn commit(&mut self) -> Result<(), Fault> {
        self.writer.commit()?;
        Ok(self.bare.reader.reload()?)
    }
}

/// What the reference process of the memory section is told.
#[derive(Serialize, Deserialize)]
pub(crate) struct Errand {
    pub index: std::path::PathBuf,
    pub queries: Vec<Vec<Clause>>,
}

const ROWS: redb::TableDefinition<&[u8], &[u8]> = redb::TableDefinition::new("rows");

/// Key and value of a row.
pub(crate) type Row = (Vec<u8>, Vec<u8>);

/// Every row of a table that no process holds open.
pub(crate) fn rows(path: &Path) -> Result<Vec<Row>, Fault> {
    use redb::{ReadableDatabase, ReadableTable};
    let database = redb::Database::open(path)?;
    let table = database.begin_read()?.open_table(ROWS)?;
    let mut rows = Vec::new();
    for row in table.iter()? {
        let (key, value) = row?;
        rows.push((key.value().to_vec(), value.value().to_vec()));
    }
    Ok(rows)
}

/// Puts rows into a new table, so many in each durable commit.
pub(crate) fn put(path: &Path, rows: &[Row], group: usize) -> Result<(), Fault> {
    let database = redb::Database::create(path)?;
    for group in rows.chunks(group) {
        let commit = database.begin_write()?;
        {
            let mut table = commit.open_table(ROWS)?;
            for (key, value) in group {
                table.insert(key.as_slice(), value.as_slice())?;
            }
        }
        commit.commit()?;
    }
    Ok(())
}
