//! `.jsonl` and `.jsonl.gz`: one article a line, read as a stream so that size does not matter.

use super::error::Error;
use super::fields::{Fields, text_of};
use encoding_rs_io::DecodeReaderBytes;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// The longest line that is read. A longer one is refused by its number and the rest comes in.
pub const LINE_MAX_BYTES: usize = 8_000_000;

/// One line.
#[derive(Debug)]
pub struct Record {
    /// Stable id; a second run finds the article again by it.
    pub id: String,
    /// Everything that the line says.
    pub fields: Fields,
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
        marked(BufReader::new(flate2::read::MultiGzDecoder::new(
            BufReader::new(file),
        )))
        .map_err(|e| Error::damaged(path, &e))?
    } else {
        marked(BufReader::new(file)).map_err(|e| Error::unreadable(path, &e))?
    };
    Ok(Lines {
        reader,
        number: 0,
        path: path.display().to_string(),
    })
}

/// Behind a byte-order mark: UTF-8 without it, and UTF-16, which programs of Windows write, as UTF-8.
fn marked(mut reader: impl BufRead + Send + 'static) -> std::io::Result<Box<dyn BufRead + Send>> {
    let head = reader.fill_buf()?;
    if head.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    } else if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Ok(Box::new(BufReader::new(DecodeReaderBytes::new(reader))));
    }
    Ok(Box::new(reader))
}

/// How many lines a file has that are not empty, so that a run knows how far it is. Errors: damaged or unreadable.
pub fn count(path: &Path) -> Result<u64, Error> {
    let mut lines = open(path)?;
    let mut counted = 0;
    loop {
        let buffer = lines
            .reader
            .fill_buf()
            .map_err(|e| Error::damaged(path, &e))?;
        if buffer.is_empty() {
            return Ok(counted);
        }
        counted += buffer.split(|b| *b == b'\n').skip(1).count() as u64;
        let used = buffer.len();
        lines.reader.consume(used);
    }
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

/// Keys under which exports have the id of an article.
const ID: [&str; 4] = ["id", "externalid", "key", "uuid"];

fn parse(bytes: &[u8]) -> Result<Record, String> {
    let text =
        std::str::from_utf8(bytes).map_err(|e| format!("not UTF-8 at byte {}", e.valid_up_to()))?;
    let fields: Fields = serde_json::from_str(text)
        .map_err(|e| format!("column {}: {}", e.column(), describe(&e)))?;
    if let Some(key) = fields.repeated() {
        return Err(format!(
            "{key}: it is there twice; one of the two has to go"
        ));
    }
    let id = fields.all(&ID).find_map(|(_, value)| match value {
        serde_json::Value::Object(map) if map.len() == 1 => map.values().find_map(text_of),
        serde_json::Value::Bool(_) => None,
        other => text_of(other),
    });
    let id = id.unwrap_or_default();
    if id.is_empty() || id.len() > 400 {
        return Err(
            "id: 1 to 400 bytes are needed, so that a second run finds the article again"
                .to_owned(),
        );
    }
    Ok(Record { id, fields })
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
        let found = lines(b"{\"id\":\"a\",\"title\":\"A\"}\n\n{\"id\":[1]}\nnot json\n{\"id\":\"\"}\n{\"id\":\"b\",\"path\":[\"x\",\"y\"]}");
        let ok: Vec<(u64, bool)> = found.iter().map(|(n, r)| (*n, r.is_ok())).collect();
        assert_eq!(
            ok,
            [(1, true), (3, false), (4, false), (5, false), (6, true)]
        );
    }

    #[test]
    fn a_byte_order_mark_and_utf_16_are_read_past() {
        let text = "{\"id\":\"a\"}\n{\"id\":\"乙\"}\n";
        let wide = |unit: fn(u16) -> [u8; 2]| {
            "\u{feff}"
                .encode_utf16()
                .chain(text.encode_utf16())
                .flat_map(unit)
                .collect::<Vec<_>>()
        };
        for bytes in [
            format!("\u{feff}{text}").into_bytes(),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
        ] {
            assert_eq!(
                lines(&bytes),
                [(1, Ok("a".to_owned())), (2, Ok("乙".to_owned()))]
            );
        }
    }

    #[test]
    fn an_id_is_a_number_or_an_object_of_one_too() {
        let found = lines(b"{\"id\":360012345}\n{\"_id\":{\"$oid\":\"5f\"}}\n{\"ID\":1.5}\n{\"id\":true}\n{\"id\":null}\n");
        let ids: Vec<_> = found.into_iter().map(|(_, r)| r.ok()).collect();
        assert_eq!(
            ids,
            [
                Some("360012345".into()),
                Some("5f".into()),
                Some("1.5".into()),
                None,
                None
            ]
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
