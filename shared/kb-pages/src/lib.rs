#![doc = include_str!("../README.md")]

mod assets;
mod pages;
mod texts;

pub use assets::{Asset, STYLE, asset};
pub use pages::{
    ArticlePage, Card, CleanHtml, Crumb, Entry, HomePage, HomeSection, Language, MessagePage,
    NodePage, Outline, Piece, SearchPage, Shell,
};
pub use texts::{Texts, date};
