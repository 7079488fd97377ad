#![doc = include_str!("../README.md")]

mod address;
mod allowed;
mod connect;
mod fetch;
mod inside;
mod local;
mod network;
mod outside;
mod read;

pub use address::check;
pub use allowed::Allowed;
pub use fetch::{Fetch, FetchError, Limits};
pub use local::{Local, Nowhere};
pub use outside::Outside;
