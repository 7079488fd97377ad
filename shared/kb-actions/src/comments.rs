//! Comments on articles.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{Action, Article, Comment, CommentState, Comments, PortalId, access};
use kb_store::repo::Stored;
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
