//! Texts to terms, once for all engines.

mod fold;
mod han;
mod phrases;
mod snippet;
mod stop;
mod ticket;
mod token;

pub use fold::{Folded, fold};
pub use han::is_han;
pub use snippet::{Piece, cut, cut_matching};
pub use stop::is_stop;
pub use ticket::clean;
pub use token::{Matcher, Token, Tokens, tokens};

/// Counts up whenever the same text gives other terms, or a part tells more of its article, so that an index is built anew.
pub const VERSION: u32 = 3;

/// The term that begins every text field, also an empty one, so that engines count lengths and documents alike.
pub const SENTINEL: &str = "_";
