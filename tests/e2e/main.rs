//! Journeys over every route, in one process on engines that misbehave by a seed.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod agents;
mod api;
mod audit;
mod calls;
mod canary;
mod cases;
#[cfg(feature = "cloud")]
mod cloud;
mod crawl;
mod crm_connect;
#[cfg(feature = "cloud")]
mod crm_contract;
#[cfg(feature = "cloud")]
mod crm_faults;
#[cfg(feature = "cloud")]
mod crm_home;
#[cfg(feature = "cloud")]
mod crm_oidc;
#[cfg(feature = "cloud")]
mod crm_outside;
mod edge;
mod harness;
mod kinds;
#[cfg(feature = "lambda")]
mod lambda;
mod lexicon;
mod limits;
mod markup;
mod needs;
mod newer;
mod older;
mod page_errors;
mod payloads;
mod reads;
mod rows;
mod settings;
mod timers;
