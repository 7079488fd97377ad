//! Records: what a row's body says, as a type of its own with a version.
//!
//! A record has a stored form apart from the domain type, so that a change of a field there is a decision here. A form of an
//! earlier version is upgraded when it is read and written anew with the next write; a form of a later version is refused.
//! `tests/formats` keeps a sample of every version of every kind.

use crate::error::Error;
use crate::table::{Condition, IndexName, Key, Row, TableName, Transaction, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Something that is stored as one row.
pub trait Record: Sized {
    /// How it is stored by this program.
    type Form: Serialize + DeserializeOwned;
    /// The kind of row, for example `article`.
    const KIND: &'static str;
    /// The version of `Form`.
    const VERSION: u32 = 1;
    /// The table it lies in.
    const TABLE: TableName = TableName::Main;

    /// What is stored.
    fn form(&self) -> Self::Form;

    /// The record of a stored form.
    fn of(form: Self::Form) -> Self;

    /// Where it stands in the named indexes.
    fn indexes(&self) -> Vec<(IndexName, (String, String))> {
        Vec::new()
    }

    /// When it is absent by itself, in seconds since 1970; `None` for never.
    fn expires_at(&self) -> Option<i64> {
        None
    }

    /// A body of an earlier version as one of the next version. Errors: there never was such a version.
    fn upgrade(version: u32, _body: Value) -> Result<Value, String> {
        Err(format!("{}.{version} was never written", Self::KIND))
    }
}

/// A record that knows its key.
pub trait Keyed: Record {
    /// Where it lies.
    fn key(&self) -> Key;
}

/// A record that is stored as it is; what else a record says stands behind it.
macro_rules! stored_as_is {
    ($type:ty = $kind:literal $($more:tt)*) => {
        impl $crate::record::Record for $type {
            type Form = Self;
            const KIND: &'static str = $kind;

            fn form(&self) -> Self {
                self.clone()
            }

            fn of(form: Self) -> Self {
                form
            }

            $($more)*
        }
    };
}
pub(crate) use stored_as_is;

/// A record with a stored form of its own that has the same fields; what else a record says stands behind them.
macro_rules! stored_as {
    ($record:ty = $kind:literal, $(#[$doc:meta])* $form:ident {
        $($(#[$attribute:meta])* $field:ident: $type:ty,)*
    } $($more:tt)*) => {
        $(#[$doc])*
        #[derive(serde::Serialize, serde::Deserialize)]
        pub struct $form {
            $($(#[$attribute])* $field: $type,)*
        }

        impl $crate::record::Record for $record {
            type Form = $form;
            const KIND: &'static str = $kind;

            fn form(&self) -> $form {
                let record = self.clone();
                $form { $($field: record.$field,)* }
            }

            fn of(form: $form) -> Self {
                Self { $($field: form.$field,)* }
            }

            $($more)*
        }
    };
}
pub(crate) use stored_as;

/// A value with the version of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<T> {
    /// The value.
    pub value: T,
    /// The version, to condition a write on.
    pub version: Version,
}

/// A record as a row.
pub fn row<R: Record>(record: &R) -> Row {
    Row {
        kind: format!("{}.{}", R::KIND, R::VERSION),
        indexes: record.indexes().into_iter().collect(),
        expires_at: record.expires_at(),
        body: serde_json::to_string(&record.form())
            .expect("stored records are plain data with text keys"),
        ..Row::default()
    }
}

/// The record of a row. Errors: the row is of another kind, of a later version, or not of its form.
pub fn read<R: Record>(key: &Key, row: &Row) -> Result<Stored<R>, Error> {
    let broken = |cause: String| Error::broken(key, cause);
    let version =
        version_of::<R>(row).ok_or_else(|| broken(format!("it is of kind {}", row.kind)))?;
    if version > R::VERSION {
        let kind = &row.kind;
        return Err(broken(format!("{kind} was written by a newer program")));
    }
    let unreadable = |e: serde_json::Error| Error::Broken {
        key: key.clone(),
        cause: Box::new(e),
    };
    let form = if version == R::VERSION {
        serde_json::from_str(&row.body).map_err(unreadable)?
    } else {
        let mut body: Value = serde_json::from_str(&row.body).map_err(unreadable)?;
        for version in version..R::VERSION {
            body = R::upgrade(version, body).map_err(broken)?;
        }
        serde_json::from_value(body).map_err(unreadable)?
    };
    Ok(Stored {
        value: R::of(form),
        version: row.version,
    })
}

/// Whether a row is of this kind, in whatever version.
pub fn is<R: Record>(row: &Row) -> bool {
    version_of::<R>(row).is_some()
}

fn version_of<R: Record>(row: &Row) -> Option<u32> {
    let (kind, version) = row.kind.rsplit_once('.')?;
    let version = version.parse().ok()?;
    (kind == R::KIND && version >= 1).then_some(version)
}

impl Transaction {
    /// Adds a record that must not be there yet.
    pub fn insert<R: Keyed>(&mut self, record: &R) {
        self.put(record.key(), row(record), Condition::Absent);
    }

    /// Adds a record at a key, which must be free.
    pub fn insert_at<R: Record>(&mut self, key: Key, record: &R) {
        self.put(key, row(record), Condition::Absent);
    }

    /// Writes a record over whatever is there.
    pub fn upsert_at<R: Record>(&mut self, key: Key, record: &R) {
        self.put(key, row(record), Condition::Any);
    }

    /// Writes a record over the one that was read, if it is still that one.
    pub fn replace<R: Keyed>(&mut self, before: &Stored<R>, after: &R) {
        self.put(after.key(), row(after), Condition::Version(before.version));
    }

    /// Writes a record at a key over the one of this version.
    pub fn replace_at<R: Record>(&mut self, key: Key, before: Version, after: &R) {
        self.put(key, row(after), Condition::Version(before));
    }

    /// Writes a record over the one that was read, or adds it where none was.
    pub fn replace_or_insert<R: Keyed>(&mut self, before: Option<&Stored<R>>, after: &R) {
        match before {
            Some(before) => self.replace(before, after),
            None => self.insert(after),
        }
    }

    /// Removes the record that was read, if it is still that one.
    pub fn remove<R: Keyed>(&mut self, before: &Stored<R>) {
        self.delete(before.value.key(), Condition::Version(before.version));
    }

    /// Demands that a record is still the one that was read.
    pub fn unchanged<R: Keyed>(&mut self, read: &Stored<R>) {
        self.check(read.value.key(), Condition::Version(read.version));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Clone, Serialize, Deserialize)]
    struct Shelf {
        width_mm: u32,
    }

    impl Record for Shelf {
        type Form = Self;
        const KIND: &'static str = "shelf";
        const VERSION: u32 = 3;

        fn form(&self) -> Self {
            self.clone()
        }

        fn of(form: Self) -> Self {
            form
        }

        fn upgrade(version: u32, body: Value) -> Result<Value, String> {
            match version {
                1 => Ok(serde_json::json!({"width_cm": body["width"]})),
                2 => {
                    let width = body["width_cm"].as_u64().ok_or("no width")?;
                    Ok(serde_json::json!({"width_mm": width * 10}))
                }
                _ => Err("never".to_owned()),
            }
        }
    }

    fn read_as(kind: &str, body: &str) -> Result<u32, String> {
        let row = Row {
            kind: kind.to_owned(),
            body: body.to_owned(),
            ..Row::default()
        };
        let read = read::<Shelf>(&Key::new("p", "s"), &row);
        read.map(|s| s.value.width_mm)
            .map_err(|e| crate::error::chain(&e))
    }

    #[test]
    fn a_form_of_every_earlier_version_is_upgraded_step_by_step() {
        assert_eq!(read_as("shelf.1", r#"{"width":7}"#), Ok(70));
        assert_eq!(read_as("shelf.2", r#"{"width_cm":7}"#), Ok(70));
        assert_eq!(read_as("shelf.3", r#"{"width_mm":7}"#), Ok(7));
    }

    #[test]
    fn a_later_version_and_another_kind_are_refused_by_name() {
        assert!(
            read_as("shelf.4", "{}")
                .unwrap_err()
                .contains("newer program")
        );
        assert!(read_as("chair.1", "{}").unwrap_err().contains("chair.1"));
        assert!(read_as("shelf.3", "{}").unwrap_err().contains("width_mm"));
    }
}
