//! Which part a document is, from columns: the stored documents of a hundred hits would cost more than finding them.

use super::{broken, schema};
use crate::error::Error;
use crate::part::PartId;
use ::tantivy::columnar::{Column, StrColumn};
use ::tantivy::{DocId, Searcher};
use kb_domain::{ArticleId, Locale};
use std::collections::HashMap;

/// The ids of documents; the columns of a segment are opened when it is first asked about.
pub(super) struct Names<'a> {
    searcher: &'a Searcher,
    segments: HashMap<u32, Segment>,
}

struct Segment {
    high: Column<u64>,
    low: Column<u64>,
    part: Column<u64>,
    locales: StrColumn,
    known: HashMap<u64, Locale>,
}

impl<'a> Names<'a> {
    pub fn new(searcher: &'a Searcher) -> Self {
        Self {
            searcher,
            segments: HashMap::new(),
        }
    }

    /// The id of a document. Errors: the index is broken.
    pub fn of(&mut self, segment: u32, doc: DocId) -> Result<PartId, Error> {
        let columns = match self.segments.entry(segment) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(Segment::open(self.searcher, segment)?)
            }
        };
        columns.id(doc)
    }
}

impl Segment {
    fn open(searcher: &Searcher, segment: u32) -> Result<Self, Error> {
        let columns = searcher.segment_reader(segment).fast_fields();
        let number = |name| columns.u64(name).map_err(broken);
        let locales = columns.str(schema::LOCALE).map_err(broken)?;
        Ok(Self {
            high: number(schema::ARTICLE_HIGH)?,
            low: number(schema::ARTICLE_LOW)?,
            part: number(schema::PART)?,
            locales: locales.ok_or_else(|| broken("no document has a language"))?,
            known: HashMap::new(),
        })
    }

    fn id(&mut self, doc: DocId) -> Result<PartId, Error> {
        let missing = || broken("a document without an id");
        let value = |column: &Column<u64>| column.first(doc).ok_or_else(missing);
        let uuid = uuid::Uuid::from_u64_pair(value(&self.high)?, value(&self.low)?);
        let article = ArticleId::new(uuid);
        let n = u32::try_from(value(&self.part)?).map_err(broken)?;
        let ordinal = self.locales.term_ords(doc).next().ok_or_else(missing)?;
        if let Some(locale) = self.known.get(&ordinal) {
            let locale = locale.clone();
            return Ok(PartId { article, locale, n });
        }
        let mut tag = String::new();
        self.locales.ord_to_str(ordinal, &mut tag).map_err(broken)?;
        let locale: Locale = tag.parse().map_err(broken)?;
        self.known.insert(ordinal, locale.clone());
        Ok(PartId { article, locale, n })
    }
}
