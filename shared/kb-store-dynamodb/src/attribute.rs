//! Attributes as the SDK has them, as the stream's SDK has them, and as Lambda spells them in JSON.

use crate::item::{Item, Value};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value as Json;
use std::collections::HashMap;

/// An item for the SDK.
pub(crate) fn to_sdk(item: Item) -> HashMap<String, AttributeValue> {
    item.into_iter()
        .map(|(name, value)| (name, value_to_sdk(value)))
        .collect()
}

pub(crate) fn value_to_sdk(value: Value) -> AttributeValue {
    match value {
        Value::S(text) => AttributeValue::S(text),
        Value::N(n) => AttributeValue::N(n.to_string()),
        Value::B(bytes) => AttributeValue::B(Blob::new(bytes)),
    }
}

/// An item of the SDK. Attributes of other types than ours are left out: they are nothing that we wrote.
pub(crate) fn of_sdk(item: &HashMap<String, AttributeValue>) -> Item {
    let of = |value: &AttributeValue| match value {
        AttributeValue::S(text) => Some(Value::S(text.clone())),
        AttributeValue::N(n) => n.parse().ok().map(Value::N),
        AttributeValue::B(bytes) => Some(Value::B(bytes.as_ref().to_vec())),
        _ => None,
    };
    let fields = item.iter();
    fields
        .filter_map(|(name, value)| Some((name.clone(), of(value)?)))
        .collect()
}

/// An item as it stands in an event of Lambda: `{"p":{"S":"..."},"v":{"N":"1"},"z":{"B":"base64"}}`.
pub fn of_json(image: &Json) -> Item {
    let of = |value: &Json| {
        let (kind, text) = value.as_object()?.iter().next()?;
        let text = text.as_str()?;
        match kind.as_str() {
            "S" => Some(Value::S(text.to_owned())),
            "N" => text.parse().ok().map(Value::N),
            "B" => base64(text).map(Value::B),
            _ => None,
        }
    };
    let fields = image.as_object().into_iter().flatten();
    fields
        .filter_map(|(name, value)| Some((name.clone(), of(value)?)))
        .collect()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_image_of_lambda_is_the_item_that_was_written() {
        let image =
            json!({"p": {"S": "P"}, "v": {"N": "17"}, "z": {"B": "KLUv"}, "other": {"BOOL": true}});
        let item = Item::from([
            ("p".to_owned(), Value::S("P".to_owned())),
            ("v".to_owned(), Value::N(17)),
            ("z".to_owned(), Value::B(vec![0x28, 0xb5, 0x2f])),
        ]);
        assert_eq!(of_json(&image), item);
        assert_eq!(of_sdk(&to_sdk(item.clone())), item);
    }
}
