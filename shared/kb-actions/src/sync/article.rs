//! An article of theirs, as it is now.

use super::head::{self, Home, settled};
use super::steps::{Step, steps};
use super::text::{Incoming, labels, texts};
use super::{Known, Sync, Synced};
use crate::articles::{self, NewArticle};
use crate::context::RequestContext;
use crate::error::Error;
use crate::translations::{self, Text};
use kb_domain::remote::{Counterpart, CounterpartState, Master, Ours, RemoteArticle};
use kb_domain::{Article, ArticleId, ArticleState, ArticleType, ExternalId, Kind, Resource};
use kb_events::{Cause, FirstText, Happened, Work};
use kb_store::record::Stored;
use kb_store::repo::{ArticleWithTexts, Articles, Counterparts};
use std::collections::BTreeMap;

/// Brings an article to the state that it has there. Errors: our counterpart has changed since it was read (stale); its place is not
/// here; a text breaks a rule of ours, and the others are here.
pub async fn article(
    sync: Sync<'_>,
    known: Option<&Stored<Counterpart>>,
    theirs: &RemoteArticle,
) -> Result<Synced, Error> {
    let is_unwanted =
        |c: &&Stored<Counterpart>| matches!(c.value.state, CounterpartState::Unwanted { .. });
    if known.as_ref().is_some_and(is_unwanted) {
        return Ok(Synced::Same);
    }
    let home = sync.home(&theirs.places, &theirs.readers).await?;
    let Some(home) = home else {
        return match known {
            Some(known) => leave(sync, known, theirs).await,
            None => Ok(Synced::Same),
        };
    };
    let mut bringing = Bringing {
        sync,
        theirs,
        home,
        texts: texts(&sync, theirs),
        known: Known::new(known),
        counterpart: known.map(|k| k.value.clone()),
        written: false,
    };
    bringing.bring().await
}

/// An article of a place whose articles no longer come in: ours is archived.
async fn leave(
    sync: Sync<'_>,
    known: &Stored<Counterpart>,
    theirs: &RemoteArticle,
) -> Result<Synced, Error> {
    let mut moved = known.clone();
    moved.value.places.clone_from(&theirs.places);
    moved.value.readers.clone_from(&theirs.readers);
    head::resettle(sync, &moved).await
}

/// An article on its way here.
struct Bringing<'a> {
    sync: Sync<'a>,
    theirs: &'a RemoteArticle,
    home: Home,
    texts: Vec<Incoming<'a>>,
    known: Known<'a>,
    counterpart: Option<Counterpart>,
    written: bool,
}

impl Bringing<'_> {
    async fn bring(&mut self) -> Result<Synced, Error> {
        let ctx = self.sync.context().await?;
        self.examine().await?;
        let Some(id) = self.ours().await? else {
            return self.create(&ctx).await;
        };
        // Each round ends a step; a text takes one, the head another, and the last one writes what was seen.
        for _ in 0..self.texts.len() + self.theirs.texts.len() + 100 {
            let ctx = self.sync.context().await?;
            let whole = Articles::whole(self.sync.kb.store(), id).await?;
            let whole = whole.ok_or(Error::NotFound(Resource::Article))?;
            let mut after = self.counterpart(id, &ctx);
            let is_gone = matches!(after.state, CounterpartState::Gone { .. });
            if whole.head.value.state == ArticleState::Archived && !is_gone {
                after.state = CounterpartState::Unwanted { at: ctx.now };
                return self.end(&ctx, after).await;
            }
            let languages = &self.sync.connection.mapping.languages;
            let head = self.head(&whole.head.value);
            let (steps, diverged) = steps(&whole, head, &self.texts, languages, &mut after);
            let diverged_before = matches!(after.state, CounterpartState::Diverged { .. });
            after.state = match diverged {
                true if diverged_before => after.state,
                true => CounterpartState::Diverged { at: ctx.now },
                false => CounterpartState::Current,
            };
            let is_last = steps.len() <= 1;
            let refusal = self.refusal();
            if is_last && refusal.is_none() {
                after.version = Some(self.theirs.version);
            }
            let Some(step) = steps.into_iter().next() else {
                let ended = self.end(&ctx, after).await?;
                return refusal.map_or(Ok(ended), Err);
            };
            self.write(&ctx, &whole, step, after).await?;
            if is_last {
                return refusal.map_or(Ok(Synced::Written), Err);
            }
        }
        Err(Error::Broken("an article that never comes to an end"))
    }

    /// Finds the texts that break a rule of ours, among those that are not here yet.
    async fn examine(&mut self) -> Result<(), Error> {
        for text in self.texts.iter_mut().filter(|text| text.is_live) {
            let seen = self
                .counterpart
                .as_ref()
                .and_then(|c| c.texts.get(&text.theirs.language));
            if seen.is_some_and(|seen| seen.digest == text.digest) {
                continue;
            }
            let mut checked = text.draft.check().map_err(Error::Domain);
            if checked.is_ok() {
                checked = translations::demand_budget(self.sync.kb, &text.draft.body).await;
            }
            text.refused = match checked {
                Ok(()) => None,
                Err(Error::Domain(refused)) => Some(refused),
                Err(error) => return Err(error),
            };
        }
        Ok(())
    }

    /// The first rule that a text breaks: the others are here by then, and the article is looked at again.
    fn refusal(&self) -> Option<Error> {
        let mut refused = self.texts.iter().filter_map(|text| text.refused.clone());
        refused.next().map(Error::Domain)
    }

    /// Our article: by its counterpart, or by the claim that an earlier connection or import has left.
    async fn ours(&self) -> Result<Option<ArticleId>, Error> {
        if let Some(Ours::Article(id)) = self.counterpart.as_ref().map(|c| c.ours) {
            return Ok(Some(id));
        }
        Ok(Articles::by_external(self.sync.kb.store(), &self.external()).await?)
    }

    fn external(&self) -> ExternalId {
        ExternalId {
            source: self.sync.connection.system.clone(),
            id: self.theirs.id.0.clone(),
        }
    }

    /// The counterpart with what is known of theirs besides texts and version.
    fn counterpart(&self, ours: ArticleId, ctx: &RequestContext) -> Counterpart {
        let mut counterpart = self.counterpart.clone().unwrap_or_else(|| Counterpart {
            connection: self.sync.connection.id,
            id: self.theirs.id.clone(),
            ours: Ours::Article(ours),
            master: Master::Theirs,
            version: None,
            texts: BTreeMap::new(),
            places: Vec::new(),
            readers: Vec::new(),
            // What was adopted follows theirs, whatever state it was left in.
            state: CounterpartState::Gone { at: ctx.now },
            checked_at: ctx.now,
        });
        counterpart.places.clone_from(&self.theirs.places);
        counterpart.readers.clone_from(&self.theirs.readers);
        counterpart.checked_at = ctx.now;
        counterpart
    }

    fn head(&self, before: &Article) -> Article {
        let mut after = settled(before, &self.home, self.theirs.position);
        after.labels = labels(self.theirs);
        after
    }

    async fn create(&mut self, ctx: &RequestContext) -> Result<Synced, Error> {
        let kb = self.sync.kb;
        // An article of which readers see nothing is none of ours yet.
        let comes = |text: &&Incoming<'_>| text.is_live && text.refused.is_none();
        let Some(text) = self.texts.iter().find(comes) else {
            return self.refusal().map_or(Ok(Synced::Same), Err);
        };
        let mut work = ctx.work();
        let new = NewArticle {
            kind: Kind::default(),
            article_type: ArticleType::default(),
            section: self.home.section,
            portal: self.home.portal,
            position: self.theirs.position,
            audience: self.home.audience.clone(),
            labels: labels(self.theirs),
            owner: None,
            source_locale: text.locale.clone(),
            external: Some(self.external()),
            comments: None,
        };
        let article = articles::add(kb, ctx, &mut work, new).await?;
        let added = Text {
            article: &article,
            locale: &text.locale,
            draft: &text.draft,
            publish: true,
            withdraw: false,
        };
        let (_, revision) = translations::add(kb, ctx, &mut work, &added, None).await?;
        let mut after = self.counterpart(article.id, ctx);
        after.state = CounterpartState::Current;
        let language = text.theirs.language.clone();
        after.texts.insert(language, text.seen(Some(revision.id)));
        for other in self.texts.iter().filter(|t| !t.is_live) {
            after
                .texts
                .insert(other.theirs.language.clone(), other.seen(None));
        }
        let is_last = self.texts.iter().filter(|t| t.is_live).count() == 1;
        after.version = is_last.then_some(self.theirs.version);
        let created = Happened::ArticleCreated {
            article: article.id,
            text: Some(FirstText {
                locale: text.locale.clone(),
                revision: revision.id,
                live: true,
            }),
            cause: Cause::Edit,
        };
        self.commit(ctx, work, created, after).await?;
        if is_last {
            return Ok(Synced::Written);
        }
        Box::pin(self.bring()).await
    }

    async fn write(
        &mut self,
        ctx: &RequestContext,
        whole: &ArticleWithTexts,
        step: Step,
        mut after: Counterpart,
    ) -> Result<(), Error> {
        let kb = self.sync.kb;
        let mut work = ctx.work_on(whole);
        let article = &whole.head.value;
        let what = match step {
            Step::Head(head) => head::put(self.sync, ctx, &mut work, whole, &head).await?,
            Step::Take(n) => {
                let text = &self.texts[n];
                let added = Text {
                    article,
                    locale: &text.locale,
                    draft: &text.draft,
                    publish: true,
                    withdraw: false,
                };
                let existing = whole.translation(&text.locale);
                work.unchanged(&whole.head);
                let (_, revision) = translations::add(kb, ctx, &mut work, &added, existing).await?;
                after
                    .texts
                    .insert(text.theirs.language.clone(), text.seen(Some(revision.id)));
                Happened::TranslationPublished {
                    article: article.id,
                    locale: text.locale.clone(),
                    revision: revision.id,
                    cause: Cause::Edit,
                }
            }
            Step::Withdraw(locale) => {
                let found = whole.translation(&locale);
                let found = found.ok_or(Error::NotFound(Resource::Translation))?;
                work.unchanged(&whole.head);
                work.replace(found, &translations::withdrawn(&found.value));
                translations::hide_old(&mut work, &found.value);
                match self.texts.iter().find(|t| t.locale == locale) {
                    Some(text) => {
                        let language = text.theirs.language.clone();
                        after.texts.insert(language, text.seen(None));
                    }
                    None => after
                        .texts
                        .retain(|_, seen| seen.revision != found.value.live),
                }
                Happened::TranslationReverted {
                    article: article.id,
                    locale,
                    cause: Cause::Edit,
                }
            }
        };
        self.commit(ctx, work, what, after).await
    }

    async fn commit(
        &mut self,
        ctx: &RequestContext,
        mut work: Work,
        what: Happened,
        after: Counterpart,
    ) -> Result<(), Error> {
        self.known.put(&mut work, &after);
        let written = work.happened(ctx.author(self.sync.kb), what, |version| version);
        let version = written.commit(self.sync.kb.store()).await?;
        self.known.version = Some(version);
        self.known.is_here = Counterparts::is_here(&after);
        self.counterpart = Some(after);
        self.written = true;
        Ok(())
    }

    /// Writes what was seen, where that is news, without an event: nothing that a reader sees has changed.
    async fn end(&mut self, ctx: &RequestContext, after: Counterpart) -> Result<Synced, Error> {
        let changed = self.counterpart.as_ref() != Some(&after);
        if changed && (self.written || self.known.is_new(&after, ctx.now)) {
            let mut work = ctx.work();
            self.known.put(&mut work, &after);
            work.silently(()).commit(self.sync.kb.store()).await?;
        }
        Ok(if self.written {
            Synced::Written
        } else {
            Synced::Same
        })
    }
}
