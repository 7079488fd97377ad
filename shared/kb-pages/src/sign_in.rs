//! The doors: signing in by a link, and starting the sidebar from a window of its own.

use crate::pages::Shell;
use askama::Template;

/// The page that takes the code of a sign-in link; somebody who is signed in sees who they are.
#[derive(Clone, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// Around it.
    pub shell: Shell,
    /// Whether the code that was sent is used or too old.
    pub used: bool,
    /// What is wrong with the code as it was entered.
    pub fault: Option<String>,
}

/// The window that a framed sidebar opens: it fetches the frame's bearer with the session cookie that the frame lacks.
#[derive(Clone, Template)]
#[template(path = "start.html")]
pub struct StartPage {
    /// Around it.
    pub shell: Shell,
    /// Whether who is signed in may see suggestions.
    pub allowed: bool,
}
