//! `import`: from a folder, an archive or a file of lines to articles.
//!
//! Three steps, each in its file: read the source within a budget (`folder`, `archive`, `jsonl`), decide what each entry
//! becomes (`plan`, pure), and store it through the same verbs as everybody (`run`).

pub mod access;
pub mod archive;
pub mod encoding;
pub mod entry;
pub mod error;
pub mod exported;
pub mod fields;
pub mod folder;
pub mod front_matter;
pub mod jsonl;
pub mod language;
pub mod layout;
pub mod links;
pub mod markup;
pub mod order;
pub mod page;
pub mod plan;
pub mod said;
pub mod yaml;

pub use error::Error;
