//! Sealed cursors: where a list goes on, bound to the list and the viewer it was made for.

use crate::problem::Rejection;
use hmac::{Hmac, KeyInit, Mac};
use kb_store::keys::hex;
use sha2::Sha256;

/// Seals and opens cursors with a secret of this installation.
#[derive(Clone)]
pub struct Cursors {
    secret: [u8; 32],
}

impl Cursors {
    /// Cursors under `secret`.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// A cursor for `position` of the list `list`; the list's name tells query and viewer.
    pub fn seal(&self, list: &str, position: &str) -> String {
        let position = hex(position.as_bytes());
        format!("{position}.{}", self.tag(list, &position))
    }

    /// The position in a cursor. Errors: it is not one of ours for this list.
    pub fn open(&self, list: &str, cursor: &str) -> Result<String, Rejection> {
        let wrong = || {
            Rejection::parameter(
                "cursor",
                "this cursor does not belong to this list; begin at its first page",
            )
        };
        let (position, tag) = cursor.split_once('.').ok_or_else(wrong)?;
        if !constant_time_equal(tag.as_bytes(), self.tag(list, position).as_bytes()) {
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

    fn tag(&self, list: &str, position: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes a key of any length");
        mac.update(list.as_bytes());
        mac.update(b"\0");
        mac.update(position.as_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }
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

    #[test]
    fn case_097_a_cursor_opens_for_its_own_list_only() {
        let cursors = Cursors::new([7; 32]);
        let cursor = cursors.seal("articles of a", "000#art");
        assert_eq!(cursors.open("articles of a", &cursor).unwrap(), "000#art");
        assert!(cursors.open("articles of b", &cursor).is_err());
        assert!(
            Cursors::new([8; 32])
                .open("articles of a", &cursor)
                .is_err()
        );
        assert!(cursors.open("articles of a", "zz").is_err());
    }
}
