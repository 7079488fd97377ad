//! Ids are TypeIDs: a prefix, an underscore, and a UUID in 26 characters of Crockford's base 32 (lower case).
//! Specification: the TypeID document, version 0.3.

use crate::clock::clip;
use crate::error::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn encode(uuid: Uuid) -> String {
    let number = uuid.as_u128();
    (0..26)
        .map(|i| ALPHABET[((number >> (5 * (25 - i))) & 31) as usize] as char)
        .collect()
}

fn decode(text: &str) -> Option<Uuid> {
    if text.len() != 26 || text.as_bytes()[0] > b'7' {
        return None;
    }
    let mut number: u128 = 0;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|&c| c == byte)?;
        number = (number << 5) | digit as u128;
    }
    Some(Uuid::from_u128(number))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What stands before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// The id with this UUID.
            pub fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The id that nothing has.
            pub fn of_nothing() -> Self {
                Self(Uuid::nil())
            }

            /// Its UUID.
            pub fn uuid(&self) -> Uuid {
                self.0
            }

            /// When it was made, to the millisecond; `None` for an id that is not made from time.
            pub fn made_at(&self) -> Option<crate::clock::Timestamp> {
                let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
                let micros = i64::try_from(seconds).ok()?.checked_mul(1_000_000)?;
                Some(crate::clock::Timestamp(micros + i64::from(nanos) / 1_000))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or_else(|| Error::Malformed {
                        what: concat!($prefix, " id"),
                        detail: format!("\"{}\" is not of the form {}_ and 26 characters", clip(text), $prefix),
                    })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $name {}

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                crate::schema::id($prefix)
            }
        }
    )*};
}

ids! {
    /// An article.
    ArticleId = "art";
    /// One immutable revision of a translation.
    RevisionId = "rev";
    /// A person.
    UserId = "usr";
    /// A portal.
    PortalId = "prt";
    /// A category: a node at the top of a portal's tree.
    CategoryId = "cat";
    /// A section: a node below a category or another section.
    SectionId = "sec";
    /// An interned audience expression; derived from its canonical form.
    AudienceId = "aud";
    /// One answer of the suggestions function, as the log keeps it.
    SuggestionId = "sgn";
    /// An event row.
    EventId = "evt";
    /// An API key.
    KeyId = "key";
    /// One run of `import`.
    ImportId = "imp";
    /// A background job.
    JobId = "job";
    /// A comment.
    CommentId = "cmt";
    /// A browser that votes and in which nobody is signed in.
    VoterId = "vtr";
    /// A connection to another system.
    ConnectionId = "con";
}

/// A node of a portal's tree: a category or a section.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeId {
    /// A category.
    Category(CategoryId),
    /// A section.
    Section(SectionId),
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Category(id) => fmt::Display::fmt(id, f),
            Self::Section(id) => fmt::Display::fmt(id, f),
        }
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for NodeId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.starts_with("cat_") {
            text.parse().map(Self::Category)
        } else {
            text.parse().map(Self::Section)
        }
    }
}

impl Serialize for NodeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The eight base-32 characters that stand in a page's address and decide which thing it shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicKey(String);

impl PublicKey {
    /// Derived from the random tail of a UUID, so that it tells neither order nor time.
    pub fn from_uuid(uuid: Uuid) -> Self {
        let random = uuid.as_u128();
        Self(
            (0..8)
                .map(|i| ALPHABET[((random >> (5 * i)) & 31) as usize] as char)
                .collect(),
        )
    }

    /// The key at the start of a path segment `k3v9q2ha-some-slug`; `None` when it does not begin with one.
    pub fn from_segment(segment: &str) -> Option<Self> {
        let key = segment.get(..8)?.to_ascii_lowercase();
        let rest = &segment[8..];
        let well_formed = key.bytes().all(|b| ALPHABET.contains(&b));
        (well_formed && (rest.is_empty() || rest.starts_with('-'))).then_some(Self(key))
    }

    /// The eight characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let id = ArticleId::new(Uuid::from_u128(0x0190_163d_8694_739b_aea5_966c_26f8_ad91));
        assert_eq!(
            id.to_string(),
            "art_01j0b3v1mmee".to_owned() + &id.to_string()[16..]
        );
        assert_eq!(id.to_string().parse::<ArticleId>().unwrap(), id);
    }

    #[test]
    fn an_id_of_another_type_or_form_is_refused() {
        let id = ArticleId::new(Uuid::from_u128(7)).to_string();
        assert!(id.parse::<RevisionId>().is_err());
        for bad in [
            "",
            "art_",
            "art_zzzzzzzzzzzzzzzzzzzzzzzzzz",
            "art_0",
            "ART_01j0b3v1mmee00000000000000",
        ] {
            assert!(bad.parse::<ArticleId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_public_key_is_found_in_a_segment_with_any_slug() {
        let key = PublicKey::from_uuid(Uuid::from_u128(0xdead_beef_1234));
        assert_eq!(
            PublicKey::from_segment(&format!("{key}-重置密码")),
            Some(key.clone())
        );
        assert_eq!(PublicKey::from_segment(key.as_str()), Some(key));
        assert_eq!(PublicKey::from_segment("short"), None);
        assert_eq!(PublicKey::from_segment("密码密码密码"), None);
    }
}
