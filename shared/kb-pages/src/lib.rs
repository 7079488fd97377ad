#![doc = include_str!("../README.md")]

mod agent;
mod assets;
mod pages;
mod sign_in;
mod texts;

pub use agent::{InboxEntry, InboxMessage, InboxPage, OpenTicket, TicketPage};
pub use assets::{Asset, asset};
pub use pages::{
    ArticlePage, Card, CleanHtml, Crumb, Entry, HomePage, HomeSection, Language, MessagePage,
    NodePage, Outline, Piece, SearchPage, Shell,
};
pub use sign_in::{SignInPage, StartPage};
pub use texts::{Texts, date};
