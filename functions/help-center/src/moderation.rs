//! `/console/comments`: what readers wrote and somebody is to decide about.

use crate::comments::line;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::urls::{self, Target};
use kb_actions::{Error, RequestContext, articles, comments};
use kb_domain::{
    Action, Article, ArticleId, Comment, CommentId, CommentQueue, Locale, Moderation, PortalId,
    Resource,
};
use kb_http::route::{form, page};
use kb_http::{
    Api, At, Caller, Deps, Form, Interface, PageError, Param, StrictQuery, interface_languages,
    refused_page, see_other,
};
use kb_pages::{Choice, ModerationLine, ModerationPage, StaffShell, Texts};
use kb_store::repo::Stored;
use serde::Deserialize;

const PAGE: &str = "/console/comments";
/// Comments on one page.
const SHOWN: usize = 20;

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page(PAGE, show)
                .needs(Action::Moderate)
                .query(&[
                    Param("portal", "the portal's id; the first one when absent"),
                    Param("queue", "waiting, the default, open, answered or hidden"),
                    Param("cursor", "where the page begins"),
                ])
                .doc("Comments by what is to be done about them"),
        )
        .with(
            form("/console/comments/{article}/{comment}", decide)
                .needs(Action::Moderate)
                .doc("Approve, hide, mark or delete a comment"),
        )
}

#[derive(Deserialize)]
struct Shown {
    portal: Option<PortalId>,
    queue: Option<CommentQueue>,
    cursor: Option<String>,
}

async fn show(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    StrictQuery(shown): StrictQuery<Shown>,
) -> Result<Response, PageError> {
    Ok(kb_http::page(
        built(&deps, &ctx, texts, &shown).await?.render(),
    ))
}

async fn built(
    deps: &Deps,
    ctx: &RequestContext,
    texts: Texts,
    shown: &Shown,
) -> Result<ModerationPage, PageError> {
    let queue = shown.queue.unwrap_or(CommentQueue::Waiting);
    let portals = comments::moderated(&deps.kb, ctx).await?;
    let ids = || portals.iter().map(|p| p.value.id);
    let chosen = match shown.portal {
        Some(wanted) => ids().find(|id| *id == wanted),
        None => ids().next(),
    };
    let portal = chosen.ok_or(Error::NotFound(Resource::Portal))?;
    let list = format!("comments:{}:{portal}", queue.as_str());
    let from = match &shown.cursor {
        None => None,
        Some(cursor) => Some(deps.cursors.open(&list, cursor).await?),
    };
    let (found, next) = comments::queue(&deps.kb, ctx, portal, queue, SHOWN, from).await?;
    let mut lines = Vec::new();
    for (comment, article) in &found {
        lines.push(entry(deps, ctx, texts, comment, article).await?);
    }
    let more = match next {
        None => None,
        Some(next) => Some(deps.cursors.seal(&list, &next).await?),
    };
    let here = |portal: PortalId, queue: CommentQueue, tag: &str| {
        format!(
            "{PAGE}?portal={portal}&queue={}&locale={tag}",
            queue.as_str()
        )
    };
    let tag = texts.tag();
    let locale: Locale = tag.parse().unwrap_or_else(|_| Locale::en());
    let portals = portals.iter().map(|p| Choice {
        name: p.value.name_in(&locale).to_owned(),
        url: here(p.value.id, queue, tag),
        current: p.value.id == portal,
    });
    let queues = CommentQueue::ALL.iter().map(|q| Choice {
        name: texts.t(queue_key(*q)),
        url: here(portal, *q, tag),
        current: *q == queue,
    });
    Ok(ModerationPage {
        shell: StaffShell {
            texts,
            title: texts.t("moderation-title"),
            person: Some(ctx.viewer.name.clone()),
            languages: interface_languages(texts, |tag| here(portal, queue, tag)),
            rail: Vec::new(),
        },
        portals: portals.collect(),
        queues: queues.collect(),
        portal: portal.to_string(),
        queue: queue.as_str(),
        fault: None,
        lines,
        more: more.map(|c| format!("{}&cursor={c}", here(portal, queue, tag))),
    })
}

async fn entry(
    deps: &Deps,
    ctx: &RequestContext,
    texts: Texts,
    comment: &Stored<Comment>,
    article: &Article,
) -> Result<ModerationLine, Error> {
    let value = &comment.value;
    let whole = articles::read(&deps.kb, ctx, article.id).await?;
    let read = whole.translation(&value.locale);
    let read = read.or_else(|| whole.translation(&article.source_locale));
    let edits = ctx.edits(article);
    let title = read.and_then(|t| {
        let draft = edits.then_some(t.value.title.as_str());
        t.value.live_title.as_deref().or(draft)
    });
    let title = title.unwrap_or(article.key.as_str());
    let target = Target {
        key: &article.key,
        title,
        places: &article.places(),
    };
    let place = urls::placed(&deps.kb, ctx, target, Some(value.portal), &value.locale).await?;
    let acts = value.queue().decisions().iter();
    Ok(ModerationLine {
        article: (
            title.to_owned(),
            place.map_or_else(String::new, |(_, url)| format!("{url}#comments")),
        ),
        lang: read.map_or_else(String::new, |t| t.value.locale.to_string()),
        comment: line(value, texts),
        url: format!("{PAGE}/{}/{}?locale={}", article.id, value.id, texts.tag()),
        version: comment.version,
        acts: acts
            .map(|act| (act.as_str(), texts.t(act_key(*act))))
            .collect(),
    })
}

fn queue_key(queue: CommentQueue) -> &'static str {
    match queue {
        CommentQueue::Waiting => "moderation-waiting",
        CommentQueue::Open => "moderation-open",
        CommentQueue::Answered => "moderation-answered",
        CommentQueue::Hidden => "moderation-hidden",
    }
}

fn act_key(act: Moderation) -> &'static str {
    match act {
        Moderation::Approve => "comment-approve",
        Moderation::Hide => "comment-hide",
        Moderation::Answer => "comment-answer",
        Moderation::Reopen => "comment-reopen",
        Moderation::Delete => "comment-delete",
    }
}

#[derive(Deserialize)]
struct Decision {
    act: Moderation,
    version: u64,
    portal: PortalId,
    queue: CommentQueue,
}

async fn decide(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At((article, id)): At<(ArticleId, CommentId)>,
    Form { sent, .. }: Form<Decision>,
) -> Result<Response, PageError> {
    let decision = sent.map_err(|faults| Error::from(kb_domain::Error::Fields(faults)))?;
    match carry_out(&deps, &ctx, article, id, &decision).await {
        Ok(()) => {
            let (portal, queue) = (decision.portal, decision.queue.as_str());
            let tag = texts.tag();
            let url = format!("{PAGE}?portal={portal}&queue={queue}&locale={tag}");
            Ok(see_other(&url, None))
        }
        Err(error) if error.is_stale() => {
            let shown = Shown {
                portal: Some(decision.portal),
                queue: Some(decision.queue),
                cursor: None,
            };
            let mut page = built(&deps, &ctx, texts, &shown).await?;
            page.fault = Some(texts.t("comment-stale"));
            Ok(refused_page(page.render()))
        }
        Err(error) => Err(error.into()),
    }
}

async fn carry_out(
    deps: &Deps,
    ctx: &RequestContext,
    article: ArticleId,
    id: CommentId,
    decision: &Decision,
) -> Result<(), Error> {
    let kb = &deps.kb;
    let article = articles::read(kb, ctx, article).await?.head.value;
    let before = comments::read(kb, ctx, &article, id).await?;
    let current = before.version;
    if current != decision.version {
        return Err(Error::Stale { current });
    }
    let decided = comments::decide(kb, ctx, &article, &before, decision.act).await?;
    Ok(decided.commit(kb.store()).await?)
}
