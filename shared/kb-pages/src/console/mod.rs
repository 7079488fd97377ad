//! Settings, for those who manage people and keys.

mod connections;
mod consent;
mod desk;
mod keys;
mod people;
mod person;

pub use connections::{
    ConnectionAct, ConnectionKind, ConnectionLine, ConnectionMappingForm, ConnectionPage,
    ConnectionPlace, ConnectionsPage, DemoOffer, Fact, Question,
};
pub use consent::ConsentPage;
pub use desk::{DeskArticlePage, DeskLine, DeskPage};
pub use keys::{FreshKey, KeyLine, KeysPage};
pub use people::{PeoplePage, PersonLine};
pub use person::{FreshLink, PersonPage};

#[cfg(test)]
pub(crate) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    let mut pages = people::samples(tag);
    pages.extend(connections::samples(tag));
    pages.extend(consent::samples(tag));
    pages.extend(desk::samples(tag));
    pages.extend(person::samples(tag));
    pages.extend(keys::samples(tag));
    pages
}
