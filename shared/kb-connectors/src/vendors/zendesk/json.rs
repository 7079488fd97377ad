//! Fields of their answers. Numbers and texts stand for ids alike; what is missing is a fault, never nothing: an answer without its
//! list would else be an empty help center.

use crate::port::Fault;
use kb_domain::Timestamp;
use kb_domain::remote::RemoteId;
use serde_json::Value;

/// A field that is a text or a number.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    as_text(&value[name])
}

pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A field that is an id: digits, so that it leads nowhere else in an address.
pub(super) fn id(value: &Value, name: &str) -> Option<RemoteId> {
    as_id(&value[name])
}

pub(super) fn as_id(value: &Value) -> Option<RemoteId> {
    let text = as_text(value)?;
    let is_id = text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit());
    is_id.then_some(RemoteId(text))
}

/// A field that is a moment; one in 1970 is none.
pub(super) fn moment(value: &Value, name: &str) -> Option<Timestamp> {
    let at: Timestamp = value[name].as_str()?.parse().ok()?;
    (at.unix_seconds() > 365 * 86_400).then_some(at)
}

/// A field that is the moment of a change, which is no later than what says so: a time ahead of their own clock would pass for newer
/// than everything that comes.
pub(super) fn changed_at(value: &Value, said_at: Timestamp) -> Option<Timestamp> {
    moment(value, "updated_at").map(|at| at.min(said_at))
}

/// A field that is a small number.
pub(super) fn small(value: &Value, name: &str) -> Option<u32> {
    u32::try_from(value[name].as_u64()?).ok()
}

/// A list that must be there.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], Fault> {
    let list = value[name].as_array().map(Vec::as_slice);
    list.ok_or_else(|| missing(name))
}

/// A list of texts or numbers that may not be there.
pub(super) fn texts(value: &Value, name: &str) -> Vec<String> {
    let list = value[name].as_array().into_iter().flatten();
    list.filter_map(as_text).collect()
}

/// An answer that does not have what it must.
pub(super) fn missing(what: &str) -> Fault {
    Fault::Unreachable(format!("an answer without \"{what}\""))
}
