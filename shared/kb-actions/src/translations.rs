//! Translations: save, read, publish, history.

use crate::articles;
use crate::error::Error;
use crate::kb::{Kb, RequestContext};
use kb_domain::{
    Action, Article, ArticleId, Locale, Resource, Revision, RevisionId, Translation,
    TranslationDraft,
};
use kb_events::EventKind;
use kb_store::repo::{ArticleWithTexts, Narrowing, Stored};
use kb_store::{Condition, Transaction};
use kb_text::document;

/// A translation with one of its revisions.
#[derive(Clone, Debug)]
pub struct TranslationView {
    /// The translation.
    pub translation: Stored<Translation>,
    /// The revision, with its body.
    pub revision: Revision,
}

/// Whether a body has something to read: text, or an image with alternative text.
pub fn has_content(body: &kb_domain::Body) -> bool {
    !document::plain_text(body.format, &body.source)
        .trim()
        .is_empty()
}

/// Adds a first translation of an article to a transaction, live at once when `publish` says so.
pub(crate) async fn add_first(
    kb: &Kb,
    ctx: &RequestContext,
    tx: &mut Transaction,
    article: &Article,
    locale: &Locale,
    draft: &TranslationDraft,
    publish: bool,
) -> Result<Translation, Error> {
    let revision = revision_of(kb, ctx, article.id, locale, 1, draft);
    let mut translation = Translation::first(&revision);
    if publish {
        translation =
            translation.publish(article, &revision, has_content(&revision.body), ctx.now)?;
    }
    kb.articles.put_revision(tx, &revision).await?;
    kb.articles
        .put_translation(tx, &translation, Condition::Absent);
    Ok(translation)
}

/// Adds the next revision of a translation to a transaction, live at once when `publish` says so. When the live text
/// changes, the old one is hidden from everybody until the index shows the new one.
pub(crate) async fn add_next(
    kb: &Kb,
    ctx: &RequestContext,
    tx: &mut Transaction,
    article: &Article,
    before: &Stored<Translation>,
    draft: &TranslationDraft,
    publish: bool,
) -> Result<Translation, Error> {
    let revision = revision_of(
        kb,
        ctx,
        article.id,
        &before.value.locale,
        before.value.number + 1,
        draft,
    );
    let mut translation = before.value.save(&revision);
    if publish {
        translation =
            translation.publish(article, &revision, has_content(&revision.body), ctx.now)?;
    }
    kb.articles.put_revision(tx, &revision).await?;
    kb.articles
        .put_translation(tx, &translation, Condition::Version(before.version));
    if publish {
        hide_old(kb, tx, &before.value);
    }
    Ok(translation)
}

fn revision_of(
    kb: &Kb,
    ctx: &RequestContext,
    article: ArticleId,
    locale: &Locale,
    number: u32,
    draft: &TranslationDraft,
) -> Revision {
    Revision::of(
        RevisionId::new(kb.ids.uuid()),
        article,
        locale,
        number,
        draft,
        ctx.viewer.user(),
        ctx.now,
    )
}

pub(crate) fn hide_old(kb: &Kb, tx: &mut Transaction, before: &Translation) {
    if before.live.is_some() {
        let version = tx.version();
        kb.gate.narrow(
            tx,
            &Narrowing {
                article: before.article,
                locale: before.locale.clone(),
                version,
                audience: None,
            },
        );
    }
}

/// Saves a draft as the working revision. `version` is the one the caller read, `None` for a first translation. A draft
/// equal to the working revision writes nothing and answers what is there.
pub async fn save(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    locale: &Locale,
    version: Option<u64>,
    draft: TranslationDraft,
) -> Result<TranslationView, Error> {
    ctx.demand(Action::Edit)?;
    let draft = draft.tidy();
    draft.check()?;
    let whole = articles::read(kb, ctx, id).await?;
    let mut tx = kb.begin(ctx.now);
    let existing = whole.translation(locale).cloned();
    match (&existing, version) {
        (Some(found), Some(version)) if found.version != version => {
            return Err(Error::Stale {
                current: found.version,
            });
        }
        (Some(found), None) => {
            return Err(Error::Stale {
                current: found.version,
            });
        }
        (None, Some(_)) => return Err(Error::NotFound(Resource::Translation)),
        _ => {}
    }
    let translation = match &existing {
        None => add_first(kb, ctx, &mut tx, &whole.head.value, locale, &draft, false).await?,
        Some(before) => {
            let working = revision(kb, &whole, locale, before.value.working).await?;
            if draft.same_text(&working) {
                return Ok(TranslationView {
                    translation: before.clone(),
                    revision: working,
                });
            }
            add_next(kb, ctx, &mut tx, &whole.head.value, before, &draft, false).await?
        }
    };
    let version = kb
        .commit(
            tx,
            ctx,
            EventKind::TranslationSaved,
            id.to_string(),
            &["body"],
        )
        .await?;
    let revision = revision(kb, &whole, locale, translation.working).await?;
    Ok(TranslationView {
        translation: Stored {
            value: translation,
            version,
        },
        revision,
    })
}

/// Makes the working revision live.
pub async fn publish(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    locale: &Locale,
    version: u64,
) -> Result<TranslationView, Error> {
    ctx.demand(Action::Publish)?;
    let whole = articles::read(kb, ctx, id).await?;
    let before = whole
        .translation(locale)
        .ok_or(Error::NotFound(Resource::Translation))?;
    if before.version != version {
        return Err(Error::Stale {
            current: before.version,
        });
    }
    let revision = revision(kb, &whole, locale, before.value.working).await?;
    if before.value.live == Some(revision.id) {
        return Ok(TranslationView {
            translation: before.clone(),
            revision,
        });
    }
    let translation = before.value.publish(
        &whole.head.value,
        &revision,
        has_content(&revision.body),
        ctx.now,
    )?;
    let mut tx = kb.begin(ctx.now);
    kb.articles.check_head(&mut tx, &whole.head);
    kb.articles
        .put_translation(&mut tx, &translation, Condition::Version(before.version));
    hide_old(kb, &mut tx, &before.value);
    let version = kb
        .commit(
            tx,
            ctx,
            EventKind::TranslationPublished,
            id.to_string(),
            &["live"],
        )
        .await?;
    Ok(TranslationView {
        translation: Stored {
            value: translation,
            version,
        },
        revision,
    })
}

/// A translation as those who edit see it (`working`), or as readers do.
pub async fn read(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    locale: &Locale,
    working: bool,
) -> Result<TranslationView, Error> {
    let whole = articles::read(kb, ctx, id).await?;
    let found = whole
        .translation(locale)
        .ok_or(Error::NotFound(Resource::Translation))?;
    let shown = if working && ctx.viewer.may(Action::Edit) {
        Some(found.value.working)
    } else {
        found.value.live
    };
    let revision = revision(
        kb,
        &whole,
        locale,
        shown.ok_or(Error::NotFound(Resource::Translation))?,
    )
    .await?;
    Ok(TranslationView {
        translation: found.clone(),
        revision,
    })
}

/// Revisions without bodies, newest first; for those who edit.
pub async fn revisions(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    locale: &Locale,
    limit: usize,
    cursor: Option<String>,
) -> Result<(Vec<Revision>, Option<String>), Error> {
    ctx.demand(Action::Edit)?;
    articles::read(kb, ctx, id)
        .await?
        .translation(locale)
        .ok_or(Error::NotFound(Resource::Translation))?;
    Ok(kb.articles.revisions(id, locale, limit, cursor).await?)
}

/// A revision by its number, with its body; for those who edit.
pub async fn revision_by_number(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    locale: &Locale,
    number: u32,
) -> Result<Revision, Error> {
    ctx.demand(Action::Edit)?;
    let whole = articles::read(kb, ctx, id).await?;
    whole
        .translation(locale)
        .ok_or(Error::NotFound(Resource::Translation))?;
    let mut cursor = None;
    loop {
        let (page, next) = kb.articles.revisions(id, locale, 500, cursor).await?;
        if let Some(found) = page.iter().find(|r| r.number == number) {
            return revision(kb, &whole, locale, found.id).await;
        }
        cursor = next;
        if cursor.is_none() {
            return Err(Error::NotFound(Resource::Revision));
        }
    }
}

async fn revision(
    kb: &Kb,
    whole: &ArticleWithTexts,
    locale: &Locale,
    id: RevisionId,
) -> Result<Revision, Error> {
    kb.articles
        .revision(whole.head.value.id, locale, id)
        .await?
        .ok_or(Error::NotFound(Resource::Revision))
}
