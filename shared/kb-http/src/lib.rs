#![doc = include_str!("../README.md")]

mod answer;
mod api;
mod browser;
mod caller;
mod client_address;
mod cursor;
mod document;
mod guard;
mod health;
mod json;
mod kind;
mod limits;
mod once;
mod openapi;
pub mod overview;
mod pages;
mod paging;
mod pairing;
mod param;
mod path;
mod precondition;
mod problem;
mod public_url;
mod ready;
mod request_id;
pub mod route;
mod server;
mod snippet;
mod voter;
mod words;

pub use answer::{Answer, moved};
pub use api::Api;
pub use browser::{browser_name, user_agent};
pub use caller::{
    Caller, Deps, OwnSite, SECURE_SESSION_COOKIE, SESSION_COOKIE, SessionSecret, Settings,
    clear_session_cookie, session_cookie,
};
pub use client_address::{ClientAddress, TrustedProxies};
pub use cursor::{CursorSecret, Cursors};
pub use document::{Patch, writable};
pub use guard::{Counted, Policy};
pub use health::Health;
pub use json::{StrictJson, StrictQuery};
pub use kind::ProblemKind;
pub use limits::{Class, Limiter, Limits};
pub use once::Created;
pub use pages::{
    Address, Entered, Form, Interface, PageError, accepted_locale, console_shell, field_text,
    framed_page, interface_languages, local_path, malformed_page, opened_page, page, portal_shell,
    query_part, query_value, refused_page, secret_page, see_other, text_file,
};
pub use paging::{PAGE_PARAMS, Page, PageQuery, Paging, limit};
pub use pairing::{FrameSecret, PairingSecret, clear_pairing_cookie, frame_cookie, pairing_cookie};
pub use param::Param;
pub use path::{At, PathValue, PathValues};
pub use precondition::{IfMatch, etag, only_new};
pub use problem::{Problem, Rejection};
pub use public_url::PublicUrl;
pub use request_id::RequestId;
pub use route::{BodyOf, Operation, OperationKind, Route, SchemaOf};
pub use server::finish;
pub use snippet::{PassageAnswer, ReadersAnswer, snippet, strength};
pub use voter::{AnonymousVoter, VOTER_COOKIE, clear_voter_cookie, voter_cookie};
