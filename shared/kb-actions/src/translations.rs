//! Translations: save, read, publish, history.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::synced;
use kb_domain::{
    Action, Article, ArticleId, Body, FieldError, Lifecycle, Locale, Resource, Revision,
    RevisionId, Translation, TranslationDraft,
};
use kb_events::{Cause, Happened, Work};
use kb_store::repo::{ArticleWithTexts, Articles, Gate, Narrowing, Stored};
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
pub fn has_content(body: &Body) -> bool {
    !document::plain_text(body.format, &body.source)
        .trim()
        .is_empty()
}

/// The same of a body that is saved: its page is kept, and is rendered beside the threads that answer where it is not.
async fn is_readable(kb: &Kb, body: &Body) -> Result<bool, Error> {
    Ok(!kb.rendered(body).await?.plain.trim().is_empty())
}

/// Refuses a body that nobody could be shown whole.
pub(crate) async fn demand_budget(kb: &Kb, body: &Body) -> Result<(), Error> {
    let within = kb.page_within_budget(body).await?;
    within.map(|_| ()).map_err(|excess| {
        Error::Domain(kb_domain::Error::Fields(vec![FieldError {
            pointer: "/body/source".to_owned(),
            code: excess.code.to_owned(),
            detail: excess.detail,
        }]))
    })
}

/// A text on its way into an article.
pub(crate) struct Text<'a> {
    /// The article.
    pub article: &'a Article,
    /// The language.
    pub locale: &'a Locale,
    /// What is written.
    pub draft: &'a TranslationDraft,
    /// Whether it is live at once.
    pub publish: bool,
    /// Whether what is live before it is taken back: readers see none of it any more.
    pub withdraw: bool,
}

/// Adds a text to a transaction: the first one of its language, or the next revision of `before`. When a live text changes,
/// the old one is hidden from everybody until the index shows the new one.
pub(crate) async fn add(
    kb: &Kb,
    ctx: &RequestContext,
    work: &mut Work,
    text: &Text<'_>,
    before: Option<&Stored<Translation>>,
) -> Result<(Translation, Revision), Error> {
    let revision = Revision::of(
        RevisionId::new(kb.ids().uuid()),
        text.article.id,
        text.locale,
        before.map_or(1, |b| b.value.number + 1),
        text.draft,
        ctx.viewer.user(),
        ctx.now,
    );
    let mut translation = match before {
        None => Translation::first(&revision),
        Some(before) => before.value.save(&revision),
    };
    if text.publish {
        let content = is_readable(kb, &revision.body).await?;
        translation = translation.publish(text.article, &revision, content, ctx.now)?;
    }
    if text.withdraw {
        translation = withdrawn(&translation);
    }
    Articles::insert_revision(kb.store(), work, &revision).await?;
    work.replace_or_insert(before, &translation);
    if let Some(before) = before.filter(|_| text.publish || text.withdraw) {
        hide_old(work, &before.value);
    }
    Ok((translation, revision))
}

/// A translation that is a draft again. Its revisions stay, and so does their count.
pub(crate) fn withdrawn(found: &Translation) -> Translation {
    Translation {
        lifecycle: Lifecycle::Draft,
        live: None,
        live_title: None,
        live_summary: None,
        published_at: None,
        ..found.clone()
    }
}

/// Hides the live text of a translation from everybody until the index shows the state that is written now.
pub(crate) fn hide_old(work: &mut Work, before: &Translation) {
    if before.live.is_some() {
        let narrowing = Narrowing {
            article: before.article,
            locale: before.locale.clone(),
            version: work.version(),
            audience: None,
        };
        Gate::narrow(work, &narrowing);
    }
}

/// Saves a draft as the working revision of a language: behind `before`, which is its working state, or as its first. A draft
/// equal to the working revision writes nothing and answers what is there.
pub async fn save(
    kb: &Kb,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
    locale: &Locale,
    before: Option<TranslationView>,
    draft: TranslationDraft,
) -> Result<TranslationView, Error> {
    let article = &whole.head.value;
    ctx.demand_on(Action::Edit, article)?;
    synced::demand_own(kb, article).await?;
    let draft = draft.tidy();
    draft.check()?;
    if let Some(same) = before.as_ref().filter(|b| draft.same_text(&b.revision)) {
        return Ok(same.clone());
    }
    demand_budget(kb, &draft.body).await?;
    let mut work = ctx.work_on(whole);
    let text = Text {
        article,
        locale,
        draft: &draft,
        publish: false,
        withdraw: false,
    };
    let before = before.as_ref().map(|b| &b.translation);
    let (value, revision) = add(kb, ctx, &mut work, &text, before).await?;
    let saved = Happened::TranslationSaved {
        article: article.id,
        locale: locale.clone(),
        revision: revision.id,
        cause: Cause::Edit,
    };
    let written = work.happened(ctx.author(kb), saved, |version| TranslationView {
        translation: Stored { value, version },
        revision,
    });
    Ok(written.commit(kb.store()).await?)
}

/// Makes the working revision live; `before` is the translation in its working state.
pub async fn publish(
    kb: &Kb,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
    before: TranslationView,
) -> Result<TranslationView, Error> {
    let article = &whole.head.value;
    ctx.demand_on(Action::Publish, article)?;
    synced::demand_own(kb, article).await?;
    let TranslationView {
        translation: found,
        revision,
    } = before;
    if found.value.live == Some(revision.id) {
        return Ok(TranslationView {
            translation: found,
            revision,
        });
    }
    let content = is_readable(kb, &revision.body).await?;
    let value = found.value.publish(article, &revision, content, ctx.now)?;
    let mut work = ctx.work_on(whole);
    work.unchanged(&whole.head);
    work.replace(&found, &value);
    hide_old(&mut work, &found.value);
    let published = Happened::TranslationPublished {
        article: article.id,
        locale: value.locale.clone(),
        revision: revision.id,
        cause: Cause::Edit,
    };
    let written = work.happened(ctx.author(kb), published, |version| TranslationView {
        translation: Stored { value, version },
        revision,
    });
    Ok(written.commit(kb.store()).await?)
}

/// A translation as readers see it, or, for those who edit and ask for it, in its working state.
pub async fn view(
    kb: &Kb,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
    locale: &Locale,
    working: bool,
) -> Result<TranslationView, Error> {
    let absent = || Error::NotFound(Resource::Translation);
    let found = whole.translation(locale).ok_or_else(absent)?;
    let shown = if working && ctx.edits(&whole.head.value) {
        Some(found.value.working)
    } else {
        found.value.live
    };
    Ok(TranslationView {
        translation: found.clone(),
        revision: revision(kb, whole, locale, shown.ok_or_else(absent)?).await?,
    })
}

/// A translation in its working state, for those who edit; `None` when there is none in this language yet.
pub async fn working(
    kb: &Kb,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
    locale: &Locale,
) -> Result<Option<TranslationView>, Error> {
    ctx.demand_on(Action::Edit, &whole.head.value)?;
    if whole.translation(locale).is_none() {
        return Ok(None);
    }
    view(kb, ctx, whole, locale, true).await.map(Some)
}

/// Revisions without bodies, newest first; for those who edit.
pub async fn revisions(
    kb: &Kb,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
    locale: &Locale,
    limit: usize,
    cursor: Option<String>,
) -> Result<(Vec<Revision>, Option<String>), Error> {
    let id = demand_history(ctx, whole, locale)?;
    Ok(Articles::revisions(kb.store(), id, locale, limit, cursor).await?)
}

/// A revision by its number, with its body; for those who edit.
pub async fn revision_by_number(
    kb: &Kb,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
    locale: &Locale,
    number: u32,
) -> Result<Revision, Error> {
    let id = demand_history(ctx, whole, locale)?;
    let mut cursor = None;
    loop {
        let (page, next) = Articles::revisions(kb.store(), id, locale, 500, cursor).await?;
        if let Some(found) = page.iter().find(|r| r.number == number) {
            return revision(kb, whole, locale, found.id).await;
        }
        cursor = next;
        if cursor.is_none() {
            return Err(Error::NotFound(Resource::Revision));
        }
    }
}

fn demand_history(
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
    locale: &Locale,
) -> Result<ArticleId, Error> {
    ctx.demand_on(Action::Edit, &whole.head.value)?;
    let found = whole.translation(locale);
    found.ok_or(Error::NotFound(Resource::Translation))?;
    Ok(whole.head.value.id)
}

async fn revision(
    kb: &Kb,
    whole: &ArticleWithTexts,
    locale: &Locale,
    id: RevisionId,
) -> Result<Revision, Error> {
    let found = Articles::revision(kb.store(), whole.head.value.id, locale, id).await?;
    found.ok_or(Error::NotFound(Resource::Revision))
}
