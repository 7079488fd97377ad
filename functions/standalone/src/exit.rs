//! How the program ends: 0 done, 1 some items failed, 2 usage, 3 environment, 4 refused by rule.

use std::fmt;

/// The exit codes that the command line promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// Everything asked for was done.
    Done,
    /// Some items failed; the report names them.
    SomeFailed,
    /// The command line or configuration is wrong.
    Usage,
    /// Port, lock, disk, newer data.
    Environment,
    /// A rule of Sidenote refuses it.
    Refused,
}

impl Exit {
    /// The number the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::SomeFailed => 1,
            Self::Usage => 2,
            Self::Environment => 3,
            Self::Refused => 4,
        }
    }
}

/// Why a command did not do what was asked: the code, and one sentence with the remedy.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// For a person.
    pub sentence: String,
}

impl Failure {
    /// Something about the command line or configuration.
    pub fn usage(sentence: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Usage,
            sentence: sentence.to_string(),
        }
    }

    /// Something about the machine.
    pub fn environment(cause: impl Into<kb_store::Cause>) -> Self {
        Self {
            exit: Exit::Environment,
            sentence: kb_store::chain(&*cause.into()),
        }
    }

    /// A rule says no.
    pub fn refused(sentence: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Refused,
            sentence: sentence.to_string(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl From<kb_runtime::Error> for Failure {
    fn from(error: kb_runtime::Error) -> Self {
        Self::environment(error)
    }
}

impl From<kb_import::Error> for Failure {
    fn from(error: kb_import::Error) -> Self {
        match error {
            kb_import::Error::Refused(sentence) => Self::refused(sentence),
            other => Self::usage(other),
        }
    }
}
