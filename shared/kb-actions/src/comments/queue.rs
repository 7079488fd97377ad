//! The queues of comments, for those who moderate.

use super::paging::Pages;
use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::portals;
use kb_domain::{Action, Article, ArticleId, Comment, CommentQueue, Portal, PortalId, Resource};
use kb_store::repo::Stored;
use kb_store::{IndexName, Query, keys};
use std::collections::BTreeMap;

/// The portals whose comments the viewer moderates.
pub async fn moderated(kb: &Kb, ctx: &RequestContext) -> Result<Vec<Stored<Portal>>, Error> {
    ctx.demand(Action::Moderate)?;
    let mut all = portals::list(kb, ctx).await?;
    all.retain(|p| ctx.demand_in(Action::Moderate, p.value.id).is_ok());
    Ok(all)
}

/// A queue of a portal, oldest first, with the article of each comment, and where the next ones begin. For those who moderate
/// there; comments on articles that they may not read are absent.
pub async fn queue(
    kb: &Kb,
    ctx: &RequestContext,
    portal: PortalId,
    queue: CommentQueue,
    limit: usize,
    cursor: Option<String>,
) -> Result<(Vec<(Stored<Comment>, Article)>, Option<String>), Error> {
    if !ctx.reaches(portal) {
        return Err(Error::NotFound(Resource::Portal));
    }
    ctx.demand_in(Action::Moderate, portal)?;
    let mut pages = Pages::of(Query {
        index: Some(IndexName::Queue),
        from: cursor,
        ..Query::partition(keys::comment_queue(portal, queue), ctx.now.unix_seconds())
    });
    let mut shown = Vec::new();
    while shown.len() <= limit
        && let Some(mut found) = pages.next(kb).await?
    {
        // The index lags: what has moved on stands in another queue by now.
        found.retain(|c| c.value.queue() == queue);
        let heads = heads(kb, ctx, &found).await?;
        shown.extend(found.into_iter().filter_map(|comment| {
            let article = heads.get(&comment.value.article)?.clone();
            Some((comment, article))
        }));
    }
    Ok(pages.cut(shown, limit, |(c, _)| c.value.id))
}

/// The articles of these comments that the viewer may read.
async fn heads(
    kb: &Kb,
    ctx: &RequestContext,
    comments: &[Stored<Comment>],
) -> Result<BTreeMap<ArticleId, Article>, Error> {
    let mut ids: Vec<ArticleId> = comments.iter().map(|c| c.value.article).collect();
    ids.sort();
    ids.dedup();
    let keys: Vec<_> = ids.into_iter().map(keys::article).collect();
    let heads = kb.store().get_many::<Article>(&keys).await?;
    let seen = heads.into_iter().filter(|a| ctx.sees(&a.value));
    Ok(seen.map(|a| (a.value.id, a.value)).collect())
}
