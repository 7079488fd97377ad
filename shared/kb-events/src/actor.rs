//! Who did something.

use kb_domain::{ConnectionId, KeyId, UserId, Who};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Who did it. Names of people change and repeat, so it is an id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person.
    Person(UserId),
    /// A program with an API key.
    Key(KeyId),
    /// Another system, by its connection.
    Connection(ConnectionId),
    /// Whoever owns the data folder or the AWS account, on the command line.
    Operator,
    /// Nobody signed in.
    Nobody,
    /// This program itself, by the name of the job.
    System(String),
    /// A name, in events of before ids were kept.
    Named(String),
}

impl From<Who> for Actor {
    fn from(who: Who) -> Self {
        match who {
            Who::Nobody => Self::Nobody,
            Who::Person(id) | Who::Frame(id) => Self::Person(id),
            Who::Key(id) => Self::Key(id),
            Who::Connection(id) => Self::Connection(id),
            Who::Operator => Self::Operator,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => id.fmt(f),
            Self::Key(id) => id.fmt(f),
            Self::Connection(id) => id.fmt(f),
            Self::Operator => f.write_str("operator"),
            Self::Nobody => f.write_str("nobody"),
            Self::System(job) => write!(f, "system:{job}"),
            Self::Named(name) => write!(f, "name:{name}"),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.as_str() {
            "operator" => Self::Operator,
            "nobody" => Self::Nobody,
            _ => match (
                text.parse(),
                text.parse(),
                text.parse(),
                text.strip_prefix("system:"),
            ) {
                (Ok(id), ..) => Self::Person(id),
                (_, Ok(id), ..) => Self::Key(id),
                (_, _, Ok(id), _) => Self::Connection(id),
                (.., Some(job)) => Self::System(job.to_owned()),
                _ => Self::Named(text.strip_prefix("name:").unwrap_or(&text).to_owned()),
            },
        })
    }
}
