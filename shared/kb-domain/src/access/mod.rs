//! The one room of the rule: who is asking, what they hold, and what they may do.
//!
//! Nobody else decides: a route's guard asks [`holds`], a verb asks [`may`] with the thing at hand, and every read asks
//! [`admits`] and [`reads`].

mod action;
mod comments;
mod role;
mod rule;
mod viewer;
mod widen;

pub use action::{Action, Actions};
pub use comments::{may_rewrite, may_see_votes, moderates, shows, wrote};
pub use role::{Area, Grant, Role};
pub use rule::{Denied, Readers, admits, area_of, holds, is_public, may, reads};
pub use viewer::{Viewer, Who};
pub use widen::{opens_more, shows_more};
