#![doc = include_str!("../README.md")]

use kb_domain::{
    Action, Actions, Clock, EventId, Grant, IdGen, KeyId, Level, Role, Timestamp, UserId, Viewer,
    Who,
};
use kb_events::{Event, EventKind, put_event};
use kb_store::repo::{ApiKey, ApiKeys, KeyScope, People, Person, Session, Sessions, SignInLink};
use kb_store::{Error, Table, TableName, Transaction};
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
    keys: ApiKeys,
    people: People,
    sessions: Sessions,
    table: Arc<dyn Table>,
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

impl std::fmt::Debug for IssuedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IssuedSecret({})", self.id)
    }
}

impl Identity {
    /// Identities in `table`.
    pub fn new(table: Arc<dyn Table>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGen>) -> Self {
        Self {
            keys: ApiKeys::new(table.clone()),
            people: People::new(table.clone()),
            sessions: Sessions::new(table.clone()),
            table,
            clock,
            ids,
        }
    }

    fn secret(&self, prefix: &str) -> String {
        format!("{prefix}{}", kb_store::keys::hex(&self.ids.secret()))
    }

    /// Makes an API key that is good for `seconds`.
    pub async fn create_key(
        &self,
        name: &str,
        scopes: BTreeSet<KeyScope>,
        seconds: i64,
        actor: &str,
    ) -> Result<IssuedSecret, Error> {
        let now = self.clock.now();
        let secret = self.secret("sk_");
        let key = ApiKey {
            id: KeyId::new(self.ids.uuid()),
            name: name.to_owned(),
            scopes,
            hash: hash(&secret),
            created_at: now,
            expires_at: Some(now.plus_seconds(seconds)),
        };
        let mut tx = begin(now);
        self.keys.put_new(&mut tx, &key);
        let event = Event {
            id: EventId::new(self.ids.uuid()),
            kind: EventKind::KeyChanged,
            subject: key.id.to_string(),
            version: tx.version(),
            actor: actor.to_owned(),
            at: now,
            fields: vec!["created".to_owned()],
        };
        put_event(&mut tx, &event);
        self.table.commit(tx).await?;
        Ok(IssuedSecret {
            id: key.id.to_string(),
            secret,
        })
    }

    /// The viewer a bearer stands for: an API key, or a frame's session. `None` when it is unknown or over.
    pub async fn bearer(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        if secret.starts_with("fr_") {
            return self.session_of(secret, true).await;
        }
        let now = self.clock.now();
        let key = self
            .keys
            .by_hash(&hash(secret))
            .await?
            .filter(|k| k.expires_at.is_none_or(|end| end > now));
        Ok(key.map(|key| viewer_of_key(&key)))
    }

    /// The viewer of a session cookie.
    pub async fn session(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        self.session_of(secret, false).await
    }

    async fn session_of(&self, secret: &str, frame: bool) -> Result<Option<Viewer>, Error> {
        let session = self
            .sessions
            .get(&hash(secret), self.clock.now())
            .await?
            .filter(|s| s.frame == frame);
        let Some(session) = session else {
            return Ok(None);
        };
        Ok(self
            .people
            .get(session.user)
            .await?
            .map(|person| viewer_of_person(&person.value, frame)))
    }

    /// Makes a session, or a frame's bearer, for a person.
    pub async fn open_session(&self, user: UserId, frame: bool) -> Result<IssuedSecret, Error> {
        let now = self.clock.now();
        let (prefix, seconds) = if frame {
            ("fr_", FRAME_SECONDS)
        } else {
            ("se_", SESSION_SECONDS)
        };
        let secret = self.secret(prefix);
        let mut tx = begin(now);
        self.sessions.put(
            &mut tx,
            &hash(&secret),
            &Session {
                user,
                frame,
                expires_at: now.plus_seconds(seconds),
            },
        );
        self.table.commit(tx).await?;
        Ok(IssuedSecret {
            id: user.to_string(),
            secret,
        })
    }

    /// Ends a session.
    pub async fn close_session(&self, secret: &str) -> Result<(), Error> {
        let mut tx = begin(self.clock.now());
        self.sessions.delete(&mut tx, &hash(secret));
        self.table.commit(tx).await.map(|_| ())
    }

    /// The person whom `issuer` calls `subject`, made when there is none.
    pub async fn person(
        &self,
        issuer: &str,
        subject: &str,
        new: &NewPerson<'_>,
    ) -> Result<UserId, Error> {
        if let Some(id) = self.people.by_subject(issuer, subject).await? {
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
        let mut tx = begin(now);
        self.people.put_new(&mut tx, &person, issuer, subject);
        match self.table.commit(tx).await {
            Ok(_) => Ok(person.id),
            // Somebody signed in as the same person at the same moment: there is one of them.
            Err(error @ Error::Condition { .. }) => {
                self.people.by_subject(issuer, subject).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a link that signs a person in once and leads to `target`, a path of this server.
    pub async fn create_link(&self, user: UserId, target: &str) -> Result<IssuedSecret, Error> {
        let now = self.clock.now();
        let secret = self.secret("li_");
        let mut tx = begin(now);
        let link = SignInLink {
            user,
            target: target.to_owned(),
        };
        self.sessions.put_link(
            &mut tx,
            &hash(&secret),
            &link,
            now.plus_seconds(LINK_SECONDS),
        );
        self.table.commit(tx).await?;
        Ok(IssuedSecret {
            id: user.to_string(),
            secret,
        })
    }

    /// The name behind a link, for the page that asks whether to sign in; the link stays good.
    pub async fn peek_link(&self, secret: &str) -> Result<Option<String>, Error> {
        let Some(link) = self.sessions.link(&hash(secret), self.clock.now()).await? else {
            return Ok(None);
        };
        Ok(self.people.get(link.user).await?.map(|p| p.value.name))
    }

    /// Takes a link and makes a session by it: of two who try at once, one gets it. `None` when it is used or over.
    pub async fn take_link(&self, secret: &str) -> Result<Option<(IssuedSecret, String)>, Error> {
        let now = self.clock.now();
        let mut tx = begin(now);
        let Some(link) = self.sessions.take_link(&mut tx, &hash(secret), now).await? else {
            return Ok(None);
        };
        let session = self.secret("se_");
        self.sessions.put(
            &mut tx,
            &hash(&session),
            &Session {
                user: link.user,
                frame: false,
                expires_at: now.plus_seconds(SESSION_SECONDS),
            },
        );
        match self.table.commit(tx).await {
            Ok(_) => Ok(Some((
                IssuedSecret {
                    id: link.user.to_string(),
                    secret: session,
                },
                link.target,
            ))),
            Err(Error::Condition { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn begin(now: Timestamp) -> Transaction {
    Transaction::new(TableName::Main, now.micros())
}

/// SHA-256 of a secret, in hexadecimal. Secrets are 256 random bits, so a plain hash is as good as a slow one.
fn hash(secret: &str) -> String {
    kb_store::keys::hex(&Sha256::digest(secret.as_bytes()))
}

/// What a scope of a key allows at most.
fn ceiling_of(scope: KeyScope) -> Actions {
    const READ: Actions = Actions::of(&[Action::Read]);
    const WRITE: Actions = READ.and(Actions::of(&[
        Action::Edit,
        Action::SendToReview,
        Action::Propose,
        Action::Arrange,
        Action::Verify,
    ]));
    const PUBLISH: Actions = WRITE.and(Actions::of(&[Action::Publish, Action::Archive]));
    match scope {
        KeyScope::Read => READ,
        KeyScope::Suggest => READ.and(Actions::of(&[Action::SeeTickets, Action::Suggest])),
        KeyScope::Write => WRITE,
        KeyScope::Publish => PUBLISH,
        KeyScope::Moderate => READ.and(Actions::of(&[Action::Moderate, Action::Comment])),
        KeyScope::Admin => PUBLISH.and(Actions::of(&[
            Action::Moderate,
            Action::Analyze,
            Action::Configure,
            Action::Export,
            Action::People,
            Action::Grant,
        ])),
    }
}

/// What a frame beside a ticket may do at most, whoever sits in front of it.
const FRAME: Actions = Actions::of(&[Action::Read, Action::SeeTickets, Action::Suggest]);

/// A key may what its scopes say. One that edits oversees every audience; one that suggests stands where an agent stands, any
/// other with the public.
fn viewer_of_key(key: &ApiKey) -> Viewer {
    let grants = vec![Grant::everywhere(Role::Admin)];
    let mut viewer = Viewer::new(Who::Key(key.id), &key.name, Level::Public, grants);
    let scopes = key.scopes.iter();
    viewer.ceiling = Some(scopes.fold(Actions::NONE, |all, s| all.and(ceiling_of(*s))));
    if viewer.may(Action::Suggest) {
        viewer.level = Level::Agent;
    }
    viewer
}

fn viewer_of_person(person: &Person, frame: bool) -> Viewer {
    let who = if frame {
        Who::Frame(person.id)
    } else {
        Who::Person(person.id)
    };
    let mut viewer = Viewer::new(who, &person.name, person.level, person.grants.clone());
    viewer.segments.clone_from(&person.segments);
    viewer.ceiling = frame.then_some(FRAME);
    viewer
}
