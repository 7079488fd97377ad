//! What there is for programs, in short: a list and a page made from the same descriptions as the OpenAPI document.

use crate::guard::Policy;
use crate::public_url::PublicUrl;
use crate::route::{Operation, OperationKind};
use askama::Template;
use axum::response::Response;
use kb_domain::Locale;
use kb_pages::{ApiLine, ApiPage, Shell, Texts};
use serde_json::{Value, json};

fn for_programs(operations: &[Operation]) -> impl Iterator<Item = &Operation> {
    let mut operations: Vec<&Operation> = operations
        .iter()
        .filter(|o| o.kind == OperationKind::Api)
        .collect();
    operations.sort_by_key(|o| o.path);
    operations.into_iter()
}

/// A line each, by path.
pub fn list(operations: &[Operation]) -> Value {
    let line = |o: &Operation| {
        json!({
            "method": o.method.as_str(), "path": o.path, "summary": o.summary, "callers": callers(o.policy),
        })
    };
    let lines: Vec<Value> = for_programs(operations).map(line).collect();
    json!({"openapi": "/api/v1/openapi.json", "operations": lines})
}

/// The same as a page with samples to copy.
pub fn page(operations: &[Operation], server: &PublicUrl) -> Response {
    let line = |o: &Operation| ApiLine {
        method: o.method.to_string(),
        path: o.path,
        summary: o.summary,
        callers: callers(o.policy),
    };
    let page = ApiPage {
        shell: Shell::plain(Texts::of(&Locale::en()), "API"),
        server: server.origin().to_owned(),
        operations: for_programs(operations).map(line).collect(),
    };
    crate::page(page.render())
}

fn callers(policy: Policy) -> String {
    match policy {
        Policy::Anybody => "anybody; each sees what they may read".to_owned(),
        Policy::SignedIn => "everybody who is signed in, and keys".to_owned(),
        Policy::Holds(action) => {
            format!(
                "who may {}; keys of scope {}",
                action.phrase(),
                action.scope()
            )
        }
        Policy::Proof => "whoever brings the secret that the request holds".to_owned(),
    }
}
