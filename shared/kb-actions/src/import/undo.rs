//! Taking an import back, item by item. What anybody has changed since stays as it is.

use crate::articles;
use crate::error::Error;
use crate::kb::{Kb, RequestContext};
use crate::translations::hide_old;
use kb_domain::{Action, Article, ArticleState, Lifecycle, Translation};
use kb_events::EventKind;
use kb_store::repo::{ArticleWithTexts, ImportItem, Stored};
use kb_store::{Condition, Transaction};
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

/// Takes one item back: the last one of an import first, and of an article that the import made, the one that made it. `versions`
/// are those of all items. Such an article is archived and forgets where it came from, so that another import makes it anew.
pub async fn undo(
    kb: &Kb,
    ctx: &RequestContext,
    item: &Stored<ImportItem>,
    versions: &BTreeSet<u64>,
) -> Result<Undone, Error> {
    ctx.demand(Action::Publish)?;
    let Some(whole) = kb.articles.whole(item.value.article).await? else {
        return Ok(Undone::Already);
    };
    if whole.head.value.state == ArticleState::Archived {
        return Ok(Undone::Already);
    }
    match &item.value.head_before {
        None => undo_article(kb, ctx, &whole, &item.value, versions).await,
        Some(head) => undo_change(kb, ctx, &whole, head, item).await,
    }
}

async fn undo_article(
    kb: &Kb,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
    item: &ImportItem,
    versions: &BTreeSet<u64>,
) -> Result<Undone, Error> {
    let mut found = whole.translations.iter().map(|t| t.version);
    if !versions.contains(&whole.head.version) || !found.all(|v| versions.contains(&v)) {
        return Ok(Undone::ChangedSince);
    }
    let mut tx = kb.begin(ctx.now);
    let after = Article {
        external: None,
        ..whole.head.value.archive()?
    };
    if let Some(external) = &whole.head.value.external {
        kb.articles.delete_external(&mut tx, external);
    }
    give_up_addresses(kb, &mut tx, &after, item);
    kb.articles.put_head(&mut tx, &whole.head, &after);
    articles::narrow_live(kb, ctx, &mut tx, whole, &after);
    commit(kb, ctx, tx, &after, EventKind::ArticleState).await
}

async fn undo_change(
    kb: &Kb,
    ctx: &RequestContext,
    whole: &ArticleWithTexts,
    head: &Article,
    item: &Stored<ImportItem>,
) -> Result<Undone, Error> {
    let (before, wrote) = (&item.value, item.version);
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
    let mut tx = kb.begin(ctx.now);
    if let Some(found) = text.filter(|_| text_differs) {
        let after = text_again(&found.value, before.text_before.as_ref());
        kb.articles
            .put_translation(&mut tx, &after, Condition::Version(found.version));
        hide_old(kb, &mut tx, &found.value);
    }
    if head_differs {
        kb.intern(&mut tx, &head.audience).await?;
        kb.articles.put_head(&mut tx, &whole.head, head);
        articles::narrow_live(kb, ctx, &mut tx, whole, head);
    } else {
        kb.articles.check_head(&mut tx, &whole.head);
    }
    give_up_addresses(kb, &mut tx, head, before);
    commit(kb, ctx, tx, head, EventKind::TranslationPublished).await
}

/// A text as it was before; one that was not there is a draft again. Its revisions stay, and so does their count.
fn text_again(found: &Translation, before: Option<&Translation>) -> Translation {
    match before {
        Some(before) => Translation {
            number: found.number,
            ..before.clone()
        },
        None => Translation {
            lifecycle: Lifecycle::Draft,
            live: None,
            live_title: None,
            live_summary: None,
            published_at: None,
            ..found.clone()
        },
    }
}

fn give_up_addresses(kb: &Kb, tx: &mut Transaction, article: &Article, item: &ImportItem) {
    let Some(home) = &article.home else { return };
    for path in &item.redirects {
        kb.portals.delete_redirect(tx, home.portal, path);
    }
}

async fn commit(
    kb: &Kb,
    ctx: &RequestContext,
    tx: Transaction,
    article: &Article,
    kind: EventKind,
) -> Result<Undone, Error> {
    kb.commit(tx, ctx, kind, article.id.to_string(), &["undo"])
        .await?;
    Ok(Undone::Done)
}
