//! Articles.

use crate::comments;
use crate::feedback;
use crate::links;
use crate::place::Place;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::rendering::Links;
use kb_actions::{Error, articles, browse, urls};
use kb_domain::{ArticleId, PublicKey, Resource, access};
use kb_http::{Api, At, Deps, PageError, Param, StrictQuery, route};
use kb_pages::{ArticlePage, CleanHtml, Crumb, Outline, date};
use kb_store::repo::KeyTarget;
use kb_text::document::Rendered;
use serde::Deserialize;
use std::sync::Arc;

/// Headings from which a table of contents helps.
const OUTLINE_FROM: usize = 3;

pub(crate) fn routes() -> Api {
    Api::new().with(
        route::page("/{portal}/{locale}/articles/{segment}", show)
            .anybody()
            .query(&[
                Param("cursor", "the next page of its comments"),
                Param("sent", "a comment has just been sent and waits"),
                Param("voted", "what the reader has just said of the article"),
            ])
            .doc("An article"),
    )
}

/// What the page is told beside the article.
#[derive(Default, Deserialize)]
pub(crate) struct ShowQuery {
    /// Where the comments begin.
    pub cursor: Option<String>,
    /// A comment has just been sent and waits.
    pub sent: Option<String>,
    /// What the reader has just said of the article.
    pub voted: Option<String>,
}

async fn show(
    State(deps): State<Deps>,
    place: Place,
    At((_, _, segment)): At<(String, String, String)>,
    StrictQuery(query): StrictQuery<ShowQuery>,
) -> Result<Response, PageError> {
    let found = find(&deps, &place, &segment).await?;
    place.check(&found.url)?;
    let page = page(&deps, &place, found, &query).await?;
    Ok(kb_http::page(page.render()))
}

/// The article that a part of the address names.
pub(crate) async fn find(
    deps: &Deps,
    place: &Place,
    segment: &str,
) -> Result<browse::ArticlePage, Error> {
    let absent = || Error::NotFound(Resource::Article);
    let key = PublicKey::from_segment(segment).ok_or_else(absent)?;
    // What is not there takes the same reads as what is hidden.
    let id = match articles::by_key(&deps.kb, &key).await? {
        Some(KeyTarget::Article(id)) => id,
        _ => ArticleId::of_nothing(),
    };
    browse::article_page(&deps.kb, &place.ctx, &place.portal, id, &place.locale).await
}

/// The body with its links led to where they go for this reader.
async fn rendered(
    deps: &Deps,
    place: &Place,
    found: &browse::ArticlePage,
) -> Result<Arc<Rendered>, Error> {
    let body = &found.revision.body;
    let authored = deps.kb.page_of(body, &Links::default()).await?;
    let links = links::resolver(deps, place, &found.article, &authored.links).await?;
    if links == Links::default() {
        return Ok(authored);
    }
    deps.kb.page_of(body, &links).await
}

/// The page of an article.
pub(crate) async fn page(
    deps: &Deps,
    place: &Place,
    found: browse::ArticlePage,
    query: &ShowQuery,
) -> Result<ArticlePage, PageError> {
    let rendered = rendered(deps, place, &found).await?;
    let (cursor, sent) = (query.cursor.as_deref(), query.sent.is_some());
    let comments = comments::shown(deps, place, &found, cursor, sent).await?;
    let feedback = feedback::asked(deps, place, &found, query.voted.as_deref()).await?;
    let (article, title) = (&found.article, &found.revision.title);
    let served = &found.translation.locale;
    let hidden = !access::is_public(&article.audience) && place.ctx.viewer.is_staff();
    let published = found.translation.published_at;
    let path = found.path.into_iter().map(|n| Crumb {
        name: n.name,
        url: n.url,
    });
    Ok(ArticlePage {
        shell: place.shell(title, |l| {
            urls::article_url(&place.portal.handle, l, &article.key, title)
        }),
        path: path.collect(),
        lang: served.to_string(),
        other_language: *served != place.locale,
        audience: hidden.then(|| article.audience.to_string()),
        summary: found.revision.summary.clone(),
        body: CleanHtml(one_h1(&rendered.html)),
        outline: outline(&rendered),
        updated: published.map(|at| (at.to_string(), date(at, place.texts))),
        comments,
        feedback,
    })
}

/// The headings of levels 2 and 3, where there are several.
fn outline(rendered: &Rendered) -> Vec<Outline> {
    let headings = rendered.headings.iter();
    let headings = headings.filter(|h| (2..=3).contains(&h.level) && !h.text.is_empty());
    let outline: Vec<Outline> = headings
        .map(|h| Outline {
            text: h.text.clone(),
            anchor: h.anchor.clone(),
            level: h.level,
        })
        .collect();
    if outline.len() >= OUTLINE_FROM {
        outline
    } else {
        Vec::new()
    }
}

/// The title is the page's only heading of level 1; one in the body steps down.
fn one_h1(html: &str) -> String {
    html.replace("<h1 ", "<h2 ").replace("</h1>", "</h2>")
}
