//! Articles: heads, translations, revisions, bodies, placements and the claims on keys and external ids.

use super::{Stored, TIMELESS, all, get, read, row};
use crate::blobs::Blobs;
use crate::error::Error;
use crate::keys;
use crate::table::{Condition, Key, Order, Query, Table, TableName, Transaction};
use kb_domain::{
    Article, ArticleId, Body, ExternalId, Locale, NodeId, Placement, PortalId, PublicKey, Revision,
    RevisionId, SectionId, Translation,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest body, in bytes of JSON, that lies in a row; a longer one is a blob.
const BODY_ROW_MAX_BYTES: usize = 200_000;

/// The articles of a base.
#[derive(Clone)]
pub struct Articles {
    table: Arc<dyn Table>,
    blobs: Arc<dyn Blobs>,
}

/// What a public key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyTarget {
    /// An article.
    Article(ArticleId),
    /// A category or section of a portal.
    Node(PortalId, NodeId),
}

/// What an external id names, and a digest of what was imported last under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalTarget {
    /// The article.
    pub article: ArticleId,
}

/// An article with all its translations.
#[derive(Clone, Debug)]
pub struct ArticleWithTexts {
    /// The head.
    pub head: Stored<Article>,
    /// The translations, by locale.
    pub translations: Vec<Stored<Translation>>,
}

impl ArticleWithTexts {
    /// The translation of exactly this locale.
    pub fn translation(&self, locale: &Locale) -> Option<&Stored<Translation>> {
        self.translations.iter().find(|t| t.value.locale == *locale)
    }
}

impl Articles {
    /// Articles in `table`, with large bodies in `blobs`.
    pub fn new(table: Arc<dyn Table>, blobs: Arc<dyn Blobs>) -> Self {
        Self { table, blobs }
    }

    /// The head; `None` when there is no such article.
    pub async fn head(&self, id: ArticleId) -> Result<Option<Stored<Article>>, Error> {
        get(&self.table, &keys::article(id), TIMELESS).await
    }

    /// Heads, in the order of `ids`; absent ones are left out.
    pub async fn heads(&self, ids: &[ArticleId]) -> Result<Vec<Stored<Article>>, Error> {
        let keys: Vec<Key> = ids.iter().map(|id| keys::article(*id)).collect();
        let rows = self
            .table
            .get_many(TableName::Main, &keys, TIMELESS)
            .await?;
        let found = keys
            .iter()
            .zip(&rows)
            .filter_map(|(key, row)| row.as_ref().map(|row| (key, row)));
        found.map(|(key, row)| read(key, row)).collect()
    }

    /// Head and translations in one query; `None` when there is no such article.
    pub async fn whole(&self, id: ArticleId) -> Result<Option<ArticleWithTexts>, Error> {
        let (mut head, mut translations) = (None, Vec::new());
        for (key, row) in all(
            &self.table,
            Query::partition(keys::article_partition(id), TIMELESS),
        )
        .await?
        {
            if key.sort == keys::SELF {
                head = Some(read(&key, &row)?);
            } else if key.sort.starts_with(keys::TRANSLATION) {
                translations.push(read(&key, &row)?);
            }
        }
        Ok(head.map(|head| ArticleWithTexts { head, translations }))
    }

    /// A page of the ids of all articles, for rebuild and export; never in a request.
    pub async fn page(
        &self,
        cursor: Option<String>,
    ) -> Result<(Vec<ArticleId>, Option<String>), Error> {
        let page = self
            .table
            .walk(TableName::Main, 0, 1, 1_000, cursor)
            .await?;
        let heads = page.rows.iter().filter(|(_, row)| row.kind == "article.1");
        let ids: Result<Vec<ArticleId>, Error> = heads
            .map(|(key, row)| Ok(read::<Article>(key, row)?.value.id))
            .collect();
        Ok((ids?, page.cursor))
    }

    /// One translation.
    pub async fn translation(
        &self,
        id: ArticleId,
        locale: &Locale,
    ) -> Result<Option<Stored<Translation>>, Error> {
        get(&self.table, &keys::translation(id, locale), TIMELESS).await
    }

    /// What a public key names.
    pub async fn by_key(&self, key: &PublicKey) -> Result<Option<KeyTarget>, Error> {
        Ok(get(&self.table, &keys::public_key(key), TIMELESS)
            .await?
            .map(|found: Stored<KeyTarget>| found.value))
    }

    /// The article that an external id names.
    pub async fn by_external(&self, external: &ExternalId) -> Result<Option<ArticleId>, Error> {
        let key = keys::external(&external.source, "article", &external.id);
        let found: Option<Stored<ExternalTarget>> = get(&self.table, &key, TIMELESS).await?;
        Ok(found.map(|f| f.value.article))
    }

    /// The articles that stand in a section, in order, each with its place in the list: those at or above the place `from`
    /// and behind `cursor`. The second value is the cursor to go on behind.
    pub async fn in_section(
        &self,
        section: SectionId,
        limit: usize,
        from: Option<String>,
        cursor: Option<String>,
    ) -> Result<(Vec<(ArticleId, String)>, Option<String>), Error> {
        let query = Query {
            from,
            limit,
            cursor,
            ..Query::partition(keys::section_partition(section), TIMELESS)
        };
        let page = self.table.query(TableName::Main, &query).await?;
        let rows = page.rows.into_iter();
        let placed = rows
            .filter_map(|(key, _)| Some((key.sort.split_once('#')?.1.parse().ok()?, key.sort)))
            .collect();
        Ok((placed, page.cursor))
    }

    /// A revision with its body.
    pub async fn revision(
        &self,
        article: ArticleId,
        locale: &Locale,
        id: RevisionId,
    ) -> Result<Option<Revision>, Error> {
        let key = keys::revision(article, locale, id);
        let Some(found): Option<Stored<Revision>> = get(&self.table, &key, TIMELESS).await? else {
            return Ok(None);
        };
        let mut revision = found.value;
        revision.body = self.body(article, id).await?;
        Ok(Some(revision))
    }

    /// Revisions without their bodies, newest first, from behind `cursor`.
    pub async fn revisions(
        &self,
        article: ArticleId,
        locale: &Locale,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<(Vec<Revision>, Option<String>), Error> {
        let partition = keys::revision_partition(article, locale);
        let query = Query {
            limit,
            cursor,
            order: Order::Descending,
            ..Query::partition(partition, TIMELESS)
        };
        let page = self.table.query(TableName::Main, &query).await?;
        let revisions: Result<Vec<Revision>, Error> = page
            .rows
            .iter()
            .map(|(key, row)| Ok(read::<Revision>(key, row)?.value))
            .collect();
        Ok((revisions?, page.cursor))
    }

    async fn body(&self, article: ArticleId, revision: RevisionId) -> Result<Body, Error> {
        let key = keys::body(revision);
        if let Some(found) = get::<Body>(&self.table, &key, TIMELESS).await? {
            return Ok(found.value);
        }
        let absent = || Error::Broken {
            key: key.clone(),
            cause: "the body of a revision is absent".to_owned(),
        };
        let bytes = self
            .blobs
            .get(&keys::body_blob(article, revision))
            .await?
            .ok_or_else(absent)?;
        serde_json::from_slice(&bytes).map_err(|e| Error::Broken {
            key: key.clone(),
            cause: e.to_string(),
        })
    }

    /// Adds a new article: head, claims on its public key and external id, placements.
    pub fn put_new(&self, tx: &mut Transaction, article: &Article) {
        tx.put(
            keys::article(article.id),
            row("article.1", article),
            Condition::Absent,
        );
        tx.put(
            keys::public_key(&article.key),
            row("key.1", &KeyTarget::Article(article.id)),
            Condition::Absent,
        );
        if let Some(external) = &article.external {
            let key = keys::external(&external.source, "article", &external.id);
            tx.put(
                key,
                row(
                    "external.1",
                    &ExternalTarget {
                        article: article.id,
                    },
                ),
                Condition::Absent,
            );
        }
        for placement in &article.placements {
            put_placement(tx, article.id, placement);
        }
    }

    /// Replaces a head that was read at `version`, and its placements where they changed.
    pub fn put_head(&self, tx: &mut Transaction, before: &Stored<Article>, after: &Article) {
        tx.put(
            keys::article(after.id),
            row("article.1", after),
            Condition::Version(before.version),
        );
        for placement in before
            .value
            .placements
            .iter()
            .filter(|p| !after.placements.contains(p))
        {
            tx.delete(
                keys::section_article(placement.section, placement.position, after.id),
                Condition::Any,
            );
        }
        for placement in after
            .placements
            .iter()
            .filter(|p| !before.value.placements.contains(p))
        {
            put_placement(tx, after.id, placement);
        }
    }

    /// Gives up the claim on an external id.
    pub fn delete_external(&self, tx: &mut Transaction, external: &ExternalId) {
        let key = keys::external(&external.source, "article", &external.id);
        tx.delete(key, Condition::Any);
    }

    /// Demands that the head is still the one that was read.
    pub fn check_head(&self, tx: &mut Transaction, head: &Stored<Article>) {
        tx.check(
            keys::article(head.value.id),
            Condition::Version(head.version),
        );
    }

    /// Writes a translation.
    pub fn put_translation(
        &self,
        tx: &mut Transaction,
        translation: &Translation,
        condition: Condition,
    ) {
        tx.put(
            keys::translation(translation.article, &translation.locale),
            row("translation.1", translation),
            condition,
        );
    }

    /// Adds a revision. A body too large for a row is written as a blob first, before the commit that points to it.
    pub async fn put_revision(
        &self,
        tx: &mut Transaction,
        revision: &Revision,
    ) -> Result<(), Error> {
        let bare = Revision {
            body: Body {
                format: revision.body.format,
                source: String::new(),
            },
            ..revision.clone()
        };
        let key = keys::revision(revision.article, &revision.locale, revision.id);
        tx.put(key, row("revision.1", &bare), Condition::Absent);
        let body = row("body.1", &revision.body);
        if body.body.len() <= BODY_ROW_MAX_BYTES {
            tx.put(keys::body(revision.id), body, Condition::Absent);
            return Ok(());
        }
        self.blobs
            .put(
                &keys::body_blob(revision.article, revision.id),
                body.body.into_bytes(),
            )
            .await
    }
}

fn put_placement(tx: &mut Transaction, article: ArticleId, placement: &Placement) {
    let key = keys::section_article(placement.section, placement.position, article);
    tx.put(key, row("placement.1", placement), Condition::Any);
}
