//! Tickets: what a customer or employee asked, in another system or posted to us.

use crate::clock::Timestamp;
use crate::error::{Error, FieldError};
use crate::locale::Locale;
use serde::{Deserialize, Serialize};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Author {
    /// The one who asks.
    Customer,
    /// The one who answers.
    Agent,
    /// A machine.
    System,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Message {
    /// Who wrote it.
    pub author: Author,
    /// The text.
    pub text: String,
    /// When, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// A ticket with its whole conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Ticket {
    /// The system it lives in, for example `zendesk:acme`. A ticket that is kept has one; for suggestions it may be absent.
    #[serde(default)]
    pub system: String,
    /// Its id there; as with the system.
    #[serde(default)]
    pub id: String,
    /// The subject line.
    #[serde(default)]
    pub subject: String,
    /// The first text.
    #[serde(default)]
    pub description: String,
    /// What was written since, oldest first.
    #[serde(default)]
    pub messages: Vec<Message>,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The requester's language, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Everybody an answer goes to: requester, CC, followers.
    #[serde(default)]
    pub recipients: Vec<String>,
}

/// The most text a ticket may hold, in bytes: what fits a row with room to spare.
pub const TICKET_MAX_BYTES: usize = 250_000;

impl Ticket {
    /// Refuses a ticket that cannot be kept: without system or id, or with more than a row holds; all faults together.
    pub fn check(&self) -> Result<(), Error> {
        self.check_from(1)
    }

    /// Refuses a ticket that nothing can be suggested for. It need not be kept, so system and id may be empty.
    pub fn check_asked(&self) -> Result<(), Error> {
        self.check_from(0)
    }

    /// `shortest` is the least that system and id must have, in characters.
    fn check_from(&self, shortest: usize) -> Result<(), Error> {
        let mut faults = Vec::new();
        for (pointer, text) in [("/system", &self.system), ("/id", &self.id)] {
            let length = text.chars().count();
            if !(shortest..=120).contains(&length) || text.chars().any(char::is_control) {
                faults.push(FieldError {
                    pointer: pointer.to_owned(),
                    code: "required".to_owned(),
                    detail: format!("give {shortest} to 120 characters without control characters"),
                });
            }
        }
        for (pointer, count, max) in [
            ("/messages", self.messages.len(), 500),
            ("/tags", self.tags.len(), 100),
            ("/recipients", self.recipients.len(), 200),
        ] {
            if count > max {
                faults.push(FieldError {
                    pointer: pointer.to_owned(),
                    code: "too_many".to_owned(),
                    detail: format!("at most {max}; this has {count}"),
                });
            }
        }
        if self.bytes() > TICKET_MAX_BYTES {
            faults.push(FieldError {
                pointer: "/description".to_owned(),
                code: "too_long".to_owned(),
                detail: format!("subject, description and messages together hold at most {TICKET_MAX_BYTES} bytes"),
            });
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Fields(faults))
        }
    }

    fn bytes(&self) -> usize {
        let messages: usize = self.messages.iter().map(|m| m.text.len()).sum();
        self.subject.len() + self.description.len() + messages
    }
}
