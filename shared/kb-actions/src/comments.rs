//! Comments on articles.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{
    Action, Article, ArticleId, Comment, CommentDraft, CommentEdit, CommentId, CommentState,
    Comments, Locale, Moderation, PortalId, Resource, access,
};
use kb_events::{Happened, Prepared, Work};
use kb_store::repo::{Posted, PostedLately, Stored};
use kb_store::{Condition, Query, keys};

mod paging;
mod queue;

use paging::Pages;
pub use queue::{moderated, queue};

/// Comments that one person may post or change within [`WHILE_SECONDS`].
const MOST: usize = 10;
const WHILE_SECONDS: i64 = 600;

/// Whether an article takes comments: as it says itself, else as its portal does.
pub async fn mode(kb: &Kb, ctx: &RequestContext, article: &Article) -> Result<Comments, Error> {
    if let Some(own) = article.comments {
        return Ok(own);
    }
    let portals = kb.portals(&ctx.gate).await?;
    let home = portals
        .iter()
        .find(|p| Some(p.value.id) == portal_of(article));
    Ok(home.map_or(Comments::Off, |portal| portal.value.comments))
}

/// Writes a comment on an article, as a page in `locale` shows it. It waits where comments are approved first, unless its author
/// moderates. Errors: comments are off, the text breaks a rule, or its author has posted the same within a day.
pub async fn post(
    kb: &Kb,
    ctx: &RequestContext,
    article: &Article,
    locale: &Locale,
    draft: CommentDraft,
) -> Result<Prepared<Stored<Comment>>, Error> {
    ctx.demand_on(Action::Comment, article)?;
    let state = first_state(kb, ctx, article).await?;
    let draft = draft.tidy();
    draft.check()?;
    let comment = Comment {
        id: CommentId::new(kb.ids().uuid()),
        article: article.id,
        portal: portal_of(article).ok_or(Error::NotFound(Resource::Portal))?,
        locale: locale.clone(),
        author: ctx.viewer.user(),
        name: ctx.viewer.name.clone(),
        by_staff: ctx.viewer.is_staff(),
        text: draft.text,
        state,
        answered: false,
        points_out_error: draft.points_out_error,
        created_at: ctx.now,
        edited_at: None,
    };
    let mut work = ctx.work();
    count(kb, ctx, &mut work).await?;
    work.insert(&comment);
    let posted = Posted {
        comment: comment.id,
        at: ctx.now,
    };
    let once = keys::posted(article.id, &ctx.viewer.who.to_string(), &comment.text);
    let twice = "you have posted this comment already";
    work.claim(once, &posted, kb_domain::Error::Conflict(twice.to_owned()));
    let happened = Happened::CommentPosted {
        article: comment.article,
        comment: comment.id,
        locale: locale.clone(),
    };
    Ok(work.happened(ctx.author(kb), happened, |version| Stored {
        value: comment,
        version,
    }))
}

/// How a comment begins: where comments are approved first it waits, unless its author moderates. Errors: comments are off.
async fn first_state(
    kb: &Kb,
    ctx: &RequestContext,
    article: &Article,
) -> Result<CommentState, Error> {
    match mode(kb, ctx, article).await? {
        Comments::Off => Err(conflict("comments are off here")),
        Comments::ApproveFirst if !access::moderates(&ctx.viewer, article) => {
            Ok(CommentState::Waiting)
        }
        Comments::ApproveFirst | Comments::On => Ok(CommentState::Visible),
    }
}

/// Counts what the viewer posts or changes. Errors: it is as much as one may within a while.
async fn count(kb: &Kb, ctx: &RequestContext, work: &mut Work) -> Result<(), Error> {
    let who = ctx.viewer.who.to_string();
    let before = kb
        .store()
        .get::<PostedLately>(&keys::posted_lately(&who))
        .await?;
    let mut at = before
        .as_ref()
        .map_or_else(Vec::new, |b| b.value.at.clone());
    at.retain(|at| at.plus_seconds(WHILE_SECONDS) > ctx.now);
    if at.len() >= MOST {
        let minutes = WHILE_SECONDS / 60;
        let detail = format!("at most {MOST} comments in {minutes} minutes; wait a little");
        return Err(kb_domain::Error::Throttled(detail).into());
    }
    at.push(ctx.now);
    work.replace_or_insert(before.as_ref(), &PostedLately { who, at });
    Ok(())
}

/// A comment that the viewer may see on an article that they may read.
pub async fn read(
    kb: &Kb,
    ctx: &RequestContext,
    article: &Article,
    id: CommentId,
) -> Result<Stored<Comment>, Error> {
    let absent = Error::NotFound(Resource::Comment);
    if !ctx.sees(article) || is_off(kb, ctx, article).await? {
        return Err(absent);
    }
    let found = kb
        .store()
        .get::<Comment>(&keys::comment(article.id, id))
        .await?;
    found
        .filter(|c| access::shows(&ctx.viewer, article, &c.value))
        .ok_or(absent)
}

/// Changes a comment that was read. Its author changes the text, and where comments are approved first it waits again; those
/// who moderate change its state and marks. A change that changes nothing writes nothing.
pub async fn change(
    kb: &Kb,
    ctx: &RequestContext,
    article: &Article,
    before: &Stored<Comment>,
    edit: CommentEdit,
) -> Result<Prepared<Stored<Comment>>, Error> {
    let draft = CommentDraft {
        text: edit.text,
        points_out_error: edit.points_out_error,
    };
    let draft = draft.tidy();
    let old = &before.value;
    let rewritten = draft.text != old.text;
    let decided = edit.state != old.state || edit.answered != old.answered;
    let marked = draft.points_out_error != old.points_out_error;
    if !rewritten && !decided && !marked {
        access::may_rewrite(&ctx.viewer, old)
            .or_else(|_| ctx.demand_on(Action::Moderate, article))?;
        return Ok(Prepared::nothing(before.clone()));
    }
    let mut after = Comment {
        state: edit.state,
        answered: edit.answered,
        points_out_error: draft.points_out_error,
        ..old.clone()
    };
    if decided {
        ctx.demand_on(Action::Moderate, article)?;
    }
    if marked {
        access::may_rewrite(&ctx.viewer, old)
            .or_else(|_| ctx.demand_on(Action::Moderate, article))?;
    }
    if rewritten {
        access::may_rewrite(&ctx.viewer, old)?;
        ctx.demand_on(Action::Comment, article)?;
        draft.check()?;
        after.text = draft.text;
        after.edited_at = Some(ctx.now);
        if first_state(kb, ctx, article).await? == CommentState::Waiting {
            after.state = CommentState::Waiting;
        }
    }
    let (article, comment, locale) = (after.article, after.id, after.locale.clone());
    let happened = if rewritten {
        Happened::CommentPosted {
            article,
            comment,
            locale,
        }
    } else {
        Happened::CommentModerated {
            article,
            comment,
            locale,
        }
    };
    let mut work = ctx.work();
    // An author who changes a comment without end writes as much as one who posts without end.
    if access::wrote(&ctx.viewer, old) && (rewritten || marked) {
        count(kb, ctx, &mut work).await?;
    }
    work.replace(before, &after);
    Ok(work.happened(ctx.author(kb), happened, |version| Stored {
        value: after,
        version,
    }))
}

/// Deletes a comment that was read: its author's own, or any for those who moderate. Its author may then post the text again.
pub fn remove(
    kb: &Kb,
    ctx: &RequestContext,
    article: &Article,
    before: &Stored<Comment>,
) -> Result<Prepared<()>, Error> {
    let old = &before.value;
    let mut work = ctx.work();
    if access::may_rewrite(&ctx.viewer, old).is_ok() {
        let claim = keys::posted(article.id, &ctx.viewer.who.to_string(), &old.text);
        work.delete(claim, Condition::Any);
    } else {
        ctx.demand_on(Action::Moderate, article)?;
    }
    work.remove(before);
    let happened = Happened::CommentRemoved {
        article: old.article,
        comment: old.id,
        locale: old.locale.clone(),
    };
    Ok(work.happened(ctx.author(kb), happened, |_| ()))
}

/// Decides about a comment that was read.
pub async fn decide(
    kb: &Kb,
    ctx: &RequestContext,
    article: &Article,
    before: &Stored<Comment>,
    decision: Moderation,
) -> Result<Prepared<()>, Error> {
    ctx.demand_on(Action::Moderate, article)?;
    let mut edit = before.value.edit();
    match decision {
        Moderation::Approve => edit.state = CommentState::Visible,
        Moderation::Hide => edit.state = CommentState::Hidden,
        Moderation::Answer => edit.answered = true,
        Moderation::Reopen => edit.answered = false,
        Moderation::Delete => return remove(kb, ctx, article, before),
    }
    let changed = change(kb, ctx, article, before, edit).await?;
    Ok(changed.split().1)
}

/// Brings comments of an export back to an article, each as it was; answers how many were not there. Errors: a text breaks a
/// rule.
pub(crate) async fn bring_back(
    kb: &Kb,
    ctx: &RequestContext,
    article: ArticleId,
    comments: &[Comment],
) -> Result<usize, Error> {
    let (mut brought, whole) = (0, crate::articles::read(kb, ctx, article).await?);
    let head = whole.head.value;
    ctx.demand_on(Action::Moderate, &head)?;
    let portal = portal_of(&head).ok_or(Error::NotFound(Resource::Portal))?;
    for comment in comments {
        let draft = CommentDraft {
            text: comment.text.clone(),
            points_out_error: comment.points_out_error,
        };
        let draft = draft.tidy();
        draft.check()?;
        let key = keys::comment(article, comment.id);
        if kb.store().get::<Comment>(&key).await?.is_some() {
            continue;
        }
        let comment = Comment {
            article,
            portal,
            text: draft.text,
            ..comment.clone()
        };
        let mut work = ctx.work();
        work.insert(&comment);
        let happened = Happened::CommentPosted {
            article,
            comment: comment.id,
            locale: comment.locale,
        };
        let written = work.happened(ctx.author(kb), happened, |_| ());
        written.commit(kb.store()).await?;
        brought += 1;
    }
    Ok(brought)
}

/// Comments on an article that the viewer may see, oldest first, and where the next ones begin. None where comments are off; few
/// or none, and still a next page, where very many stand in between that are not shown.
pub async fn list(
    kb: &Kb,
    ctx: &RequestContext,
    article: &Article,
    limit: usize,
    cursor: Option<String>,
) -> Result<(Vec<Stored<Comment>>, Option<String>), Error> {
    if !ctx.sees(article) || is_off(kb, ctx, article).await? {
        return Ok((Vec::new(), None));
    }
    let mut pages = Pages::of(Query {
        from: cursor,
        ..Query::partition(keys::comment_partition(article.id), ctx.now.unix_seconds())
    });
    let mut shown = Vec::new();
    while shown.len() <= limit
        && let Some(mut found) = pages.next(kb).await?
    {
        found.retain(|c| access::shows(&ctx.viewer, article, &c.value));
        shown.append(&mut found);
    }
    Ok(pages.cut(shown, limit, |c| c.value.id))
}

async fn is_off(kb: &Kb, ctx: &RequestContext, article: &Article) -> Result<bool, Error> {
    Ok(mode(kb, ctx, article).await? == Comments::Off)
}

fn portal_of(article: &Article) -> Option<PortalId> {
    article.home.as_ref().map(|home| home.portal)
}

fn conflict(sentence: &str) -> Error {
    kb_domain::Error::Conflict(sentence.to_owned()).into()
}
