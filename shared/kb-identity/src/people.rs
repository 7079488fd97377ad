//! People who are told of by another system, and the set of admins.

use crate::Identity;
use kb_domain::{Grant, Level, PersonState, Role, UserId};
use kb_events::{Actor, Change, Happened, Work};
use kb_store::repo::{Admins, People, Person, SubjectClaim};
use kb_store::{Error, keys};
use std::collections::BTreeSet;

/// A person to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// What they are called.
    pub name: &'a str,
    /// How far inside they stand.
    pub level: Level,
    /// Their roles, over the whole base.
    pub roles: &'a [Role],
    /// Segments they belong to.
    pub segments: &'a [&'a str],
}

impl Identity {
    /// The person whom `issuer` calls `subject`, made when there is none.
    pub async fn person(
        &self,
        issuer: &str,
        subject: &str,
        new: &NewPerson<'_>,
    ) -> Result<UserId, Error> {
        if let Some(id) = self.by_subject(issuer, subject).await? {
            return Ok(id);
        }
        let now = self.clock.now();
        let person = Person {
            id: UserId::new(self.ids.uuid()),
            name: new.name.to_owned(),
            mail: None,
            state: PersonState::Active,
            level: new.level,
            grants: new.roles.iter().map(|r| Grant::everywhere(*r)).collect(),
            segments: new.segments.iter().map(|s| (*s).to_owned()).collect(),
            epoch: 0,
            locale: None,
            link: None,
        };
        let mut work = Work::begin(now);
        People::insert(&mut work, &person);
        work.insert_at(keys::subject(issuer, subject), &SubjectClaim(person.id));
        if person.is_admin() {
            self.add_admin(&mut work, person.id).await?;
        }
        let created = Happened::PersonChanged {
            person: person.id,
            change: Change::Created,
        };
        let by = self.author(Actor::System("identity".to_owned()), now);
        let made = work.happened(by, created, |_| person.id);
        match made.commit(&self.store).await {
            // Somebody signed in as the same person at the same moment: there is one of them.
            Err(error @ Error::Condition { .. }) => {
                self.by_subject(issuer, subject).await?.ok_or(error)
            }
            made => made,
        }
    }

    async fn by_subject(&self, issuer: &str, subject: &str) -> Result<Option<UserId>, Error> {
        let key = keys::subject(issuer, subject);
        let found = self.store.get::<SubjectClaim>(&key).await?;
        Ok(found.map(|claim| claim.value.0))
    }

    /// Adds somebody to the admins in the transaction that makes them one.
    pub(crate) async fn add_admin(&self, work: &mut Work, person: UserId) -> Result<(), Error> {
        let before = People::admins(&self.store).await?;
        let ids = before
            .as_ref()
            .map_or(BTreeSet::new(), |a| a.value.ids.clone());
        let mut after = Admins { ids };
        after.ids.insert(person);
        work.replace_or_insert(before.as_ref(), &after);
        Ok(())
    }
}
