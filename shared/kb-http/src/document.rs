//! Documents that are sent back: RFC 7396 merge patches, and fields that only we write.

use crate::json::{StrictJson, typed};
use crate::precondition::IfMatch;
use crate::problem::Rejection;
use axum::extract::{FromRequest, Request};
use kb_domain::FieldError;
use serde::Serialize;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde_json::{Map, Value};
use std::marker::PhantomData;

/// Applies a merge patch (RFC 7396): what is null goes, what is an object is merged, everything else replaces.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Value::Object(target) = target {
        for (name, value) in patch {
            if value.is_null() {
                target.remove(&name);
            } else {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
    }
}

/// The fields of `T` out of a document. What else was sent must be as it is in `stored`, so that a document that was read can
/// be sent back whole. Errors: 422 for a field that only we write and that differs, 400 for one that does not exist.
pub fn writable<T: DeserializeOwned>(
    sent: Map<String, Value>,
    stored: &Value,
) -> Result<T, Rejection> {
    let fields = fields_of::<T>();
    let (mut kept, mut faults) = (Map::new(), Vec::new());
    for (name, value) in sent {
        if fields.contains(&name.as_str()) {
            kept.insert(name, value);
            continue;
        }
        match stored.get(&name) {
            Some(found) if *found == value => {}
            Some(_) => faults.push(FieldError {
                pointer: format!("/{name}"),
                code: "read_only".to_owned(),
                detail: format!("{name} is read-only here; leave it out, or send it unchanged"),
            }),
            None => {
                let detail = format!("there is no field {name}");
                return Err(Rejection::parameter(&name, detail));
            }
        }
    }
    if !faults.is_empty() {
        return Err(kb_domain::Error::Fields(faults).into());
    }
    typed(Value::Object(kept))
}

/// A merge patch (RFC 7396) for a document that was read at a version: `If-Match` and a JSON object.
pub struct Patch<T> {
    if_match: IfMatch,
    sent: Map<String, Value>,
    target: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Patch<T> {
    /// The writable fields after the patch. `stored` is the document as it was answered to this caller. Errors: the patch was
    /// made for another version; what [`writable`] refuses.
    pub fn onto(self, version: u64, stored: &impl Serialize) -> Result<T, Rejection> {
        self.if_match.check(version)?;
        let stored = serde_json::json!(stored);
        let mut merged = stored.clone();
        merge(&mut merged, Value::Object(self.sent));
        match merged {
            Value::Object(fields) => writable(fields, &stored),
            _ => writable(Map::new(), &stored),
        }
    }
}

impl<T, S: Send + Sync> FromRequest<S> for Patch<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let if_match = IfMatch::of(request.headers())?.ok_or_else(IfMatch::missing)?;
        let StrictJson(sent) = StrictJson::from_request(request, state).await?;
        Ok(Self {
            if_match,
            sent,
            target: PhantomData,
        })
    }
}

/// The names of the fields of a struct, as its `Deserialize` tells them; empty for what is no struct.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // It reads nothing: it stops as soon as it was told the names.
    let _ = T::deserialize(FieldNames(&mut fields));
    fields
}

struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom(
            "only the names of the fields are asked for",
        ))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Draft {
        title: String,
        #[serde(default, rename = "type")]
        sort: Option<String>,
    }

    /// The cases of RFC 7396, appendix A.
    #[test]
    fn a_patch_does_what_the_rfc_says() {
        for (mut target, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (
                json!({"a":"b","b":"c"}),
                json!({"a":null}),
                json!({"b":"c"}),
            ),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!(null), json!(null)),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (
                json!({}),
                json!({"a":{"bb":{"ccc":null}}}),
                json!({"a":{"bb":{}}}),
            ),
        ] {
            merge(&mut target, patch.clone());
            assert_eq!(target, result, "{patch}");
        }
    }

    #[test]
    fn what_only_we_write_is_accepted_when_it_is_equal() {
        let stored = json!({"id": "art_1", "version": 7, "title": "Old"});
        let read = |sent: Value| {
            let Value::Object(sent) = sent else {
                unreachable!("the test sends objects")
            };
            writable::<Draft>(sent, &stored)
        };
        let kept = read(json!({"title": "New", "version": 7, "id": "art_1"})).unwrap();
        assert_eq!((kept.title.as_str(), kept.sort), ("New", None));
        let problem = read(json!({"version": 8, "id": "art_2"}))
            .unwrap_err()
            .problem();
        assert_eq!((problem.status, problem.errors.len()), (422, 2));
        assert_eq!(
            read(json!({"colour": 1})).unwrap_err().problem().status,
            400
        );
    }

    fn patch(version: u64, sent: &Value) -> Patch<Draft> {
        Patch {
            if_match: IfMatch::at(version),
            sent: sent.as_object().unwrap().clone(),
            target: PhantomData,
        }
    }

    #[test]
    fn a_patch_leaves_what_it_does_not_name_and_is_for_one_version() {
        let stored = json!({"id": "art_1", "title": "Old", "type": "faq"});
        let after = patch(7, &json!({"title": "New"})).onto(7, &stored);
        let draft = Draft {
            title: "New".to_owned(),
            sort: Some("faq".to_owned()),
        };
        assert_eq!(after.unwrap(), draft);
        let gone = patch(7, &json!({"type": null})).onto(7, &stored).unwrap();
        assert_eq!(gone.sort, None);
        let stale = patch(6, &json!({})).onto(7, &stored).unwrap_err();
        assert_eq!(stale.problem().current_version, Some(7));
        let needed = patch(7, &json!({"title": null})).onto(7, &stored);
        assert_eq!(needed.unwrap_err().problem().errors[0].pointer, "/title");
    }

    #[test]
    fn the_names_of_fields_come_from_the_type_itself() {
        assert_eq!(fields_of::<Draft>(), ["title", "type"]);
        assert_eq!(fields_of::<Value>(), [""; 0]);
    }
}
