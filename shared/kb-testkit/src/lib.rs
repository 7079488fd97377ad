#![doc = include_str!("../README.md")]

mod client;
mod guard;
mod mount;
mod persona;
mod seeded;
mod world;

pub use client::{Answered, Client};
pub use persona::Persona;
pub use seeded::{MockClock, SeededIds};
pub use world::{Text, World};
