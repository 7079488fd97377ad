//! The port of outgoing requests.

pub use kb_fetch::{Fetch, FetchError, Limits};
