//! Articles.

use crate::feedback::{self, Voted};
use crate::links;
use crate::place::Place;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::{Error, articles, browse, urls};
use kb_domain::{PublicKey, Resource, access};
use kb_http::{Api, At, Deps, PageError, StrictQuery, route};
use kb_pages::{ArticlePage, CleanHtml, Crumb, Feedback, Outline, date};
use kb_store::repo::KeyTarget;
use kb_text::document::{self, Rendered};

/// Headings from which a table of contents helps.
const OUTLINE_FROM: usize = 3;

pub(crate) fn routes() -> Api {
    Api::new().with(
        route::page("/{portal}/{locale}/articles/{segment}", show)
            .anybody()
            .query(&[feedback::VOTED])
            .doc("An article"),
    )
}

async fn show(
    State(deps): State<Deps>,
    place: Place,
    At((_, _, segment)): At<(String, String, String)>,
    StrictQuery(voted): StrictQuery<Voted>,
) -> Result<Response, PageError> {
    let found = find(&deps, &place, &segment).await?;
    place.check(&found.url)?;
    let feedback = feedback::asked(&deps, &place, &found, &voted).await?;
    Ok(kb_http::page(
        page(&deps, &place, found, feedback).await?.render(),
    ))
}

/// The article that a segment of an address names, as this reader gets it.
pub(crate) async fn find(
    deps: &Deps,
    place: &Place,
    segment: &str,
) -> Result<browse::ArticlePage, Error> {
    let absent = Error::NotFound(Resource::Article);
    let Some(key) = PublicKey::from_segment(segment) else {
        return Err(absent);
    };
    let Some(KeyTarget::Article(id)) = articles::by_key(&deps.kb, &key).await? else {
        return Err(absent);
    };
    let (ctx, portal, locale) = (&place.ctx, &place.portal, &place.locale);
    browse::article_page(&deps.kb, ctx, portal, id, locale).await
}

/// The body with its links led to where they go for this reader.
async fn rendered(
    deps: &Deps,
    place: &Place,
    found: &browse::ArticlePage,
) -> Result<Rendered, Error> {
    let body = &found.revision.body;
    let links = document::render(body.format, &body.source, &document::KeepLinks).links;
    let resolver = links::resolver(deps, place, &found.article, &links).await?;
    Ok(document::render(body.format, &body.source, &resolver))
}

/// The page of an article.
pub(crate) async fn page(
    deps: &Deps,
    place: &Place,
    found: browse::ArticlePage,
    feedback: Option<Feedback>,
) -> Result<ArticlePage, Error> {
    let rendered = rendered(deps, place, &found).await?;
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
