//! Keys and rows as bytes.

use crate::error::Error;
use crate::table::{IndexName, Key, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bodies above this many bytes are compressed.
const PLAIN_MAX_BYTES: usize = 1_024;
/// Longer bodies than any row holds are not decompressed.
const BODY_MAX_BYTES: usize = 4_000_000;

/// Everything of a row but its body.
#[derive(Serialize, Deserialize)]
struct Head {
    k: String,
    v: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    i: BTreeMap<u8, (String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<i64>,
    #[serde(default)]
    n: i64,
    z: bool,
}

pub(super) fn index_byte(index: IndexName) -> u8 {
    match index {
        IndexName::Inverse => b'i',
        IndexName::Queue => b'q',
        IndexName::Person => b'p',
    }
}

fn index_of(byte: u8) -> IndexName {
    match byte {
        b'q' => IndexName::Queue,
        b'p' => IndexName::Person,
        _ => IndexName::Inverse,
    }
}

pub(super) fn key(key: &Key) -> Vec<u8> {
    [key.partition.as_bytes(), b"\0", key.sort.as_bytes()].concat()
}

pub(super) fn key_of(bytes: &[u8]) -> Result<Key, Error> {
    let text = String::from_utf8_lossy(bytes);
    let (partition, sort) = text
        .split_once('\0')
        .ok_or_else(|| Error::Unavailable("a key without a separator".to_owned()))?;
    Ok(Key::new(partition, sort))
}

/// An entry of a named index: index, partition, sort, and the row's key.
pub(super) fn entry(index: IndexName, position: &(String, String), row: &Key) -> Vec<u8> {
    let mut bytes = vec![index_byte(index)];
    for part in [&position.0, &position.1, &row.partition] {
        bytes.extend_from_slice(part.as_bytes());
        bytes.push(0);
    }
    bytes.extend_from_slice(row.sort.as_bytes());
    bytes
}

/// The sort key in an index and the row's key, from an entry without its leading index and partition.
pub(super) fn entry_tail(bytes: &[u8]) -> Option<(String, Key)> {
    let mut parts = bytes
        .splitn(3, |b| *b == 0)
        .map(|p| String::from_utf8_lossy(p).into_owned());
    let (sort, partition, row_sort) = (parts.next()?, parts.next()?, parts.next()?);
    Some((sort, Key::new(partition, row_sort)))
}

pub(super) fn row(row: &Row) -> Result<Vec<u8>, Error> {
    let compressed = (row.body.len() > PLAIN_MAX_BYTES)
        .then(|| zstd::bulk::compress(row.body.as_bytes(), 3))
        .transpose();
    let compressed = compressed.map_err(unavailable)?;
    let head = Head {
        k: row.kind.clone(),
        v: row.version,
        i: row
            .indexes
            .iter()
            .map(|(index, position)| (index_byte(*index), position.clone()))
            .collect(),
        e: row.expires_at,
        n: row.n,
        z: compressed.is_some(),
    };
    let mut bytes = serde_json::to_vec(&head).map_err(unavailable)?;
    bytes.push(b'\n');
    bytes.extend_from_slice(compressed.as_deref().unwrap_or(row.body.as_bytes()));
    Ok(bytes)
}

pub(super) fn row_of(key: &Key, bytes: &[u8]) -> Result<Row, Error> {
    let broken = |cause: String| Error::Broken {
        key: key.clone(),
        cause,
    };
    let end = bytes
        .iter()
        .position(|b| *b == b'\n')
        .ok_or_else(|| broken("no head".to_owned()))?;
    let head: Head = serde_json::from_slice(&bytes[..end]).map_err(|e| broken(e.to_string()))?;
    let stored = &bytes[end + 1..];
    let body = if head.z {
        zstd::bulk::decompress(stored, BODY_MAX_BYTES).map_err(|e| broken(e.to_string()))?
    } else {
        stored.to_vec()
    };
    Ok(Row {
        kind: head.k,
        version: head.v,
        indexes: head
            .i
            .into_iter()
            .map(|(byte, position)| (index_of(byte), position))
            .collect(),
        expires_at: head.e,
        body: String::from_utf8(body).map_err(|e| broken(e.to_string()))?,
        n: head.n,
    })
}

/// Whether a row is over at `now`, in seconds since 1970.
pub(super) fn is_over(row: &Row, now: i64) -> bool {
    row.expires_at.is_some_and(|end| end <= now)
}

pub(super) fn unavailable(error: impl std::fmt::Display) -> Error {
    Error::Unavailable(error.to_string())
}
