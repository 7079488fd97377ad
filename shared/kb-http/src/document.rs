//! Documents that are sent back: RFC 7396 merge patches, and fields that only we write.

use crate::json::typed;
use crate::problem::Rejection;
use kb_domain::FieldError;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Applies a merge patch (RFC 7396): what is null goes, what is an object is merged, everything else replaces.
pub fn merge(target: &mut Value, patch: Value) {
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

/// The writable fields of a document as a type. What else was sent must be as it is in `stored`, so that a document that was
/// read can be sent back whole. Errors: 422 for a field that only we write and that differs, 400 for one that there is not.
pub fn writable<T: DeserializeOwned>(
    sent: Map<String, Value>,
    stored: &Value,
    fields: &[&str],
) -> Result<T, Rejection> {
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
                detail: format!(
                    "{name} is not written this way; leave it out, or send it as it is"
                ),
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
            writable::<Value>(sent, &stored, &["title"])
        };
        let kept = read(json!({"title": "New", "version": 7, "id": "art_1"}));
        assert_eq!(kept.unwrap(), json!({"title": "New"}));
        let problem = read(json!({"version": 8, "id": "art_2"}))
            .unwrap_err()
            .problem();
        assert_eq!((problem.status, problem.errors.len()), (422, 2));
        assert_eq!(
            read(json!({"colour": 1})).unwrap_err().problem().status,
            400
        );
    }
}
