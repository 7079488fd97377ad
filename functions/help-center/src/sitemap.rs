//! What search engines of the web may find: portals that are open to everybody, as nobody in particular reads them.

use axum::extract::State;
use axum::response::Response;
use kb_actions::{Error, RequestContext, browse, portals, urls};
use kb_domain::{Locale, NodeId, Portal, PublicKey, Resource, Viewer};
use kb_http::route::page;
use kb_http::{Api, At, Deps, PageError, PublicUrl, text_file};
use std::fmt::Write;

/// Articles in one list.
const LIST_MAX: usize = 1_000;
/// What no list names and no crawler needs.
const NOT_FOR_CRAWLERS: [&str; 7] = [
    "/api/",
    "/agent/",
    "/console/",
    "/account",
    "/sign-in",
    "/*/search",
    "/problems/",
];

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page("/robots.txt", robots)
                .anybody()
                .doc("What crawlers may read"),
        )
        .with(
            page("/sitemap.xml", index)
                .anybody()
                .doc("The lists of public pages"),
        )
        .with(
            page("/{portal}/{locale}/sitemap.xml", nodes)
                .anybody()
                .doc("The start page, categories and sections of a public portal"),
        )
        .with(
            page(
                "/{portal}/{locale}/sections/{segment}/sitemap.xml",
                articles,
            )
            .anybody()
            .doc("The public articles of a section"),
        )
}

async fn robots(base: PublicUrl) -> Response {
    let mut text = "User-agent: *\n".to_owned();
    for path in NOT_FOR_CRAWLERS {
        let _ = writeln!(text, "Disallow: {path}");
    }
    let _ = write!(text, "\nSitemap: {}\n", base.with("/sitemap.xml"));
    text_file("text/plain; charset=utf-8", text)
}

async fn index(State(deps): State<Deps>, base: PublicUrl) -> Result<Response, PageError> {
    let ctx = nobody(&deps).await?;
    let mut lists = Vec::new();
    for portal in portals::list(&deps.kb, &ctx).await? {
        let portal = portal.value;
        let tree = browse::visible_tree(&deps.kb, &ctx, portal.id).await?;
        for locale in &portal.locales {
            lists.push(format!("/{}/{locale}/sitemap.xml", portal.handle));
            let sections = tree.value.nodes();
            let sections = sections.filter(|n| matches!(n.id, NodeId::Section(_)));
            lists.extend(sections.map(|node| {
                let url = urls::node_url(&portal, locale, node);
                format!("{url}/sitemap.xml")
            }));
        }
    }
    let lists = lists.iter().map(|path| base.with(path));
    Ok(list("sitemapindex", "sitemap", lists))
}

async fn nodes(
    State(deps): State<Deps>,
    base: PublicUrl,
    At((handle, locale)): At<(String, Locale)>,
) -> Result<Response, PageError> {
    let ctx = nobody(&deps).await?;
    let portal = portal(&deps, &ctx, &handle, &locale).await?;
    let tree = browse::visible_tree(&deps.kb, &ctx, portal.id).await?;
    let nodes = tree.value.nodes();
    let nodes = nodes.map(|node| urls::node_url(&portal, &locale, node));
    let start = format!("/{}/{locale}/", portal.handle);
    let paths = std::iter::once(start).chain(nodes);
    Ok(list("urlset", "url", paths.map(|path| base.with(&path))))
}

async fn articles(
    State(deps): State<Deps>,
    base: PublicUrl,
    At((handle, locale, segment)): At<(String, Locale, String)>,
) -> Result<Response, PageError> {
    let ctx = nobody(&deps).await?;
    let portal = portal(&deps, &ctx, &handle, &locale).await?;
    let tree = browse::visible_tree(&deps.kb, &ctx, portal.id).await?;
    let node = PublicKey::from_segment(&segment).and_then(|key| tree.value.by_key(&key));
    let Some(NodeId::Section(section)) = node.map(|n| n.id) else {
        return Err(Error::NotFound(Resource::Section).into());
    };
    let (kb, most) = (&deps.kb, LIST_MAX);
    let (found, _) = browse::listed(kb, &ctx, &portal, section, &locale, most, None).await?;
    // One that is served in another language has its address there.
    let own = found.iter().filter(|article| article.locale == locale);
    Ok(list(
        "urlset",
        "url",
        own.map(|article| base.with(&article.url)),
    ))
}

/// Whoever asks, the lists are those of a reader of whom nothing is known.
async fn nobody(deps: &Deps) -> Result<RequestContext, Error> {
    RequestContext::load(&deps.kb, Viewer::anonymous()).await
}

async fn portal(
    deps: &Deps,
    ctx: &RequestContext,
    handle: &str,
    locale: &Locale,
) -> Result<Portal, Error> {
    let portal = portals::read(&deps.kb, ctx, handle).await?.value;
    if portal.locales.contains(locale) {
        Ok(portal)
    } else {
        Err(Error::NotFound(Resource::Page))
    }
}

/// A list as sitemaps.org describes it.
fn list(root: &str, entry: &str, addresses: impl Iterator<Item = String>) -> Response {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
    );
    for address in addresses {
        let address = address.replace('&', "&amp;").replace('\'', "&apos;");
        let _ = writeln!(text, "<{entry}><loc>{address}</loc></{entry}>");
    }
    let _ = writeln!(text, "</{root}>");
    text_file("application/xml; charset=utf-8", text)
}
