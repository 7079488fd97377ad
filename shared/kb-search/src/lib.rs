#![doc = include_str!("../README.md")]

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod error;
pub mod eval;
pub mod fields;
pub mod index;
pub mod lexicon;
pub mod measure;
pub mod part;
pub mod query;
#[cfg(feature = "embedded")]
pub mod tantivy;
pub mod weights;

mod search;
mod suggest;
mod terms;

pub use error::Error;
pub use index::{Bound, Count, Filter, SearchIndex, UnitHit, UnitQuery, Units, WeightedTerm};
pub use lexicon::{Lexicon, LexiconCell, Lexicons};
pub use part::{Part, PartId, Source, parts_of};
pub use query::{
    Facet, Hit, Reason, Relation, SearchAnswer, SearchRequest, SnippetPiece, Strength,
    SuggestAnswer, SuggestRequest, Total,
};
pub use search::{DEEPEST, search};
pub use suggest::suggest;
#[cfg(feature = "embedded")]
pub use tantivy::TantivyIndex;
pub use terms::{QUESTION_MAX_CHARS, Terms};
