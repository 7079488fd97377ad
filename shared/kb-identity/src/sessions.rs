//! Sessions: one per browser.

use crate::lifetime::{is_good, is_stale, lasts};
use crate::rights::{Door, viewer_of_person};
use crate::{Identity, IssuedSecret, hash, token};
use kb_domain::{Resource, Timestamp, UserId, Viewer};
use kb_events::{Actor, Attempts, Happened, Work};
use kb_store::record::read;
use kb_store::repo::{Person, Session, SignedInBy, Stored};
use kb_store::{Condition, Error, IndexName, Query, keys};

/// The longest description of a browser that is kept.
const BROWSER_MAX_CHARS: usize = 200;

/// Somebody who is signed in by a cookie.
pub struct SignedIn {
    /// Who.
    pub person: Stored<Person>,
    /// By which session.
    pub session: Stored<Session>,
}

impl Identity {
    /// The viewer of a session cookie; `None` when it is unknown or over.
    pub async fn session(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        let found = self.signed_in(secret).await?;
        Ok(found.map(|found| viewer_of_person(&found.person.value, Door::Browser)))
    }

    /// The person and session of a cookie, by one read; `None` when it is unknown or over.
    pub async fn signed_in(&self, secret: &str) -> Result<Option<SignedIn>, Error> {
        let now = self.clock.now();
        let Some((user, id)) = token::session(secret) else {
            return Ok(None);
        };
        let keys = [keys::session(&id), keys::person(user)];
        let rows = self.store.get_rows(&keys, now).await?;
        let [Some(session), Some(person)] = &rows[..] else {
            return Ok(None);
        };
        let session = read::<Session>(&keys[0], session)?;
        let person = read::<Person>(&keys[1], person)?;
        if !is_good(&session.value, &person.value, now) {
            return Ok(None);
        }
        if self.notes_use && is_stale(&session.value, now) {
            self.note_use(&session, now).await?;
        }
        Ok(Some(SignedIn { person, session }))
    }

    /// Of two requests that note it at once, one does.
    async fn note_use(&self, session: &Stored<Session>, now: Timestamp) -> Result<(), Error> {
        let mut work = Work::begin(now);
        see(&mut work, session, now);
        match work.silently(()).commit(&self.store).await {
            Err(Error::Condition { .. }) => Ok(()),
            noted => noted,
        }
    }

    /// Makes a session for a person. Errors: the store does not answer.
    pub async fn open_session(&self, user: UserId) -> Result<IssuedSecret, Error> {
        let now = self.clock.now();
        let person = self.store.get::<Person>(&keys::person(user)).await?;
        let person = person.ok_or_else(|| Error::broken(&keys::person(user), "there is nobody"))?;
        let mut work = Work::begin(now);
        let issued = self.add_session(&mut work, &person.value, SignedInBy::Link, "");
        let signed_in = Happened::PersonSignedIn { person: user };
        let by = self.author(Actor::Person(user), now);
        let opened = work.happened(by, signed_in, |_| issued);
        opened.commit(&self.store).await
    }

    /// Adds a session of a person to a transaction.
    pub(crate) fn add_session(
        &self,
        work: &mut Work,
        person: &Person,
        by: SignedInBy,
        browser: &str,
    ) -> IssuedSecret {
        let now = self.clock.now();
        let secret = self.secret(&format!("{}{}.", token::SESSION, person.id));
        let seconds = lasts(person.level);
        let session = Session {
            id: hash(&secret),
            user: person.id,
            epoch: person.epoch,
            created_at: now,
            seen_at: now,
            by,
            browser: browser.chars().take(BROWSER_MAX_CHARS).collect(),
            expires_at: now.plus_seconds(seconds),
        };
        work.insert_at(keys::session(&session.id), &session);
        IssuedSecret {
            id: person.id.to_string(),
            secret,
            seconds,
        }
    }

    /// Ends the session of a cookie.
    pub async fn close_session(&self, secret: &str) -> Result<(), Error> {
        let mut work = Work::begin(self.clock.now());
        work.delete(keys::session(&hash(secret)), Condition::Any);
        work.silently(()).commit(&self.store).await
    }

    /// The sessions of a person that are good now, the newest first.
    pub async fn sessions(&self, person: &Person) -> Result<Vec<Session>, Error> {
        let now = self.clock.now();
        let (partition, _) = keys::session_position(person.id, "");
        let mut query = Query {
            index: Some(IndexName::Person),
            ..Query::partition(partition, now.unix_seconds())
        };
        let mut found = Vec::new();
        loop {
            let (page, next) = self.store.page::<Session>(&query).await?;
            found.extend(page.into_iter().map(|s| s.value));
            query.cursor = next;
            if query.cursor.is_none() {
                break;
            }
        }
        found.retain(|session| is_good(session, person, now));
        found.sort_by_key(|session| std::cmp::Reverse(session.created_at));
        Ok(found)
    }

    /// Ends one session of a person, by its id. Errors: they have no such session.
    pub async fn end_session(&self, user: UserId, id: &str) -> Result<(), Error> {
        let (now, key) = (self.clock.now(), keys::session(id));
        let found = self.store.get_rows(std::slice::from_ref(&key), now).await?;
        // What stands there may be a frame, which is nobody's session.
        let session = found.into_iter().flatten().next();
        let session = session.filter(kb_store::record::is::<Session>);
        let session = session.map(|row| read::<Session>(&key, &row)).transpose()?;
        let Some(session) = session.filter(|s| s.value.user == user) else {
            let what = Resource::Session;
            return Err(kb_domain::Error::Absent(what).into());
        };
        let mut work = Work::begin(now);
        work.delete(key, Condition::Version(session.version));
        let by = self.author(Actor::Person(user), now);
        let ended = Happened::PersonEndedSessions { person: user };
        work.happened(by, ended, |_| ()).commit(&self.store).await
    }

    /// Ends every session of the person of a cookie but this one; frames are over as well. `None` when it is unknown or over.
    pub async fn end_other_sessions(&self, secret: &str) -> Result<Option<()>, Error> {
        let mut attempts = Attempts::default();
        loop {
            let Some(found) = self.signed_in(secret).await? else {
                return Ok(None);
            };
            let now = self.clock.now();
            let (mut person, mut session) =
                (found.person.value.clone(), found.session.value.clone());
            person.epoch += 1;
            session.epoch = person.epoch;
            let mut work = Work::begin(now);
            work.replace(&found.person, &person);
            let key = keys::session(&session.id);
            work.replace_at(key, found.session.version, &session);
            let by = self.author(Actor::Person(person.id), now);
            let ended = Happened::PersonEndedSessions { person: person.id };
            match work.happened(by, ended, |_| ()).commit(&self.store).await {
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                done => return done.map(Some),
            }
        }
    }
}

/// Notes in a transaction that a session is used.
pub(crate) fn see(work: &mut Work, session: &Stored<Session>, now: Timestamp) {
    let seen = Session {
        seen_at: now,
        ..session.value.clone()
    };
    work.replace_at(keys::session(&seen.id), session.version, &seen);
}
