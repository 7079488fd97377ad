//! Rows as items. One letter an attribute, since DynamoDB bills the names with the values.

use crate::SLOTS;
use kb_store::body::{self, Packed};
use kb_store::{Error, IndexName, Key, Row};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Partition key of the table.
pub const PARTITION: &str = "p";
/// Sort key of the table.
pub const SORT: &str = "s";
/// The kind of the row; the stream is filtered by it.
pub const KIND: &str = "k";
/// The version.
pub const VERSION: &str = "v";
/// The body as text; of two bodies an item has one.
pub const BODY: &str = "b";
/// The body as a Zstandard frame.
pub const FRAME: &str = "z";
/// Seconds since 1970 after which it is absent; DynamoDB deletes it some days later.
pub const EXPIRES: &str = "e";
/// The count of a counter.
pub const COUNT: &str = "n";

/// An attribute's value, of the three types that are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text.
    S(String),
    /// A number.
    N(i128),
    /// Bytes.
    B(Vec<u8>),
}

/// An item: attributes by name.
pub type Item = BTreeMap<String, Value>;

/// Which slot an index has.
fn slot_number(index: IndexName) -> usize {
    match index {
        IndexName::Inverse => 0,
        IndexName::Queue => 1,
        IndexName::Person => 2,
    }
}

/// The slot of an index.
pub(crate) fn slot(index: IndexName) -> &'static str {
    SLOTS[slot_number(index)]
}

/// The attributes that are the keys of an index.
pub(crate) fn slot_keys(index: IndexName) -> (String, String) {
    let n = slot_number(index) + 1;
    (format!("i{n}p"), format!("i{n}s"))
}

/// A key as the attributes that it has in every item.
pub(crate) fn key_of(key: &Key) -> Item {
    Item::from([
        (PARTITION.to_owned(), Value::S(key.partition.clone())),
        (SORT.to_owned(), Value::S(key.sort.clone())),
    ])
}

/// A row as an item with this version.
pub(crate) fn of_row(key: &Key, row: &Row, version: u64) -> Result<Item, Error> {
    let mut item = key_of(key);
    let mut set = |name: &str, value: Value| item.insert(name.to_owned(), value);
    set(KIND, Value::S(row.kind.clone()));
    set(VERSION, Value::N(version.into()));
    match body::pack(&row.body)? {
        Packed::Plain(text) => set(BODY, Value::S(text.into_owned())),
        Packed::Compressed(frame) => set(FRAME, Value::B(frame.into_owned())),
    };
    if let Some(end) = row.expires_at {
        set(EXPIRES, Value::N(end.into()));
    }
    for (index, (partition, sort)) in &row.indexes {
        let (p, s) = slot_keys(*index);
        set(&p, Value::S(partition.clone()));
        set(&s, Value::S(sort.clone()));
    }
    Ok(item)
}

/// The key of an item. Errors: it has none.
pub(crate) fn key_in(item: &Item) -> Result<Key, Error> {
    let key = Key::new("", "");
    Ok(Key::new(
        text(&key, item, PARTITION)?,
        text(&key, item, SORT)?,
    ))
}

/// The row of an item. Errors: an attribute is missing or of another type.
pub fn row_in(item: &Item) -> Result<(Key, Row), Error> {
    let key = key_in(item)?;
    let packed = match (item.get(BODY), item.get(FRAME)) {
        (Some(Value::S(text)), None) => Packed::Plain(Cow::Borrowed(text)),
        (None, Some(Value::B(frame))) => Packed::Compressed(Cow::Borrowed(frame)),
        _ => return Err(broken(&key, BODY)),
    };
    let mut indexes = BTreeMap::new();
    for index in [IndexName::Inverse, IndexName::Queue, IndexName::Person] {
        let (p, s) = slot_keys(index);
        if item.contains_key(&p) {
            let place = (
                text(&key, item, &p)?.to_owned(),
                text(&key, item, &s)?.to_owned(),
            );
            indexes.insert(index, place);
        }
    }
    let row = Row {
        kind: text(&key, item, KIND)?.to_owned(),
        version: number(&key, item, VERSION)?.ok_or_else(|| broken(&key, VERSION))?,
        indexes,
        expires_at: number(&key, item, EXPIRES)?,
        n: number(&key, item, COUNT)?.unwrap_or(0),
        body: body::unpack(&key, packed)?,
    };
    Ok((key, row))
}

/// Bytes of an item, as DynamoDB bills them: names and values; a number has about a byte for two digits and one more.
pub(crate) fn bytes(item: &Item) -> usize {
    let of = |value: &Value| match value {
        Value::S(text) => text.len(),
        Value::B(bytes) => bytes.len(),
        Value::N(n) => n.unsigned_abs().to_string().len().div_ceil(2) + 1,
    };
    item.iter()
        .map(|(name, value)| name.len() + of(value))
        .sum()
}

fn broken(key: &Key, attribute: &str) -> Error {
    let cause = format!("attribute {attribute} is missing or of another type");
    Error::broken(key, cause)
}

fn text<'a>(key: &Key, item: &'a Item, name: &str) -> Result<&'a str, Error> {
    match item.get(name) {
        Some(Value::S(text)) => Ok(text),
        _ => Err(broken(key, name)),
    }
}

fn number<T: TryFrom<i128>>(key: &Key, item: &Item, name: &str) -> Result<Option<T>, Error> {
    match item.get(name) {
        None => Ok(None),
        Some(Value::N(n)) => T::try_from(*n).map(Some).map_err(|_| broken(key, name)),
        Some(_) => Err(broken(key, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_from_its_item() {
        let place = ("people".to_owned(), "1".to_owned());
        for body in ["{}".to_owned(), format!("\"{}\"", "密".repeat(900))] {
            let row = Row {
                kind: "thing.1".to_owned(),
                version: u64::MAX >> 1,
                indexes: BTreeMap::from([(IndexName::Person, place.clone())]),
                expires_at: Some(-1),
                body,
                n: 0,
            };
            let key = Key::new("P", "é");
            let item = of_row(&key, &row, row.version).unwrap();
            assert_eq!(row_in(&item).unwrap(), (key, row));
        }
    }

    #[test]
    fn an_item_without_an_attribute_names_it() {
        let key = Key::new("P", "x");
        let item = of_row(
            &key,
            &Row {
                body: "{}".into(),
                ..Row::default()
            },
            1,
        )
        .unwrap();
        for gone in [VERSION, BODY, KIND, SORT] {
            let mut item = item.clone();
            item.remove(gone);
            let error = kb_store::chain(&row_in(&item).unwrap_err());
            assert!(error.contains(&format!("attribute {gone} ")), "{error}");
        }
    }

    #[test]
    fn an_item_is_as_large_as_it_is_billed() {
        // Names of one byte each; p "PP", s "s", k "kk.1", v 10 digits, b "{}".
        let row = Row {
            kind: "kk.1".into(),
            body: "{}".into(),
            ..Row::default()
        };
        let item = of_row(&Key::new("PP", "s"), &row, 1_234_567_890).unwrap();
        assert_eq!(bytes(&item), 5 + 2 + 1 + 4 + 6 + 2);
    }
}
