//! API keys: what a program presents instead of a person.

use crate::rights::viewer_of_key;
use crate::{Identity, IssuedSecret, hash};
use kb_domain::{Area, KeyId, Level, Timestamp, Viewer};
use kb_events::{Actor, Attempts, Change, Happened, Prepared, Work};
use kb_store::repo::{
    ApiKey, KeyScope, KeySecret, Stored, api_key_by_hash, insert_api_key, remove_api_key,
    replace_api_key,
};
use kb_store::{Error, keys};
use std::collections::BTreeSet;

/// What a key's secret begins with.
const KEY: &str = "sk_";
/// Characters of a secret that lists show.
const PREFIX_CHARS: usize = 8;

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// A name for people.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<KeyScope>,
    /// How far inside it stands; where its scopes put it when nobody says.
    pub level: Option<Level>,
    /// Where it may do what its scopes say.
    pub areas: Vec<Area>,
    /// How long it is good, in seconds.
    pub seconds: i64,
}

impl NewKey {
    /// A key for the whole base that stands where its scopes put it.
    pub fn of(name: &str, scopes: BTreeSet<KeyScope>, seconds: i64) -> Self {
        Self {
            name: name.to_owned(),
            scopes,
            level: None,
            areas: vec![Area::Everything],
            seconds,
        }
    }

    /// How far inside it stands: with agents where it suggests, else with the public.
    pub fn stands_at(&self) -> Level {
        let suggests = self.scopes.contains(&KeyScope::Suggest);
        let by_scopes = if suggests {
            Level::Agent
        } else {
            Level::Public
        };
        self.level.unwrap_or(by_scopes)
    }
}

impl Identity {
    /// The viewer of a key's secret; `None` when it is unknown, taken back or over.
    pub(crate) async fn key(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        let (now, hash) = (self.clock.now(), hash(secret));
        let key = api_key_by_hash(&self.store, &hash).await?;
        let valid = key.filter(|k| k.opens(&hash, now));
        Ok(valid.map(|key| viewer_of_key(&key)))
    }

    /// Makes an API key.
    pub async fn create_key(&self, new: &NewKey, actor: Actor) -> Result<IssuedSecret, Error> {
        let now = self.clock.now();
        let secret = self.secret(KEY);
        let key = ApiKey {
            id: KeyId::new(self.ids.uuid()),
            name: new.name.clone(),
            scopes: new.scopes.clone(),
            level: new.stands_at(),
            areas: new.areas.clone(),
            secrets: vec![kept(&secret)],
            created_at: now,
            expires_at: Some(now.plus_seconds(new.seconds)),
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
            seconds: new.seconds,
        };
        let made = work.happened(self.author(actor, now), created, |_| issued);
        made.commit(&self.store).await
    }

    /// Makes a new secret of a key; the one before stays good for `overlap` seconds. `None` when there is no such key.
    pub async fn rotate_key(
        &self,
        id: KeyId,
        overlap: i64,
        actor: Actor,
    ) -> Result<Option<IssuedSecret>, Error> {
        let mut attempts = Attempts::default();
        loop {
            let Some(before) = kb_store::repo::api_key(&self.store, id).await? else {
                return Ok(None);
            };
            let rotated = self.rotated(&before, overlap, actor.clone());
            match rotated.commit(&self.store).await {
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                done => return done.map(Some),
            }
        }
    }

    fn rotated(
        &self,
        before: &Stored<ApiKey>,
        overlap: i64,
        actor: Actor,
    ) -> Prepared<IssuedSecret> {
        let now = self.clock.now();
        let secret = self.secret(KEY);
        let mut key = before.value.clone();
        let end = now.plus_seconds(overlap);
        for older in &mut key.secrets {
            older.until = Some(older.until.map_or(end, |until: Timestamp| until.min(end)));
        }
        // Two at most: the new one, and the newest of those that are still good.
        key.secrets
            .retain(|s| s.until.is_some_and(|until| until > now));
        let older = key.secrets.len().saturating_sub(1);
        key.secrets.drain(..older);
        key.secrets.push(kept(&secret));
        let mut work = Work::begin(now);
        replace_api_key(&mut work, before, &key);
        let left = key.expires_at.map_or(0, |end| end.0 - now.0);
        let issued = IssuedSecret {
            id: key.id.to_string(),
            secret,
            seconds: left / 1_000_000,
        };
        let rotated = Happened::KeyRotated { key: key.id };
        work.happened(self.author(actor, now), rotated, |_| issued)
    }

    /// Takes a key back: it opens nothing from now on. `None` when there is no such key.
    pub async fn revoke_key(&self, id: KeyId, actor: Actor) -> Result<Option<()>, Error> {
        let mut attempts = Attempts::default();
        loop {
            let now = self.clock.now();
            let before = self.store.get::<ApiKey>(&keys::api_key(id)).await?;
            let Some(before) = before else {
                return Ok(None);
            };
            let mut work = Work::begin(now);
            remove_api_key(&mut work, &before);
            let revoked = Happened::KeyRevoked { key: id };
            let revoked = work.happened(self.author(actor.clone(), now), revoked, |_| ());
            match revoked.commit(&self.store).await {
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                done => return done.map(Some),
            }
        }
    }
}

fn kept(secret: &str) -> KeySecret {
    KeySecret {
        hash: hash(secret),
        prefix: secret.chars().skip(KEY.len()).take(PREFIX_CHARS).collect(),
        until: None,
    }
}
