//! Articles: create, read, change, archive, restore.

use crate::error::Error;
use crate::kb::{Kb, RequestContext};
use kb_domain::{
    Action, Article, ArticleId, ArticleState, ArticleType, Audience, ExternalId, Kind, Locale,
    NodeId, Placement, PortalId, PublicKey, Resource, SectionId, UserId,
};
use kb_events::EventKind;
use kb_store::Transaction;
use kb_store::repo::{ArticleWithTexts, KeyTarget, Narrowing, Stored};

/// What a new article is made of.
#[derive(Clone, Debug)]
pub struct NewArticle {
    /// Sort of knowledge.
    pub kind: Kind,
    /// Type.
    pub article_type: ArticleType,
    /// Its home section.
    pub section: SectionId,
    /// The portal of the section.
    pub portal: PortalId,
    /// Its place in the section; behind all others when absent.
    pub position: Option<u32>,
    /// Who may see it.
    pub audience: Audience,
    /// Labels.
    pub labels: Vec<String>,
    /// Who answers for it.
    pub owner: Option<UserId>,
    /// The language it is written in first.
    pub source_locale: Locale,
    /// Where it came from.
    pub external: Option<ExternalId>,
}

/// Position of an article that was given none: behind those that were.
const LAST: u32 = 1_000_000;

/// Makes the head of a new article and adds it to the transaction; the caller adds texts and commits.
pub(crate) async fn add(
    kb: &Kb,
    ctx: &RequestContext,
    tx: &mut Transaction,
    new: NewArticle,
) -> Result<Article, Error> {
    let tree = kb.tree(&ctx.gate, new.portal).await?;
    if tree.value.get(NodeId::Section(new.section)).is_none() {
        return Err(kb_domain::Error::field(
            "/home/section",
            "unknown",
            "there is no such section in this portal",
        )
        .into());
    }
    let placement = Placement {
        portal: new.portal,
        section: new.section,
        position: new.position.unwrap_or(LAST),
    };
    let article = Article {
        id: ArticleId::new(kb.ids.uuid()),
        key: PublicKey::from_uuid(kb.ids.uuid()),
        kind: new.kind,
        article_type: new.article_type,
        home: Some(placement.clone()),
        placements: vec![placement],
        audience: new.audience.canonical(),
        labels: new.labels,
        owner: new.owner.or(ctx.viewer.user()),
        source_locale: new.source_locale,
        state: ArticleState::Active,
        external: new.external,
        created_at: ctx.now,
    };
    article.check()?;
    kb.intern(tx, &article.audience).await?;
    kb.articles.put_new(tx, &article);
    Ok(article)
}

/// Makes an article without texts.
pub async fn create(
    kb: &Kb,
    ctx: &RequestContext,
    new: NewArticle,
) -> Result<ArticleWithTexts, Error> {
    ctx.demand(Action::Edit)?;
    let mut tx = kb.begin(ctx.now);
    let article = add(kb, ctx, &mut tx, new).await?;
    let version = kb
        .commit(
            tx,
            ctx,
            EventKind::ArticleChanged,
            article.id.to_string(),
            &["created"],
        )
        .await?;
    Ok(ArticleWithTexts {
        head: Stored {
            value: article,
            version,
        },
        translations: Vec::new(),
    })
}

/// An article that the viewer may see. Those who do not edit see published translations only.
pub async fn read(kb: &Kb, ctx: &RequestContext, id: ArticleId) -> Result<ArticleWithTexts, Error> {
    let mut whole = kb
        .articles
        .whole(id)
        .await?
        .filter(|w| ctx.sees(&w.head.value))
        .ok_or(Error::NotFound(Resource::Article))?;
    if !ctx.viewer.may(Action::Edit) {
        whole.translations.retain(|t| t.value.live.is_some());
        if whole.translations.is_empty() {
            return Err(Error::NotFound(Resource::Article));
        }
    }
    Ok(whole)
}

/// The article or node that a public key names; visibility is the caller's next question.
pub async fn by_key(kb: &Kb, key: &PublicKey) -> Result<Option<KeyTarget>, Error> {
    Ok(kb.articles.by_key(key).await?)
}

/// Fields of a head to change; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct ArticleChange {
    /// Sort of knowledge.
    pub kind: Option<Kind>,
    /// Type.
    pub article_type: Option<ArticleType>,
    /// Who may see it.
    pub audience: Option<Audience>,
    /// Labels.
    pub labels: Option<Vec<String>>,
    /// Who answers for it; the inner `None` is nobody.
    pub owner: Option<Option<UserId>>,
    /// Its home section, in the same portal or another.
    pub home: Option<(PortalId, SectionId)>,
    /// Its place in the home section.
    pub position: Option<u32>,
}

/// Changes a head that was read at `version`. A change that changes nothing writes nothing.
pub async fn update(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    version: u64,
    change: ArticleChange,
) -> Result<ArticleWithTexts, Error> {
    ctx.demand(Action::Edit)?;
    let whole = current(kb, ctx, id, version).await?;
    let before = &whole.head.value;
    let mut after = before.clone();
    after.kind = change.kind.unwrap_or(after.kind);
    after.article_type = change.article_type.unwrap_or(after.article_type);
    after.audience = change.audience.map_or(after.audience, Audience::canonical);
    after.labels = change.labels.unwrap_or(after.labels);
    after.owner = change.owner.unwrap_or(after.owner);
    if let Some(home) = &mut after.home {
        let (portal, section) = change.home.unwrap_or((home.portal, home.section));
        if kb
            .tree(&ctx.gate, portal)
            .await?
            .value
            .get(NodeId::Section(section))
            .is_none()
        {
            return Err(kb_domain::Error::field(
                "/home/section",
                "unknown",
                "there is no such section in this portal",
            )
            .into());
        }
        let moved = Placement {
            portal,
            section,
            position: change.position.unwrap_or(home.position),
        };
        after
            .placements
            .retain(|p| p != home && p.section != section);
        after.placements.insert(0, moved.clone());
        *home = moved;
    }
    after.check()?;
    if after == *before {
        return Ok(whole);
    }
    if after.audience != before.audience {
        ctx.demand(Action::Publish)?;
    }
    write(kb, ctx, whole, after, EventKind::ArticleChanged, &["head"]).await
}

/// Takes an article out of use; readers lose it at once.
pub async fn archive(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    version: u64,
) -> Result<ArticleWithTexts, Error> {
    ctx.demand(Action::Archive)?;
    let whole = current(kb, ctx, id, version).await?;
    let after = whole.head.value.archive()?;
    write(kb, ctx, whole, after, EventKind::ArticleState, &["state"]).await
}

/// Brings an article back with its id, address and history.
pub async fn restore(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    version: u64,
) -> Result<ArticleWithTexts, Error> {
    ctx.demand(Action::Archive)?;
    let whole = current(kb, ctx, id, version).await?;
    let after = whole.head.value.restore()?;
    write(kb, ctx, whole, after, EventKind::ArticleState, &["state"]).await
}

async fn current(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    version: u64,
) -> Result<ArticleWithTexts, Error> {
    let whole = read(kb, ctx, id).await?;
    if whole.head.version == version {
        Ok(whole)
    } else {
        Err(Error::Stale {
            current: whole.head.version,
        })
    }
}

/// Writes a changed head, and a narrowing for every live translation when fewer may see it than before.
async fn write(
    kb: &Kb,
    ctx: &RequestContext,
    whole: ArticleWithTexts,
    after: Article,
    kind: EventKind,
    fields: &[&str],
) -> Result<ArticleWithTexts, Error> {
    let mut tx = kb.begin(ctx.now);
    kb.intern(&mut tx, &after.audience).await?;
    kb.articles.put_head(&mut tx, &whole.head, &after);
    narrow_live(kb, ctx, &mut tx, &whole, &after);
    let version = kb
        .commit(tx, ctx, kind, after.id.to_string(), fields)
        .await?;
    Ok(ArticleWithTexts {
        head: Stored {
            value: after,
            version,
        },
        ..whole
    })
}

/// Opens a narrowing for every live translation that the new head takes from somebody. Until the index has the new state,
/// its old units are shown only to those whom the new audience admits; to nobody when the article is out of use or has left
/// a section, and where an open narrowing hides an old text already.
pub(crate) fn narrow_live(
    kb: &Kb,
    ctx: &RequestContext,
    tx: &mut Transaction,
    whole: &ArticleWithTexts,
    after: &Article,
) {
    let before = &whole.head.value;
    let left = |p: &Placement| !after.placements.iter().any(|q| q.section == p.section);
    let gone = after.state == ArticleState::Archived || before.placements.iter().any(left);
    if !gone && after.audience == before.audience {
        return;
    }
    let version = tx.version();
    for live in whole.translations.iter().filter(|t| t.value.live.is_some()) {
        let locale = &live.value.locale;
        let hidden = ctx
            .gate
            .narrowings
            .iter()
            .any(|n| n.article == after.id && n.locale == *locale && n.audience.is_none());
        let narrowing = Narrowing {
            article: after.id,
            locale: locale.clone(),
            version,
            audience: (!gone && !hidden).then(|| after.audience_id()),
        };
        kb.gate.narrow(tx, &narrowing);
    }
}
