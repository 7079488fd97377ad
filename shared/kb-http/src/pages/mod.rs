//! What every page needs: its language and shell, forms, and the pages for when something is wrong.

mod address;
mod answer;
mod error;
mod form;
mod known;
mod language;
mod shell;

pub use address::Address;
pub use answer::{
    framed_page, malformed_page, opened_page, page, refused_page, see_other, text_file,
};
pub use error::PageError;
pub(crate) use error::{AsPage, explained_without_portal};
pub use form::{Entered, Form, field_text};
pub use language::{Interface, accepted_locale, interface_languages};
pub use shell::portal_shell;
