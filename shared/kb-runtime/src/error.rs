//! Why a home does not open. Each is one sentence with the remedy; the program ends with exit code 3.

/// A fault of the surroundings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder cannot be used.
    #[error("cannot use {path}: {cause}")]
    Folder {
        /// The path.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// The data was written by a newer program.
    #[error(
        "{path} holds data of format {found}, this program knows up to {known}: use the newer program, or another --data folder"
    )]
    Newer {
        /// The data folder.
        path: String,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// Another process owns the folder.
    #[error("{path} is in use by another process: stop it, or give another --data folder")]
    Locked {
        /// The data folder.
        path: String,
    },
    /// The search index is missing, or another analysis built it, and this program does not build indexes.
    #[error("{path} holds no search index of this version: run sidenote reindex on it")]
    Unindexed {
        /// The data folder.
        path: String,
    },
    /// A verb that the start needs did not do what it should.
    #[error(transparent)]
    Verb(#[from] kb_actions::Error),
    /// Something is set wrongly.
    #[error(transparent)]
    Settings(#[from] crate::config::Faults),
    /// A function was started by hand.
    #[error(
        "this program answers the invocations of AWS Lambda: on one machine, run sidenote serve"
    )]
    NotOnLambda,
    /// A function that works on a stack only was started without one.
    #[error(
        "the environment names no stack: SIDENOTE_TABLE_MAIN and the others of the template are not set"
    )]
    NoStack,
    /// The environment names a stack, and this program cannot reach one.
    #[error(
        "SIDENOTE_TABLE_MAIN names a stack, and this program was built without the cloud: build it with --features cloud, or unset it"
    )]
    NoCloud,
    /// The Runtime API of Lambda cannot be asked.
    #[error("the Runtime API of Lambda does not answer: {0}")]
    Lambda(String),
    /// An engine does not open.
    #[error("{what} does not open: {cause}")]
    Engine {
        /// Which one.
        what: &'static str,
        /// What it said.
        cause: String,
    },
}
