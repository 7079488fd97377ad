//! Articles: create, read, change, archive, restore.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{
    Action, Article, ArticleId, ArticleState, ArticleType, Audience, Comments, ExternalId, Kind,
    Locale, NodeId, Placement, PortalId, PublicKey, Resource, SectionId, UserId, access,
};
use kb_events::{Cause, Happened, Prepared, Work};
use kb_store::repo::{ArticleWithTexts, Articles, Gate, KeyTarget, Narrowing, Stored};

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
    /// Whether readers may comment on it; as its portal says, when absent.
    pub comments: Option<Comments>,
}

/// Position of an article that was given none: behind those that were.
const LAST: u32 = 1_000_000;

/// Makes the head of a new article and adds it to the transaction; the caller adds texts and says what happened.
pub(crate) async fn add(
    kb: &Kb,
    ctx: &RequestContext,
    work: &mut Work,
    new: NewArticle,
) -> Result<Article, Error> {
    demand_section(kb, ctx, new.portal, new.section).await?;
    let placement = Placement {
        portal: new.portal,
        section: new.section,
        position: new.position.unwrap_or(LAST),
    };
    let article = Article {
        id: ArticleId::new(kb.ids().uuid()),
        key: PublicKey::from_uuid(kb.ids().uuid()),
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
        comments: new.comments,
    };
    article.check()?;
    kb.intern(&ctx.gate, work, &article.audience).await?;
    Articles::insert(work, &article);
    Ok(article)
}

async fn demand_section(
    kb: &Kb,
    ctx: &RequestContext,
    portal: PortalId,
    section: SectionId,
) -> Result<(), Error> {
    let tree = kb.tree(&ctx.gate, portal).await?;
    if tree.value.get(NodeId::Section(section)).is_some() {
        return Ok(());
    }
    let detail = "there is no such section in this portal";
    Err(kb_domain::Error::field("/home/section", "unknown", detail).into())
}

/// Makes an article without texts.
pub async fn create(
    kb: &Kb,
    ctx: &RequestContext,
    new: NewArticle,
) -> Result<Prepared<ArticleWithTexts>, Error> {
    ctx.demand_in(Action::Edit, new.portal)?;
    let mut work = ctx.work();
    let article = add(kb, ctx, &mut work, new).await?;
    let created = Happened::ArticleCreated {
        article: article.id,
        text: None,
        cause: Cause::Edit,
    };
    Ok(
        work.happened(ctx.author(kb), created, |version| ArticleWithTexts {
            head: Stored {
                value: article,
                version,
            },
            translations: Vec::new(),
        }),
    )
}

/// An article that the viewer may see. Those who do not edit see published translations only.
pub async fn read(kb: &Kb, ctx: &RequestContext, id: ArticleId) -> Result<ArticleWithTexts, Error> {
    let absent = || Error::NotFound(Resource::Article);
    let found = Articles::whole(kb.store(), id).await?;
    let mut whole = found
        .filter(|w| ctx.sees(&w.head.value))
        .ok_or_else(absent)?;
    if !ctx.edits(&whole.head.value) {
        whole.translations.retain(|t| t.value.live.is_some());
        if whole.translations.is_empty() {
            return Err(absent());
        }
    }
    Ok(whole)
}

/// The article or node that a public key names; visibility is the caller's next question.
pub async fn by_key(kb: &Kb, key: &PublicKey) -> Result<Option<KeyTarget>, Error> {
    Ok(Articles::by_key(kb.store(), key).await?)
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
    /// Whether readers may comment on it; the inner `None` is as its portal says.
    pub comments: Option<Option<Comments>>,
}

/// Changes a head. A change that changes nothing writes nothing.
pub async fn update(
    kb: &Kb,
    ctx: &RequestContext,
    whole: ArticleWithTexts,
    change: ArticleChange,
) -> Result<ArticleWithTexts, Error> {
    let before = &whole.head.value;
    ctx.demand_on(Action::Edit, before)?;
    let mut after = before.clone();
    after.kind = change.kind.unwrap_or(after.kind);
    after.article_type = change.article_type.unwrap_or(after.article_type);
    after.audience = change.audience.map_or(after.audience, Audience::canonical);
    after.labels = change.labels.unwrap_or(after.labels);
    after.owner = change.owner.unwrap_or(after.owner);
    after.comments = change.comments.unwrap_or(after.comments);
    if let Some(home) = &mut after.home {
        let (portal, section) = change.home.unwrap_or((home.portal, home.section));
        demand_section(kb, ctx, portal, section).await?;
        ctx.demand_in(Action::Edit, portal)?;
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
    let portals = kb.portals(&ctx.gate).await?;
    let portals: Vec<_> = portals.iter().map(|p| &p.value).collect();
    let shows_more = whole.is_live() && access::shows_more(before, &after, &portals);
    if shows_more || after.audience != before.audience {
        ctx.demand_on(Action::Publish, before)?;
        ctx.demand_on(Action::Publish, &after)?;
    }
    let changed = Happened::ArticleChanged {
        article: after.id,
        cause: Cause::Edit,
    };
    write(kb, ctx, whole, after, changed).await
}

/// Takes an article out of use; readers lose it at once.
pub async fn archive(
    kb: &Kb,
    ctx: &RequestContext,
    whole: ArticleWithTexts,
) -> Result<ArticleWithTexts, Error> {
    ctx.demand_on(Action::Archive, &whole.head.value)?;
    let after = whole.head.value.archive()?;
    let archived = Happened::ArticleArchived {
        article: after.id,
        cause: Cause::Edit,
    };
    write(kb, ctx, whole, after, archived).await
}

/// Brings an article back with its id, address and history.
pub async fn restore(
    kb: &Kb,
    ctx: &RequestContext,
    whole: ArticleWithTexts,
) -> Result<ArticleWithTexts, Error> {
    ctx.demand_on(Action::Archive, &whole.head.value)?;
    if whole.is_live() {
        ctx.demand_on(Action::Publish, &whole.head.value)?;
    }
    let after = whole.head.value.restore()?;
    let restored = Happened::ArticleRestored { article: after.id };
    write(kb, ctx, whole, after, restored).await
}

/// Writes a changed head, and a narrowing for every live translation when fewer may see it than before.
async fn write(
    kb: &Kb,
    ctx: &RequestContext,
    whole: ArticleWithTexts,
    after: Article,
    what: Happened,
) -> Result<ArticleWithTexts, Error> {
    let mut work = ctx.work_on(&whole);
    kb.intern(&ctx.gate, &mut work, &after.audience).await?;
    Articles::replace(&mut work, &whole.head, &after);
    narrow_live(ctx, &mut work, &whole, &after);
    let written = work.happened(ctx.author(kb), what, |version| ArticleWithTexts {
        head: Stored {
            value: after,
            version,
        },
        ..whole
    });
    Ok(written.commit(kb.store()).await?)
}

/// Opens a narrowing for every live translation that the new head takes from somebody. Until the index has the new state,
/// its old units are shown only to those whom the new audience admits; to nobody when the article is out of use or has left
/// a section, and where an open narrowing hides an old text already.
pub(crate) fn narrow_live(
    ctx: &RequestContext,
    work: &mut Work,
    whole: &ArticleWithTexts,
    after: &Article,
) {
    let before = &whole.head.value;
    let left = |p: &Placement| !after.placements.iter().any(|q| q.section == p.section);
    let gone = after.state == ArticleState::Archived || before.placements.iter().any(left);
    if !gone && after.audience == before.audience {
        return;
    }
    let version = work.version();
    for live in whole.translations.iter().filter(|t| t.value.live.is_some()) {
        let locale = &live.value.locale;
        let mut open = ctx.gate.narrowings.iter();
        let hidden =
            open.any(|n| n.article == after.id && n.locale == *locale && n.audience.is_none());
        let narrowing = Narrowing {
            article: after.id,
            locale: locale.clone(),
            version,
            audience: (!gone && !hidden).then(|| after.audience_id()),
        };
        Gate::narrow(work, &narrowing);
    }
}
