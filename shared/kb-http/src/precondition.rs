//! `If-Match` and `If-None-Match` (RFC 9110, section 13): which version a request was made for.
//!
//! Proxies change entity tags on their way: one that compresses makes them weak, or adds its name inside the quotes. What comes back
//! is read as the tag that was answered, for the version it names is the same.

use crate::kind::ProblemKind;
use crate::problem::Rejection;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, HeaderName, header, request::Parts};

/// What compressing proxies add to the tag of what they compress.
const ADDED: [&str; 7] = [
    "--gzip", "-gzip", ";gzip", "-br", ";br", "-zstd", "-deflate",
];

/// A version as a strong ETag.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// The entity tags of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`: whatever there is.
    Any,
    /// One of these, without quotes and marks.
    Of(Vec<String>),
}

impl Tags {
    /// The tags of every line of a header; `None` when it is missing. Errors: one of them is neither a tag nor `*`.
    fn of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Rejection> {
        let (mut tags, mut any, mut there) = (Vec::new(), false, false);
        for line in headers.get_all(name) {
            there = true;
            let read = line.to_str().ok().and_then(read);
            let Some(read) = read else {
                return Err(Rejection::Request(
                    ProblemKind::Malformed,
                    format!("{name} holds ETags as they were answered, or *"),
                ));
            };
            any |= read.iter().any(|tag| tag == "*");
            tags.extend(read);
        }
        Ok(match (there, any) {
            (false, _) => None,
            (true, true) => Some(Self::Any),
            (true, false) => Some(Self::Of(tags)),
        })
    }

    fn name(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Of(tags) => tags.iter().any(|t| t == tag),
        }
    }
}

/// The tags of a list, `*` among them as it stands; `None` for what is no list of them. A number without quotes is read, too:
/// clients that know the version only by the field of an answer send it so.
fn read(line: &str) -> Option<Vec<String>> {
    let (mut tags, mut rest) = (Vec::new(), line.trim());
    while !rest.is_empty() {
        let marked = rest.strip_prefix("W/").or_else(|| rest.strip_prefix("w/"));
        let from = marked.unwrap_or(rest);
        let (tag, after) = match from.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => from.split_at(from.find(',').unwrap_or(from.len())),
        };
        let bare = tag.trim();
        let is_number = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit());
        let is_tag = from.starts_with('"') || is_number || bare == "*";
        if !is_tag || (bare == "*" && marked.is_some()) {
            return None;
        }
        let added = ADDED.iter().find_map(|end| bare.strip_suffix(end));
        tags.push(added.unwrap_or(bare).to_owned());
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start_matches([',', ' ', '\t']),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    (!tags.is_empty()).then_some(tags)
}

/// The versions in `If-Match`; 428 when the header is missing.
#[derive(Clone, Debug)]
pub struct IfMatch(Tags);

impl IfMatch {
    /// What a client sends that has read this version.
    #[cfg(test)]
    pub(crate) fn at(version: u64) -> Self {
        Self(Tags::Of(vec![version.to_string()]))
    }

    /// What the header says; `None` when it is missing. Errors: it is no list of ETags.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, Rejection> {
        Ok(Tags::of(headers, &header::IF_MATCH)?.map(Self))
    }

    /// Why a change without the header is refused.
    pub fn missing() -> Rejection {
        let detail = "send If-Match with the ETag of the version that the change is made for";
        Rejection::Request(ProblemKind::PreconditionRequired, detail.to_owned())
    }

    /// Refuses a change that was made for other versions than the current one.
    pub fn check(&self, current: u64) -> Result<(), Rejection> {
        if self.0.name(&current.to_string()) {
            Ok(())
        } else {
            Err(kb_actions::Error::Stale { current }.into())
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        Self::of(&parts.headers)?.ok_or_else(Self::missing)
    }
}

/// Whether the caller has what bears this ETag already. A header that cannot be read says nothing.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let Ok(Some(known)) = Tags::of(headers, &header::IF_NONE_MATCH) else {
        return false;
    };
    let tag = read(etag).and_then(|tags| tags.into_iter().next());
    tag.is_some_and(|tag| known.name(&tag))
}

/// Whether the caller writes only what is not there yet: `If-None-Match: *`.
pub fn only_new(headers: &HeaderMap) -> bool {
    matches!(
        Tags::of(headers, &header::IF_NONE_MATCH),
        Ok(Some(Tags::Any))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name.clone(), line.parse().unwrap());
        }
        headers
    }

    /// Whether `If-Match` lets a change of version 7 through; `None` where it cannot be read.
    fn lets_through(lines: &[&'static str]) -> Option<bool> {
        let found = IfMatch::of(&headers(&header::IF_MATCH, lines)).ok()?;
        Some(found.expect("the header is there").check(7).is_ok())
    }

    #[test]
    fn a_version_is_known_in_every_form_that_clients_and_proxies_give_it() {
        for lines in [
            &["\"7\""][..],
            &["W/\"7\""],
            &["w/\"7\""],
            &["*"],
            &[" * "],
            &["7"],
            &["\"6\", \"7\""],
            &["\"6\",W/\"7\" , \"8\""],
            &["\"6\"", "\"7\""],
            &["\"7-gzip\""],
            &["W/\"7--gzip\""],
            &["\"7;gzip\""],
            &["\"a,b\", \"7\""],
            &["\"6\",, \"7\""],
        ] {
            assert_eq!(lets_through(lines), Some(true), "{lines:?}");
        }
        for lines in [
            &["\"6\""][..],
            &["W/\"70\""],
            &["\"\""],
            &["\"abc\""],
            &["\"7\u{e4}\""],
        ] {
            assert_ne!(lets_through(lines), Some(true), "{lines:?}");
        }
        for lines in [
            &[""][..],
            &["\"7"],
            &["\"7\" \"8\""],
            &["W/7 8"],
            &["W/*"],
            &["\"7\"8"],
        ] {
            assert_eq!(lets_through(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn what_the_caller_has_is_known_and_what_cannot_be_read_is_not() {
        let known =
            |lines: &[&'static str], etag| is_known(&headers(&header::IF_NONE_MATCH, lines), etag);
        for lines in [&["\"7\""][..], &["W/\"7\""], &["*"], &["\"1\", \"7-gzip\""]] {
            assert!(known(lines, "\"7\""), "{lines:?}");
            assert!(known(lines, "W/\"7\""), "{lines:?}");
        }
        for lines in [&["\"8\""][..], &["\"7"], &[], &["W/\"77\""]] {
            assert!(!known(lines, "\"7\""), "{lines:?}");
        }
        assert!(only_new(&headers(&header::IF_NONE_MATCH, &["*"])));
        assert!(!only_new(&headers(&header::IF_NONE_MATCH, &["\"7\""])));
    }
}
