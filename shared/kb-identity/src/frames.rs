//! The sidebar in a frame of another site: a short bearer, renewed for as long as somebody works there.

use crate::lifetime::{is_good, is_in, is_stale, staff_session_seconds};
use crate::rights::{Door, viewer_of_person};
use crate::sessions::see;
use crate::token::{FRAME, FrameToken, RENEWAL};
use crate::{Identity, hash};
use kb_domain::{Timestamp, UserId, Viewer};
use kb_events::{Attempts, Work};
use kb_store::record::{is, read};
use kb_store::repo::{Frame, FrameBearer, Person, Session, Stored};
use kb_store::{Condition, Error, keys};

/// How long a frame's bearer is good, in seconds.
pub const FRAME_SECONDS: i64 = 15 * 60;
/// How long a frame lasts in which nobody works, in seconds.
const FRAME_IDLE_SECONDS: i64 = 2 * 3_600;

/// A frame's fresh secrets; the only time they can be read.
pub struct IssuedFrame {
    /// The bearer.
    pub token: String,
    /// What renews it, once.
    pub renewal: String,
}

/// A frame with what it hangs on.
struct Opened {
    frame: Stored<Frame>,
    session: Stored<Session>,
    person: Stored<Person>,
}

impl Identity {
    /// The viewer of a frame's bearer; `None` when it is unknown or over, or its session is.
    pub(crate) async fn frame(&self, secret: &str) -> Result<Option<Viewer>, Error> {
        let Some(token) = FrameToken::read(secret, FRAME) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let found = self.opened(&token, now).await?.filter(|found| {
            let mut bearers = found.frame.value.bearers.iter();
            bearers.any(|b| b.hash == token.hash && b.until > now)
        });
        Ok(found.map(|found| viewer_of_person(&found.person.value, Door::Frame)))
    }

    /// The frame that a secret names, by one read; `None` when it is over, or the session or the person is.
    async fn opened(&self, token: &FrameToken, now: Timestamp) -> Result<Option<Opened>, Error> {
        let keys = [
            keys::session(&token.frame),
            keys::session(&token.session),
            keys::person(token.user),
        ];
        let rows = self.store.get_rows(&keys, now).await?;
        let [Some(frame), Some(session), Some(person)] = &rows[..] else {
            return Ok(None);
        };
        if !is::<Frame>(frame) || !is::<Session>(session) {
            return Ok(None);
        }
        let found = Opened {
            frame: read(&keys[0], frame)?,
            session: read(&keys[1], session)?,
            person: read(&keys[2], person)?,
        };
        let (frame, person) = (&found.frame.value, &found.person.value);
        let is_open = frame.user == person.id
            && frame.session == token.session
            && is_in(person, frame.epoch)
            && frame.expires_at > now
            && frame.renewed_at.plus_seconds(FRAME_IDLE_SECONDS) > now
            && is_good(&found.session.value, person, now);
        Ok(is_open.then_some(found))
    }

    /// Opens a frame for the person of a cookie; `None` when it is unknown or over.
    pub async fn open_frame(&self, cookie: &str) -> Result<Option<IssuedFrame>, Error> {
        let Some(found) = self.signed_in(cookie).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        let mut work = Work::begin(now);
        let person = &found.person.value;
        let issued = self.add_frame(&mut work, person, &found.session.value.id, now);
        // The session that it is opened by was told of.
        work.silently(Some(issued)).commit(&self.store).await
    }

    /// Adds a frame of a session to a transaction.
    pub(crate) fn add_frame(
        &self,
        work: &mut Work,
        person: &Person,
        session: &str,
        now: Timestamp,
    ) -> IssuedFrame {
        let id = keys::hex(&self.ids.secret());
        let issued = self.frame_secrets(person.id, session, &id);
        let frame = Frame {
            user: person.id,
            session: session.to_owned(),
            epoch: person.epoch,
            created_at: now,
            renewed_at: now,
            bearers: vec![bearer(&issued, now)],
            renewal: hash(&issued.renewal),
            expires_at: now.plus_seconds(staff_session_seconds()),
            id,
        };
        work.insert_at(keys::session(&frame.id), &frame);
        issued
    }

    fn frame_secrets(&self, user: UserId, session: &str, frame: &str) -> IssuedFrame {
        let of = |prefix: &str| self.secret(&format!("{prefix}{user}.{session}.{frame}."));
        IssuedFrame {
            token: of(FRAME),
            renewal: of(RENEWAL),
        }
    }

    /// Takes a secret that renews a frame's bearer and makes a fresh pair. `None` when it is unknown or the frame is over. A secret
    /// that was taken before ends the frame: somebody else has it.
    pub async fn renew_frame(&self, renewal: &str) -> Result<Option<IssuedFrame>, Error> {
        let Some(token) = FrameToken::read(renewal, RENEWAL) else {
            return Ok(None);
        };
        let mut attempts = Attempts::default();
        loop {
            match self.try_renew(&token).await {
                Err(Error::Condition { .. }) if attempts.again(true) => {}
                renewed => return renewed,
            }
        }
    }

    async fn try_renew(&self, token: &FrameToken) -> Result<Option<IssuedFrame>, Error> {
        let now = self.clock.now();
        let Some(found) = self.opened(token, now).await? else {
            return Ok(None);
        };
        let key = keys::session(&token.frame);
        let mut work = Work::begin(now);
        if found.frame.value.renewal != token.hash {
            work.delete(key, Condition::Version(found.frame.version));
            return work.silently(None).commit(&self.store).await;
        }
        let issued = self.frame_secrets(token.user, &token.session, &token.frame);
        let mut frame = found.frame.value.clone();
        frame.renewed_at = now;
        frame.renewal = hash(&issued.renewal);
        frame.bearers.retain(|b| b.until > now);
        // What is under way with the one before still arrives.
        let older = frame.bearers.len().saturating_sub(1);
        frame.bearers.drain(..older);
        frame.bearers.push(bearer(&issued, now));
        work.replace_at(key, found.frame.version, &frame);
        // Who works in a frame uses the session that it hangs on.
        if is_stale(&found.session.value, now) {
            see(&mut work, &found.session, now);
        }
        work.silently(Some(issued)).commit(&self.store).await
    }
}

fn bearer(issued: &IssuedFrame, now: Timestamp) -> FrameBearer {
    FrameBearer {
        hash: hash(&issued.token),
        until: now.plus_seconds(FRAME_SECONDS),
    }
}
