//! Links that sign in once.

use crate::{Identity, IssuedSecret, hash};
use kb_domain::{PersonState, UserId};
use kb_events::{Actor, Attempts, Happened, Work};
use kb_store::repo::{Person, SignInLink, SignedInBy, Stored, insert_sign_in_link};
use kb_store::{Condition, Error, keys};

/// How long a link is good for somebody who has signed in before, in seconds.
pub const LINK_SECONDS: i64 = 3_600;
/// How long a link is good for somebody who is invited, in seconds.
pub const INVITATION_SECONDS: i64 = 7 * 86_400;

impl Identity {
    /// Makes a link that signs a person in once and leads to `target`, a path of this server. An older link of theirs is over.
    /// Errors: the person has left.
    pub async fn create_link(
        &self,
        user: UserId,
        target: &str,
        actor: Actor,
    ) -> Result<IssuedSecret, Error> {
        let mut attempts = Attempts::default();
        loop {
            match self.try_link(user, target, actor.clone()).await {
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                made => return made,
            }
        }
    }

    async fn try_link(
        &self,
        user: UserId,
        target: &str,
        actor: Actor,
    ) -> Result<IssuedSecret, Error> {
        let now = self.clock.now();
        let found = self.store.get::<Person>(&keys::person(user)).await?;
        let Some(found) = found.filter(|p| p.value.state != PersonState::Left) else {
            let gone = "who has left gets no link; invite them anew".to_owned();
            return Err(kb_domain::Error::Conflict(gone).into());
        };
        let seconds = match found.value.state {
            PersonState::Invited => INVITATION_SECONDS,
            PersonState::Active | PersonState::Left => LINK_SECONDS,
        };
        let secret = self.secret("li_");
        let mut person = found.value.clone();
        let mut work = Work::begin(now);
        if let Some(older) = person.link.replace(hash(&secret)) {
            work.delete(keys::state(&older), Condition::Any);
        }
        work.replace(&found, &person);
        let link = SignInLink {
            user,
            target: target.to_owned(),
        };
        insert_sign_in_link(&mut work, &hash(&secret), &link, now.plus_seconds(seconds));
        let issued = IssuedSecret {
            id: user.to_string(),
            secret,
            seconds,
        };
        let made = Happened::PersonLinkMade { person: user };
        let made = work.happened(self.author(actor, now), made, |_| issued);
        made.commit(&self.store).await
    }

    /// Takes a link and makes a session by it: of two who try at once, one gets it. `None` when it is used or over, when a newer
    /// one was made, and when the person has left.
    pub async fn take_link(
        &self,
        secret: &str,
        browser: &str,
    ) -> Result<Option<(IssuedSecret, String)>, Error> {
        let mut attempts = Attempts::default();
        loop {
            match self.try_take(secret, browser).await {
                // Somebody took it, or another write of the person came between: what is there now decides.
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                taken => return taken,
            }
        }
    }

    async fn try_take(
        &self,
        secret: &str,
        browser: &str,
    ) -> Result<Option<(IssuedSecret, String)>, Error> {
        let (now, hash) = (self.clock.now(), hash(secret));
        let key = keys::state(&hash);
        let Some(link) = self.link_at(&key).await? else {
            return Ok(None);
        };
        let SignInLink { user, target } = link.value;
        let found = self.store.get::<Person>(&keys::person(user)).await?;
        let is_his = |p: &Stored<Person>| p.value.link.as_ref() == Some(&hash);
        let Some(found) = found.filter(|p| is_his(p) && p.value.state != PersonState::Left) else {
            return Ok(None);
        };
        let person = Person {
            link: None,
            state: PersonState::Active,
            ..found.value.clone()
        };
        let mut work = Work::begin(now);
        work.delete(key, Condition::Version(link.version));
        work.replace(&found, &person);
        let issued = self.add_session(&mut work, &person, SignedInBy::Link, browser);
        let what = if found.value.state == PersonState::Invited {
            if person.is_admin() {
                self.add_admin(&mut work, user).await?;
            }
            Happened::PersonJoined { person: user }
        } else {
            Happened::PersonSignedIn { person: user }
        };
        let by = self.author(Actor::Person(user), now);
        let taken = work.happened(by, what, |_| Some((issued, target)));
        taken.commit(&self.store).await
    }

    async fn link_at(&self, key: &kb_store::Key) -> Result<Option<Stored<SignInLink>>, Error> {
        let rows = self
            .store
            .get_rows(std::slice::from_ref(key), self.clock.now());
        let row = rows.await?.into_iter().flatten().next();
        // A pairing lies under the hash of its secret as well.
        let row = row.filter(kb_store::record::is::<SignInLink>);
        row.map(|row| kb_store::record::read(key, &row)).transpose()
    }
}
