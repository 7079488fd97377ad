//! `comments`: the queues of comments, and decisions about them.

use super::printable;
use crate::app::App;
use crate::cli::{CommentName, Comments, CommentsList};
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_actions::{Error, RequestContext, articles, comments};
use kb_domain::{ArticleId, CommentId, CommentQueue, ErrorKind, Moderation};
use serde_json::json;

/// Comments that are read at once.
const AT_ONCE: usize = 100;

pub(crate) async fn run(app: &App, asked: &Comments, lines: &Lines) -> Result<(), Failure> {
    let ctx = RequestContext::load(&app.kb, App::operator()).await;
    let ctx = ctx.map_err(Failure::environment)?;
    let (name, decision) = match asked {
        Comments::List(options) => return list(app, &ctx, options, lines).await,
        Comments::Approve(name) => (name, Moderation::Approve),
        Comments::Hide(name) => (name, Moderation::Hide),
        Comments::Answer(name) => (name, Moderation::Answer),
        Comments::Reopen(name) => (name, Moderation::Reopen),
        Comments::Delete(name) => (name, Moderation::Delete),
    };
    decide(app, &ctx, name, decision).await?;
    let CommentName { article, comment } = name;
    let text = format!("{comment}: done");
    let json = json!({"article": article, "comment": comment, "decision": decision});
    super::end(lines, Exit::Done, text, json).await
}

async fn list(
    app: &App,
    ctx: &RequestContext,
    options: &CommentsList,
    lines: &Lines,
) -> Result<(), Failure> {
    let mut queues = CommentQueue::ALL.into_iter();
    let queue = queues.find(|q| q.as_str() == options.queue);
    let queue = queue.unwrap_or(CommentQueue::Waiting);
    let mut portals = comments::moderated(&app.kb, ctx).await.map_err(failure)?;
    if let Some(handle) = &options.portal {
        portals.retain(|p| p.value.handle == *handle);
        if portals.is_empty() {
            return Err(Failure::refused(format!(
                "--portal: there is no portal {handle}"
            )));
        }
    }
    let mut found = 0_u64;
    for portal in portals {
        let mut cursor = None;
        loop {
            let id = portal.value.id;
            let page = comments::queue(&app.kb, ctx, id, queue, AT_ONCE, cursor).await;
            let (page, next) = page.map_err(failure)?;
            for (comment, article) in page {
                let comment = comment.value;
                let words: Vec<&str> = comment.text.split_whitespace().collect();
                let text = format!(
                    "{}  {}  {}  {}: {}",
                    article.id,
                    comment.id,
                    comment.created_at,
                    printable(&comment.name),
                    printable(&words.join(" "))
                );
                lines.fact(text, json!(comment)).await?;
                found += 1;
            }
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
    }
    let text = format!("comments {}: {found}", queue.as_str());
    super::end(lines, Exit::Done, text, json!({"comments": found})).await
}

async fn decide(
    app: &App,
    ctx: &RequestContext,
    name: &CommentName,
    decision: Moderation,
) -> Result<(), Failure> {
    let kb = &app.kb;
    let article: ArticleId = name.article.parse().map_err(Failure::usage)?;
    let comment: CommentId = name.comment.parse().map_err(Failure::usage)?;
    let article = articles::read(kb, ctx, article).await.map_err(failure)?;
    let article = article.head.value;
    let before = comments::read(kb, ctx, &article, comment)
        .await
        .map_err(failure)?;
    let decided = comments::decide(kb, ctx, &article, &before, decision).await;
    let written = decided.map_err(failure)?.commit(kb.store()).await;
    written.map_err(|error| failure(error.into()))
}

fn failure(error: Error) -> Failure {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::Stale => Failure::refused(error),
        _ => Failure::environment(error),
    }
}
