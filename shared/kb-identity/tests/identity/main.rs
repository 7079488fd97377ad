//! Who is asking, and what partners have granted.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod callbacks;
mod desk;
mod doors;
mod grants;
mod vault;
