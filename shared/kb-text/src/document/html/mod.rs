//! HTML as it comes, from authors and from Markdown, written anew: well nested, bounded, and with a word in place of
//! whatever a page does not show.

mod elements;
mod frames;
mod scan;
mod tidy;
mod write;

pub(super) use elements::{Class, class, is_void, kept};
pub(super) use scan::{ATTRIBUTES_MAX, Piece, pieces};
pub(super) use tidy::{Tidied, partners, tidy};
pub(super) use write::{DEPTH_MAX, KINDS, attributes_of};
