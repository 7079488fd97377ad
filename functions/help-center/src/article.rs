//! Articles.

use crate::links;
use crate::page::{Instead, Place, answer};
use axum::extract::{OriginalUri, Path, State};
use axum::response::Response;
use kb_actions::{Error, articles, browse, urls};
use kb_domain::{PublicKey, Resource, access};
use kb_http::{Caller, Deps};
use kb_pages::{ArticlePage, CleanHtml, Crumb, Outline, date};
use kb_store::repo::KeyTarget;
use kb_text::document;

/// Headings from which a table of contents helps.
const OUTLINE_FROM: usize = 3;

pub(crate) async fn handle(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((handle, locale, segment)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Instead> {
    let rest = uri
        .path()
        .splitn(4, '/')
        .nth(3)
        .map_or(String::new(), |rest| format!("/{rest}"));
    let place = Place::find(&deps, ctx, &handle, &locale, &rest).await?;
    let key = PublicKey::from_segment(&segment).ok_or(Error::NotFound(Resource::Article))?;
    let Some(KeyTarget::Article(id)) = articles::by_key(&deps.kb, &key).await? else {
        return Err(Error::NotFound(Resource::Article).into());
    };
    let found =
        browse::article_page(&deps.kb, &place.ctx, &place.portal, id, &place.locale).await?;
    let asked = percent_encoding::percent_decode_str(uri.path()).decode_utf8_lossy();
    if asked != found.url {
        return Err(Instead::Moved(found.url));
    }
    let format = found.revision.body.format;
    let source = &found.revision.body.source;
    let resolver = links::resolver(
        &deps,
        &place,
        &found.article,
        &document::render(format, source, &document::KeepLinks).links,
    )
    .await?;
    let rendered = document::render(format, source, &resolver);
    let headings = rendered
        .headings
        .iter()
        .filter(|h| (2..=3).contains(&h.level) && !h.text.is_empty());
    let outline: Vec<Outline> = headings
        .map(|h| Outline {
            text: h.text.clone(),
            anchor: h.anchor.clone(),
            level: h.level,
        })
        .collect();
    let public = access::is_public(&found.article.audience);
    let served = &found.translation.locale;
    let page = ArticlePage {
        shell: place.shell(&found.revision.title, |l| {
            urls::article_url(
                &place.portal.handle,
                l,
                &found.article.key,
                &found.revision.title,
            )
        }),
        path: found
            .path
            .into_iter()
            .map(|n| Crumb {
                name: n.name,
                url: n.url,
            })
            .collect(),
        lang: served.to_string(),
        other_language: *served != place.locale,
        audience: (!public && place.ctx.viewer.is_staff())
            .then(|| found.article.audience.to_string()),
        summary: found.revision.summary.clone(),
        body: CleanHtml(one_h1(&rendered.html)),
        outline: if outline.len() >= OUTLINE_FROM {
            outline
        } else {
            Vec::new()
        },
        updated: found
            .translation
            .published_at
            .map(|at| (at.to_string(), date(at, place.texts))),
    };
    Ok(answer(&page))
}

/// The title is the page's only heading of level 1; one in the body steps down.
fn one_h1(html: &str) -> String {
    html.replace("<h1 ", "<h2 ").replace("</h1>", "</h2>")
}
