//! The head of an article as the other system and the mapping have it: who reads it, and where it stands.

use super::{Known, Sync, Synced};
use crate::articles;
use crate::context::RequestContext;
use crate::error::Error;
use kb_domain::remote::{
    Counterpart, CounterpartState, Ours, PlaceSettings, Readership, RemoteId, Thing, Way,
};
use kb_domain::{Article, ArticleState, Audience, NodeId, Placement, PortalId, SectionId};
use kb_events::{Cause, Happened, Work};
use kb_store::record::Stored;
use kb_store::repo::{ArticleWithTexts, Articles, Counterparts};

/// Where an article goes here and who reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    pub portal: PortalId,
    pub section: SectionId,
    pub audience: Audience,
}

impl Sync<'_> {
    /// The settings of the first of these places whose articles come in; `None` where none does.
    pub(super) fn settings(&self, places: &[RemoteId]) -> Option<(RemoteId, PlaceSettings)> {
        let mapping = &self.connection.mapping;
        let each = places.iter().map(|p| (p, mapping.settings(p, self.shape)));
        each.filter(|(_, settings)| settings.way == Way::In)
            .map(|(place, settings)| (place.clone(), settings))
            .next()
    }

    /// Where an article with these places and reader rules goes; `None` where it does not come in. Errors: its place is not here yet.
    pub(super) async fn home(
        &self,
        places: &[RemoteId],
        readers: &[RemoteId],
    ) -> Result<Option<Home>, Error> {
        let Some((place, settings)) = self.settings(places) else {
            return Ok(None);
        };
        let (mapping, system) = (&self.connection.mapping, &self.connection.system);
        let readership = Readership::of(readers, &settings, self.shape, mapping, system);
        let section = match settings.section {
            Some(section) => section,
            None => self.section_of(&place).await?,
        };
        let portal = settings.portal.ok_or_else(|| missing(&place))?;
        Ok(Some(Home {
            portal,
            section,
            audience: readership.audience.canonical(),
        }))
    }

    async fn section_of(&self, place: &RemoteId) -> Result<SectionId, Error> {
        let ids = std::slice::from_ref(place);
        let store = self.kb.store();
        let found = Counterparts::of(store, self.connection.id, Thing::Place, ids).await?;
        match found.into_iter().flatten().next().map(|c| c.value.ours) {
            Some(Ours::Node(NodeId::Section(section))) => Ok(section),
            _ => Err(missing(place)),
        }
    }
}

fn missing(place: &RemoteId) -> Error {
    let detail = format!("the place {place} of the article is not here yet");
    kb_domain::Error::Conflict(detail).into()
}

/// The head with a home and readers, and in use.
pub(super) fn settled(before: &Article, home: &Home, position: Option<u32>) -> Article {
    let mut after = before.clone();
    let old = before.home.as_ref().map(|home| home.section);
    let kept = before.home.as_ref().map_or(0, |home| home.position);
    let placement = Placement {
        portal: home.portal,
        section: home.section,
        position: position.unwrap_or(kept),
    };
    let others = |p: &Placement| Some(p.section) != old && p.section != home.section;
    after.placements.retain(others);
    after.placements.insert(0, placement.clone());
    after.home = Some(placement);
    after.audience = home.audience.clone();
    after.state = ArticleState::Active;
    after
}

/// Adds a changed head to a transaction; says what happened.
pub(super) async fn put(
    sync: Sync<'_>,
    ctx: &RequestContext,
    work: &mut Work,
    whole: &ArticleWithTexts,
    after: &Article,
) -> Result<Happened, Error> {
    after.check()?;
    sync.kb.intern(&ctx.gate, work, &after.audience).await?;
    Articles::replace(work, &whole.head, after);
    articles::narrow_live(ctx, work, whole, after);
    let article = after.id;
    let cause = Cause::Edit;
    Ok(match (whole.head.value.state, after.state) {
        (ArticleState::Active, ArticleState::Archived) => {
            Happened::ArticleArchived { article, cause }
        }
        (ArticleState::Archived, ArticleState::Active) => Happened::ArticleRestored { article },
        _ => Happened::ArticleChanged { article, cause },
    })
}

/// Brings an article that is here under places, rules and mapping as they are now, from what is known of it; nobody is asked. What no
/// longer comes in is archived, and what does again is looked at by the next listing.
pub async fn resettle(sync: Sync<'_>, known: &Stored<Counterpart>) -> Result<Synced, Error> {
    let theirs = &known.value;
    let Ours::Article(id) = theirs.ours else {
        return Ok(Synced::Same);
    };
    let follows = matches!(
        theirs.state,
        CounterpartState::Current
            | CounterpartState::Unseen { .. }
            | CounterpartState::Diverged { .. }
    );
    let Some(whole) = Articles::whole(sync.kb.store(), id)
        .await?
        .filter(|_| follows)
    else {
        return Ok(Synced::Same);
    };
    if whole.head.value.state == ArticleState::Archived {
        return Ok(Synced::Same);
    }
    let ctx = &sync.context().await?;
    let home = sync.home(&theirs.places, &theirs.readers).await?;
    let mut counterpart = theirs.clone();
    let after = if let Some(home) = home {
        settled(&whole.head.value, &home, None)
    } else {
        counterpart.state = CounterpartState::Gone { at: ctx.now };
        // The next listing that names it looks at it, should it come in again.
        counterpart.version = None;
        whole.head.value.archive()?
    };
    if after == whole.head.value {
        return Ok(Synced::Same);
    }
    let mut work = ctx.work_on(&whole);
    let what = put(sync, ctx, &mut work, &whole, &after).await?;
    Known::new(Some(known)).put(&mut work, &counterpart);
    let written = work.happened(ctx.author(sync.kb), what, |_| Synced::Written);
    Ok(written.commit(sync.kb.store()).await?)
}
