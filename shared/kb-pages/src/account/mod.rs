//! A person's own account: signing in.

mod sign_in;

pub use sign_in::SignInPage;

#[cfg(test)]
pub(crate) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    sign_in::samples(tag)
}
