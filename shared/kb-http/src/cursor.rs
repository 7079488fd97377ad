//! Sealed cursors: where a list goes on, bound to the list and the viewer it was made for. And names that are signed with the
//! same secret.

use crate::problem::Rejection;
use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use kb_store::Error;
use kb_store::keys::hex;
use sha2::Sha256;
use std::sync::Arc;

/// The secret of an installation under which its cursors are sealed. Most requests need none, so it is read when one does.
#[async_trait]
pub trait CursorSecret: Send + Sync {
    /// The secret. Errors: whoever keeps it does not answer.
    async fn read(&self) -> Result<[u8; 32], Error>;
}

#[async_trait]
impl CursorSecret for [u8; 32] {
    async fn read(&self) -> Result<[u8; 32], Error> {
        Ok(*self)
    }
}

/// Seals and opens cursors with a secret of this installation.
#[derive(Clone)]
pub struct Cursors {
    secret: Arc<dyn CursorSecret>,
}

impl Cursors {
    /// Cursors under `secret`.
    pub fn new(secret: Arc<dyn CursorSecret>) -> Self {
        Self { secret }
    }

    /// A cursor for `position` of the list `list`; the list's name tells query and viewer. Errors: the secret cannot be read.
    pub async fn seal(&self, list: &str, position: &str) -> Result<String, Error> {
        let position = hex(position.as_bytes());
        let tag = tag(&self.secret.read().await?, list, &position);
        Ok(format!("{position}.{tag}"))
    }

    /// The position in a cursor. Errors: it is not one of ours for this list; the secret cannot be read.
    pub async fn open(&self, list: &str, cursor: &str) -> Result<String, Rejection> {
        let wrong = || {
            Rejection::parameter(
                "cursor",
                "this cursor belongs to another list; start again from the first page",
            )
        };
        let (position, theirs) = cursor.split_once('.').ok_or_else(wrong)?;
        let ours = tag(&self.secret.read().await?, list, position);
        if !constant_time_equal(theirs.as_bytes(), ours.as_bytes()) {
            return Err(wrong());
        }
        let digits = position.as_bytes().chunks(2).map(|pair| {
            std::str::from_utf8(pair)
                .ok()
                .and_then(|p| u8::from_str_radix(p, 16).ok())
        });
        let bytes: Option<Vec<u8>> = digits.collect();
        bytes
            .and_then(|b| String::from_utf8(b).ok())
            .ok_or_else(wrong)
    }

    /// `name` with a signature for `purpose`. Neither holds a dot. Errors: the secret cannot be read.
    pub async fn sign(&self, purpose: &str, name: &str) -> Result<String, Error> {
        let tag = tag(&self.secret.read().await?, purpose, name);
        Ok(format!("{name}.{tag}"))
    }

    /// The name in what [`Cursors::sign`] made for `purpose`; `None` when somebody else made it. Errors: the secret cannot be
    /// read.
    pub async fn signed<'a>(
        &self,
        purpose: &str,
        token: &'a str,
    ) -> Result<Option<&'a str>, Error> {
        let Some((name, theirs)) = token.split_once('.') else {
            return Ok(None);
        };
        let ours = tag(&self.secret.read().await?, purpose, name);
        let same = constant_time_equal(theirs.as_bytes(), ours.as_bytes());
        Ok(same.then_some(name))
    }
}

fn tag(secret: &[u8; 32], list: &str, position: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(list.as_bytes());
    mac.update(b"\0");
    mac.update(position.as_bytes());
    hex(&mac.finalize().into_bytes()[..16])
}

fn constant_time_equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .fold(0, |difference, (x, y)| difference | (x ^ y))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn case_097_a_cursor_opens_for_its_own_list_only() {
        let cursors = |secret: u8| Cursors::new(Arc::new([secret; 32]));
        let cursor = cursors(7).seal("articles of a", "000#art").await.unwrap();
        let position = cursors(7).open("articles of a", &cursor).await;
        assert_eq!(position.unwrap(), "000#art");
        for (secret, list, cursor) in [
            (7, "articles of b", cursor.as_str()),
            (8, "articles of a", &cursor),
            (7, "articles of a", "zz"),
        ] {
            assert!(cursors(secret).open(list, cursor).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_signed_name_holds_for_its_purpose_and_this_secret_only() {
        let cursors = |secret: u8| Cursors::new(Arc::new([secret; 32]));
        let token = cursors(7).sign("voter", "vtr_1").await.unwrap();
        let name = cursors(7).signed("voter", &token).await;
        assert_eq!(name.unwrap(), Some("vtr_1"));
        let other = token.replace("vtr_1", "vtr_2");
        for (secret, purpose, token) in [
            (7, "reader", token.as_str()),
            (8, "voter", &token),
            (7, "voter", &other),
            (7, "voter", "vtr_1."),
            (7, "voter", "vtr_1"),
        ] {
            let name = cursors(secret).signed(purpose, token).await;
            assert_eq!(name.unwrap(), None, "{token}");
        }
    }
}
