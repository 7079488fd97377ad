//! Keys and rows as bytes.

use crate::body::{self, Packed};
use crate::error::Error;
use crate::table::{IndexName, Key, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
        .ok_or_else(|| Error::unavailable("a key without a separator"))?;
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
    let packed = body::pack(&row.body)?;
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
        z: matches!(packed, Packed::Compressed(_)),
    };
    let mut bytes = serde_json::to_vec(&head).map_err(unavailable)?;
    bytes.push(b'\n');
    match &packed {
        Packed::Plain(text) => bytes.extend_from_slice(text.as_bytes()),
        Packed::Compressed(frame) => bytes.extend_from_slice(frame),
    }
    Ok(bytes)
}

pub(super) fn row_of(key: &Key, bytes: &[u8]) -> Result<Row, Error> {
    let end = bytes
        .iter()
        .position(|b| *b == b'\n')
        .ok_or_else(|| Error::broken(key, "no head"))?;
    let head: Head = serde_json::from_slice(&bytes[..end]).map_err(|e| Error::broken(key, e))?;
    let stored = &bytes[end + 1..];
    let packed = if head.z {
        Packed::Compressed(stored.into())
    } else {
        Packed::Plain(
            std::str::from_utf8(stored)
                .map_err(|e| Error::broken(key, e))?
                .into(),
        )
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
        body: body::unpack(key, packed)?,
        n: head.n,
    })
}

pub(super) fn unavailable(error: impl Into<crate::error::Cause>) -> Error {
    Error::Unavailable(error.into())
}
