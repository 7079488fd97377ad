#![doc = include_str!("../README.md")]

mod answer;
mod api;
mod caller;
mod cursor;
mod document;
mod guard;
mod json;
mod kind;
mod once;
mod openapi;
mod pages;
mod paging;
mod param;
mod path;
mod precondition;
mod problem;
mod request_id;
pub mod route;
mod server;
mod snippet;
mod voter;
mod words;

pub use answer::{Answer, moved};
pub use api::Api;
pub use caller::{
    Caller, Deps, OwnSite, PairingSecret, SESSION_COOKIE, SessionSecret, Settings,
    clear_pairing_cookie, clear_session_cookie, pairing_cookie, session_cookie,
};
pub use cursor::{CursorSecret, Cursors};
pub use document::{Patch, writable};
pub use guard::Policy;
pub use json::{StrictJson, StrictQuery};
pub use kind::ProblemKind;
pub use once::Created;
pub use pages::{
    Address, Entered, Form, Interface, PageError, console_shell, field_text, framed_page,
    interface_languages, local_path, malformed_page, opened_page, page, portal_shell, query_part,
    query_value, refused_page, secret_page, see_other,
};
pub use paging::{PAGE_PARAMS, Page, PageQuery, Paging, limit};
pub use param::Param;
pub use path::{At, PathValue, PathValues};
pub use precondition::{IfMatch, etag};
pub use problem::{Problem, Rejection};
pub use request_id::RequestId;
pub use route::{BodyOf, Operation, OperationKind, Route, SchemaOf};
pub use server::finish;
pub use snippet::{PassageAnswer, ReadersAnswer, snippet, strength};
pub use voter::{AnonymousVoter, VOTER_COOKIE, clear_voter_cookie, voter_cookie};
