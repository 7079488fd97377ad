//! What a route takes in the query of its address.

/// A query parameter: its name, and what it says.
#[derive(Clone, Copy, Debug)]
pub struct Param(pub &'static str, pub &'static str);
