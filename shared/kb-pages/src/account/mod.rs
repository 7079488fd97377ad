//! A person's own account: setting up, signing in, name and sessions.

mod person;
mod setup;
mod sign_in;

pub use person::{AccountPage, SessionLine};
pub use setup::SetupPage;
pub use sign_in::SignInPage;

#[cfg(test)]
pub(crate) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    let mut pages = sign_in::samples(tag);
    pages.extend(setup::samples(tag));
    pages.extend(person::samples(tag));
    pages
}
