//! What an answer means: good, or which fault.

use super::waits::{date, retry_at};
use super::{Call, Reply};
use crate::port::Fault;
use bytes::Bytes;
use http::{Method, Response};
use kb_domain::Timestamp;
use kb_fetch::FetchError;
use serde_json::Value;

/// The longest of their words that is kept.
const DETAIL_MAX_CHARS: usize = 200;

/// The reply, or the fault that it is. 401 is [`Fault::Grant`]: whether it is final is for the caller to find out.
pub(super) fn read(call: &Call, answer: Response<Bytes>, now: Timestamp) -> Result<Reply, Fault> {
    let (parts, body) = answer.into_parts();
    let status = parts.status.as_u16();
    let json: Option<Value> = if body.is_empty() {
        Some(Value::Null)
    } else {
        serde_json::from_slice(&body).ok()
    };
    let words = || words(json.as_ref(), status);
    match status {
        200..=299 => Ok(Reply {
            status,
            at: date(&parts.headers).unwrap_or(now),
            headers: parts.headers,
            json: json.ok_or_else(|| broken(call, "its answer is no JSON"))?,
        }),
        401 => Err(Fault::Grant(words().1)),
        403 => Err(Fault::Forbidden(words().1)),
        404 | 410 => Err(Fault::Refused {
            code: status.to_string(),
            detail: words().1,
        }),
        409 | 412 => Err(Fault::Stale),
        429 | 503 => Err(Fault::Busy(retry_at(&parts.headers, now))),
        300..=399 => Err(Fault::Unreachable(format!(
            "it answers {status}, which leads elsewhere"
        ))),
        408 | 500..=599 => Err(broken(call, &format!("it answers {status}"))),
        _ => {
            let (code, detail) = words();
            Err(Fault::Refused { code, detail })
        }
    }
}

/// A call without an answer.
pub(super) fn unanswered(call: &Call, error: &FetchError) -> Fault {
    match error {
        FetchError::NotSent(_) => Fault::Unreachable(error.to_string()),
        FetchError::NoAnswer(_) => broken(call, &error.to_string()),
        FetchError::Forbidden(_) => Fault::Refused {
            code: "address".to_owned(),
            detail: error.to_string(),
        },
        FetchError::TooLarge(_) => Fault::Refused {
            code: TOO_LARGE.to_owned(),
            detail: error.to_string(),
        },
    }
}

/// The code of an answer that is larger than we read.
pub(super) const TOO_LARGE: &str = "too_large";

/// A call that arrived, or may have: a read is asked again, a write is looked for.
fn broken(call: &Call, what: &str) -> Fault {
    match call.method {
        Method::GET => Fault::Unreachable(what.to_owned()),
        _ => Fault::OutcomeUnknown(what.to_owned()),
    }
}

/// Code and words of a body that tells of an error, in the ways in which they are told: `error` as a text or an object, and `errors`.
fn words(json: Option<&Value>, status: u16) -> (String, String) {
    let nothing = Value::Null;
    let json = json.unwrap_or(&nothing);
    let first = &json["errors"][0];
    let error = &json["error"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let code = [&first["code"], error, &error["code"], &error["title"]];
    let code = code.into_iter().find_map(text);
    let detail = [
        &first["detail"],
        &first["title"],
        &json["description"],
        &json["error_description"],
        &json["message"],
        &error["message"],
    ];
    let code = code.unwrap_or_else(|| status.to_string());
    let detail = detail.into_iter().find_map(text);
    let detail = detail.unwrap_or_else(|| format!("it answers {status}"));
    let cut = |text: String| text.chars().take(DETAIL_MAX_CHARS).collect();
    (cut(code), cut(detail))
}
