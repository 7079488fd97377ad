//! The help desk inside the demo, as its connection is made.

/// Which kind of system it is.
pub const VENDOR: &str = "zendesk";
/// Its account among those of its kind.
pub const SUBDOMAIN: &str = "quillgo";
/// Its account among all systems.
pub const SYSTEM: &str = "zendesk:quillgo";
/// The client that it knows us by.
pub const CLIENT: &str = "sidenote";
/// Where a browser finds it.
pub const DESK: &str = "/demo/desk";
