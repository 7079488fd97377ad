#![doc = include_str!("../README.md")]

mod answer;
mod api;
mod caller;
mod cursor;
mod document;
mod json;
mod once;
mod page;
mod paging;
mod precondition;
mod problem;
pub mod schema;
mod server;
mod snippet;

pub use answer::{Answer, moved};
pub use api::{Api, Operation, PageRoute, Param, Policy, SchemaOf};
pub use caller::{
    Caller, Deps, OwnSite, SESSION_COOKIE, SessionSecret, Settings, clear_session_cookie,
    session_cookie,
};
pub use cursor::{CursorSecret, Cursors};
pub use document::{merge, writable};
pub use json::{StrictJson, StrictQuery};
pub use once::Created;
pub use page::{failed_page, framed_page, interface_locale, opened_page, page, see_other};
pub use paging::{PAGE_PARAMS, PageQuery, Paging, limit};
pub use precondition::{IfMatch, etag};
pub use problem::{Problem, Rejection, problem_kinds, status_of};
pub use server::{RequestId, finish};
pub use snippet::{PassageAnswer, snippet, strength};
