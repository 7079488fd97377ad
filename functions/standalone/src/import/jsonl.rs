//! `.jsonl` and `.jsonl.gz`: one article a line, read as a stream so that size does not matter.

use super::error::Error;
use super::front_matter::OneOrMany;
use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// The longest line that is read. A longer one is refused by its number and the rest comes in.
pub const LINE_MAX_BYTES: usize = 8_000_000;

/// One line.
#[derive(Debug, Deserialize)]
pub struct Record {
    /// Stable id; a second run finds the article again by it.
    pub id: String,
    /// The title.
    #[serde(default)]
    pub title: String,
    /// One or two sentences.
    #[serde(default, alias = "description")]
    pub summary: String,
    /// The text, in `format`.
    #[serde(default)]
    pub body: Option<String>,
    /// The text as HTML, instead of `body`.
    #[serde(default)]
    pub html: Option<String>,
    /// `text` unless said.
    #[serde(default)]
    pub format: Option<kb_domain::BodyFormat>,
    /// The language.
    #[serde(default, alias = "locale")]
    pub lang: Option<String>,
    /// Labels.
    #[serde(default, alias = "labels")]
    pub tags: OneOrMany,
    /// Category and sections.
    #[serde(default)]
    pub path: OneOrMany,
    /// The article's type.
    #[serde(default, rename = "type")]
    pub article_type: Option<kb_domain::ArticleType>,
    /// The kind of knowledge.
    #[serde(default)]
    pub kind: Option<kb_domain::Kind>,
    /// Who may read it, in the short form.
    #[serde(default)]
    pub audience: Option<String>,
}

/// A line: its number from 1, and its record or why it is none.
pub type Line = (u64, Result<Record, String>);

/// The lines of a file, one after the other.
pub struct Lines {
    reader: Box<dyn BufRead + Send>,
    number: u64,
    path: String,
}

/// Opens a file. Errors: unreadable.
pub fn open(path: &Path) -> Result<Lines, Error> {
    let file = File::open(path).map_err(|e| Error::unreadable(path, &e))?;
    let reader: Box<dyn BufRead + Send> = if path.extension().is_some_and(|e| e == "gz") {
        Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(
            BufReader::new(file),
        )))
    } else {
        Box::new(BufReader::new(file))
    };
    Ok(Lines {
        reader,
        number: 0,
        path: path.display().to_string(),
    })
}

impl Lines {
    /// The next line; `None` at the end. Errors: the file is damaged.
    pub fn next_line(&mut self) -> Result<Option<Line>, Error> {
        loop {
            let mut bytes = Vec::new();
            let read = self
                .reader
                .by_ref()
                .take(LINE_MAX_BYTES as u64 + 1)
                .read_until(b'\n', &mut bytes)
                .map_err(|e| self.damaged(&e))?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if bytes.len() > LINE_MAX_BYTES {
                self.skip_to_line_end()?;
                return Ok(Some((
                    self.number,
                    Err(format!("the line is longer than {LINE_MAX_BYTES} bytes")),
                )));
            }
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            return Ok(Some((self.number, parse(&bytes))));
        }
    }

    fn skip_to_line_end(&mut self) -> Result<(), Error> {
        loop {
            let buffer = self.reader.fill_buf().map_err(|e| Error::Damaged {
                path: self.path.clone(),
                cause: e.to_string(),
            })?;
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|&b| b == b'\n');
            let used = end.map_or(buffer.len(), |n| n + 1);
            self.reader.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn damaged(&self, cause: &std::io::Error) -> Error {
        Error::Damaged {
            path: self.path.clone(),
            cause: cause.to_string(),
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Record, String> {
    let text =
        std::str::from_utf8(bytes).map_err(|e| format!("not UTF-8 at byte {}", e.valid_up_to()))?;
    let record: Record = serde_json::from_str(text)
        .map_err(|e| format!("column {}: {}", e.column(), describe(&e)))?;
    if record.id.is_empty() || record.id.len() > 400 {
        return Err(
            "id: 1 to 400 bytes are needed, so that a second run finds the article again"
                .to_owned(),
        );
    }
    Ok(record)
}

/// What serde says, without the position that stands before it already.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn lines(text: &[u8]) -> Vec<(u64, Result<String, String>)> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        let mut lines = open(file.path()).unwrap();
        std::iter::from_fn(|| lines.next_line().unwrap())
            .map(|(n, r)| (n, r.map(|r| r.id)))
            .collect()
    }

    #[test]
    fn case_032_each_line_is_a_record_or_says_why_not_by_its_number() {
        let found = lines(b"{\"id\":\"a\",\"title\":\"A\"}\n\n{\"id\":1}\nnot json\n{\"id\":\"\"}\n{\"id\":\"b\",\"path\":[\"x\",\"y\"]}");
        let ok: Vec<(u64, bool)> = found.iter().map(|(n, r)| (*n, r.is_ok())).collect();
        assert_eq!(
            ok,
            [(1, true), (3, false), (4, false), (5, false), (6, true)]
        );
    }

    #[test]
    fn case_032_duplicate_keys_and_broken_utf_8_are_refused() {
        let found = lines(b"{\"id\":\"a\",\"id\":\"b\"}\n{\"id\":\"\xff\"}\n");
        assert!(found.iter().all(|(_, r)| r.is_err()), "{found:?}");
    }

    #[test]
    fn case_032_a_line_that_is_too_long_is_refused_and_the_next_comes_in() {
        let mut text = format!(
            "{{\"id\":\"a\",\"body\":\"{}\"}}\n",
            "x".repeat(LINE_MAX_BYTES)
        )
        .into_bytes();
        text.extend(b"{\"id\":\"b\"}\n");
        let found = lines(&text);
        assert!(found[0].1.is_err());
        assert_eq!(found[1], (2, Ok("b".to_owned())));
    }
}
