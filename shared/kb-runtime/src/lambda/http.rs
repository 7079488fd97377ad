//! What stands between the routes of a function and API Gateway.

use crate::aws::{Cloud, Prefetch, Stack};
use crate::config::Config;
use crate::error::Error;
#[cfg(feature = "embedded")]
use crate::home::Home;
use axum::Router;
use bytes::Bytes;
use http_body_util::BodyExt;
use kb_actions::Needs;
#[cfg(feature = "embedded")]
use kb_actions::lexicon;
use kb_http::{Api, ClientAddress, Deps, PublicUrl};
#[cfg(feature = "embedded")]
use kb_store::Options;
use lambda_http::lambda_runtime::LambdaInvocation;
use lambda_http::lambda_runtime::layers::TracingLayer;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use tower::ServiceExt;
use tower::util::MapRequestLayer;

/// A function that answers requests.
pub(super) struct Function {
    pub api: Api,
    pub prefetch: Prefetch,
    pub needs: Needs,
}

/// Answers the requests of API Gateway with these routes, on the stack that the environment names, else on a data folder where
/// the program has the engines of one.
pub(super) async fn start(
    function: Function,
    config: &Config,
    stack: Option<&Stack>,
) -> Result<(), Error> {
    let mut deps = deps(function.prefetch, config, stack).await?;
    // Only who may write sessions notes that they are used.
    deps.identity = deps.identity.noting_use(function.needs.people);
    serve(kb_http::finish(function.api.into_router(), deps)).await
}

async fn deps(prefetch: Prefetch, config: &Config, stack: Option<&Stack>) -> Result<Deps, Error> {
    let Some(stack) = stack else {
        #[cfg(feature = "embedded")]
        return on_folder(config).await;
        #[cfg(not(feature = "embedded"))]
        return Err(Error::NoStack);
    };
    let cloud = Cloud::open(stack)?.reaching(config);
    cloud.warm(prefetch).await;
    Ok(cloud.deps(config))
}

/// On a data folder, as tests run the functions: what is deployed carries no engine for it.
#[cfg(feature = "embedded")]
async fn on_folder(config: &Config) -> Result<Deps, Error> {
    let home = Home::open_indexed(&config.data, Options::default())?.reaching(config);
    lexicon::load(&home.kb).await;
    home.deps(config, false)
}

async fn serve(router: Router) -> Result<(), Error> {
    let handler = lambda_http::service_fn(move |request| answer(router.clone(), request));
    lambda_http::runtime(handler)
        .layer(TracingLayer::new())
        .layer(MapRequestLayer::new(|mut invocation: LambdaInvocation| {
            if let Some(event) = with_encoded_address(&invocation.body) {
                invocation.body = event;
            }
            invocation
        }))
        .run()
        .await
        .map_err(|e| Error::Lambda(e.to_string()))
}

/// Lambda takes an answer whole.
async fn answer(
    router: Router,
    mut request: Request,
) -> Result<Response<Body>, lambda_http::Error> {
    note_what_the_gateway_says(&mut request);
    let (parts, body) = router.oneshot(request).await?.into_parts();
    let bytes = body.collect().await?.to_bytes();
    Ok(Response::from_parts(parts, Body::from(bytes.to_vec())))
}

/// Under which name the gateway was reached, and by whom. Unlike the headers, this comes from the gateway and from nobody else.
fn note_what_the_gateway_says(request: &mut Request) {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        return;
    };
    let name = context.domain_name.as_deref();
    let base = name.and_then(|name| PublicUrl::parse(&format!("https://{name}")).ok());
    let source = context.http.source_ip.as_deref();
    let client = source.and_then(|ip| ip.parse().ok()).map(ClientAddress);
    let noted = request.extensions_mut();
    if let Some(base) = base {
        noted.insert(base);
    }
    if let Some(client) = client {
        noted.insert(client);
    }
}

/// Characters that never stand in an address as they are, besides all that is not ASCII.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// A question mark that was encoded is part of the path.
const NOT_IN_A_PATH: &AsciiSet = &NOT_IN_A_QUERY.add(b'?');

/// The event with its address encoded as the client sent it; nothing when it is so already, or is no event of an HTTP API.
/// API Gateway decodes `rawPath`, so that a number sign, a question mark or a backslash of a path would be read as the mark of
/// a fragment, a query or a folder, and `lambda_http` panics at a space in a query.
fn with_encoded_address(event: &[u8]) -> Option<Bytes> {
    let mut fields: BTreeMap<String, &RawValue> = serde_json::from_slice(event).ok()?;
    let encoded: Vec<(&str, Box<RawValue>)> = [
        ("rawPath", NOT_IN_A_PATH),
        ("rawQueryString", NOT_IN_A_QUERY),
    ]
    .into_iter()
    .filter_map(|(name, set)| {
        let raw: String = serde_json::from_str(fields.get(name)?.get()).ok()?;
        let encoded = encode(&raw, set);
        let changed = (encoded != raw).then(|| serde_json::value::to_raw_value(&encoded));
        Some((name, changed?.ok()?))
    })
    .collect();
    if encoded.is_empty() {
        return None;
    }
    for (name, value) in &encoded {
        fields.insert((*name).to_owned(), value);
    }
    serde_json::to_vec(&fields).ok().map(Bytes::from)
}

/// Encodes what cannot stand as it is, and percent signs that encode nothing; what is encoded already stays.
fn encode(text: &str, set: &'static AsciiSet) -> String {
    let encoded = utf8_percent_encode(text, set).to_string();
    let mut parts = encoded.split('%');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_code = part
            .as_bytes()
            .get(..2)
            .is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
        whole.push_str(if is_code { "%" } else { "%25" });
        whole.push_str(part);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn address(event: &Value) -> Option<(String, String)> {
        let event = with_encoded_address(event.to_string().as_bytes())?;
        let event: Value = serde_json::from_slice(&event).unwrap();
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        Some((text("rawPath"), text("rawQueryString")))
    }

    #[test]
    fn a_decoded_address_is_encoded_and_an_encoded_one_stays() {
        for (path, encoded) in [
            (
                "/help/重置 密码",
                "/help/%E9%87%8D%E7%BD%AE%20%E5%AF%86%E7%A0%81",
            ),
            ("/a?b=c#d", "/a%3Fb=c%23d"),
            ("/100%", "/100%25"),
            ("/100%zz%41", "/100%25zz%41"),
            ("/a\nb\"c", "/a%0Ab%22c"),
        ] {
            let found = address(&json!({"rawPath": path, "rawQueryString": "q=a%20b"}));
            assert_eq!(
                found,
                Some((encoded.to_owned(), "q=a%20b".to_owned())),
                "{path}"
            );
        }
        let query = address(&json!({"rawPath": "/", "rawQueryString": "q=重 a?b+c"}));
        assert_eq!(query.unwrap().1, "q=%E9%87%8D%20a?b+c");
        assert_eq!(
            address(&json!({"rawPath": "/%E9%87%8D", "rawQueryString": ""})),
            None
        );
    }

    #[test]
    fn the_rest_of_an_event_stays_byte_for_byte() {
        let event = br#"{"version":"2.0","rawPath":"/a b","body":"{\"id\":1,\"id\":2}","n":1.50}"#;
        let event = with_encoded_address(event).unwrap();
        let event: BTreeMap<String, &RawValue> = serde_json::from_slice(&event).unwrap();
        assert_eq!(event["body"].get(), r#""{\"id\":1,\"id\":2}""#);
        assert_eq!(event["n"].get(), "1.50");
        assert_eq!(event.len(), 4);
        assert_eq!(with_encoded_address(b"[1]"), None);
    }
}
