//! Articles: heads with their claims and placements, and reads that take more than one row.

use super::texts::BodyForm;
use crate::error::Error;
use crate::keys;
use crate::record::{Keyed, Record, Stored, is, read, row, stored_as_is};
use crate::store::{Store, TIMELESS};
use crate::table::{Condition, Key, Order, Query, TableName, Transaction, Version};
use kb_domain::{
    Article, ArticleId, ArticleState, ArticleType, Audience, Body, Comments, ExternalId, Kind,
    Locale, NodeId, Placement, PortalId, PublicKey, Revision, RevisionId, SectionId, Timestamp,
    Translation, UserId,
};
use serde::{Deserialize, Serialize};

/// Rows that are asked for at once.
const READ_AT_ONCE: usize = 1_000;
/// The longest body, in bytes of JSON, that lies in a row; a longer one is a blob.
const BODY_ROW_MAX_BYTES: usize = 200_000;

/// A head as stored.
#[derive(Serialize, Deserialize)]
pub struct ArticleForm {
    id: ArticleId,
    key: PublicKey,
    kind: Kind,
    #[serde(rename = "type")]
    article_type: ArticleType,
    home: Option<PlacementForm>,
    placements: Vec<PlacementForm>,
    audience: Audience,
    labels: Vec<String>,
    owner: Option<UserId>,
    source_locale: Locale,
    state: ArticleState,
    external: Option<ExternalId>,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comments: Option<Comments>,
}

/// A placement as stored, in a head and as a row of its section.
#[derive(Serialize, Deserialize)]
pub struct PlacementForm {
    portal: PortalId,
    section: SectionId,
    position: u32,
}

impl Record for Article {
    type Form = ArticleForm;
    const KIND: &'static str = "article";

    fn form(&self) -> ArticleForm {
        let article = self.clone();
        ArticleForm {
            id: article.id,
            key: article.key,
            kind: article.kind,
            article_type: article.article_type,
            home: article.home.as_ref().map(Record::form),
            placements: article.placements.iter().map(Record::form).collect(),
            audience: article.audience,
            labels: article.labels,
            owner: article.owner,
            source_locale: article.source_locale,
            state: article.state,
            external: article.external,
            created_at: article.created_at,
            comments: article.comments,
        }
    }

    fn of(form: ArticleForm) -> Self {
        Self {
            id: form.id,
            key: form.key,
            kind: form.kind,
            article_type: form.article_type,
            home: form.home.map(Record::of),
            placements: form.placements.into_iter().map(Record::of).collect(),
            audience: form.audience,
            labels: form.labels,
            owner: form.owner,
            source_locale: form.source_locale,
            state: form.state,
            external: form.external,
            created_at: form.created_at,
            comments: form.comments,
        }
    }
}

impl Keyed for Article {
    fn key(&self) -> Key {
        keys::article(self.id)
    }
}

impl Record for Placement {
    type Form = PlacementForm;
    const KIND: &'static str = "placement";

    fn form(&self) -> PlacementForm {
        PlacementForm {
            portal: self.portal,
            section: self.section,
            position: self.position,
        }
    }

    fn of(form: PlacementForm) -> Self {
        Self {
            portal: form.portal,
            section: form.section,
            position: form.position,
        }
    }
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

stored_as_is!(KeyTarget = "key");

/// What an external id names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalTarget {
    /// The article.
    pub article: ArticleId,
}

stored_as_is!(ExternalTarget = "external");

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

    /// The newest version of head and translations: whatever is written about the article comes after it.
    pub fn version(&self) -> Version {
        let texts = self.translations.iter().map(|t| t.version);
        texts.fold(self.head.version, Version::max)
    }

    /// Whether a text of it is live.
    pub fn is_live(&self) -> bool {
        self.translations.iter().any(|t| t.value.live.is_some())
    }
}

/// Articles with what belongs to them in other rows.
pub struct Articles;

impl Articles {
    /// The head; `None` when there is no such article.
    pub async fn head(store: &Store, id: ArticleId) -> Result<Option<Stored<Article>>, Error> {
        store.get(&keys::article(id)).await
    }

    /// Heads, in the order of `ids`; absent ones are left out.
    pub async fn heads(store: &Store, ids: &[ArticleId]) -> Result<Vec<Stored<Article>>, Error> {
        let keys: Vec<Key> = ids.iter().map(|id| keys::article(*id)).collect();
        store.get_many(&keys).await
    }

    /// Head and translations in one query; `None` when there is no such article.
    pub async fn whole(store: &Store, id: ArticleId) -> Result<Option<ArticleWithTexts>, Error> {
        let (mut head, mut translations) = (None, Vec::new());
        let partition = Query::partition(keys::article_partition(id), TIMELESS);
        for (key, row) in store.rows(partition).await? {
            if key.sort == keys::SELF {
                head = Some(read(&key, &row)?);
            } else if key.sort.starts_with(keys::TRANSLATION) {
                translations.push(read(&key, &row)?);
            }
        }
        Ok(head.map(|head| ArticleWithTexts { head, translations }))
    }

    /// Articles with those of their translations that are in these languages, read at once; absent ones are left out.
    pub async fn in_languages(
        store: &Store,
        ids: &[ArticleId],
        locales: &[Locale],
    ) -> Result<Vec<ArticleWithTexts>, Error> {
        let mut found = Vec::new();
        let rows_each = locales.len() + 1;
        for some in ids.chunks((READ_AT_ONCE / rows_each).max(1)) {
            let keys: Vec<Key> = some
                .iter()
                .flat_map(|id| {
                    let texts = locales.iter().map(|locale| keys::translation(*id, locale));
                    std::iter::once(keys::article(*id)).chain(texts)
                })
                .collect();
            let rows = store.table().get_many(TableName::Main, &keys, TIMELESS);
            let rows = rows.await?;
            for (keys, rows) in keys.chunks(rows_each).zip(rows.chunks(rows_each)) {
                let [Some(head), texts @ ..] = rows else {
                    continue;
                };
                let head = read(&keys[0], head)?;
                let texts = keys[1..].iter().zip(texts);
                let texts = texts.filter_map(|(key, row)| Some(read(key, row.as_ref()?)));
                let translations = texts.collect::<Result<_, Error>>()?;
                found.push(ArticleWithTexts { head, translations });
            }
        }
        Ok(found)
    }

    /// A page of the ids of all articles, for rebuild and export; never in a request.
    pub async fn page(
        store: &Store,
        cursor: Option<String>,
    ) -> Result<(Vec<ArticleId>, Option<String>), Error> {
        let walk = store.table().walk(TableName::Main, 0, 1, 1_000, cursor);
        let page = walk.await?;
        let heads = page.rows.iter().filter(|(_, row)| is::<Article>(row));
        let ids: Result<Vec<ArticleId>, Error> = heads
            .map(|(key, row)| Ok(read::<Article>(key, row)?.value.id))
            .collect();
        Ok((ids?, page.cursor))
    }

    /// What a public key names.
    pub async fn by_key(store: &Store, key: &PublicKey) -> Result<Option<KeyTarget>, Error> {
        let found = store.get::<KeyTarget>(&keys::public_key(key)).await?;
        Ok(found.map(|found| found.value))
    }

    /// The article that an external id names.
    pub async fn by_external(
        store: &Store,
        external: &ExternalId,
    ) -> Result<Option<ArticleId>, Error> {
        let found = store.get::<ExternalTarget>(&external_key(external)).await?;
        Ok(found.map(|found| found.value.article))
    }

    /// The articles that stand in a section, in order, each with its place in the list: those at or above the place `from`
    /// and behind `cursor`. The second value is the cursor to go on behind.
    pub async fn in_section(
        store: &Store,
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
        let page = store.table().query(TableName::Main, &query).await?;
        let rows = page.rows.into_iter();
        let placed = rows
            .filter_map(|(key, _)| Some((key.sort.split_once('#')?.1.parse().ok()?, key.sort)))
            .collect();
        Ok((placed, page.cursor))
    }

    /// A revision with its body. Errors: its text is not the one that was saved.
    pub async fn revision(
        store: &Store,
        article: ArticleId,
        locale: &Locale,
        id: RevisionId,
    ) -> Result<Option<Revision>, Error> {
        let key = keys::revision(article, locale, id);
        let Some(found) = store.get::<Revision>(&key).await? else {
            return Ok(None);
        };
        let mut revision = found.value;
        revision.body = body(store, article, id).await?;
        if !revision.is_intact() {
            let cause = "its text is not the one that was saved: restore it from a backup";
            return Err(Error::broken(&key, cause));
        }
        Ok(Some(revision))
    }

    /// Revisions without their bodies, newest first, from behind `cursor`.
    pub async fn revisions(
        store: &Store,
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
        let (revisions, cursor) = store.page::<Revision>(&query).await?;
        Ok((revisions.into_iter().map(|r| r.value).collect(), cursor))
    }

    /// Adds a new article: head, claims on its public key and external id, placements.
    pub fn insert(tx: &mut Transaction, article: &Article) {
        tx.insert(article);
        let target = KeyTarget::Article(article.id);
        tx.insert_at(keys::public_key(&article.key), &target);
        if let Some(external) = &article.external {
            let target = ExternalTarget {
                article: article.id,
            };
            tx.insert_at(external_key(external), &target);
        }
        for placement in &article.placements {
            put_placement(tx, article.id, placement);
        }
    }

    /// Replaces a head that was read, and its placements where they changed.
    pub fn replace(tx: &mut Transaction, before: &Stored<Article>, after: &Article) {
        tx.replace(before, after);
        let (old, new) = (&before.value.placements, &after.placements);
        for p in old.iter().filter(|p| !new.contains(p)) {
            let key = keys::section_article(p.section, p.position, after.id);
            tx.delete(key, Condition::Any);
        }
        for placement in new.iter().filter(|p| !old.contains(p)) {
            put_placement(tx, after.id, placement);
        }
    }

    /// Gives up the claim on an external id.
    pub fn delete_external(tx: &mut Transaction, external: &ExternalId) {
        tx.delete(external_key(external), Condition::Any);
    }

    /// Adds a revision. A body too large for a row is written as a blob first, before the commit that points to it.
    pub async fn insert_revision(
        store: &Store,
        tx: &mut Transaction,
        revision: &Revision,
    ) -> Result<(), Error> {
        tx.insert(revision);
        let body = row(&revision.body);
        if body.body.len() <= BODY_ROW_MAX_BYTES {
            tx.put(keys::body(revision.id), body, Condition::Absent);
            return Ok(());
        }
        let name = keys::body_blob(revision.article, revision.id);
        store.blobs().put(&name, body.body.into_bytes()).await
    }
}

async fn body(store: &Store, article: ArticleId, revision: RevisionId) -> Result<Body, Error> {
    let key = keys::body(revision);
    if let Some(found) = store.get::<Body>(&key).await? {
        return Ok(found.value);
    }
    let bytes = store
        .blobs()
        .get(&keys::body_blob(article, revision))
        .await?;
    let bytes = bytes.ok_or_else(|| Error::broken(&key, "the body of a revision is absent"))?;
    let form: BodyForm = serde_json::from_slice(&bytes).map_err(|e| Error::broken(&key, e))?;
    Ok(Body::of(form))
}

pub(super) fn external_key(external: &ExternalId) -> Key {
    keys::external(&external.source, "article", &external.id)
}

fn put_placement(tx: &mut Transaction, article: ArticleId, placement: &Placement) {
    let key = keys::section_article(placement.section, placement.position, article);
    tx.upsert_at(key, placement);
}
