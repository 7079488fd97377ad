//! What every page needs: its language and shell, forms, and the pages for when something is wrong.

mod address;
mod answer;
mod error;
mod form;
mod language;
mod shell;

pub use address::Address;
pub use answer::{
    framed_page, local_path, malformed_page, opened_page, page, refused_page, secret_page,
    see_other,
};
pub use error::PageError;
pub(crate) use error::{AsPage, explained_without_portal};
pub use form::{Entered, Form, field_text};
pub use language::{Interface, interface_languages, query_part, query_value};
pub use shell::{console_shell, portal_shell};
