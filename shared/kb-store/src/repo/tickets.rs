//! Tickets.

use crate::keys;
use crate::record::{Keyed, Record};
use crate::table::Key;
use kb_domain::{Author, Locale, Message, Ticket, Timestamp};
use serde::{Deserialize, Serialize};

/// A ticket as stored.
#[derive(Serialize, Deserialize)]
pub struct TicketForm {
    system: String,
    id: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    messages: Vec<MessageForm>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
    #[serde(default)]
    recipients: Vec<String>,
}

/// A message as stored.
#[derive(Serialize, Deserialize)]
struct MessageForm {
    author: Author,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
}

impl Record for Ticket {
    type Form = TicketForm;
    const KIND: &'static str = "ticket";

    fn form(&self) -> TicketForm {
        let message = |m: &Message| MessageForm {
            author: m.author,
            text: m.text.clone(),
            at: m.at,
        };
        TicketForm {
            system: self.system.clone(),
            id: self.id.clone(),
            subject: self.subject.clone(),
            description: self.description.clone(),
            messages: self.messages.iter().map(message).collect(),
            tags: self.tags.clone(),
            locale: self.locale.clone(),
            recipients: self.recipients.clone(),
        }
    }

    fn of(form: TicketForm) -> Self {
        let message = |m: MessageForm| Message {
            author: m.author,
            text: m.text,
            at: m.at,
        };
        Self {
            system: form.system,
            id: form.id,
            subject: form.subject,
            description: form.description,
            messages: form.messages.into_iter().map(message).collect(),
            tags: form.tags,
            locale: form.locale,
            recipients: form.recipients,
        }
    }
}

impl Keyed for Ticket {
    fn key(&self) -> Key {
        keys::ticket(&self.system, &self.id)
    }
}
