#![doc = include_str!("../README.md")]

mod account;
mod agent;
mod assets;
mod clean_html;
mod console;
mod field;
mod icons;
mod reader;
mod shell;
mod texts;

pub use account::{AccountPage, SessionLine, SetupPage, SignInPage};
pub use agent::{
    Choice, InboxEntry, InboxMessage, InboxPage, ModerationLine, ModerationPage, OpenTicket,
    StartPage, TicketPage,
};
pub use assets::{Asset, asset};
pub use clean_html::CleanHtml;
pub use console::{
    ConnectionAct, ConnectionKind, ConnectionLine, ConnectionMappingForm, ConnectionPage,
    ConnectionPlace, ConnectionsPage, ConsentPage, DemoOffer, DeskArticlePage, DeskLine, DeskPage,
    Fact, FreshKey, FreshLink, KeyLine, KeysPage, PeoplePage, PersonLine, PersonPage, Question,
};
pub use field::{Field, Pick};
pub use reader::{
    ApiLine, ApiPage, ArticlePage, Card, CommentLine, Comments, Crumb, Entry, Feedback,
    FeedbackStep, HomePage, HomeSection, MessagePage, NodePage, Outline, OwnComment, Piece,
    SearchPage,
};
pub use shell::{Language, RailLink, Shell, StaffShell};
pub use texts::{Texts, date, moment, session_times};

// Templates call these by their short names.
pub(crate) use assets::url;
pub(crate) use icons::icon;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
