//! What search engines of the web may find: portals that are open to everybody, as nobody in particular reads them.

use axum::extract::State;
use axum::response::Response;
use kb_actions::crawl::{self, Share};
use kb_actions::{Error, RequestContext, browse, portals, urls};
use kb_domain::{Locale, NodeId, Portal, PublicKey, Resource, Viewer};
use kb_http::route::page;
use kb_http::{Api, At, Deps, PageError, Param, PublicUrl, StrictQuery, text_file};
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt::Write;

/// Parts of articles in one list, on average: as many articles at most, for each has one part at least. A list takes two rows of
/// each; sitemaps.org lets it have 50,000 addresses, and 50 MB.
const LIST_PARTS: u64 = 2_000;
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
            .doc("The public articles of a section; those of a large one stand in several lists")
            .query(&[
                Param("part", "which of the lists, from 1 on; 1 by default"),
                Param("of", "how many lists there are; 1 by default"),
            ]),
        )
}

#[derive(Deserialize)]
struct ListQuery {
    part: Option<u64>,
    of: Option<u64>,
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
        let sizes = crawl::sizes(&deps.kb, &ctx, portal.id).await?;
        for locale in &portal.locales {
            lists.push(format!("/{}/{locale}/sitemap.xml", portal.handle));
            let sections = tree.value.nodes();
            for node in sections.filter(|n| matches!(n.id, NodeId::Section(_))) {
                let list = format!("{}/sitemap.xml", urls::node_url(&portal, locale, node));
                match lists_of(&sizes, node.id) {
                    1 => lists.push(list),
                    of => lists.extend((1..=of).map(|part| format!("{list}?part={part}&of={of}"))),
                }
            }
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
    StrictQuery(asked): StrictQuery<ListQuery>,
) -> Result<Response, PageError> {
    let ctx = nobody(&deps).await?;
    let portal = portal(&deps, &ctx, &handle, &locale).await?;
    let tree = browse::visible_tree(&deps.kb, &ctx, portal.id).await?;
    let node = PublicKey::from_segment(&segment).and_then(|key| tree.value.by_key(&key));
    let Some(NodeId::Section(section)) = node.map(|n| n.id) else {
        return Err(Error::NotFound(Resource::Section).into());
    };
    let sizes = crawl::sizes(&deps.kb, &ctx, portal.id).await?;
    let of = asked.of.unwrap_or(1);
    // Whoever asks for the lists of a while ago still gets everything; one list of a section that needs many would be too long.
    let share = Share::new(asked.part.unwrap_or(1), of);
    let share = share.filter(|_| of.saturating_mul(2) >= lists_of(&sizes, section.into()));
    let share = share.ok_or(Error::NotFound(Resource::Page))?;
    let found = crawl::share(&deps.kb, &ctx, &portal, section, &locale, share).await?;
    let found = found.iter().map(|article| base.with(&article.url));
    Ok(list("urlset", "url", found))
}

/// In how many lists the articles of a section stand.
fn lists_of(sizes: &HashMap<NodeId, u64>, section: NodeId) -> u64 {
    let parts = sizes.get(&section).copied().unwrap_or(0);
    parts.div_ceil(LIST_PARTS).max(1)
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
