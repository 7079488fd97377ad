//! The first admin: one link while there is none.

use crate::{Identity, IssuedSecret, hash};
use kb_domain::{Grant, Level, Locale, PersonState, Role, UserId};
use kb_events::{Actor, Happened, Work};
use kb_store::repo::{Admins, MailClaim, People, Person, SetupLink, SignedInBy};
use kb_store::{Condition, Error, keys};
use std::collections::BTreeSet;

/// How long the link is good, in seconds: a day.
pub const SETUP_SECONDS: i64 = 86_400;

/// Who sets the base up.
#[derive(Clone, Debug)]
pub struct FirstAdmin {
    /// What they are called, as [`kb_domain::person::name`] answers it.
    pub name: String,
    /// Their mail address, as [`kb_domain::person::mail`] answers it.
    pub mail: String,
    /// The language they read in.
    pub locale: Locale,
}

impl Identity {
    /// Whether anybody is an admin who can sign in.
    pub async fn has_admin(&self) -> Result<bool, Error> {
        let admins = People::admins(&self.store).await?;
        Ok(admins.is_some_and(|a| !a.value.ids.is_empty()))
    }

    /// Makes the link by which the first admin sets the base up; an older one is over. `None` when there is an admin.
    pub async fn setup_link(&self) -> Result<Option<IssuedSecret>, Error> {
        if self.has_admin().await? {
            return Ok(None);
        }
        let now = self.clock.now();
        let secret = self.secret("su_");
        let link = SetupLink {
            hash: hash(&secret),
            expires_at: now.plus_seconds(SETUP_SECONDS),
        };
        let mut work = Work::begin(now);
        work.upsert_at(keys::setup(), &link);
        let issued = IssuedSecret {
            id: "setup".to_owned(),
            secret,
            seconds: SETUP_SECONDS,
        };
        work.silently(Some(issued)).commit(&self.store).await
    }

    /// Takes the set-up link and makes the first admin by it, signed in: of two who try at once, one is it. `None` when the link is
    /// another one, used or over, and when there is an admin. Errors: the mail address is somebody's.
    pub async fn set_up(
        &self,
        secret: &str,
        admin: &FirstAdmin,
        browser: &str,
    ) -> Result<Option<IssuedSecret>, Error> {
        let now = self.clock.now();
        let link = self
            .store
            .get_live::<SetupLink>(&keys::setup(), now)
            .await?;
        let Some(link) = link.filter(|l| l.value.hash == hash(secret)) else {
            return Ok(None);
        };
        let before = People::admins(&self.store).await?;
        if before.as_ref().is_some_and(|a| !a.value.ids.is_empty()) {
            return Ok(None);
        }
        let person = Person {
            id: UserId::new(self.ids.uuid()),
            name: admin.name.clone(),
            mail: Some(admin.mail.clone()),
            state: PersonState::Active,
            level: Level::Agent,
            grants: vec![Grant::everywhere(Role::Admin)],
            segments: BTreeSet::new(),
            epoch: 0,
            locale: Some(admin.locale.clone()),
            link: None,
        };
        let mut work = Work::begin(now);
        work.delete(keys::setup(), Condition::Version(link.version));
        People::insert(&mut work, &person);
        claim_mail(&mut work, &admin.mail, person.id);
        let ids = BTreeSet::from([person.id]);
        work.replace_or_insert(before.as_ref(), &Admins { ids });
        let issued = self.add_session(&mut work, &person, SignedInBy::Setup, browser);
        let joined = Happened::PersonJoined { person: person.id };
        let by = self.author(Actor::Person(person.id), now);
        let made = work.happened(by, joined, |_| Some(issued));
        match made.commit(&self.store).await {
            Err(Error::Condition { .. }) => Ok(None),
            made => made,
        }
    }
}

/// Claims a mail address for a person in the transaction that gives it to them.
fn claim_mail(work: &mut Work, mail: &str, person: UserId) {
    let taken = "this address is somebody's already; give another";
    let taken = kb_domain::Error::field("/mail", "taken", taken);
    work.claim(keys::mail(mail), &MailClaim(person), taken);
}
