//! One item of an import on its way into an article.

use super::{Item, Run};
use crate::articles::{self, NewArticle};
use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::translations::{self, Text};
use kb_domain::{
    Action, Article, ArticleId, ArticleState, ExternalId, Locale, Resource, RevisionId, SectionId,
    Translation, TranslationDraft,
};
use kb_events::{Cause, FirstText, Happened, Work};
use kb_store::keys;
use kb_store::repo::{ArticleWithTexts, Articles, ImportItem, ItemOutcome, Portals};

/// What an item is stored with.
pub(super) struct Target<'a> {
    pub kb: &'a Kb,
    pub ctx: &'a RequestContext,
    pub run: &'a Run,
    pub n: u64,
    pub item: &'a Item,
    pub locale: &'a Locale,
    pub publish: bool,
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
            withdraw: self.takes_back(),
        }
    }

    /// Whether the source says that this text is not, or no longer, for everybody; an export has drafts beside what is live.
    fn takes_back(&self) -> bool {
        !self.publish && !self.run.draft && self.item.origin.is_none()
    }

    /// Whether readers see a text that its source takes back.
    fn withdraws(&self, found: &Translation) -> bool {
        self.takes_back() && found.live.is_some()
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
        let written = work.happened(self.ctx.author(self.kb), what, |_| outcome);
        Ok(written.commit(self.kb.store()).await?)
    }

    pub async fn create(
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
            position: item.position.or(item.order),
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

    pub async fn change(
        &self,
        id: ArticleId,
        section: SectionId,
        draft: &TranslationDraft,
    ) -> Result<ItemOutcome, Error> {
        let (kb, ctx) = (self.kb, self.ctx);
        let found = Articles::whole(kb.store(), id).await?;
        let whole = found.ok_or(Error::NotFound(Resource::Article))?;
        let before = &whole.head.value;
        ctx.demand_on(Action::Publish, before)?;
        if before.state == ArticleState::Archived {
            return Ok(ItemOutcome::Unchanged);
        }
        let mut work = ctx.work_on(&whole);
        let existing = whole.translation(self.locale);
        let same = match existing {
            Some(found) => self.says_the_same(id, &found.value, draft).await?,
            None => false,
        };
        let mut revision = None;
        let withdraws = existing.is_some_and(|found| self.withdraws(&found.value));
        if !same {
            let text = self.text(before, draft);
            let added = translations::add(kb, ctx, &mut work, &text, existing).await?;
            revision = Some(added.1.id);
        } else if let Some(found) = existing.filter(|_| withdraws) {
            work.replace(found, &translations::withdrawn(&found.value));
            translations::hide_old(&mut work, &found.value);
        }
        let after = self.head_after(&whole, section);
        if same && !withdraws && after == *before && self.new_addresses().await?.is_empty() {
            return Ok(ItemOutcome::Unchanged);
        }
        if after == *before {
            work.unchanged(&whole.head);
        } else {
            after.check()?;
            kb.intern(&ctx.gate, &mut work, &after.audience).await?;
            Articles::replace(&mut work, &whole.head, &after);
            articles::narrow_live(ctx, &mut work, &whole, &after);
        }
        let outcome = match existing {
            None => ItemOutcome::Created,
            Some(_) => ItemOutcome::Updated,
        };
        let what = if withdraws {
            Happened::TranslationReverted {
                article: after.id,
                locale: self.locale.clone(),
                cause: self.cause(),
            }
        } else {
            self.changed(&after, revision)
        };
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

    /// The item's old addresses that nobody has claimed.
    async fn new_addresses(&self) -> Result<Vec<String>, Error> {
        let mut paths: Vec<&String> = self.item.redirects.iter().collect();
        paths.sort();
        paths.dedup();
        let mut free = Vec::new();
        let (store, portal) = (self.kb.store(), self.run.portal);
        for path in paths.into_iter().take(20) {
            if Portals::redirect(store, portal, path).await?.is_none() {
                free.push(path.clone());
            }
        }
        Ok(free)
    }

    /// Claims the item's old addresses that nobody has claimed; answers which.
    async fn add_redirects(
        &self,
        work: &mut Work,
        article: &Article,
    ) -> Result<Vec<String>, Error> {
        let claimed = self.new_addresses().await?;
        for path in &claimed {
            Portals::insert_redirect(work, self.run.portal, path, article.id);
        }
        Ok(claimed)
    }
}
