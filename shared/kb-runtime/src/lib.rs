#![doc = include_str!("../README.md")]

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "embedded")]
pub mod checkup;
pub mod config;
#[cfg(any(feature = "aws", feature = "embedded"))]
mod deps;
pub mod error;
pub mod feature;
pub mod folder;
#[cfg(feature = "embedded")]
pub mod home;
#[cfg(feature = "lambda")]
pub mod lambda;
#[cfg(feature = "embedded")]
pub mod scratch;
pub mod system;
pub mod telemetry;

pub use config::{Config, Faults};
pub use error::Error;
pub use folder::DataFolder;
pub use system::{SystemClock, SystemIds};
