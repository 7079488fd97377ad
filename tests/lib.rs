#![doc = include_str!("README.md")]

#[cfg(feature = "cloud")]
#[path = "engines/oidc.rs"]
pub mod oidc;
#[cfg(feature = "cloud")]
#[path = "engines/stack.rs"]
pub mod stack;
