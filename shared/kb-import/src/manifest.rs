//! What every export holds beside the texts.

use serde::{Deserialize, Serialize};

/// Name of the file that tells an export from any other folder.
pub const MANIFEST: &str = "sidenote-export.json";
/// Name of the file with everything but the bodies, one record a line.
pub const RECORDS: &str = "records.jsonl";

/// What stands in [`MANIFEST`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the records; a reader refuses a larger number than its own.
    pub format: u32,
    /// The program that wrote it.
    pub program: String,
    /// When it began, in UTC.
    pub begun_at: String,
}
