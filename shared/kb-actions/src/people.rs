//! People: invite, read, change, put out, and the segments they belong to.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::person::{name, segment};
use kb_domain::{
    Action, Grant, Level, Locale, PersonDraft, PersonEdit, PersonState, Resource, UserId, Who,
    access,
};
use kb_events::{Actor, Attempts, Change, Happened, Prepared, Work};
use kb_identity::{Identity, IssuedSecret};
use kb_store::repo::{Admins, MailClaim, People, Person, Segment, Stored};
use kb_store::{Condition, keys};
use std::collections::BTreeSet;

/// Invites somebody. Errors: a field breaks a rule, the mail address is somebody's, or they would hold more than the caller.
pub fn invite(
    kb: &Kb,
    ctx: &RequestContext,
    draft: PersonDraft,
) -> Result<Prepared<Stored<Person>>, Error> {
    ctx.demand(Action::People)?;
    let draft = draft.checked()?;
    demand_to_give(ctx, draft.level, &draft.grants)?;
    let person = Person {
        id: UserId::new(kb.ids().uuid()),
        name: draft.name,
        mail: Some(draft.mail.clone()),
        state: PersonState::Invited,
        level: draft.level,
        grants: draft.grants,
        segments: draft.segments,
        epoch: 0,
        locale: draft.locale,
        link: None,
    };
    let mut work = ctx.work();
    People::insert(&mut work, &person);
    let taken = "this address is somebody's already; give another, or end their access first";
    let taken = kb_domain::Error::field("/mail", "taken", taken);
    work.claim(keys::mail(&draft.mail), &MailClaim(person.id), taken);
    let invited = Happened::PersonInvited { person: person.id };
    Ok(work.happened(ctx.author(kb), invited, |version| Stored {
        value: person,
        version,
    }))
}

/// Errors: the caller may not give this: a role, or a place further inside than a reader's, needs the right to grant, and nobody
/// gives more than they hold.
fn demand_to_give(ctx: &RequestContext, level: Level, grants: &[Grant]) -> Result<(), Error> {
    if !grants.is_empty() || level > Level::Employee {
        ctx.demand(Action::Grant)?;
    }
    if access::covers(&ctx.viewer, level, grants) {
        return Ok(());
    }
    Err(Error::Forbidden(Action::Grant))
}

/// A person.
pub async fn read(kb: &Kb, ctx: &RequestContext, id: UserId) -> Result<Stored<Person>, Error> {
    ctx.demand(Action::People)?;
    find(kb, id).await
}

async fn find(kb: &Kb, id: UserId) -> Result<Stored<Person>, Error> {
    let found = kb.store().get::<Person>(&keys::person(id)).await?;
    found.ok_or(Error::NotFound(Resource::Person))
}

/// The person whose mail address, or whose id, this is.
pub async fn named(kb: &Kb, ctx: &RequestContext, text: &str) -> Result<Stored<Person>, Error> {
    if let Ok(id) = text.parse() {
        return read(kb, ctx, id).await;
    }
    ctx.demand(Action::People)?;
    let mail = kb_domain::person::mail(text)?;
    let claim = kb.store().get::<MailClaim>(&keys::mail(&mail)).await?;
    let claim = claim.ok_or(Error::NotFound(Resource::Person))?;
    find(kb, claim.value.0).await
}

/// People in the order in which they were made, and where the next ones begin.
pub async fn list(
    kb: &Kb,
    ctx: &RequestContext,
    limit: usize,
    from: Option<String>,
) -> Result<(Vec<Stored<Person>>, Option<String>), Error> {
    ctx.demand(Action::People)?;
    Ok(People::list(kb.store(), limit, from).await?)
}

/// The caller themselves.
pub async fn own(kb: &Kb, ctx: &RequestContext) -> Result<Stored<Person>, Error> {
    match ctx.viewer.who {
        Who::Person(id) => find(kb, id).await,
        _ => Err(Error::NotFound(Resource::Person)),
    }
}

/// Changes the caller's own name and language.
pub async fn change_own(
    kb: &Kb,
    ctx: &RequestContext,
    before: &Stored<Person>,
    called: &str,
    locale: Option<Locale>,
) -> Result<Stored<Person>, Error> {
    let after = Person {
        name: name(called)?,
        locale,
        ..before.value.clone()
    };
    replace(kb, ctx, before, after).await
}

/// Changes a person. Errors: the caller lacks a right, or it would take the last admin.
pub async fn change(
    kb: &Kb,
    ctx: &RequestContext,
    before: &Stored<Person>,
    edit: PersonEdit,
) -> Result<Stored<Person>, Error> {
    ctx.demand(Action::People)?;
    let mut after = Person {
        name: name(&edit.name)?,
        level: edit.level,
        grants: edit.grants,
        ..before.value.clone()
    };
    if (after.level, &after.grants) == (before.value.level, &before.value.grants) {
        return replace(kb, ctx, before, after).await;
    }
    ctx.demand(Action::Grant)?;
    // Who takes a right away must hold it, too.
    for (level, grants) in [
        (before.value.level, &before.value.grants),
        (after.level, &after.grants),
    ] {
        demand_to_give(ctx, level, grants)?;
    }
    if after.level == Level::Public {
        let detail = "a person is at least a customer: customer, employee or agent";
        return Err(kb_domain::Error::field("/level", "level", detail).into());
    }
    // Sessions of customers last for weeks, which those of people who work here do not.
    let works_here = |level: Level| level >= Level::Employee;
    if works_here(after.level) != works_here(before.value.level) {
        after.epoch += 1;
    }
    replace(kb, ctx, before, after).await
}

async fn replace(
    kb: &Kb,
    ctx: &RequestContext,
    before: &Stored<Person>,
    after: Person,
) -> Result<Stored<Person>, Error> {
    if after == before.value {
        return Ok(before.clone());
    }
    let mut work = ctx.work();
    keep_admins(kb, &mut work, &before.value, &after).await?;
    People::replace(&mut work, before, &after);
    let changed = Happened::PersonChanged {
        person: after.id,
        change: Change::Changed,
    };
    let changed = work.happened(ctx.author(kb), changed, |version| Stored {
        value: after,
        version,
    });
    Ok(changed.commit(kb.store()).await?)
}

/// Keeps the set of admins in step. Errors: nobody would be left in it.
async fn keep_admins(
    kb: &Kb,
    work: &mut Work,
    before: &Person,
    after: &Person,
) -> Result<(), Error> {
    if before.is_active_admin() == after.is_active_admin() {
        return Ok(());
    }
    let found = People::admins(kb.store()).await?;
    let mut ids = found
        .as_ref()
        .map_or_else(BTreeSet::new, |admins| admins.value.ids.clone());
    if after.is_active_admin() {
        ids.insert(after.id);
    } else {
        ids.remove(&after.id);
        if ids.is_empty() {
            let last = "this is the last admin; make another one first".to_owned();
            return Err(kb_domain::Error::Conflict(last).into());
        }
    }
    work.replace_or_insert(found.as_ref(), &Admins { ids });
    Ok(())
}

/// Puts a person out: their sessions, frames and links are over with the next request, and their mail address is free. Errors: it is
/// the last admin, or an admin and the caller may not grant.
pub async fn leave(kb: &Kb, ctx: &RequestContext, id: UserId) -> Result<Stored<Person>, Error> {
    let mut attempts = Attempts::default();
    loop {
        match try_leave(kb, ctx, id).await {
            Err(error) if attempts.again(error.is_stale()) => {}
            left => return left,
        }
    }
}

async fn try_leave(kb: &Kb, ctx: &RequestContext, id: UserId) -> Result<Stored<Person>, Error> {
    let before = read(kb, ctx, id).await?;
    if before.value.is_admin() {
        ctx.demand(Action::Grant)?;
    }
    if before.value.state == PersonState::Left {
        return Ok(before);
    }
    let mut after = Person {
        state: PersonState::Left,
        epoch: before.value.epoch + 1,
        link: None,
        segments: BTreeSet::new(),
        ..before.value.clone()
    };
    let mut work = ctx.work();
    keep_admins(kb, &mut work, &before.value, &after).await?;
    if let Some(link) = &before.value.link {
        work.delete(keys::state(link), Condition::Any);
    }
    if let Some(mail) = after.mail.take() {
        work.delete(keys::mail(&mail), Condition::Any);
    }
    People::replace(&mut work, &before, &after);
    let left = Happened::PersonLeft { person: id };
    let left = work.happened(ctx.author(kb), left, |version| Stored {
        value: after,
        version,
    });
    Ok(left.commit(kb.store()).await?)
}

/// Ends every session and frame of a person.
pub async fn end_sessions(kb: &Kb, ctx: &RequestContext, id: UserId) -> Result<(), Error> {
    let mut attempts = Attempts::default();
    loop {
        let before = read(kb, ctx, id).await?;
        let after = Person {
            epoch: before.value.epoch + 1,
            ..before.value.clone()
        };
        let mut work = ctx.work();
        People::replace(&mut work, &before, &after);
        let ended = Happened::PersonEndedSessions { person: id };
        let ended = work.happened(ctx.author(kb), ended, |_| ());
        match ended.commit(kb.store()).await.map_err(Error::from) {
            Err(error) if attempts.again(error.is_stale()) => {}
            done => return done,
        }
    }
}

/// Makes a link by which a person signs in once. Who has it signs in as them, so nobody makes one for somebody who holds more than
/// they do, and for somebody who has signed in before it needs the right to grant. Programs make none for them.
pub async fn link(
    kb: &Kb,
    ctx: &RequestContext,
    identity: &Identity,
    id: UserId,
) -> Result<IssuedSecret, Error> {
    let person = read(kb, ctx, id).await?.value;
    if person.state == PersonState::Active {
        ctx.demand(Action::Grant)?;
    }
    demand_over(ctx, &person)?;
    let actor = Actor::from(ctx.viewer.who);
    Ok(identity.create_link(id, "/", actor).await?)
}

/// Errors: the person holds more than the caller.
fn demand_over(ctx: &RequestContext, person: &Person) -> Result<(), Error> {
    if access::covers(&ctx.viewer, person.level, &person.grants) {
        return Ok(());
    }
    Err(Error::Forbidden(Action::Grant))
}

/// Every segment with the number of its members, by name.
pub async fn segments(kb: &Kb, ctx: &RequestContext) -> Result<Vec<(String, u64)>, Error> {
    ctx.demand(Action::People)?;
    Ok(People::segments(kb.store()).await?)
}

/// The members of a segment. Errors: there never was such a segment.
pub async fn members(
    kb: &Kb,
    ctx: &RequestContext,
    name: &str,
) -> Result<Vec<Stored<Person>>, Error> {
    ctx.demand(Action::People)?;
    if kb
        .store()
        .get::<Segment>(&keys::segment(name))
        .await?
        .is_none()
    {
        return Err(Error::NotFound(Resource::Segment));
    }
    let ids = People::members(kb.store(), name).await?;
    let ids: Vec<_> = ids.into_iter().map(keys::person).collect();
    let mut found = Vec::new();
    for some in ids.chunks(100) {
        found.extend(kb.store().get_many::<Person>(some).await?);
    }
    // What decides is the person's own row.
    found.retain(|p| p.value.segments.contains(name));
    Ok(found)
}

/// Takes a person into a segment, or out of it. Nobody takes themselves into one without the right to grant: what is for a segment
/// may be hidden from them. Errors: no such person, or the name is none.
pub async fn set_member(
    kb: &Kb,
    ctx: &RequestContext,
    name: &str,
    id: UserId,
    is_member: bool,
) -> Result<(), Error> {
    segment(name)?;
    if ctx.viewer.user() == Some(id) {
        ctx.demand(Action::Grant)?;
    }
    let mut attempts = Attempts::default();
    loop {
        match try_member(kb, ctx, name, id, is_member).await {
            Err(error) if attempts.again(error.is_stale()) => {}
            done => return done,
        }
    }
}

async fn try_member(
    kb: &Kb,
    ctx: &RequestContext,
    name: &str,
    id: UserId,
    is_member: bool,
) -> Result<(), Error> {
    let before = read(kb, ctx, id).await?;
    let mut after = before.value.clone();
    let change = if is_member {
        if after.state == PersonState::Left {
            let gone = "who has left belongs to no segment".to_owned();
            return Err(kb_domain::Error::Conflict(gone).into());
        }
        after.segments.insert(name.to_owned());
        Change::Created
    } else {
        after.segments.remove(name);
        Change::Deleted
    };
    if after == before.value {
        return Ok(());
    }
    let mut work = ctx.work();
    People::replace(&mut work, &before, &after);
    let changed = Happened::SegmentChanged {
        segment: name.to_owned(),
        person: id,
        change,
    };
    let changed = work.happened(ctx.author(kb), changed, |_| ());
    Ok(changed.commit(kb.store()).await?)
}
