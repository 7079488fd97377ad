#![doc = include_str!("../README.md")]

pub mod app;
pub mod background;
pub mod cli;
pub mod commands;
pub mod control;
pub mod demo;
pub mod edge;
pub mod exit;
pub mod export;
pub mod output;
pub mod program;
mod sweep;
