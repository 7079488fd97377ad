//! The connectors against a fake, held to the contract of its vendor.

mod client;
mod conforms;
mod consent;
mod contract;
mod help_center;
mod ledger;
mod races;
mod simulation;
mod webhooks;
mod world;

use world::World;
