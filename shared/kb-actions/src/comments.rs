//! Comments on articles.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{
    Action, Article, Comment, CommentDraft, CommentId, CommentState, Comments, Locale, PortalId,
    Resource, access,
};
use kb_events::{Happened, Prepared};
use kb_store::repo::{Posted, Stored};
use kb_store::{Query, keys};

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
    let state = match mode(kb, ctx, article).await? {
        Comments::Off => return Err(conflict("comments are off here")),
        Comments::ApproveFirst if !moderates(ctx, article) => CommentState::Waiting,
        Comments::ApproveFirst | Comments::On => CommentState::Visible,
    };
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

/// Comments on an article that the viewer may see, oldest first, and where the next ones begin. None where comments are off.
pub async fn list(
    kb: &Kb,
    ctx: &RequestContext,
    article: &Article,
    limit: usize,
    cursor: Option<String>,
) -> Result<(Vec<Stored<Comment>>, Option<String>), Error> {
    if !ctx.sees(article) || mode(kb, ctx, article).await? == Comments::Off {
        return Ok((Vec::new(), None));
    }
    let query = Query {
        limit,
        cursor,
        ..Query::partition(keys::comment_partition(article.id), ctx.now.unix_seconds())
    };
    let (mut found, next) = kb.store().page::<Comment>(&query).await?;
    found.retain(|c| shows(ctx, article, &c.value));
    Ok((found, next))
}

/// Whether the viewer may see a comment on an article that they may read.
fn shows(ctx: &RequestContext, article: &Article, comment: &Comment) -> bool {
    let own = comment.author.is_some() && comment.author == ctx.viewer.user();
    match comment.state {
        CommentState::Visible => true,
        CommentState::Waiting => own || moderates(ctx, article),
        CommentState::Hidden => moderates(ctx, article),
    }
}

fn moderates(ctx: &RequestContext, article: &Article) -> bool {
    access::may(&ctx.viewer, Action::Moderate, access::area_of(article)).is_ok()
}

fn portal_of(article: &Article) -> Option<PortalId> {
    article.home.as_ref().map(|home| home.portal)
}

fn conflict(sentence: &str) -> Error {
    kb_domain::Error::Conflict(sentence.to_owned()).into()
}
