//! Where the links of a text lead, all of them at once.

use crate::browse::served;
use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::urls::article_url;
use kb_domain::{ArticleId, ArticleState, Locale, Portal};
use kb_store::repo::{ArticleWithTexts, Articles, Name, Portals};
use std::collections::BTreeMap;

/// Links of one text that are looked up; what stands behind so many is not.
pub const LINKS_MAX: usize = 1_000;

/// For each link the address of the first article among its names that this reader gets in a portal; `None` where there is none
/// that they may read. It takes three reads of many rows, however many links there are.
pub async fn addresses(
    kb: &Kb,
    ctx: &RequestContext,
    portal: &Portal,
    locale: &Locale,
    links: &[Vec<Name>],
) -> Result<Vec<Option<String>>, Error> {
    let links = &links[..links.len().min(LINKS_MAX)];
    let names: Vec<Name> = links.iter().flatten().cloned().collect();
    let mut named = Portals::named(kb.store(), &names).await?.into_iter();
    let targets: Vec<Vec<ArticleId>> = links
        .iter()
        .map(|names| named.by_ref().take(names.len()).flatten().collect())
        .collect();
    let mut ids: Vec<ArticleId> = targets.iter().flatten().copied().collect();
    ids.sort();
    ids.dedup();
    let mut locales = vec![locale.clone(), portal.default_locale.clone()];
    locales.extend(portal.locales.iter().cloned());
    locales.extend(
        ["en", "zh-Hans", "zh-Hant"]
            .iter()
            .filter_map(|l| l.parse().ok()),
    );
    locales.sort();
    locales.dedup();
    let mut urls: BTreeMap<ArticleId, String> = BTreeMap::new();
    for whole in Articles::in_languages(kb.store(), &ids, &locales).await? {
        let id = whole.head.value.id;
        if !is_shown(ctx, portal, &whole) {
            continue;
        }
        let mut url = address(portal, locale, &whole);
        if url.is_none() {
            // It is live in none of these languages, or in none at all.
            let whole = Articles::whole(kb.store(), id).await?;
            url = whole.and_then(|whole| address(portal, locale, &whole));
        }
        urls.extend(url.map(|url| (id, url)));
    }
    let first = |ids: Vec<ArticleId>| ids.iter().find_map(|id| urls.get(id).cloned());
    Ok(targets.into_iter().map(first).collect())
}

fn is_shown(ctx: &RequestContext, portal: &Portal, whole: &ArticleWithTexts) -> bool {
    let article = &whole.head.value;
    ctx.sees(article)
        && article.state == ArticleState::Active
        && article.placements.iter().any(|p| p.portal == portal.id)
}

fn address(portal: &Portal, locale: &Locale, whole: &ArticleWithTexts) -> Option<String> {
    let title = served(whole, portal, locale)?.live_title.as_deref();
    let key = &whole.head.value.key;
    Some(article_url(
        &portal.handle,
        locale,
        key,
        title.unwrap_or_default(),
    ))
}
