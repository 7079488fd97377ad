//! Addresses that no page has: an old address of a portal leads to its article, `/search` to the first portal's.

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use kb_actions::{Error, RequestContext, browse, portals};
use kb_domain::{ArticleId, Locale, Portal, Resource};
use kb_http::{Caller, Deps, PageError, accepted_locale, moved};

/// An address that no page has.
pub(crate) async fn elsewhere(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let query = uri.query().unwrap_or_default();
    let found = old_address(&deps, &ctx, uri.path(), query, &headers).await?;
    let url = found.ok_or(Error::NotFound(Resource::Page))?;
    let vary = [(header::VARY, "Accept-Language")];
    Ok((vary, moved(&url)).into_response())
}

/// Where an address from before an import leads: in the language that the browser asks for, if `headers` has one that is offered.
pub(crate) async fn old_address(
    deps: &Deps,
    ctx: &RequestContext,
    path: &str,
    query: &str,
    headers: &HeaderMap,
) -> Result<Option<String>, Error> {
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let portals = portals::list(&deps.kb, ctx).await?;
    if path == "/search" {
        let first = portals.first().map(|p| &p.value);
        let locale = |p| asked(p, headers);
        return Ok(first.map(|p| format!("/{}/{}/search?{query}", p.handle, locale(p))));
    }
    for portal in portals.iter().map(|p| &p.value) {
        let inside = path
            .strip_prefix(&format!("/{}", portal.handle))
            .filter(|rest| rest.starts_with('/'));
        for path in [Some(&*path), inside].into_iter().flatten() {
            if let Some(url) = article_at(deps, ctx, portal, path, headers).await? {
                return Ok(Some(url));
            }
        }
    }
    Ok(None)
}

/// The language of a portal that a browser asks for, else its default one.
fn asked(portal: &Portal, headers: &HeaderMap) -> Locale {
    let accepted = accepted_locale(headers, &portal.locales);
    accepted.unwrap_or_else(|| portal.default_locale.clone())
}

/// The page of the article that had this address in the portal, if the reader may see it.
async fn article_at(
    deps: &Deps,
    ctx: &RequestContext,
    portal: &Portal,
    path: &str,
    headers: &HeaderMap,
) -> Result<Option<String>, Error> {
    let path = format!("/{}", path.trim_matches('/'));
    let found = browse::old_address(&deps.kb, portal.id, &path).await?;
    // What is not there takes the same reads as what is hidden.
    let found = found.unwrap_or_else(ArticleId::of_nothing);
    let locale = asked(portal, headers);
    match browse::article_page(&deps.kb, ctx, portal, found, &locale).await {
        Ok(page) => Ok(Some(page.url)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
