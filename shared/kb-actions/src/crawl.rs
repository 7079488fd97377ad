//! What crawlers are told: how large sections are, and shares of them of a bounded size.

use crate::browse::{ArticleSummary, entry};
use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{ArticleId, ArticleState, Locale, NodeId, Portal, PortalId, SectionId};
use kb_store::repo::Articles;
use std::collections::HashMap;

/// Placements read at once.
const PLACED_AT_ONCE: usize = 1_000;

/// One of `of` shares of a list, from 1 on. The id of an article decides in which it is, so that all shares together hold every
/// article once, and what is added or hidden moves no other one.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Which.
    pub part: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// Absent when there is no such share.
    pub fn new(part: u64, of: u64) -> Option<Self> {
        (1..=of).contains(&part).then_some(Self { part, of })
    }

    fn holds(self, id: ArticleId) -> bool {
        id.uuid().as_u128() % u128::from(self.of) == u128::from(self.part - 1)
    }
}

/// How many parts of articles the index has in each section of a portal that the viewer may see. An article has one at least in
/// each of its languages; what is new is counted a little later.
pub async fn sizes(
    kb: &Kb,
    ctx: &RequestContext,
    portal: PortalId,
) -> Result<HashMap<NodeId, u64>, Error> {
    let sizes = kb.index().sizes(portal, &ctx.bound()).await?;
    Ok(sizes.into_iter().collect())
}

/// The articles of a share of a section that the viewer may see and that are live in this language, in the order in which they
/// stand.
pub async fn share(
    kb: &Kb,
    ctx: &RequestContext,
    portal: &Portal,
    section: SectionId,
    locale: &Locale,
    share: Share,
) -> Result<Vec<ArticleSummary>, Error> {
    let (mut list, mut cursor) = (Vec::new(), None);
    loop {
        let placed =
            Articles::in_section(kb.store(), section, PLACED_AT_ONCE, None, cursor).await?;
        let (placed, next) = placed;
        let ids = placed.into_iter().map(|(id, _)| id);
        let ids: Vec<ArticleId> = ids.filter(|id| share.holds(*id)).collect();
        let locales = std::slice::from_ref(locale);
        for whole in Articles::in_languages(kb.store(), &ids, locales).await? {
            let article = &whole.head.value;
            let stands_here = article.placements.iter().any(|p| p.section == section);
            let mut texts = whole.translations.iter().map(|t| &t.value);
            let live = texts.find(|t| t.live.is_some());
            if let Some(translation) = live
                && stands_here
                && article.state == ArticleState::Active
                && ctx.sees(article)
            {
                list.push(entry(portal, locale, article, translation));
            }
        }
        cursor = next;
        if cursor.is_none() {
            return Ok(list);
        }
    }
}
