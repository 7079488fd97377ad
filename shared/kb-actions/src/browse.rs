//! What readers browse: sections with their articles, and the page of one.

use crate::articles;
use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::urls::{Crumb, article_url, breadcrumb};
use kb_domain::{
    Action, Area, Article, ArticleId, ArticleState, Locale, NodeId, Portal, PortalId, Resource,
    Revision, SectionId, Translation, Tree,
};
use kb_store::repo::{ArticleWithTexts, Articles, Portals, Stored};
use std::sync::Arc;

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
        let (placed, next) =
            Articles::in_section(kb.store(), section, limit + 1, from.clone(), cursor).await?;
        for (id, place) in placed {
            let found = Articles::whole(kb.store(), id).await?;
            let Some(whole) = found.filter(|w| ctx.sees(&w.head.value)) else {
                continue;
            };
            let article = &whole.head.value;
            let stands_here = article.placements.iter().any(|p| p.section == section);
            let active = article.state == ArticleState::Active;
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
    if ctx.viewer.may_in(Action::Edit, Area::Portal(portal)) {
        return Ok(tree);
    }
    let places = kb.index().places(portal, &ctx.bound()).await?;
    Ok(Arc::new(Stored {
        value: tree.value.leading_to(places),
        version: tree.version,
    }))
}

pub(crate) fn entry(
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
    if article.state != ArticleState::Active {
        return Err(absent());
    }
    let translation = served(&whole, portal, locale).ok_or_else(absent)?.clone();
    let live = translation.live.ok_or_else(absent)?;
    let revision = Articles::revision(kb.store(), id, &translation.locale, live).await?;
    let revision = revision.ok_or_else(absent)?;
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

/// Where an old address of a portal leads; `path` begins with a slash.
pub async fn old_address(
    kb: &Kb,
    portal: PortalId,
    path: &str,
) -> Result<Option<ArticleId>, Error> {
    let found = Portals::redirect(kb.store(), portal, path).await?;
    Ok(found.map(|redirect| redirect.article))
}
