//! Sealed cursors: where a list goes on, bound to the list and the viewer it was made for.

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
}
