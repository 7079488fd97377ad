//! Every request of the client and every answer of the fake, held to what the vendor's pages say.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use jsonschema::Validator;
use kb_fetch::{Fetch, FetchError, Limits};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

const CONTRACT: &str = include_str!("../../contracts/zendesk-help-center.json");

/// A way out that demands that both sides keep to the contract.
pub(super) struct Watched<F> {
    inner: F,
    contract: Arc<Contract>,
    seen: Mutex<Seen>,
}

/// What went by.
#[derive(Default)]
pub(super) struct Seen {
    /// Whether answers are held to the contract as well; not while the fake lies.
    pub is_lax: bool,
    /// Calls that were answered well, by path as the contract has it.
    pub calls: Vec<String>,
    /// Hosts that were asked, with whether a grant went along.
    pub hosts: BTreeSet<(String, bool)>,
}

impl<F> Watched<F> {
    pub(super) fn new(inner: F) -> Self {
        Self {
            inner,
            contract: Contract::read(),
            seen: Mutex::default(),
        }
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }
}

#[async_trait]
impl<F: Fetch> Fetch for Watched<F> {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, FetchError> {
        let uri = request.uri().clone();
        let granted = request.headers().contains_key("authorization");
        let host = uri.host().unwrap_or_default().to_owned();
        self.seen().hosts.insert((host, granted));
        let method = request.method().as_str();
        let call = self.contract.find(method, uri.path());
        let call = call.unwrap_or_else(|| panic!("{method} {uri} is not in the contract"));
        call.demand_query(uri.query().unwrap_or_default());
        let answer = self.inner.send(request, limits).await?;
        let mut seen = self.seen();
        if !seen.is_lax {
            let faults = call.faults(&answer);
            assert_eq!(
                faults,
                Vec::<String>::new(),
                "{uri} answers {:?}",
                answer.body()
            );
        }
        if answer.status().is_success() {
            seen.calls.push(call.path.clone());
        }
        Ok(answer)
    }
}

/// What one call may be asked and answers.
struct Call {
    method: String,
    path: String,
    query: BTreeMap<String, Validator>,
    answers: BTreeMap<u16, Option<Validator>>,
    refuses: Vec<u16>,
    refusal: Validator,
}

struct Contract(Vec<Call>);

impl Contract {
    /// Read once: schemas take a while to understand.
    fn read() -> Arc<Self> {
        static READ: OnceLock<Arc<Contract>> = OnceLock::new();
        READ.get_or_init(|| Arc::new(Self::parse())).clone()
    }

    fn parse() -> Self {
        let contract: Value = serde_json::from_str(CONTRACT).unwrap();
        let validator = |mut schema: Value| {
            schema["$defs"] = contract["$defs"].clone();
            jsonschema::validator_for(&schema).unwrap()
        };
        let call = |call: &Value| {
            let query = call["query"].as_object().unwrap().iter();
            let pattern = |p: &Value| validator(json!({"type": "string", "pattern": p}));
            let answers = call["answers"].as_object().unwrap().iter();
            let answer = |a: &Value| (!a.is_null()).then(|| validator(a.clone()));
            Call {
                method: call["method"].as_str().unwrap().to_owned(),
                path: call["path"].as_str().unwrap().to_owned(),
                query: query.map(|(name, p)| (name.clone(), pattern(p))).collect(),
                answers: answers
                    .map(|(s, a)| (s.parse().unwrap(), answer(a)))
                    .collect(),
                refuses: serde_json::from_value(call["refuses"].clone()).unwrap(),
                refusal: validator(json!({"$ref": "#/$defs/refusal"})),
            }
        };
        Self(
            contract["calls"]
                .as_array()
                .unwrap()
                .iter()
                .map(call)
                .collect(),
        )
    }

    /// The call with this path, whose braces stand for numbers.
    fn find(&self, method: &str, path: &str) -> Option<&Call> {
        let fits = |pattern: &str| {
            let (pattern, path) = (pattern.split('/'), path.split('/'));
            let is_number = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
            let same = |(a, b): (&str, &str)| a == b || a.starts_with('{') && is_number(b);
            pattern.clone().count() == path.clone().count() && pattern.zip(path).all(same)
        };
        self.0
            .iter()
            .find(|call| call.method == method && fits(&call.path))
    }
}

impl Call {
    fn demand_query(&self, query: &str) {
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let pattern = self.query.get(&*name);
            let pattern =
                pattern.unwrap_or_else(|| panic!("{name} is no parameter of {}", self.path));
            assert!(pattern.is_valid(&json!(value)), "{name}={value}");
        }
    }

    /// What is wrong with an answer.
    fn faults(&self, answer: &Response<Bytes>) -> Vec<String> {
        let status = answer.status().as_u16();
        let schema = match self.answers.get(&status) {
            Some(None) if answer.body().is_empty() => return Vec::new(),
            Some(None) => return vec!["it has no body".to_owned()],
            Some(Some(schema)) => schema,
            None if self.refuses.contains(&status) => &self.refusal,
            None => return vec![format!("{status} is no answer of it")],
        };
        let Ok(body) = serde_json::from_slice::<Value>(answer.body()) else {
            return vec!["it is no JSON".to_owned()];
        };
        let faults = schema.iter_errors(&body);
        faults
            .map(|fault| format!("{} at {}", fault, fault.instance_path()))
            .collect()
    }
}

fn answered(status: u16, body: &Value) -> Response<Bytes> {
    let body = Bytes::from(body.to_string());
    Response::builder().status(status).body(body).unwrap()
}

#[test]
fn an_answer_that_breaks_the_contract_is_noticed() {
    let contract = Contract::read();
    let call = contract.find("GET", "/api/v2/help_center/locales").unwrap();
    let good = json!({"locales": ["en-us"], "default_locale": "en-us"});
    let wrong = |status, body: &Value| call.faults(&answered(status, body)).len();
    assert_eq!(wrong(200, &good), 0);
    for bad in [
        json!({"locales": ["en-us"]}),
        json!({"locales": ["en-us"], "default_locale": 7}),
        json!({"locales": ["en-us"], "default_locale": "en-us", "more": 1}),
    ] {
        assert_eq!(wrong(200, &bad), 1, "{bad}");
    }
    assert_eq!(wrong(500, &good), 1);
    assert_eq!(wrong(404, &json!({"error": "RecordNotFound"})), 0);
    assert!(
        contract
            .find("GET", "/api/v2/help_center/articles/12x")
            .is_none()
    );
    assert!(
        contract
            .find("POST", "/api/v2/help_center/articles/12")
            .is_none()
    );
}

#[test]
#[should_panic(expected = "is no parameter")]
fn a_request_that_breaks_the_contract_is_noticed() {
    let contract = Contract::read();
    let call = contract
        .find("GET", "/api/v2/help_center/articles/12")
        .unwrap();
    call.demand_query("since=yesterday");
}
