//! Keys of people, of what they sign in by, and of API keys.

use super::{SELF, bounded, hex};
use crate::table::Key;
use kb_domain::{KeyId, UserId};
use sha2::{Digest, Sha256};

/// The partitions of this file, and the beginnings of those of which there are many. Few functions may write them.
pub const OF_PEOPLE: [&str; 12] = [
    "USR#",
    "SUB#",
    "MAIL#",
    "SES#",
    "STATE#",
    "SETUP",
    "SET#admins",
    SEGMENTS,
    "SEG#",
    "SEGN#",
    API_KEYS,
    "APIKEY#",
];

/// Whether a row says who somebody is or what opens something for them.
pub fn is_of_people(key: &Key) -> bool {
    OF_PEOPLE.iter().any(|of| {
        let is_beginning = of.ends_with('#');
        key.partition == *of || is_beginning && key.partition.starts_with(of)
    })
}

/// Partition of the `queue` index that holds everybody.
pub const PEOPLE: &str = "people";

/// Position of a person in the `queue` index.
pub fn person_position(id: UserId) -> (String, String) {
    (PEOPLE.to_owned(), id.to_string())
}

/// Claim of a mail address, which is spelled in lower case.
pub fn mail(address: &str) -> Key {
    let hash = hex(&Sha256::digest(address.as_bytes()));
    Key::new(format!("MAIL#{hash}"), SELF)
}

/// Who the admins are.
pub fn admins() -> Key {
    Key::new("SET#admins", SELF)
}

/// The link by which the first admin sets the base up.
pub fn setup() -> Key {
    Key::new("SETUP", SELF)
}

/// Partition of the segments.
pub const SEGMENTS: &str = "SET#segment";

/// A segment.
pub fn segment(name: &str) -> Key {
    Key::new(SEGMENTS, bounded(name))
}

/// How many belong to a segment.
pub fn segment_count(name: &str) -> Key {
    Key::new(bounded(&format!("SEGN#{name}")), SELF)
}

/// Partition of those who belong to a segment.
pub fn segment_partition(name: &str) -> String {
    bounded(&format!("SEG#{name}"))
}

/// Somebody who belongs to a segment.
pub fn segment_member(name: &str, person: UserId) -> Key {
    Key::new(segment_partition(name), person.to_string())
}

/// A person.
pub fn person(id: UserId) -> Key {
    Key::new(format!("USR#{id}"), SELF)
}

/// Claim of a sign-in name.
pub fn subject(issuer: &str, subject: &str) -> Key {
    Key::new(bounded(&format!("SUB#{issuer}")), bounded(subject))
}

/// A session, or a frame.
pub fn session(hash: &str) -> Key {
    Key::new(format!("SES#{hash}"), SELF)
}

/// Position of a session in the `person` index.
pub fn session_position(user: UserId, hash: &str) -> (String, String) {
    (format!("SES#{user}"), hash.to_owned())
}

/// What a sign-in keeps for its other half; used once.
pub fn state(hash: &str) -> Key {
    Key::new(format!("STATE#{hash}"), SELF)
}

/// Partition of the API keys.
pub const API_KEYS: &str = "SET#key";

/// An API key's row.
pub fn api_key(id: KeyId) -> Key {
    Key::new(API_KEYS, id.to_string())
}

/// Claim of an API key's hash.
pub fn api_key_hash(hash: &str) -> Key {
    Key::new(format!("APIKEY#{hash}"), SELF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_people_is_known_to_be_one_and_no_other() {
        let user = UserId::new(uuid::Uuid::from_u128(1));
        let key = KeyId::new(uuid::Uuid::from_u128(2));
        for own in [
            person(user),
            mail("a@b.c"),
            subject("demo", "a"),
            session("a"),
            state("a"),
            setup(),
            admins(),
            segment("hr"),
            segment_count("hr"),
            segment_member("hr", user),
            api_key(key),
            api_key_hash("a"),
        ] {
            assert!(is_of_people(&own), "{own}");
        }
        for other in [super::super::gate(), super::super::host("people")] {
            assert!(!is_of_people(&other), "{other}");
        }
    }
}
