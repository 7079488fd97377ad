//! Portals: create, read, change, open, close.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{Action, Portal, PortalDraft, PortalId, PortalName, PortalState, Resource, access};
use kb_events::{Change, Happened, Prepared, Work};
use kb_store::keys;
use kb_store::repo::{Counter, Gate, HandleClaim, Portals, Stored};

/// Makes a portal in set-up. Errors: a rule of [`Portal::check`], or the handle is taken.
pub async fn create(
    kb: &Kb,
    ctx: &RequestContext,
    handle: String,
    draft: PortalDraft,
) -> Result<Prepared<Stored<Portal>>, Error> {
    ctx.demand(Action::Configure)?;
    let portal = Portal {
        id: PortalId::new(kb.ids().uuid()),
        handle,
        name: draft.name,
        locales: draft.locales,
        default_locale: draft.default_locale,
        entry: draft.entry.canonical(),
        state: PortalState::Setup,
        comments: draft.comments,
        default: false,
    };
    portal.check()?;
    let handle = &portal.handle;
    let sentence = format!("the handle {handle} is taken; choose another");
    let taken = kb_domain::Error::Conflict(sentence);
    let mut work = ctx.work();
    Portals::insert(&mut work, &portal);
    work.claim(keys::host(handle), &HandleClaim(portal.id), taken);
    end(kb, ctx, work, portal, Change::Created).await
}

/// Changes a portal. A change that changes nothing writes nothing.
pub async fn update(
    kb: &Kb,
    ctx: &RequestContext,
    before: Stored<Portal>,
    draft: PortalDraft,
) -> Result<Stored<Portal>, Error> {
    if before.value.default && !draft.default {
        let detail = "to choose another portal, make that one the default";
        return Err(kb_domain::Error::field("/default", "state", detail).into());
    }
    let after = Portal {
        name: draft.name,
        locales: draft.locales,
        default_locale: draft.default_locale,
        entry: draft.entry.canonical(),
        comments: draft.comments,
        default: draft.default,
        ..before.value.clone()
    };
    if after == before.value {
        ctx.demand(Action::Configure)?;
        return Ok(before);
    }
    replace(kb, ctx, &before, after, Change::Changed).await
}

/// Opens a portal to its readers.
pub async fn activate(
    kb: &Kb,
    ctx: &RequestContext,
    before: Stored<Portal>,
) -> Result<Stored<Portal>, Error> {
    let tree = kb.tree(&ctx.gate, before.value.id).await?;
    let after = before.value.activate(tree.value.categories().len())?;
    replace(kb, ctx, &before, after, Change::Opened).await
}

/// Closes a portal for its readers; nothing is lost.
pub async fn close(
    kb: &Kb,
    ctx: &RequestContext,
    before: Stored<Portal>,
) -> Result<Stored<Portal>, Error> {
    let after = before.value.close()?;
    replace(kb, ctx, &before, after, Change::Closed).await
}

async fn replace(
    kb: &Kb,
    ctx: &RequestContext,
    before: &Stored<Portal>,
    after: Portal,
    change: Change,
) -> Result<Stored<Portal>, Error> {
    ctx.demand(Action::Configure)?;
    if access::opens_more(&before.value, &after) {
        ctx.demand_in(Action::Publish, after.id)?;
    }
    after.check()?;
    let mut work = ctx.work();
    work.replace(before, &after);
    if after.default && !before.value.default {
        for other in kb
            .portals(&ctx.gate)
            .await?
            .iter()
            .filter(|p| p.value.default)
        {
            let no_longer = Portal {
                default: false,
                ..other.value.clone()
            };
            work.replace(other, &no_longer);
        }
    }
    let written = end(kb, ctx, work, after, change).await?;
    Ok(written.commit(kb.store()).await?)
}

async fn end(
    kb: &Kb,
    ctx: &RequestContext,
    mut work: Work,
    value: Portal,
    change: Change,
) -> Result<Prepared<Stored<Portal>>, Error> {
    kb.intern(&ctx.gate, &mut work, &value.entry).await?;
    Gate::bump(&mut work, Counter::Portals);
    let portal = value.id;
    let changed = Happened::PortalChanged { portal, change };
    Ok(work.happened(ctx.author(kb), changed, |version| Stored { value, version }))
}

/// Where the address without a portal leads: the default portal, else the oldest that the viewer may enter.
pub async fn default(kb: &Kb, ctx: &RequestContext) -> Result<Stored<Portal>, Error> {
    let entered = list(kb, ctx).await?.into_iter();
    let found = entered.min_by_key(|p| (!p.value.default, p.value.id));
    found.ok_or(Error::NotFound(Resource::Portal))
}

/// Portals that the viewer may enter, by handle.
pub async fn list(kb: &Kb, ctx: &RequestContext) -> Result<Vec<Stored<Portal>>, Error> {
    let all = kb.portals(&ctx.gate).await?;
    let entered = all.iter().filter(|p| ctx.enters(&p.value));
    let mut portals: Vec<Stored<Portal>> = entered.cloned().collect();
    portals.sort_by(|a, b| a.value.handle.cmp(&b.value.handle));
    Ok(portals)
}

/// The portal of this name that the viewer may enter.
pub async fn read(
    kb: &Kb,
    ctx: &RequestContext,
    name: impl Into<PortalName>,
) -> Result<Stored<Portal>, Error> {
    let name = name.into();
    let all = kb.portals(&ctx.gate).await?;
    let mut entered = all.iter().filter(|p| ctx.enters(&p.value));
    let found = entered.find(|p| name.names(&p.value)).cloned();
    found.ok_or(Error::NotFound(Resource::Portal))
}
