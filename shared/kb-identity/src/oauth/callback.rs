//! What a partner sends a browser back with.

use secrecy::SecretString;
use url::form_urlencoded;

/// Bytes of a whole answer, and of a code: what is longer is none of a partner.
const QUERY_MAX_BYTES: usize = 8_192;
const CODE_MAX_BYTES: usize = 2_048;
/// What the state of a consent begins with.
pub(crate) const STATE: &str = "cn_";

/// The answer to a request for consent.
pub struct Callback {
    /// What the consent began with.
    pub(crate) state: String,
    /// The code; `None` where the partner says that nobody consented.
    pub(crate) code: Option<SecretString>,
    /// Who the partner says it is.
    pub(crate) issuer: Option<String>,
}

impl Callback {
    /// Reads the query of a callback; `None` when it is none of a consent that began here: something doubled or missing, a code and
    /// an error at once, or longer than a partner makes it.
    pub fn read(query: &str) -> Option<Self> {
        if query.len() > QUERY_MAX_BYTES {
            return None;
        }
        let [state, code, issuer, error] = ["state", "code", "iss", "error"].map(|name| {
            let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(n, _)| n == name);
            let first = values.next().map(|(_, value)| value.into_owned());
            (first, values.next().is_some())
        });
        if [&state, &code, &issuer, &error]
            .iter()
            .any(|(_, doubled)| *doubled)
        {
            return None;
        }
        let state = state.0.filter(|text| is_state(text))?;
        let code = code.0;
        if code.is_some() == error.0.is_some() || code.as_ref().is_some_and(|c| !is_code(c)) {
            return None;
        }
        Some(Self {
            state,
            code: code.map(SecretString::from),
            issuer: issuer.0,
        })
    }
}

fn is_state(text: &str) -> bool {
    let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    let random = text.strip_prefix(STATE);
    random.is_some_and(|r| r.len() == 64 && r.bytes().all(hex))
}

/// RFC 6749, appendix A.11: printable characters of ASCII.
fn is_code(text: &str) -> bool {
    let printable = |b: u8| matches!(b, 0x20..=0x7e);
    !text.is_empty() && text.len() <= CODE_MAX_BYTES && text.bytes().all(printable)
}
