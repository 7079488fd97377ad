//! The closed list of problems, each with its status, its address and its title.

use axum::http::StatusCode;
use kb_domain::ErrorKind;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $slug:literal, $title:literal;)*) => {
        /// What sort of problem an answer tells of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemKind {
            $($(#[$doc])* $name,)*
        }

        impl ProblemKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The last segment of its address below `/problems/`.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// The kind in words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

kinds! {
    /// Absent, or hidden from the caller.
    NotFound = 404, "not-found", "There is no such thing";
    /// The request cannot be read.
    Malformed = 400, "malformed", "The request cannot be read";
    /// A rule is broken.
    Invalid = 422, "invalid", "A rule is broken";
    /// The state does not allow it.
    Conflict = 409, "conflict", "The state does not allow it";
    /// Made for another version.
    Stale = 412, "stale", "It has changed since you read it";
    /// `If-Match` is missing.
    PreconditionRequired = 428, "precondition-required", "If-Match is missing";
    /// Nobody is signed in.
    Unauthenticated = 401, "unauthenticated", "Sign in first";
    /// The right is missing.
    Forbidden = 403, "forbidden", "Not allowed";
    /// A browser sent it from another site.
    CrossSite = 403, "cross-site", "The request comes from another site";
    /// Too many requests.
    Throttled = 429, "throttled", "Too many requests";
    /// The body is too large.
    TooLarge = 413, "too-large", "The request is too large";
    /// The body is of another type.
    UnsupportedType = 415, "unsupported-type", "The body has the wrong type";
    /// A part does not answer.
    Unavailable = 503, "unavailable", "A part does not answer";
    /// A part did not answer in time.
    Timeout = 504, "timeout", "A part did not answer in time";
    /// A fault of ours.
    Internal = 500, "internal", "A fault of ours";
    /// The address is there, the method is not.
    MethodNotAllowed = 405, "method-not-allowed", "The method is not allowed here";
    /// The body does not come.
    TooSlow = 408, "too-slow", "The request came too slowly";
    /// The `Host` is none of this server's names.
    UnknownHost = 421, "unknown-host", "The server is not known by this name";
    /// An `Idempotency-Key` of another request.
    KeyReused = 422, "key-reused", "The Idempotency-Key belongs to another request";
}

impl ProblemKind {
    /// What it means and what helps, for whoever writes the program that met it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NotFound => {
                "Nothing is at this address for this caller. What the caller may not read is answered as if it did not exist, so check the id and the rights of the key or person."
            }
            Self::Malformed => {
                "The address, query or body cannot be read as this operation expects it. \"errors\" names the field with a JSON pointer and says what to send."
            }
            Self::Invalid => {
                "The request can be read and breaks a rule. \"errors\" names each field with a JSON pointer and the remedy. Sending it again unchanged fails again."
            }
            Self::Conflict => {
                "The thing is in a state that does not allow this now, for example already archived. Read it again and decide."
            }
            Self::Stale => {
                "If-Match names an older version: somebody changed it meanwhile. Read it again, apply your change to what you read, and send the new version; \"current_version\" says which it is."
            }
            Self::PreconditionRequired => {
                "This operation takes the version that you read, as If-Match: \"7\", so that no change is overwritten unseen. The version is in the ETag and in the field \"version\"."
            }
            Self::Unauthenticated => {
                "Send Authorization: Bearer with an API key, or sign in. A key that is unknown, expired or revoked is answered the same way."
            }
            Self::Forbidden => {
                "The caller is known and lacks the right that \"detail\" names. Give the key the scope, or the person the role."
            }
            Self::CrossSite => {
                "A browser sent a change with a cookie from another site. Programs use an API key instead of a cookie."
            }
            Self::Throttled => {
                "Too many requests in a while. Wait for as many seconds as Retry-After says."
            }
            Self::TooLarge => {
                "The body is longer than this operation takes. Send less, or in parts."
            }
            Self::UnsupportedType => {
                "Send the body as Content-Type: application/json; forms of pages as they are."
            }
            Self::Unavailable => {
                "A part that is needed does not answer, or everything is busy. Try again after as many seconds as Retry-After says; with an Idempotency-Key nothing is made twice."
            }
            Self::Timeout => {
                "A part did not answer in time. Try again in a moment; with an Idempotency-Key nothing is made twice."
            }
            Self::Internal => {
                "Something failed here. It is logged under the id in the header x-request-id: give it to the operator."
            }
            Self::MethodNotAllowed => {
                "There is something at this address, but not with this method. The header Allow names those that there are."
            }
            Self::TooSlow => {
                "The body did not come within 30 seconds. Send it in one go, or in smaller parts."
            }
            Self::UnknownHost => {
                "The Host of the request is none of this server's names. Ask it by the address in the setting public-url, or by its IP address."
            }
            Self::KeyReused => {
                "This Idempotency-Key was used for another request. Take a new key for each new request, and the same one only to repeat it."
            }
        }
    }

    /// The status as axum's type.
    pub(crate) fn status_code(self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Whether the fault is ours and not the caller's.
    pub(crate) fn is_fault(self) -> bool {
        self.status() >= 500
    }

    /// The one sentence that callers are told of a fault whose cause is for the log alone.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Internal => "the fault is logged under the request id of this answer",
            Self::Unavailable => "try again in a moment",
            Self::Timeout => "it took too long; try again in a moment",
            Self::Throttled => "slow down and try again in a moment",
            Self::Stale => "it has changed since you read it; reload and try again",
            Self::Invalid => "it is larger than can be kept; make it smaller",
            _ => self.title(),
        }
    }
}

impl From<ErrorKind> for ProblemKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Invalid => Self::Invalid,
            ErrorKind::Conflict => Self::Conflict,
            ErrorKind::Stale => Self::Stale,
            ErrorKind::Unauthenticated => Self::Unauthenticated,
            ErrorKind::Forbidden => Self::Forbidden,
            ErrorKind::Throttled => Self::Throttled,
            ErrorKind::Unavailable => Self::Unavailable,
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::Internal => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_has_an_address_of_its_own_and_a_status_of_a_failure() {
        let slugs: BTreeSet<&str> = ProblemKind::ALL.iter().map(|k| k.slug()).collect();
        assert_eq!(slugs.len(), ProblemKind::ALL.len());
        for kind in ProblemKind::ALL {
            assert_eq!(kind.status_code().as_u16(), kind.status());
            assert!(kind.status() >= 400 && !kind.title().is_empty());
        }
    }
}
