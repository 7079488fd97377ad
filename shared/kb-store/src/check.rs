//! What both engines hold, checked before either is asked.

use crate::error::Error;
use crate::keys;
use crate::table::{COUNTER, Key, Op, Row, Transaction};
use serde_json::Value;
use std::collections::BTreeSet;

/// Operations of one transaction.
const OPS_MAX: usize = 100;
/// Bytes of one transaction.
const TRANSACTION_MAX_BYTES: usize = 3_500_000;
/// Bytes of one row.
const ROW_MAX_BYTES: usize = 350_000;
/// Bytes of a partition or sort key.
const KEY_MAX_BYTES: usize = 512;
/// No key holds it, so that it ends the range of those that begin alike.
pub const LAST: char = '\u{10FFFF}';
/// The most that one operation adds to a count, or takes from it.
const ADD_MAX: u64 = 1_000_000_000_000;
/// Levels of a body's JSON.
const DEPTH_MAX: usize = 30;

/// Errors: the first limit that is broken.
pub fn check(transaction: &Transaction) -> Result<(), Error> {
    let first = || {
        transaction
            .ops
            .first()
            .map_or_else(|| Key::new("", ""), |op| op.key().clone())
    };
    if !(1..=OPS_MAX).contains(&transaction.ops.len()) {
        return Err(limit(
            &first(),
            format!(
                "a transaction holds 1 to {OPS_MAX} operations, this has {}",
                transaction.ops.len()
            ),
        ));
    }
    let (mut keys_seen, mut bytes, mut events) = (BTreeSet::new(), 0, 0);
    for op in &transaction.ops {
        let key = op.key();
        if !keys_seen.insert(key) {
            return Err(limit(key, "a transaction names each row once".to_owned()));
        }
        for part in [&key.partition, &key.sort] {
            check_key(key, part)?;
        }
        if let Op::Add(_, n) = op {
            check_count(key, *n)?;
        }
        if let Op::Put(_, row, _) = op {
            if row.n != 0 || row.kind == COUNTER {
                return Err(limit(key, "a count is only added to".to_owned()));
            }
            bytes += check_row(key, row)?;
            events += usize::from(row.kind.starts_with(keys::EVENT_KIND));
        }
    }
    if bytes > TRANSACTION_MAX_BYTES {
        return Err(limit(
            &first(),
            format!("a transaction holds at most {TRANSACTION_MAX_BYTES} bytes, this has {bytes}"),
        ));
    }
    if events > 1 {
        return Err(limit(
            &first(),
            "a transaction holds at most one event".to_owned(),
        ));
    }
    Ok(())
}

/// Errors: a limit of a key, or of a step, is broken.
pub fn check_count(key: &Key, n: i64) -> Result<(), Error> {
    for part in [&key.partition, &key.sort] {
        check_key(key, part)?;
    }
    if n.unsigned_abs() > ADD_MAX {
        return Err(limit(key, format!("a count moves by {ADD_MAX} at most")));
    }
    Ok(())
}

fn check_key(key: &Key, part: &str) -> Result<(), Error> {
    // NUL stands between the parts of a key, and the last character of all ends a range.
    if part.is_empty() || part.len() > KEY_MAX_BYTES || part.contains(['\0', LAST]) {
        return Err(limit(
            key,
            format!("a key is 1 to {KEY_MAX_BYTES} bytes without NUL and U+10FFFF"),
        ));
    }
    Ok(())
}

fn check_row(key: &Key, row: &Row) -> Result<usize, Error> {
    for (partition, sort) in row.indexes.values() {
        check_key(key, partition)?;
        check_key(key, sort)?;
    }
    if row.body.len() > ROW_MAX_BYTES {
        return Err(limit(
            key,
            format!(
                "a row holds at most {ROW_MAX_BYTES} bytes, this has {}",
                row.body.len()
            ),
        ));
    }
    let body: Value =
        serde_json::from_str(&row.body).map_err(|e| limit(key, format!("a body is JSON: {e}")))?;
    if depth(&body) > DEPTH_MAX {
        return Err(limit(key, format!("a body has at most {DEPTH_MAX} levels")));
    }
    Ok(row.body.len())
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn limit(key: &Key, rule: String) -> Error {
    Error::Limit {
        key: key.clone(),
        rule,
    }
}
