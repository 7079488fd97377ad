//! Import: one article in one language after the other, each in a transaction of its own, found again by external id.

mod folders;
mod undo;

pub use folders::{Folder, stand};
pub use undo::{Undone, undo};

use crate::articles::{self, NewArticle};
use crate::error::Error;
use crate::kb::{Kb, RequestContext};
use crate::translations;
use folders::section_of;
use kb_domain::{
    Action, Article, ArticleId, ArticleState, ArticleType, Audience, Body, ExternalId, Kind,
    Locale, PortalId, Resource, SectionId, TranslationDraft,
};
use kb_events::EventKind;
use kb_store::repo::{ArticleWithTexts, Import, ImportItem, ItemOutcome};

/// What an export says about an article beyond one of its texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// Its id in the base that was exported; in that base it is found again by it.
    pub article: ArticleId,
    /// How it is found again in another base.
    pub external: ExternalId,
    /// The language it is written in first.
    pub source_locale: Locale,
    /// Whether it is taken out of use after this text, its last one.
    pub archive: bool,
}

/// One article in one language, ready to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What the report calls it: path or id.
    pub name: String,
    /// How a second run finds it again.
    pub external_id: String,
    /// Its language, where the source says one.
    pub locale: Option<Locale>,
    /// Category first, then sections; always at least two.
    pub folders: Vec<Folder>,
    /// The title.
    pub title: String,
    /// The summary.
    pub summary: String,
    /// The body.
    pub body: Body,
    /// The kind, where the source says one.
    pub kind: Option<Kind>,
    /// The type, where the source says one.
    pub article_type: Option<ArticleType>,
    /// Labels.
    pub labels: Vec<String>,
    /// Who may read it, where the source says so.
    pub audience: Option<Audience>,
    /// Addresses it had before, each beginning with `/` and not ending with one.
    pub redirects: Vec<String>,
    /// Its place in the section, where the source says one.
    pub position: Option<u32>,
    /// Not to be published, whatever the command says.
    pub draft: bool,
    /// What a person should look at.
    pub warnings: Vec<String>,
    /// The handle of its portal, where the source says one.
    pub portal: Option<String>,
    /// What the export says about its article, if it comes from one.
    pub origin: Option<Origin>,
}

/// What holds for every item of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The run.
    pub import: Import,
    /// Where the articles go.
    pub portal: PortalId,
    /// Who may read an article whose source does not say.
    pub audience: Option<Audience>,
    /// The language of an article whose source does not say.
    pub locale: Locale,
    /// Keep everything as drafts.
    pub draft: bool,
}

/// Stores one item: creates, updates or leaves alone. Errors: the reason for the report; nothing of the item is written.
pub async fn apply(
    kb: &Kb,
    ctx: &RequestContext,
    run: &Run,
    n: u64,
    item: &Item,
) -> Result<ItemOutcome, Error> {
    ctx.demand(Action::Publish)?;
    let locale = item.locale.clone().unwrap_or_else(|| run.locale.clone());
    let section = section_of(kb, run.portal, &item.folders, &locale, &ctx.viewer).await?;
    // The tree may have grown, so the gate is read again; its time also orders this write behind that one.
    let ctx = &RequestContext::load(kb, ctx.viewer.clone()).await?;
    let draft = TranslationDraft {
        title: item.title.clone(),
        summary: item.summary.clone(),
        body: item.body.clone(),
        note: String::new(),
    }
    .tidy();
    draft.check()?;
    let external = match &item.origin {
        Some(origin) => origin.external.clone(),
        None => ExternalId {
            source: run.import.source.clone(),
            id: item.external_id.clone(),
        },
    };
    let publish = !run.draft && !item.draft;
    let target = Target {
        kb,
        ctx,
        run,
        n,
        item,
        locale: &locale,
        publish,
    };
    let outcome = match found(kb, item, &external).await? {
        None => target.create(section, external.clone(), &draft).await?,
        Some(id) => target.change(id, section, &draft).await?,
    };
    if item.origin.as_ref().is_some_and(|o| o.archive) && archive(kb, ctx, item, &external).await? {
        return Ok(match outcome {
            ItemOutcome::Unchanged => ItemOutcome::Updated,
            other => other,
        });
    }
    Ok(outcome)
}

/// The article that an item is a text of: by its own id, where it was exported from here, else by its external id.
async fn found(kb: &Kb, item: &Item, external: &ExternalId) -> Result<Option<ArticleId>, Error> {
    if let Some(origin) = &item.origin
        && kb.articles.head(origin.article).await?.is_some()
    {
        return Ok(Some(origin.article));
    }
    Ok(kb.articles.by_external(external).await?)
}

/// Takes the item's article out of use; answers whether it was in use.
async fn archive(
    kb: &Kb,
    ctx: &RequestContext,
    item: &Item,
    external: &ExternalId,
) -> Result<bool, Error> {
    let ctx = &RequestContext::load(kb, ctx.viewer.clone()).await?;
    let Some(id) = found(kb, item, external).await? else {
        return Ok(false);
    };
    let head = kb.articles.head(id).await?;
    match head.filter(|h| h.value.state == ArticleState::Active) {
        None => Ok(false),
        Some(head) => {
            articles::archive(kb, ctx, id, head.version).await?;
            Ok(true)
        }
    }
}

struct Target<'a> {
    kb: &'a Kb,
    ctx: &'a RequestContext,
    run: &'a Run,
    n: u64,
    item: &'a Item,
    locale: &'a Locale,
    publish: bool,
}

impl Target<'_> {
    fn event(&self) -> EventKind {
        if self.publish {
            EventKind::TranslationPublished
        } else {
            EventKind::TranslationSaved
        }
    }

    /// Commits what the item writes; `before` is what it found there.
    async fn commit(
        &self,
        mut tx: kb_store::Transaction,
        article: &Article,
        before: Option<&ArticleWithTexts>,
        outcome: ItemOutcome,
    ) -> Result<ItemOutcome, Error> {
        let text_before = before.and_then(|w| w.translation(self.locale));
        let redirects = self.add_redirects(&mut tx, article).await?;
        let item = ImportItem {
            name: self.item.name.clone(),
            outcome,
            article: article.id,
            locale: self.locale.clone(),
            head_before: before.map(|w| w.head.value.clone()),
            text_before: text_before.map(|t| t.value.clone()),
            redirects,
        };
        self.kb
            .imports
            .put_item(&mut tx, self.run.import.id, self.n, &item);
        self.kb
            .commit(
                tx,
                self.ctx,
                self.event(),
                article.id.to_string(),
                &["import"],
            )
            .await?;
        Ok(outcome)
    }

    async fn create(
        &self,
        section: SectionId,
        external: ExternalId,
        draft: &TranslationDraft,
    ) -> Result<ItemOutcome, Error> {
        let (kb, ctx, item) = (self.kb, self.ctx, self.item);
        let audience = item
            .audience
            .clone()
            .or_else(|| self.run.audience.clone())
            .ok_or_else(|| {
                kb_domain::Error::field(
                    "/audience",
                    "required",
                    "the source does not say who may read it: give --audience",
                )
            })?;
        let mut tx = kb.begin(ctx.now);
        let new = NewArticle {
            kind: item.kind.unwrap_or_default(),
            article_type: item.article_type.clone().unwrap_or_default(),
            section,
            portal: self.run.portal,
            position: item.position,
            audience,
            labels: item.labels.clone(),
            owner: None,
            source_locale: item
                .origin
                .as_ref()
                .map_or_else(|| self.locale.clone(), |o| o.source_locale.clone()),
            external: Some(external),
        };
        let article = articles::add(kb, ctx, &mut tx, new).await?;
        translations::add_first(kb, ctx, &mut tx, &article, self.locale, draft, self.publish)
            .await?;
        self.commit(tx, &article, None, ItemOutcome::Created).await
    }

    async fn change(
        &self,
        id: ArticleId,
        section: SectionId,
        draft: &TranslationDraft,
    ) -> Result<ItemOutcome, Error> {
        let (kb, ctx) = (self.kb, self.ctx);
        let whole = kb
            .articles
            .whole(id)
            .await?
            .ok_or(Error::NotFound(Resource::Article))?;
        let before = &whole.head.value;
        if before.state == ArticleState::Archived {
            return Ok(ItemOutcome::Unchanged);
        }
        let mut tx = kb.begin(ctx.now);
        let outcome = match whole.translation(self.locale) {
            None => {
                translations::add_first(kb, ctx, &mut tx, before, self.locale, draft, self.publish)
                    .await?;
                ItemOutcome::Created
            }
            Some(found) => {
                // What is live is compared with what is to be live: a draft that somebody works on stays.
                let shown = if self.publish {
                    found.value.live
                } else {
                    Some(found.value.working)
                };
                let same = match shown {
                    None => false,
                    Some(shown) => {
                        let text = kb.articles.revision(id, self.locale, shown).await?;
                        draft.same_text(&text.ok_or(Error::NotFound(Resource::Revision))?)
                    }
                };
                if !same {
                    translations::add_next(kb, ctx, &mut tx, before, found, draft, self.publish)
                        .await?;
                }
                if same {
                    ItemOutcome::Unchanged
                } else {
                    ItemOutcome::Updated
                }
            }
        };
        let after = self.head_after(&whole, section);
        if outcome == ItemOutcome::Unchanged && after == *before {
            return Ok(outcome);
        }
        if after == *before {
            kb.articles.check_head(&mut tx, &whole.head);
        } else {
            after.check()?;
            kb.intern(&mut tx, &after.audience).await?;
            kb.articles.put_head(&mut tx, &whole.head, &after);
            articles::narrow_live(kb, ctx, &mut tx, &whole, &after);
        }
        let outcome = if outcome == ItemOutcome::Unchanged {
            ItemOutcome::Updated
        } else {
            outcome
        };
        self.commit(tx, &after, Some(&whole), outcome).await
    }

    /// The head with what the source says about it; only the source language speaks for the article, unless the source
    /// knows the whole article.
    fn head_after(&self, whole: &ArticleWithTexts, section: SectionId) -> Article {
        let (before, item) = (&whole.head.value, self.item);
        let mut after = before.clone();
        if item.origin.is_none() && *self.locale != before.source_locale {
            return after;
        }
        after.kind = item.kind.unwrap_or(after.kind);
        after.article_type = item.article_type.clone().unwrap_or(after.article_type);
        if !item.labels.is_empty() || item.origin.is_some() {
            after.labels.clone_from(&item.labels);
        }
        if let Some(audience) = &item.audience {
            after.audience = audience.clone().canonical();
        }
        if let Some(home) = &mut after.home
            && home.portal == self.run.portal
        {
            let old = home.clone();
            home.section = section;
            home.position = item.position.unwrap_or(home.position);
            let moved = home.clone();
            for placement in after.placements.iter_mut().filter(|p| **p == old) {
                *placement = moved.clone();
            }
        }
        after
    }

    /// Claims the item's old addresses that nobody has claimed; answers which.
    async fn add_redirects(
        &self,
        tx: &mut kb_store::Transaction,
        article: &Article,
    ) -> Result<Vec<String>, Error> {
        let mut paths: Vec<&String> = self.item.redirects.iter().collect();
        paths.sort();
        paths.dedup();
        let mut claimed = Vec::new();
        for path in paths.into_iter().take(20) {
            if self
                .kb
                .portals
                .redirect(self.run.portal, path)
                .await?
                .is_none()
            {
                self.kb
                    .portals
                    .put_redirect(tx, self.run.portal, path, article.id);
                claimed.push(path.clone());
            }
        }
        Ok(claimed)
    }
}
