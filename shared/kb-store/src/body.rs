//! The body of a row as every engine stores it: the text as it is, or compressed when it is long.

use crate::error::Error;
use crate::table::Key;
use std::borrow::Cow;

/// Bodies above this many bytes are compressed.
const PLAIN_MAX_BYTES: usize = 1_024;
/// Longer bodies than any row holds are not decompressed.
const BODY_MAX_BYTES: usize = 4_000_000;
/// Level of the compression; higher ones cost more than they save here.
const LEVEL: i32 = 3;

/// A body as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packed<'a> {
    /// As it is.
    Plain(Cow<'a, str>),
    /// As a Zstandard frame.
    Compressed(Cow<'a, [u8]>),
}

/// Packs a body. Errors: the compressor fails, for want of memory.
pub fn pack(body: &str) -> Result<Packed<'_>, Error> {
    if body.len() <= PLAIN_MAX_BYTES {
        return Ok(Packed::Plain(Cow::Borrowed(body)));
    }
    zstd::bulk::compress(body.as_bytes(), LEVEL)
        .map(|bytes| Packed::Compressed(Cow::Owned(bytes)))
        .map_err(Error::unavailable)
}

/// The text of a packed body. Errors: it is broken; `key` names the row.
pub fn unpack(key: &Key, packed: Packed<'_>) -> Result<String, Error> {
    match packed {
        Packed::Plain(text) => Ok(text.into_owned()),
        Packed::Compressed(bytes) => {
            let bytes = zstd::bulk::decompress(&bytes, BODY_MAX_BYTES);
            let bytes = bytes.map_err(|e| Error::broken(key, e))?;
            String::from_utf8(bytes).map_err(|e| Error::broken(key, e))
        }
    }
}
