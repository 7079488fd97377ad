//! What readers browse: portals, categories, sections, articles, with names and addresses in their language.

use crate::articles;
use crate::error::Error;
use crate::kb::{Kb, RequestContext};
use crate::translations;
use kb_domain::{
    Action, Article, ArticleId, Locale, Node, NodeId, Portal, PortalId, PublicKey, Resource,
    Revision, RevisionId, SectionId, Translation, Tree,
};
use kb_store::repo::{ArticleWithTexts, Stored};
use kb_text::document;
use std::sync::Arc;

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

/// The portal with this handle that the viewer may enter.
pub async fn portal_by_handle(
    kb: &Kb,
    ctx: &RequestContext,
    handle: &str,
) -> Result<Portal, Error> {
    let all = kb.portals(&ctx.gate).await?;
    let found = all
        .iter()
        .find(|p| p.value.handle == handle && ctx.enters(&p.value));
    found
        .map(|p| p.value.clone())
        .ok_or(Error::NotFound(Resource::Portal))
}

/// A live article in a list.
#[derive(Clone, Debug)]
pub struct ArticleSummary {
    /// The article.
    pub id: ArticleId,
    /// Its title in the language served.
    pub title: String,
    /// Its summary.
    pub summary: String,
    /// The path of its page.
    pub url: String,
    /// The language served.
    pub locale: Locale,
}

/// The translation a reader of `locale` gets: along the chain, among those that are live.
pub fn served<'a>(
    whole: &'a ArticleWithTexts,
    portal: &Portal,
    locale: &Locale,
) -> Option<&'a Translation> {
    let live: Vec<&Translation> = whole
        .translations
        .iter()
        .map(|t| &t.value)
        .filter(|t| t.live.is_some())
        .collect();
    let available: Vec<Locale> = live.iter().map(|t| t.locale.clone()).collect();
    let pick = locale.chain(
        &available,
        &portal.default_locale,
        &whole.head.value.source_locale,
    )?;
    live.into_iter().find(|t| t.locale == *pick)
}

/// Live articles of a section that the viewer may see, in order, from the place `from` on. The second value is the place
/// of the next one that they may see: a list ends where its last visible article stands, whatever stands behind it.
pub async fn listed(
    kb: &Kb,
    ctx: &RequestContext,
    portal: &Portal,
    section: SectionId,
    locale: &Locale,
    limit: usize,
    from: Option<String>,
) -> Result<(Vec<ArticleSummary>, Option<String>), Error> {
    let mut list = Vec::new();
    let mut cursor = None;
    loop {
        let (placed, next) = kb
            .articles
            .in_section(section, limit + 1, from.clone(), cursor)
            .await?;
        for (id, place) in placed {
            let Some(whole) = kb
                .articles
                .whole(id)
                .await?
                .filter(|w| ctx.sees(&w.head.value))
            else {
                continue;
            };
            let article = &whole.head.value;
            let stands_here = article.placements.iter().any(|p| p.section == section);
            let active = article.state == kb_domain::ArticleState::Active;
            let Some(translation) =
                served(&whole, portal, locale).filter(|_| stands_here && active)
            else {
                continue;
            };
            if list.len() == limit {
                return Ok((list, Some(place)));
            }
            list.push(entry(portal, locale, article, translation));
        }
        cursor = next;
        if cursor.is_none() {
            return Ok((list, None));
        }
    }
}

/// The tree of a portal as the viewer browses it. Those who edit see all of it, others what leads to a live article that
/// they may see. The index says which nodes do: what is new appears there a little later, what is hidden is gone at once,
/// for the bound hides it.
pub async fn visible_tree(
    kb: &Kb,
    ctx: &RequestContext,
    portal: PortalId,
) -> Result<Arc<Stored<Tree>>, Error> {
    let tree = kb.tree(&ctx.gate, portal).await?;
    if ctx.viewer.may(Action::Edit) {
        return Ok(tree);
    }
    let places = kb.index.places(portal, &ctx.bound()).await?;
    Ok(Arc::new(Stored {
        value: tree.value.leading_to(places),
        version: tree.version,
    }))
}

fn entry(
    portal: &Portal,
    locale: &Locale,
    article: &Article,
    translation: &Translation,
) -> ArticleSummary {
    let title = translation.live_title.clone().unwrap_or_default();
    ArticleSummary {
        id: article.id,
        url: article_url(&portal.handle, locale, &article.key, &title),
        title,
        summary: translation.live_summary.clone().unwrap_or_default(),
        locale: translation.locale.clone(),
    }
}

/// An article as a reader gets it.
#[derive(Clone, Debug)]
pub struct ArticlePage {
    /// The head.
    pub article: Article,
    /// The translation served.
    pub translation: Translation,
    /// Its live revision, with the body.
    pub revision: Revision,
    /// From the category down to the section.
    pub path: Vec<Crumb>,
    /// The path of the page in the asked language.
    pub url: String,
    /// The languages it is live in.
    pub locales: Vec<Locale>,
}

/// An article of a portal along the locale chain. Errors: absent, archived, not live, or not for this viewer.
pub async fn article_page(
    kb: &Kb,
    ctx: &RequestContext,
    portal: &Portal,
    id: ArticleId,
    locale: &Locale,
) -> Result<ArticlePage, Error> {
    let absent = || Error::NotFound(Resource::Article);
    let whole = articles::read(kb, ctx, id).await?;
    let article = whole.head.value.clone();
    let placement = article
        .placements
        .iter()
        .find(|p| p.portal == portal.id)
        .ok_or_else(absent)?
        .clone();
    if article.state != kb_domain::ArticleState::Active {
        return Err(absent());
    }
    let translation = served(&whole, portal, locale).ok_or_else(absent)?.clone();
    let live = translation.live.ok_or_else(absent)?;
    let revision = kb
        .articles
        .revision(id, &translation.locale, live)
        .await?
        .ok_or_else(absent)?;
    let tree = kb.tree(&ctx.gate, portal.id).await?;
    Ok(ArticlePage {
        path: breadcrumb(
            portal,
            &tree.value,
            NodeId::Section(placement.section),
            locale,
        ),
        url: article_url(&portal.handle, locale, &article.key, &revision.title),
        locales: whole
            .translations
            .iter()
            .filter(|t| t.value.live.is_some())
            .map(|t| t.value.locale.clone())
            .collect(),
        article,
        translation,
        revision,
    })
}

/// A passage of a live text.
#[derive(Clone, Debug)]
pub struct PassageView {
    /// The article.
    pub article: ArticleId,
    /// The live revision that it stands in.
    pub revision: RevisionId,
    /// The article's title.
    pub title: String,
    /// Where in the page it begins; absent before the first heading.
    pub anchor: Option<String>,
    /// Its heading.
    pub heading: Option<String>,
    /// Its plain text, a line for each block.
    pub text: String,
    /// The path of the article's page.
    pub url: String,
}

/// The longest passage that is quoted, in characters; a longer one ends at a line before that.
const PASSAGE_MAX_CHARS: usize = 3_000;

/// What stands under a heading of the live text, or before the first one. Errors: the text is not for this viewer, or has
/// no such heading.
pub async fn passage(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    locale: &Locale,
    anchor: Option<&str>,
) -> Result<PassageView, Error> {
    let article = articles::read(kb, ctx, id).await?.head.value;
    let view = translations::read(kb, ctx, id, locale, false).await?;
    let format = view.revision.body.format;
    let rendered = document::render(format, &view.revision.body.source, &document::KeepLinks);
    let first = rendered.passages.first();
    let anchor = anchor.or_else(|| first?.anchor.as_deref());
    let under: Vec<&document::Passage> = rendered
        .passages
        .iter()
        .filter(|p| p.anchor.as_deref() == anchor)
        .collect();
    let heading = under
        .first()
        .ok_or(Error::NotFound(Resource::Passage))?
        .heading
        .clone();
    let mut text = String::new();
    for line in under.iter().flat_map(|p| p.text.lines()) {
        if !text.is_empty() && text.chars().count() + line.chars().count() > PASSAGE_MAX_CHARS {
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    let title = view.revision.title.clone();
    let (_, url) = place_of(
        kb,
        ctx,
        &article.key,
        &article.places(),
        None,
        locale,
        &title,
    )
    .await?
    .ok_or(Error::NotFound(Resource::Article))?;
    Ok(PassageView {
        article: id,
        revision: view.revision.id,
        title,
        anchor: anchor.map(str::to_owned),
        heading,
        text: text.trim_end().to_owned(),
        url,
    })
}

/// Path names and address of an article for a hit, in the portal it is shown in: the asked one, else the first that the
/// viewer may enter, which is its home where they may enter that.
pub async fn place_of(
    kb: &Kb,
    ctx: &RequestContext,
    key: &PublicKey,
    places: &[(PortalId, NodeId)],
    portal: Option<PortalId>,
    locale: &Locale,
    title: &str,
) -> Result<Option<(Vec<String>, String)>, Error> {
    let open = || places.iter().filter(|(id, _)| ctx.reaches(*id));
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
    let url = article_url(&portal.value.handle, locale, key, title);
    Ok(Some((names.into_iter().map(|n| n.name).collect(), url)))
}
