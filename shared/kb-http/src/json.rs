//! Request bodies and queries, read strictly: no duplicate key, bounded depth, unknown fields refused by the types.

use crate::kind::ProblemKind;
use crate::problem::Rejection;
use crate::words::plain;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{header, request::Parts};
use bytes::Bytes;
use http_body_util::{BodyExt, Collected, LengthLimitError, Limited};
use kb_domain::FieldError;
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// The longest JSON body, in bytes.
const BODY_MAX_BYTES: usize = 1_000_000;
/// The deepest JSON.
const DEPTH_MAX: usize = 32;

/// A JSON body.
#[derive(Debug)]
pub struct StrictJson<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for StrictJson<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, _: &S) -> Result<Self, Rejection> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok());
        if !json.is_some_and(|v| v.split(';').next().is_some_and(is_json)) {
            return Err(Rejection::Request(
                ProblemKind::UnsupportedType,
                "send Content-Type: application/json".to_owned(),
            ));
        }
        let bytes = collect(request.into_body()).await?;
        parse(&bytes).map(Self)
    }
}

fn is_json(kind: &str) -> bool {
    // A merge patch (RFC 7396) is JSON with a name of its own.
    ["application/json", "application/merge-patch+json"]
        .iter()
        .any(|known| kind.trim().eq_ignore_ascii_case(known))
}

/// A body within the limit. Errors: longer, or broken off.
pub(crate) async fn collect(body: Body) -> Result<Bytes, Rejection> {
    let collected = Limited::new(body, BODY_MAX_BYTES).collect().await;
    collected.map(Collected::to_bytes).map_err(|e| {
        if e.downcast_ref::<LengthLimitError>().is_some() {
            Rejection::Request(
                ProblemKind::TooLarge,
                format!("a body holds at most {BODY_MAX_BYTES} bytes"),
            )
        } else {
            Rejection::Request(ProblemKind::Malformed, "the body ended early".to_owned())
        }
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Rejection> {
    let malformed = |e: serde_json::Error| {
        Rejection::Request(
            ProblemKind::Malformed,
            format!("the JSON cannot be read: {e}"),
        )
    };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Strict(0).deserialize(&mut reader).map_err(malformed)?;
    reader.end().map_err(malformed)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader).map_err(|e| misfit(&e))
}

/// A value as a type. Errors: the field that does not fit.
pub(crate) fn typed<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Rejection> {
    serde_path_to_error::deserialize(value).map_err(|e| misfit(&e))
}

/// The field that does not fit. serde points at the parent of one that is missing.
fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Rejection {
    let detail = error.inner().to_string();
    let mut pointer: String = error
        .path()
        .iter()
        .fold(String::new(), |path, segment| format!("{path}/{segment}"));
    if detail.starts_with("missing field") {
        pointer = format!("{pointer}/{}", field_in(&detail));
    }
    if pointer.is_empty() || pointer.starts_with("/?") {
        // serde points at nothing for the document itself.
        pointer = "/".to_owned();
    }
    Rejection::Field(FieldError {
        pointer,
        code: "malformed".to_owned(),
        detail: plain(&detail),
    })
}

/// serde names a missing, unknown or wrong field between back ticks.
fn field_in(detail: &str) -> &str {
    detail.split('`').nth(1).unwrap_or_default()
}

/// Reads any JSON value and keeps nothing; refuses duplicate keys and too many levels.
struct Strict(usize);

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.0 > DEPTH_MAX {
            return Err(D::Error::custom(format!("more than {DEPTH_MAX} levels")));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Strict(self.0 + 1))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            map.next_value_seed(Strict(self.0 + 1))?;
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key \"{key}\" appears twice")));
            }
        }
        Ok(())
    }
}

/// The query of an address.
#[derive(Debug)]
pub struct StrictQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for StrictQuery<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let found = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        found
            .map(|q| Self(q.0))
            .map_err(|e| Rejection::Field(unfit(&e.body_text(), "query string: ")))
    }
}

/// The field that an extractor of axum could not read; `before` ends its own words.
pub(crate) fn unfit(text: &str, before: &str) -> FieldError {
    let detail = text.rsplit_once(before).map_or(text, |(_, detail)| detail);
    // A value that does not fit stands behind the name of its parameter, an unknown name between back ticks.
    let value = detail.split_once(": ").map(|(name, _)| name);
    let value = value.filter(|name| !name.contains(' '));
    FieldError {
        pointer: format!("/{}", value.unwrap_or(field_in(detail))),
        code: if detail.starts_with("missing field") {
            "required".to_owned()
        } else {
            "malformed".to_owned()
        },
        detail: plain(value.map_or(detail, |name| &detail[name.len() + 2..])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse::<serde_json::Value>(text.as_bytes())
            .unwrap_err()
            .problem()
            .detail
    }

    #[test]
    fn case_033_duplicate_keys_depth_and_lone_surrogates_are_refused() {
        assert!(refused(r#"{"a":{"b":1,"b":2}}"#).contains("twice"));
        assert!(refused(&("[".repeat(40) + &"]".repeat(40))).contains("levels"));
        assert!(!refused(&"[".repeat(500_000)).is_empty());
        assert!(!refused(r#"{"a":"\ud800"}"#).is_empty());
        assert!(!refused(r#"{"a":1} x"#).is_empty());
        assert!(parse::<serde_json::Value>(br#"{"a":[1,"b",null,true,1.5]}"#).is_ok());
    }
}
