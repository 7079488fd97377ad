//! The id of a request.

/// The id of a request, for pages and the log.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);
