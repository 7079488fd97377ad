//! How a frame on another site, which has no cookie of ours, gets its bearer: it makes a secret, a window of its own joins a
//! session to it, and the frame asks for what came of it.

use crate::frames::IssuedFrame;
use crate::{Identity, IssuedSecret, hash};
use kb_events::{Attempts, Work};
use kb_store::record::{is, read};
use kb_store::repo::{Pairing, Person, Session, Stored};
use kb_store::{Condition, Error, Key, keys};

/// How long a pairing is good, in seconds.
pub const PAIRING_SECONDS: i64 = 600;
/// How often a frame may ask.
const ASKED_MAX: u32 = 90;

/// What came of a pairing.
pub enum Paired {
    /// Nobody has signed in for it yet.
    Waiting,
    /// Somebody has; it is over.
    Opened(IssuedFrame),
    /// It is unknown or over.
    Over,
}

impl Identity {
    /// Makes a pairing for a frame.
    pub async fn begin_pairing(&self) -> Result<IssuedSecret, Error> {
        let now = self.clock.now();
        let secret = self.secret("pr_");
        let pairing = Pairing {
            asked: 0,
            joined: None,
            expires_at: now.plus_seconds(PAIRING_SECONDS),
        };
        let mut work = Work::begin(now);
        work.insert_at(keys::state(&hash(&secret)), &pairing);
        let issued = IssuedSecret {
            id: "pairing".to_owned(),
            secret,
            seconds: PAIRING_SECONDS,
        };
        work.silently(issued).commit(&self.store).await
    }

    async fn pairing(&self, key: &Key) -> Result<Option<Stored<Pairing>>, Error> {
        let rows = self
            .store
            .get_rows(std::slice::from_ref(key), self.clock.now());
        let row = rows.await?.into_iter().flatten().next();
        let row = row.filter(is::<Pairing>);
        row.map(|row| read(key, &row)).transpose()
    }

    /// Joins the session of a cookie to a pairing. Answers whether there is such a pairing that nobody joined before.
    pub async fn join_pairing(&self, pairing: &str, cookie: &str) -> Result<bool, Error> {
        let key = keys::state(&hash(pairing));
        let mut attempts = Attempts::default();
        loop {
            let Some(found) = self.signed_in(cookie).await? else {
                return Ok(false);
            };
            let before = self.pairing(&key).await?;
            let Some(before) = before.filter(|p| p.value.joined.is_none()) else {
                return Ok(false);
            };
            let mut after = before.value.clone();
            after.joined = Some((found.person.value.id, found.session.value.id));
            let mut work = Work::begin(self.clock.now());
            work.replace_at(key.clone(), before.version, &after);
            match work.silently(true).commit(&self.store).await {
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                joined => return joined,
            }
        }
    }

    /// Asks what came of a pairing; once somebody has signed in for it, it opens a frame and is over.
    pub async fn take_pairing(&self, pairing: &str) -> Result<Paired, Error> {
        let key = keys::state(&hash(pairing));
        let mut attempts = Attempts::default();
        loop {
            let Some(before) = self.pairing(&key).await? else {
                return Ok(Paired::Over);
            };
            match self.answer(&key, &before).await {
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                answer => return answer,
            }
        }
    }

    async fn answer(&self, key: &Key, before: &Stored<Pairing>) -> Result<Paired, Error> {
        let now = self.clock.now();
        let mut work = Work::begin(now);
        let Some((user, session)) = &before.value.joined else {
            let mut after = before.value.clone();
            after.asked += 1;
            let answer = if after.asked >= ASKED_MAX {
                work.delete(key.clone(), Condition::Version(before.version));
                Paired::Over
            } else {
                work.replace_at(key.clone(), before.version, &after);
                Paired::Waiting
            };
            return work.silently(answer).commit(&self.store).await;
        };
        let keys = [keys::session(session), keys::person(*user)];
        let rows = self.store.get_rows(&keys, now).await?;
        work.delete(key.clone(), Condition::Version(before.version));
        let answer = match &rows[..] {
            [Some(session), Some(person)] => {
                let session = read::<Session>(&keys[0], session)?.value;
                let person = read::<Person>(&keys[1], person)?.value;
                if crate::lifetime::is_good(&session, &person, now) {
                    Paired::Opened(self.add_frame(&mut work, &person, &session.id, now))
                } else {
                    Paired::Over
                }
            }
            _ => Paired::Over,
        };
        work.silently(answer).commit(&self.store).await
    }
}
