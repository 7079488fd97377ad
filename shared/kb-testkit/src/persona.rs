//! The kinds of person that tests act as.

use kb_domain::{Grant, Level, Role, UserId, Viewer, Who};
use kb_identity::NewPerson;
use uuid::Uuid;

/// A kind of person: how far inside, and with which roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persona {
    /// Nobody signed in.
    Anonymous,
    /// A customer.
    Customer,
    /// Somebody who works here.
    Employee,
    /// Answers customers.
    Agent,
    /// Also edits.
    Editor,
    /// Also publishes and archives.
    Publisher,
    /// Moderates comments, and edits nothing.
    Moderator,
    /// May do everything.
    Admin,
}

impl Persona {
    /// How far inside they stand.
    pub fn level(self) -> Level {
        match self {
            Self::Anonymous => Level::Public,
            Self::Customer => Level::Customer,
            Self::Employee => Level::Employee,
            _ => Level::Agent,
        }
    }

    /// Their roles over the whole base.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Anonymous | Self::Customer | Self::Employee => &[],
            Self::Agent => &[Role::Agent],
            Self::Editor => &[Role::Agent, Role::Editor],
            Self::Publisher => &[Role::Agent, Role::Publisher],
            Self::Moderator => &[Role::Moderator],
            Self::Admin => &[Role::Admin],
        }
    }

    /// One of them as the caller of a verb.
    pub fn viewer(self) -> Viewer {
        let who = match self {
            Self::Anonymous => return Viewer::anonymous(),
            person => Who::Person(UserId::new(Uuid::from_u128(person as u128))),
        };
        let grants = self.roles().iter().map(|r| Grant::everywhere(*r)).collect();
        Viewer::new(who, &format!("{self:?}"), self.level(), grants)
    }

    /// One of them to be made a person of the base.
    pub fn person<'a>(self, name: &'a str, segments: &'a [&'a str]) -> NewPerson<'a> {
        NewPerson {
            name,
            level: self.level(),
            roles: self.roles(),
            segments,
        }
    }
}
