//! Import: one article in one language after the other, each in a transaction of its own, found again by external id.

mod folders;
pub mod runs;
mod undo;

pub use folders::{Folder, stand};
pub use undo::{Undone, undo};

use crate::articles::{self, NewArticle};
use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::translations::{self, Text};
use folders::section_of;
use kb_domain::{
    Action, Article, ArticleId, ArticleState, ArticleType, Audience, Body, ExternalId, Kind,
    Locale, PortalId, Resource, RevisionId, SectionId, Translation, TranslationDraft,
};
use kb_events::{Cause, FirstText, Happened, Work};
use kb_store::keys;
use kb_store::repo::{ArticleWithTexts, Articles, Import, ImportItem, ItemOutcome, Portals};

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
    ctx.demand_in(Action::Publish, run.portal)?;
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
        && Articles::head(kb.store(), origin.article).await?.is_some()
    {
        return Ok(Some(origin.article));
    }
    Ok(Articles::by_external(kb.store(), external).await?)
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
    let whole = articles::read(kb, ctx, id).await?;
    if whole.head.value.state != ArticleState::Active {
        return Ok(false);
    }
    articles::archive(kb, ctx, whole).await?;
    Ok(true)
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
    fn cause(&self) -> Cause {
        Cause::Import(self.run.import.id)
    }

    fn text<'a>(&'a self, article: &'a Article, draft: &'a TranslationDraft) -> Text<'a> {
        Text {
            article,
            locale: self.locale,
            draft,
            publish: self.publish,
        }
    }

    /// What a changed article is followed by: its text, if that was written, else its head.
    fn changed(&self, article: &Article, revision: Option<RevisionId>) -> Happened {
        let (article, locale, cause) = (article.id, self.locale.clone(), self.cause());
        match revision {
            None => Happened::ArticleChanged { article, cause },
            Some(revision) if self.publish => Happened::TranslationPublished {
                article,
                locale,
                revision,
                cause,
            },
            Some(revision) => Happened::TranslationSaved {
                article,
                locale,
                revision,
                cause,
            },
        }
    }

    /// Commits what the item writes; `before` is what it found there.
    async fn commit(
        &self,
        mut work: Work,
        article: &Article,
        before: Option<&ArticleWithTexts>,
        outcome: ItemOutcome,
        what: Happened,
    ) -> Result<ItemOutcome, Error> {
        let text_before = before.and_then(|w| w.translation(self.locale));
        let redirects = self.add_redirects(&mut work, article).await?;
        let item = ImportItem {
            name: self.item.name.clone(),
            outcome,
            article: article.id,
            locale: self.locale.clone(),
            head_before: before.map(|w| w.head.value.clone()),
            text_before: text_before.map(|t| t.value.clone()),
            redirects,
        };
        work.upsert_at(keys::import_item(self.run.import.id, self.n), &item);
        let written = work.happened(self.kb.author(self.ctx), what, |_| outcome);
        Ok(written.commit(self.kb.store()).await?)
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
        let mut work = ctx.work();
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
            comments: None,
        };
        let article = articles::add(kb, ctx, &mut work, new).await?;
        let text = self.text(&article, draft);
        let (_, revision) = translations::add(kb, ctx, &mut work, &text, None).await?;
        let created = Happened::ArticleCreated {
            article: article.id,
            text: Some(FirstText {
                locale: self.locale.clone(),
                revision: revision.id,
                live: self.publish,
            }),
            cause: self.cause(),
        };
        self.commit(work, &article, None, ItemOutcome::Created, created)
            .await
    }

    async fn change(
        &self,
        id: ArticleId,
        section: SectionId,
        draft: &TranslationDraft,
    ) -> Result<ItemOutcome, Error> {
        let (kb, ctx) = (self.kb, self.ctx);
        let found = Articles::whole(kb.store(), id).await?;
        let whole = found.ok_or(Error::NotFound(Resource::Article))?;
        let before = &whole.head.value;
        if before.state == ArticleState::Archived {
            return Ok(ItemOutcome::Unchanged);
        }
        let mut work = ctx.work();
        let existing = whole.translation(self.locale);
        let same = match existing {
            Some(found) => self.says_the_same(id, &found.value, draft).await?,
            None => false,
        };
        let mut revision = None;
        if !same {
            let text = self.text(before, draft);
            let added = translations::add(kb, ctx, &mut work, &text, existing).await?;
            revision = Some(added.1.id);
        }
        let after = self.head_after(&whole, section);
        if same && after == *before {
            return Ok(ItemOutcome::Unchanged);
        }
        if after == *before {
            work.unchanged(&whole.head);
        } else {
            after.check()?;
            kb.intern(ctx, &mut work, &after.audience).await?;
            Articles::replace(&mut work, &whole.head, &after);
            articles::narrow_live(ctx, &mut work, &whole, &after);
        }
        let outcome = match existing {
            None => ItemOutcome::Created,
            Some(_) => ItemOutcome::Updated,
        };
        let what = self.changed(&after, revision);
        self.commit(work, &after, Some(&whole), outcome, what).await
    }

    /// Whether a draft is what is live, or, where nothing is published, what is worked on: a draft that somebody works on stays.
    async fn says_the_same(
        &self,
        id: ArticleId,
        found: &Translation,
        draft: &TranslationDraft,
    ) -> Result<bool, Error> {
        let shown = if self.publish {
            found.live
        } else {
            Some(found.working)
        };
        let Some(shown) = shown else {
            return Ok(false);
        };
        let text = Articles::revision(self.kb.store(), id, self.locale, shown).await?;
        Ok(draft.same_text(&text.ok_or(Error::NotFound(Resource::Revision))?))
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
        work: &mut Work,
        article: &Article,
    ) -> Result<Vec<String>, Error> {
        let mut paths: Vec<&String> = self.item.redirects.iter().collect();
        paths.sort();
        paths.dedup();
        let mut claimed = Vec::new();
        let (store, portal) = (self.kb.store(), self.run.portal);
        for path in paths.into_iter().take(20) {
            if Portals::redirect(store, portal, path).await?.is_none() {
                Portals::insert_redirect(work, portal, path, article.id);
                claimed.push(path.clone());
            }
        }
        Ok(claimed)
    }
}
