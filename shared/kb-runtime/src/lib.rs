#![doc = include_str!("../README.md")]

#[cfg(feature = "aws")]
pub mod aws;
pub mod checkup;
pub mod config;
pub mod error;
pub mod folder;
pub mod home;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod scratch;
pub mod system;
pub mod telemetry;

pub use config::{Config, Faults};
pub use error::Error;
pub use folder::DataFolder;
pub use system::{SystemClock, SystemIds};
