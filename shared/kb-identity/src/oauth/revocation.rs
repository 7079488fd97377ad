//! Taking tokens back at the partner.

use super::fault::TokenFault;
use super::{ClientAuth, LIMITS, Registration};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use kb_fetch::Fetch;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::form_urlencoded::{Serializer, byte_serialize};

/// How tokens are taken back at a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// It has no way.
    None,
    /// As RFC 7009 says.
    Standard {
        /// The endpoint.
        url: String,
    },
    /// The token is a thing of its own there, which it may delete.
    Deletion {
        /// Answers what the token is, in JSON.
        current: String,
        /// Where its id stands in that, as a JSON pointer.
        id: String,
        /// What the id is put behind, to delete it.
        of: String,
    },
}

impl Registration {
    /// Takes a pair of tokens back. Tokens that the partner does not know any more are taken back.
    pub(crate) async fn revoke(
        &self,
        fetch: &dyn Fetch,
        secret: Option<&SecretString>,
        access: &SecretString,
        refresh: Option<&SecretString>,
    ) -> Result<(), TokenFault> {
        match &self.revocation {
            Revocation::None => Ok(()),
            Revocation::Standard { url } => {
                // The refresh token first: with it nothing new is made.
                if let Some(refresh) = refresh {
                    let form = self.form(url, secret, ("refresh_token", refresh))?;
                    settled(&ask(fetch, form).await?)?;
                }
                let form = self.form(url, secret, ("access_token", access))?;
                settled(&ask(fetch, form).await?)
            }
            Revocation::Deletion { current, id, of } => {
                let found = ask(fetch, bearing(Method::GET, current, access)?).await?;
                if is_unknown(&found) {
                    return Ok(());
                }
                settled(&found)?;
                let of_token = address(&found, id).map(|id| format!("{of}{id}"));
                let of_token = of_token.ok_or_else(|| {
                    TokenFault::Answered("the partner does not say which token it is".to_owned())
                })?;
                let deleted = ask(fetch, bearing(Method::DELETE, &of_token, access)?).await?;
                if is_unknown(&deleted) {
                    return Ok(());
                }
                settled(&deleted)
            }
        }
    }

    fn form(
        &self,
        url: &str,
        secret: Option<&SecretString>,
        (hint, token): (&str, &SecretString),
    ) -> Result<Request<Bytes>, TokenFault> {
        let mut form = Serializer::new(String::new());
        form.append_pair("token", token.expose_secret());
        form.append_pair("token_type_hint", hint);
        let mut request =
            Request::post(url).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        match (self.auth, secret) {
            (ClientAuth::Header, Some(secret)) => {
                let [id, secret] = [self.client_id.as_str(), secret.expose_secret()]
                    .map(|part| byte_serialize(part.as_bytes()).collect::<String>());
                let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
                request = request.header(header::AUTHORIZATION, sensitive(&basic)?);
            }
            (ClientAuth::Body, Some(secret)) => {
                form.append_pair("client_id", &self.client_id);
                form.append_pair("client_secret", secret.expose_secret());
            }
            _ => {
                form.append_pair("client_id", &self.client_id);
            }
        }
        let made = request.body(Bytes::from(form.finish()));
        made.map_err(|_| malformed())
    }
}

fn malformed() -> TokenFault {
    TokenFault::NotSent("an address of the partner is malformed".to_owned())
}

/// A header that prints nothing.
fn sensitive(text: &str) -> Result<HeaderValue, TokenFault> {
    let mut value = HeaderValue::from_str(text).map_err(|_| malformed())?;
    value.set_sensitive(true);
    Ok(value)
}

fn bearing(method: Method, url: &str, access: &SecretString) -> Result<Request<Bytes>, TokenFault> {
    let bearer = sensitive(&format!("Bearer {}", access.expose_secret()))?;
    let request = Request::builder()
        .method(method)
        .uri(url)
        .header(header::AUTHORIZATION, bearer);
    request.body(Bytes::new()).map_err(|_| malformed())
}

async fn ask(fetch: &dyn Fetch, request: Request<Bytes>) -> Result<Response<Bytes>, TokenFault> {
    // To take back twice does no harm, so that it does not matter whether it was sent.
    let answer = fetch.send(request, LIMITS).await;
    answer.map_err(|e| TokenFault::NotSent(e.to_string()))
}

/// Errors: the token may still be good.
fn settled(answer: &Response<Bytes>) -> Result<(), TokenFault> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    Err(TokenFault::Answered(format!("status {}", status.as_u16())))
}

/// Whether the partner does not know a token that was presented to it, or the thing behind it.
fn is_unknown(answer: &Response<Bytes>) -> bool {
    matches!(answer.status().as_u16(), 401 | 404)
}

/// The id in an answer: digits or letters, so that it is one part of a path.
fn address(answer: &Response<Bytes>, pointer: &str) -> Option<String> {
    let body: Value = serde_json::from_slice(answer.body()).ok()?;
    let id = match body.pointer(pointer)? {
        Value::Number(id) => id.to_string(),
        Value::String(id) => id.clone(),
        _ => return None,
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!id.is_empty() && id.chars().all(is_part)).then_some(id)
}
