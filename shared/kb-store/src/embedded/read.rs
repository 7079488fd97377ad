//! Reads.

use super::encode::{self, unavailable};
use super::{INDEX, ROWS};
use crate::error::Error;
use crate::table::{IndexName, Key, Order, Page, Query, Row};
use redb::{ReadTransaction, ReadableTable};
use std::ops::Bound;

/// One row; `None` when it is absent or over.
pub(super) fn row(
    rows: &impl ReadableTable<&'static [u8], &'static [u8]>,
    key: &Key,
    now: i64,
) -> Result<Option<Row>, Error> {
    let Some(bytes) = rows.get(encode::key(key).as_slice()).map_err(unavailable)? else {
        return Ok(None);
    };
    let row = encode::row_of(key, bytes.value())?;
    Ok((!row.is_over(now)).then_some(row))
}

/// Lower and upper bound of a query's sort keys below `base`; a cursor replaces one of them.
fn bounds(base: &[u8], query: &Query) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let with = |tail: &[u8]| [base, tail].concat();
    let from = query.from.as_deref().map_or(query.prefix.as_bytes(), |f| {
        f.as_bytes().max(query.prefix.as_bytes())
    });
    let mut lower = Bound::Included(with(from));
    let mut end = with(query.prefix.as_bytes());
    // The first key that does not begin with the prefix: 0xFF stands in no UTF-8 text.
    end.push(0xFF);
    let mut upper = Bound::Excluded(
        query
            .below
            .as_ref()
            .map_or(end.clone(), |b| with(b.as_bytes()).min(end)),
    );
    if let Some(cursor) = &query.cursor {
        match query.order {
            Order::Ascending => lower = Bound::Excluded(with(cursor.as_bytes())),
            Order::Descending => upper = Bound::Excluded(with(cursor.as_bytes())),
        }
    }
    (lower, upper)
}

fn is_empty(lower: &Bound<Vec<u8>>, upper: &Bound<Vec<u8>>) -> bool {
    let value = |bound: &Bound<Vec<u8>>| match bound {
        Bound::Included(v) | Bound::Excluded(v) => v.clone(),
        Bound::Unbounded => Vec::new(),
    };
    value(lower) >= value(upper)
}

fn slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    match bound {
        Bound::Included(v) => Bound::Included(v),
        Bound::Excluded(v) => Bound::Excluded(v),
        Bound::Unbounded => Bound::Unbounded,
    }
}

/// A range of the table.
pub(super) fn range(transaction: &ReadTransaction, query: &Query) -> Result<Page, Error> {
    let rows = transaction.open_table(ROWS).map_err(unavailable)?;
    let base = [query.partition.as_bytes(), b"\0"].concat();
    let (lower, upper) = bounds(&base, query);
    let mut page = Page::default();
    if is_empty(&lower, &upper) {
        return Ok(page);
    }
    let mut found = rows
        .range::<&[u8]>((slice(&lower), slice(&upper)))
        .map_err(unavailable)?;
    loop {
        let next = match query.order {
            Order::Ascending => found.next(),
            Order::Descending => found.next_back(),
        };
        let Some(next) = next else { return Ok(page) };
        let (bytes, value) = next.map_err(unavailable)?;
        let key = encode::key_of(bytes.value())?;
        if page.rows.len() == query.limit {
            page.cursor = page.rows.last().map(|(key, _)| key.sort.clone());
            return Ok(page);
        }
        let row = encode::row_of(&key, value.value())?;
        if !row.is_over(query.now) {
            page.rows.push((key, row));
        }
    }
}

/// A range of an index, as it was in `old`, with the rows as they are in `now`; those that no longer stand there are dropped.
pub(super) fn by_index(
    old: &ReadTransaction,
    now: &ReadTransaction,
    index: IndexName,
    query: &Query,
) -> Result<Page, Error> {
    let entries = old.open_table(INDEX).map_err(unavailable)?;
    let rows = now.open_table(ROWS).map_err(unavailable)?;
    let base = [
        &[encode::index_byte(index)],
        query.partition.as_bytes(),
        b"\0",
    ]
    .concat();
    let (lower, upper) = bounds(&base, query);
    let mut page = Page::default();
    if is_empty(&lower, &upper) {
        return Ok(page);
    }
    let mut found = entries
        .range::<&[u8]>((slice(&lower), slice(&upper)))
        .map_err(unavailable)?;
    let mut seen = 0;
    loop {
        let next = match query.order {
            Order::Ascending => found.next(),
            Order::Descending => found.next_back(),
        };
        let Some(next) = next else { return Ok(page) };
        let (bytes, _) = next.map_err(unavailable)?;
        let tail = &bytes.value()[base.len()..];
        seen += 1;
        let Some((sort, key)) = encode::entry_tail(tail) else {
            continue;
        };
        if let Some(row) = row(&rows, &key, query.now)?
            && row.indexes.get(&index) == Some(&(query.partition.clone(), sort))
        {
            page.rows.push((key, row));
        }
        if seen == query.limit {
            page.cursor = Some(String::from_utf8_lossy(tail).into_owned());
            return Ok(page);
        }
    }
}

/// Part `part` of `parts` of all rows, by a hash of the key.
pub(super) fn walk(
    transaction: &ReadTransaction,
    part: u32,
    parts: u32,
    limit: usize,
    cursor: Option<String>,
) -> Result<Page, Error> {
    let rows = transaction.open_table(ROWS).map_err(unavailable)?;
    let after = cursor.map(String::into_bytes);
    let lower = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let mut page = Page::default();
    for next in rows
        .range::<&[u8]>((lower, Bound::Unbounded))
        .map_err(unavailable)?
    {
        let (bytes, value) = next.map_err(unavailable)?;
        let hash = bytes.value().iter().fold(0x811c_9dc5_u32, |h, b| {
            (h ^ u32::from(*b)).wrapping_mul(0x0100_0193)
        });
        if hash % parts.max(1) != part {
            continue;
        }
        let key = encode::key_of(bytes.value())?;
        let row = encode::row_of(&key, value.value())?;
        page.rows.push((key, row));
        if page.rows.len() == limit {
            page.cursor = Some(String::from_utf8_lossy(bytes.value()).into_owned());
            return Ok(page);
        }
    }
    Ok(page)
}
