#![doc = include_str!("../README.md")]

mod client;
mod seeded;
mod world;

pub use client::{Answered, Client};
pub use seeded::{MockClock, SeededIds};
pub use world::{Text, World};
