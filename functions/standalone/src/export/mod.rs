//! `export`: the files of a base, for people and for `import`.
//!
//! What is read stands in kb-actions; here is what the files are called (`names`, pure) and where they go (`target`).

pub mod names;
pub mod target;
