//! The records of an export as a stream.

use crate::error::Error;
use crate::manifest::RECORDS;
use kb_actions::export::Record;
use std::io::{BufRead, Read};
use std::path::Path;

/// The longest line of records.
const LINE_MAX_BYTES: u64 = 8_000_000;

/// The records of an export, line by line.
pub(super) struct Lines {
    pub reader: Box<dyn BufRead + Send>,
    pub number: u64,
    pub shown: String,
}

impl Lines {
    /// The next record; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Record>, Error> {
        self.number += 1;
        let mut bytes = Vec::new();
        let mut limited = self.reader.by_ref().take(LINE_MAX_BYTES);
        let broken = |cause: &dyn std::fmt::Display| {
            let cause = format!("{RECORDS}, line {}: {cause}", self.number);
            Error::damaged(Path::new(&self.shown), &cause)
        };
        limited
            .read_until(b'\n', &mut bytes)
            .map_err(|e| broken(&e))?;
        if bytes.is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|e| broken(&e))
    }
}
