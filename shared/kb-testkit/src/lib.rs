#![doc = include_str!("../README.md")]

mod client;
mod guard;
mod mount;
mod persona;
mod seeded;
mod token_server;
mod world;

pub use client::{Answered, Client};
pub use persona::Persona;
pub use seeded::{MockClock, SeededIds};
pub use token_server::{TokenCall, TokenServer, Weather};
pub use world::{Text, World};
