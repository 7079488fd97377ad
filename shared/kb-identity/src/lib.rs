#![doc = include_str!("../README.md")]

mod rights;

use kb_domain::{Clock, EventId, Grant, IdGen, KeyId, Level, Role, Timestamp, UserId, Viewer};
use kb_events::{Actor, Author, Change, Happened, Work};
use kb_store::repo::{
    ApiKey, KeyScope, Person, Session, SignInLink, SubjectClaim, api_key_by_hash, insert_api_key,
    insert_person, insert_session, insert_sign_in_link,
};
use kb_store::{Condition, Error, Store, keys};
use rights::{viewer_of_key, viewer_of_person};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How long a signed-in browser stays so, in seconds: twelve hours.
pub const SESSION_SECONDS: i64 = 12 * 3_600;
/// How long a frame's bearer is good, in seconds.
pub const FRAME_SECONDS: i64 = 15 * 60;
/// How long a sign-in link is good, in seconds.
pub const LINK_SECONDS: i64 = 3_600;

/// Keys, people and sessions.
#[derive(Clone)]
pub struct Identity {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
}

/// A secret that was just made; the only time it can be read.
pub struct IssuedSecret {
    /// The id of what it opens.
    pub id: String,
    /// The secret.
    pub secret: String,
}

impl std::fmt::Debug for IssuedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IssuedSecret({})", self.id)
    }
}

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
    /// Identities in a store.
    pub fn new(store: Store, clock: Arc<dyn Clock>, ids: Arc<dyn IdGen>) -> Self {
        Self { store, clock, ids }
    }

    fn secret(&self, prefix: &str) -> String {
        format!("{prefix}{}", keys::hex(&self.ids.secret()))
    }

    fn author(&self, actor: Actor, at: Timestamp) -> Author {
        Author {
            actor,
            at,
            event: EventId::new(self.ids.uuid()),
        }
    }

    /// Makes an API key that is good for `seconds`.
    pub async fn create_key(
        &self,
        name: &str,
        scopes: BTreeSet<KeyScope>,
        seconds: i64,
        actor: Actor,
    ) -> Result<IssuedSecret, Error> {
        let systems = BTreeSet::new();
        self.create_key_for(name, scopes, systems, seconds, actor)
            .await
    }

    /// The same for a key that works for some ticket systems only; for every system when there are none.
    pub async fn create_key_for(
        &self,
        name: &str,
        scopes: BTreeSet<KeyScope>,
        systems: BTreeSet<String>,
        seconds: i64,
        actor: Actor,
    ) -> Result<IssuedSecret, Error> {
        let now = self.clock.now();
        let secret = self.secret("sk_");
        let key = ApiKey {
            id: KeyId::new(self.ids.uuid()),
            name: name.to_owned(),
            scopes,
            hash: hash(&secret),
            systems,
            created_at: now,
            expires_at: Some(now.plus_seconds(seconds)),
        };
        let mut work = Work::begin(now);
        insert_api_key(&mut work, &key);
        let created = Happened::KeyChanged {
            key: key.id,
            change: Change::Created,
        };
        let issued = IssuedSecret {
            id: key.id.to_string(),
            secret,
        };
        let made = work.happened(self.author(actor, now), created, |_| issued);
        made.commit(&self.store).await
    }

    /// The viewer a bearer stands for: an API key, or a frame's session. `None` when it is unknown or over.
    pub async fn bearer(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        if secret.starts_with("fr_") {
            return self.session_of(secret, true).await;
        }
        let now = self.clock.now();
        let key = api_key_by_hash(&self.store, &hash(secret)).await?;
        let valid = key.filter(|k| k.expires_at.is_none_or(|end| end > now));
        Ok(valid.map(|key| viewer_of_key(&key)))
    }

    /// The viewer of a session cookie.
    pub async fn session(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        self.session_of(secret, false).await
    }

    async fn session_of(&self, secret: &str, frame: bool) -> Result<Option<Viewer>, Error> {
        let now = self.clock.now();
        let key = keys::session(&hash(secret));
        let session = self.store.get_live::<Session>(&key, now).await?;
        let session = session.map(|s| s.value);
        let Some(session) = session.filter(|s| s.frame == frame && s.expires_at > now) else {
            return Ok(None);
        };
        let person = self.read(session.user).await?;
        Ok(person.map(|person| viewer_of_person(&person, frame)))
    }

    async fn read(&self, id: UserId) -> Result<Option<Person>, Error> {
        let found = self.store.get::<Person>(&keys::person(id)).await?;
        Ok(found.map(|found| found.value))
    }

    /// Makes a session, or a frame's bearer, for a person.
    pub async fn open_session(&self, user: UserId, frame: bool) -> Result<IssuedSecret, Error> {
        let now = self.clock.now();
        let mut work = Work::begin(now);
        let issued = self.add_session(&mut work, user, frame, now);
        if frame {
            // The session that it is made for was told of; this is its renewal.
            return work.silently(issued).commit(&self.store).await;
        }
        let signed_in = Happened::PersonSignedIn { person: user };
        let by = self.author(Actor::Person(user), now);
        let opened = work.happened(by, signed_in, |_| issued);
        opened.commit(&self.store).await
    }

    fn add_session(
        &self,
        work: &mut Work,
        user: UserId,
        frame: bool,
        now: Timestamp,
    ) -> IssuedSecret {
        let (prefix, seconds) = if frame {
            ("fr_", FRAME_SECONDS)
        } else {
            ("se_", SESSION_SECONDS)
        };
        let secret = self.secret(prefix);
        let session = Session {
            user,
            frame,
            expires_at: now.plus_seconds(seconds),
        };
        insert_session(work, &hash(&secret), &session);
        IssuedSecret {
            id: user.to_string(),
            secret,
        }
    }

    /// Ends a session.
    pub async fn close_session(&self, secret: &str) -> Result<(), Error> {
        let mut work = Work::begin(self.clock.now());
        work.delete(keys::session(&hash(secret)), Condition::Any);
        work.silently(()).commit(&self.store).await
    }

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
            level: new.level,
            grants: new.roles.iter().map(|r| Grant::everywhere(*r)).collect(),
            segments: new.segments.iter().map(|s| (*s).to_owned()).collect(),
        };
        let mut work = Work::begin(now);
        insert_person(&mut work, &person, issuer, subject);
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

    /// Makes a link that signs a person in once and leads to `target`, a path of this server.
    pub async fn create_link(&self, user: UserId, target: &str) -> Result<IssuedSecret, Error> {
        let now = self.clock.now();
        let secret = self.secret("li_");
        let link = SignInLink {
            user,
            target: target.to_owned(),
        };
        let mut work = Work::begin(now);
        let expires_at = now.plus_seconds(LINK_SECONDS);
        insert_sign_in_link(&mut work, &hash(&secret), &link, expires_at);
        let issued = IssuedSecret {
            id: user.to_string(),
            secret,
        };
        work.silently(issued).commit(&self.store).await
    }

    /// The name behind a link, for the page that asks whether to sign in; the link stays good.
    pub async fn peek_link(&self, secret: &str) -> Result<Option<String>, Error> {
        let key = keys::state(&hash(secret));
        let link = self.store.get_live::<SignInLink>(&key, self.clock.now());
        let Some(link) = link.await? else {
            return Ok(None);
        };
        Ok(self.read(link.value.user).await?.map(|p| p.name))
    }

    /// Takes a link and makes a session by it: of two who try at once, one gets it. `None` when it is used or over.
    pub async fn take_link(&self, secret: &str) -> Result<Option<(IssuedSecret, String)>, Error> {
        let now = self.clock.now();
        let key = keys::state(&hash(secret));
        let Some(link) = self.store.get_live::<SignInLink>(&key, now).await? else {
            return Ok(None);
        };
        let mut work = Work::begin(now);
        work.delete(key, Condition::Version(link.version));
        let SignInLink { user, target } = link.value;
        let issued = self.add_session(&mut work, user, false, now);
        let signed_in = Happened::PersonSignedIn { person: user };
        let by = self.author(Actor::Person(user), now);
        let taken = work.happened(by, signed_in, |_| (issued, target));
        match taken.commit(&self.store).await {
            Ok(taken) => Ok(Some(taken)),
            Err(Error::Condition { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// SHA-256 of a secret, in hexadecimal. Secrets are 256 random bits, so a plain hash is as good as a slow one.
fn hash(secret: &str) -> String {
    keys::hex(&Sha256::digest(secret.as_bytes()))
}
