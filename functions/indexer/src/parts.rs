//! A stored article as what is indexed of it.

use kb_actions::{Error, Kb, urls};
use kb_domain::{ArticleId, ArticleState, NodeId, PortalState, access};
use kb_search::Source;
use kb_store::repo::{ArticleWithTexts, Articles, GateState};
use kb_text::document::Passage;

/// The live translations of an article that is in use; empty for any other.
pub async fn sources_of(kb: &Kb, id: ArticleId) -> Result<Vec<Source>, Error> {
    match Articles::whole(kb.store(), id).await? {
        Some(whole) => {
            let gate = kb.gate().await?;
            sources(kb, &gate, &whole).await
        }
        None => Ok(Vec::new()),
    }
}

/// The same of an article that was read, and with a gate that was read before it.
pub(crate) async fn sources(
    kb: &Kb,
    gate: &GateState,
    whole: &ArticleWithTexts,
) -> Result<Vec<Source>, Error> {
    let article = &whole.head.value;
    if article.state != ArticleState::Active {
        return Ok(Vec::new());
    }
    let portals = kb.portals(gate).await?;
    let mut sources = Vec::new();
    for stored in whole.translations.iter().filter(|t| t.value.live.is_some()) {
        let translation = &stored.value;
        let Some(live) = translation.live else {
            continue;
        };
        let Some(revision) =
            Articles::revision(kb.store(), article.id, &translation.locale, live).await?
        else {
            continue;
        };
        let mut path = Vec::new();
        for placement in &article.placements {
            let Some(portal) = portals.iter().find(|p| p.value.id == placement.portal) else {
                continue;
            };
            // Whoever finds the article in one portal must not find it by the names of another that they may not enter.
            let elsewhere = article
                .placements
                .iter()
                .any(|p| p.portal != placement.portal);
            let open =
                access::is_public(&portal.value.entry) && portal.value.state == PortalState::Active;
            if elsewhere && !open {
                continue;
            }
            let tree = kb.tree(gate, placement.portal).await?;
            let names = urls::breadcrumb(
                &portal.value,
                &tree.value,
                NodeId::Section(placement.section),
                &translation.locale,
            );
            path.extend(names.into_iter().map(|n| n.name));
        }
        path.dedup();
        let rendered = kb.rendered(&revision.body).await?;
        let is_faq = article.article_type.as_str() == "faq";
        let faq = rendered.faq.iter().filter(|_| is_faq).map(|pair| Passage {
            anchor: Some(pair.anchor.clone()),
            heading: Some(pair.question.clone()),
            text: pair.answer_text.clone(),
        });
        sources.push(Source {
            article: article.id,
            key: article.key.clone(),
            locale: translation.locale.clone(),
            revision: live,
            version: whole.head.version.max(stored.version),
            audience: article.audience_id(),
            portals: article.placements.iter().map(|p| p.portal).collect(),
            nodes: article.places().into_iter().map(|(_, node)| node).collect(),
            kind: article.kind,
            article_type: article.article_type.clone(),
            labels: article.labels.clone(),
            published_at: translation.published_at.unwrap_or(article.created_at),
            title: revision.title.clone(),
            summary: revision.summary.clone(),
            path,
            faq: faq.collect(),
            passages: rendered.passages.clone(),
        });
    }
    Ok(sources)
}
