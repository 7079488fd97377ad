//! Taking an import back, item by item. What anybody has changed since stays as it is.

use crate::articles;
use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::translations::{hide_old, withdrawn};
use kb_domain::{Action, Article, ArticleState, ImportId, Translation};
use kb_events::{Cause, Happened, Work};
use kb_store::Transaction;
use kb_store::repo::{ArticleWithTexts, Articles, ImportItem, Portals, Stored};
use std::collections::BTreeSet;

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// The article that it made is out of use, or the text is what it was before.
    Done,
    /// There is nothing left to take back.
    Already,
    /// Somebody changed it since.
    ChangedSince,
}

/// Takes one item of an import back: the last one first, and of an article that the import made, the one that made it.
/// `versions` are those of all items. Such an article is archived and forgets where it came from, so that another import makes
/// it anew.
pub async fn undo(
    kb: &Kb,
    ctx: &RequestContext,
    import: ImportId,
    item: &Stored<ImportItem>,
    versions: &BTreeSet<u64>,
) -> Result<Undone, Error> {
    let Some(whole) = Articles::whole(kb.store(), item.value.article).await? else {
        return Ok(Undone::Already);
    };
    ctx.demand_on(Action::Publish, &whole.head.value)?;
    if whole.head.value.state == ArticleState::Archived {
        return Ok(Undone::Already);
    }
    let undo = Undo {
        kb,
        ctx,
        cause: Cause::Undo(import),
        whole: &whole,
        item,
    };
    match &item.value.head_before {
        None => undo.article(versions).await,
        Some(head) => undo.change(head).await,
    }
}

struct Undo<'a> {
    kb: &'a Kb,
    ctx: &'a RequestContext,
    cause: Cause,
    whole: &'a ArticleWithTexts,
    item: &'a Stored<ImportItem>,
}

impl Undo<'_> {
    async fn article(&self, versions: &BTreeSet<u64>) -> Result<Undone, Error> {
        let head = &self.whole.head;
        let mut found = self.whole.translations.iter().map(|t| t.version);
        if !versions.contains(&head.version) || !found.all(|v| versions.contains(&v)) {
            return Ok(Undone::ChangedSince);
        }
        let mut work = self.ctx.work_on(self.whole);
        let after = Article {
            external: None,
            ..head.value.archive()?
        };
        if let Some(external) = &head.value.external {
            Articles::delete_external(&mut work, external);
        }
        give_up_addresses(&mut work, &after, &self.item.value);
        Articles::replace(&mut work, head, &after);
        articles::narrow_live(self.ctx, &mut work, self.whole, &after);
        let archived = Happened::ArticleArchived {
            article: after.id,
            cause: self.cause,
        };
        self.commit(work, archived).await
    }

    async fn change(&self, head: &Article) -> Result<Undone, Error> {
        let (whole, before, wrote) = (self.whole, &self.item.value, self.item.version);
        let text = whole.translation(&before.locale);
        // What the item left alone is not looked at: an item that only moved the article says nothing about its text.
        let head_differs = *head != whole.head.value;
        let text_differs = match &before.text_before {
            Some(was) => {
                text.is_none_or(|t| (t.value.working, t.value.live) != (was.working, was.live))
            }
            None => text.is_some_and(|t| t.value.live.is_some()),
        };
        if (head_differs && whole.head.version != wrote)
            || (text_differs && text.is_none_or(|t| t.version != wrote))
        {
            return Ok(Undone::ChangedSince);
        }
        if !head_differs && !text_differs {
            return Ok(Undone::Already);
        }
        let mut work = self.ctx.work_on(self.whole);
        if let Some(found) = text.filter(|_| text_differs) {
            let after = text_again(&found.value, before.text_before.as_ref());
            work.replace(found, &after);
            hide_old(&mut work, &found.value);
        }
        if head_differs {
            self.ctx.demand_on(Action::Publish, head)?;
            self.kb
                .intern(&self.ctx.gate, &mut work, &head.audience)
                .await?;
            Articles::replace(&mut work, &whole.head, head);
            articles::narrow_live(self.ctx, &mut work, whole, head);
        } else {
            work.unchanged(&whole.head);
        }
        give_up_addresses(&mut work, head, before);
        let (article, cause) = (head.id, self.cause);
        let what = if text_differs {
            Happened::TranslationReverted {
                article,
                locale: before.locale.clone(),
                cause,
            }
        } else {
            Happened::ArticleChanged { article, cause }
        };
        self.commit(work, what).await
    }

    async fn commit(&self, work: Work, what: Happened) -> Result<Undone, Error> {
        let written = work.happened(self.ctx.author(self.kb), what, |_| Undone::Done);
        Ok(written.commit(self.kb.store()).await?)
    }
}

/// A text as it was before; one that was not there is a draft again. Its revisions stay, and so does their count.
fn text_again(found: &Translation, before: Option<&Translation>) -> Translation {
    match before {
        Some(before) => Translation {
            number: found.number,
            ..before.clone()
        },
        None => withdrawn(found),
    }
}

fn give_up_addresses(tx: &mut Transaction, article: &Article, item: &ImportItem) {
    let Some(home) = &article.home else { return };
    for path in &item.redirects {
        Portals::delete_redirect(tx, home.portal, path);
    }
}
