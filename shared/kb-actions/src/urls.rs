//! Names and addresses of what is shown, in the language of the reader.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{Locale, Node, NodeId, Portal, PortalId, PublicKey, Tree};
use kb_text::document;

/// A name with its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// The name.
    pub name: String,
    /// The path of its page.
    pub url: String,
}

/// The path of an article's page.
pub fn article_url(handle: &str, locale: &Locale, key: &PublicKey, title: &str) -> String {
    format!("/{handle}/{locale}/articles/{}", segment(key, title))
}

/// The path of a category's or section's page.
pub fn node_url(portal: &Portal, locale: &Locale, node: &Node) -> String {
    let kind = if node.parent.is_none() {
        "categories"
    } else {
        "sections"
    };
    let name = node.name_in(locale, &portal.default_locale);
    format!(
        "/{}/{locale}/{kind}/{}",
        portal.handle,
        segment(&node.key, name)
    )
}

fn segment(key: &PublicKey, name: &str) -> String {
    let slug = document::slug(name);
    if slug.is_empty() {
        key.to_string()
    } else {
        format!("{key}-{slug}")
    }
}

/// From the category down to the node, named for a reader of `locale`.
pub fn breadcrumb(portal: &Portal, tree: &Tree, node: NodeId, locale: &Locale) -> Vec<Crumb> {
    let named = |n: &&Node| Crumb {
        name: n.name_in(locale, &portal.default_locale).to_owned(),
        url: node_url(portal, locale, n),
    };
    tree.path(node).iter().map(named).collect()
}

/// What an address is made for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The part of the address that decides.
    pub key: &'a PublicKey,
    /// The title.
    pub title: &'a str,
    /// Where the article stands, its home first.
    pub places: &'a [(PortalId, NodeId)],
}

/// Path names and address of an article in the portal it is shown in: the asked one, else the first that the viewer may enter,
/// which is its home where they may enter that. `None` when they may enter none.
pub async fn placed(
    kb: &Kb,
    ctx: &RequestContext,
    target: Target<'_>,
    portal: Option<PortalId>,
    locale: &Locale,
) -> Result<Option<(Vec<String>, String)>, Error> {
    let open = || target.places.iter().filter(|(id, _)| ctx.reaches(*id));
    let asked = open().find(|(id, _)| portal.is_none_or(|asked| *id == asked));
    let Some((id, node)) = asked.or_else(|| open().next()) else {
        return Ok(None);
    };
    let portals = kb.portals(&ctx.gate).await?;
    let Some(portal) = portals.iter().find(|p| p.value.id == *id) else {
        return Ok(None);
    };
    let tree = kb.tree(&ctx.gate, *id).await?;
    let names = breadcrumb(&portal.value, &tree.value, *node, locale);
    let url = article_url(&portal.value.handle, locale, target.key, target.title);
    Ok(Some((names.into_iter().map(|n| n.name).collect(), url)))
}
