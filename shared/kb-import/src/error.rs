//! Why an import does not begin. What happens to one entry is a line of its report, never one of these.

use std::fmt;
use std::path::Path;

/// A fault of the whole source.
#[derive(Debug)]
pub enum Error {
    /// The path cannot be read.
    Unreadable {
        /// The path.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// The archive or file is not what its name says.
    Damaged {
        /// The path.
        path: String,
        /// What the reader said.
        cause: String,
    },
    /// A rule or a budget refuses it; nothing was imported.
    Refused(String),
}

impl Error {
    /// The path cannot be read.
    pub fn unreadable(path: &Path, cause: &dyn fmt::Display) -> Self {
        Self::Unreadable {
            path: path.display().to_string(),
            cause: cause.to_string(),
        }
    }

    /// The file is not what its name says.
    pub fn damaged(path: &Path, cause: &dyn fmt::Display) -> Self {
        Self::Damaged {
            path: path.display().to_string(),
            cause: cause.to_string(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, cause } => write!(f, "cannot read {path}: {cause}"),
            Self::Damaged { path, cause } => {
                write!(
                    f,
                    "{path} is damaged or not what its name says ({cause}); make it again and retry"
                )
            }
            Self::Refused(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for Error {}
