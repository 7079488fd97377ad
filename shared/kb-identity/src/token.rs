//! How a session and a frame are written in a cookie, a header or a body: with the ids of the rows that decide, so that one read
//! fetches them all.

use crate::hash;
use kb_domain::UserId;

/// What a session's secret begins with.
pub(crate) const SESSION: &str = "se_";
/// What a frame's bearer begins with.
pub(crate) const FRAME: &str = "fr_";
/// What the secret begins with that renews a frame's bearer.
pub(crate) const RENEWAL: &str = "rf_";

/// A hash, or a random part: 64 hexadecimal digits.
fn is_part(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The person and the session that a secret names; `None` when it is not of the form of one.
pub(crate) fn session(text: &str) -> Option<(UserId, String)> {
    let (user, secret) = text.strip_prefix(SESSION)?.split_once('.')?;
    is_part(secret).then_some(())?;
    Some((user.parse().ok()?, hash(text)))
}

/// What a frame's secret names.
pub(crate) struct FrameToken {
    pub user: UserId,
    /// The session it was opened by.
    pub session: String,
    /// The frame.
    pub frame: String,
    /// The hash of the whole.
    pub hash: String,
}

impl FrameToken {
    /// What a secret with this beginning names; `None` when it is not of the form of one.
    pub(crate) fn read(text: &str, prefix: &str) -> Option<Self> {
        let mut parts = text.strip_prefix(prefix)?.split('.');
        let user = parts.next()?.parse().ok()?;
        let [session, frame, _] = [parts.next()?, parts.next()?, parts.next()?];
        let is_whole = [session, frame].into_iter().all(is_part) && parts.next().is_none();
        is_whole.then(|| Self {
            user,
            session: session.to_owned(),
            frame: frame.to_owned(),
            hash: hash(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_of_the_form_of_a_secret_names_nothing() {
        let user = UserId::new(uuid::Uuid::from_u128(7));
        let part = "0a".repeat(32);
        let good = format!("se_{user}.{part}");
        assert_eq!(session(&good), Some((user, hash(&good))));
        let frame = format!("fr_{user}.{part}.{part}.{part}");
        assert!(FrameToken::read(&frame, FRAME).is_some());
        assert!(FrameToken::read(&frame, RENEWAL).is_none());
        for bad in [
            "",
            "se_",
            "se_.",
            &format!("se_{user}"),
            &format!("se_{user}."),
            &format!("se_{user}.{part}00"),
            &format!("se_{user}.{}", "zz".repeat(32)),
            &format!("se_key_1.{part}"),
            &part,
        ] {
            assert!(session(bad).is_none(), "{bad}");
        }
        for bad in [
            format!("{frame}.{part}"),
            format!("fr_{user}.{part}.{part}"),
            format!("fr_{user}.SES#x.{part}.{part}"),
        ] {
            assert!(FrameToken::read(&bad, FRAME).is_none(), "{bad}");
        }
    }
}
