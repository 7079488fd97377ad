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
    /// An engine does not open.
    #[error("{what} does not open: {cause}")]
    Engine {
        /// Which one.
        what: &'static str,
        /// What it said.
        cause: String,
    },
}
