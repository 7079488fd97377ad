//! What agents see beside a ticket.

mod inbox;
mod moderation;
mod start;
mod ticket;

pub use inbox::{InboxEntry, InboxMessage, InboxPage, OpenTicket};
pub use moderation::{Choice, ModerationLine, ModerationPage};
pub use start::StartPage;
pub use ticket::TicketPage;

#[cfg(test)]
pub(crate) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    let mut pages = inbox::samples(tag);
    pages.extend(moderation::samples(tag));
    pages.extend(start::samples(tag));
    pages.extend(ticket::samples(tag));
    pages
}
