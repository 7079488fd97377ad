//! API keys: make, list, renew, take back.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{Action, Grant, KeyId, Resource, Role, access, person};
use kb_events::Actor;
use kb_identity::{Identity, IssuedSecret, NewKey, ceiling};
use kb_store::repo::{ApiKey, Stored};

/// The longest time that a key is good: a year.
const SECONDS_MAX: i64 = 366 * 86_400;
/// The longest time that an old secret is good beside a new one: a week.
const OVERLAP_SECONDS_MAX: i64 = 7 * 86_400;

/// Every key, the oldest first.
pub async fn list(kb: &Kb, ctx: &RequestContext) -> Result<Vec<Stored<ApiKey>>, Error> {
    ctx.demand(Action::Configure)?;
    Ok(kb_store::repo::api_keys(kb.store()).await?)
}

/// Makes a key. Errors: a field breaks a rule, or it could do more than the caller.
pub async fn create(
    ctx: &RequestContext,
    identity: &Identity,
    new: NewKey,
) -> Result<IssuedSecret, Error> {
    ctx.demand(Action::Configure)?;
    let name = person::name(&new.name)?;
    let wrong = |pointer, detail: &str| kb_domain::Error::field(pointer, "out_of_range", detail);
    if new.scopes.is_empty() {
        return Err(wrong("/scopes", "give one scope at least").into());
    }
    if new.areas.is_empty() {
        return Err(wrong("/areas", "give one area at least").into());
    }
    if !(60..=SECONDS_MAX).contains(&new.seconds) {
        let detail = "a key is good for a minute at least and for a year at most";
        return Err(wrong("/expires_in_seconds", detail).into());
    }
    let areas = new.areas.iter().map(|area| Grant {
        role: Role::Admin,
        area: *area,
    });
    let most = ceiling(&new.scopes);
    let covered = areas.into_iter().all(|grant| {
        let mut allowed = most.iter().filter(|a| grant.allows(*a));
        allowed.all(|a| ctx.viewer.may_in(a, grant.area))
    });
    if !covered || !access::covers(&ctx.viewer, new.stands_at(), &[]) {
        return Err(Error::Forbidden(Action::Grant));
    }
    let new = NewKey { name, ..new };
    Ok(identity
        .create_key(&new, Actor::from(ctx.viewer.who))
        .await?)
}

/// Makes a new secret of a key; the one before stays good for `overlap` seconds. A program renews no key but its own.
pub async fn rotate(
    kb: &Kb,
    ctx: &RequestContext,
    identity: &Identity,
    id: KeyId,
    overlap: i64,
) -> Result<IssuedSecret, Error> {
    ctx.demand(Action::Configure)?;
    let key = kb_store::repo::api_key(kb.store(), id).await?;
    let key = key.ok_or(Error::NotFound(Resource::Key))?;
    if !(0..=OVERLAP_SECONDS_MAX).contains(&overlap) {
        let detail = "an old secret is good for a week beside the new one at most";
        let fault = kb_domain::Error::field("/overlap_seconds", "out_of_range", detail);
        return Err(fault.into());
    }
    let most = ceiling(&key.value.scopes);
    if !ctx.viewer.actions().include(most) || ctx.viewer.level < key.value.level {
        return Err(Error::Forbidden(Action::Grant));
    }
    let actor = Actor::from(ctx.viewer.who);
    let rotated = identity.rotate_key(id, overlap, actor).await?;
    rotated.ok_or(Error::NotFound(Resource::Key))
}

/// Takes a key back: it opens nothing from the next request on.
pub async fn revoke(ctx: &RequestContext, identity: &Identity, id: KeyId) -> Result<(), Error> {
    ctx.demand(Action::Configure)?;
    let revoked = identity.revoke_key(id, Actor::from(ctx.viewer.who)).await?;
    revoked.ok_or(Error::NotFound(Resource::Key))
}
