//! Forms: what was sent, or which fields are wrong, with everything that was entered.

use crate::json::{collect, unfit};
use crate::kind::ProblemKind;
use crate::problem::Rejection;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{Method, header};
use bytes::Bytes;
use kb_domain::FieldError;
use kb_pages::Texts;
use serde::de::DeserializeOwned;

const FORM: &str = "application/x-www-form-urlencoded";

/// A form that was sent. A field that cannot be read is no rejection: the page shows what is wrong beside what was entered.
#[derive(Debug)]
pub struct Form<T> {
    /// The form, or the fields that are wrong.
    pub sent: Result<T, Vec<FieldError>>,
    /// What was entered.
    pub entered: Entered,
}

/// The fields of a form as they were entered, to be shown again.
#[derive(Clone, Debug, Default)]
pub struct Entered(Vec<(String, String)>);

impl Entered {
    /// A field; empty when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value)
    }
}

impl Entered {
    /// Every value of a field that may be sent more than once, such as the boxes that were ticked.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.0.iter().filter(move |(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What is wrong with a field, in the reader's language.
pub fn field_text(texts: Texts, error: &FieldError) -> String {
    texts.t(match error.code.as_str() {
        "required" => "field-required",
        "too_long" | "too_many" => "field-too-long",
        "taken" => "field-taken",
        _ => "field-wrong",
    })
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, _: &S) -> Result<Self, Rejection> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind
            .split(';')
            .next()
            .is_some_and(|k| k.trim().eq_ignore_ascii_case(FORM))
        {
            let detail = format!("send Content-Type: {FORM}");
            return Err(Rejection::Request(ProblemKind::UnsupportedType, detail));
        }
        let bytes = collect(request.into_body()).await?;
        let entered = Entered(read(&bytes).await.unwrap_or_default());
        let sent = read(&bytes).await.map_err(|field| vec![field]);
        Ok(Self { sent, entered })
    }
}

/// The fields as a type. Errors: the one that does not fit.
async fn read<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, FieldError> {
    let again = Request::builder()
        .method(Method::POST)
        .header(header::CONTENT_TYPE, FORM)
        .body(Body::from(bytes.clone()))
        .unwrap_or_default();
    let found = axum::Form::<T>::from_request(again, &()).await;
    found
        .map(|form| form.0)
        .map_err(|e| unfit(&e.body_text(), "form body: "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Reply {
        text: String,
        #[serde(rename = "author")]
        _author: kb_domain::Author,
    }

    async fn sent(kind: &str, body: &'static str) -> Result<Form<Reply>, u16> {
        let request = Request::builder()
            .method(Method::POST)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        let form = Form::from_request(request, &()).await;
        form.map_err(|r| r.problem().status)
    }

    #[tokio::test]
    async fn a_form_is_read_or_says_which_field_is_wrong_and_keeps_what_was_entered() {
        let good = sent(FORM, "text=a+b&author=agent").await.unwrap();
        assert_eq!(good.sent.unwrap().text, "a b");
        let missing = sent(FORM, "text=a+b%26").await.unwrap();
        let faults = missing.sent.unwrap_err();
        assert_eq!(
            (faults[0].pointer.as_str(), faults[0].code.as_str()),
            ("/author", "required")
        );
        assert_eq!(missing.entered.get("text"), "a b&");
        let wrong = sent(FORM, "text=a&author=king").await.unwrap();
        let faults = wrong.sent.unwrap_err();
        assert_eq!(
            (faults[0].pointer.as_str(), faults[0].code.as_str()),
            ("/author", "malformed")
        );
        assert_eq!(sent("text/plain", "text=a").await.unwrap_err(), 415);
    }
}
