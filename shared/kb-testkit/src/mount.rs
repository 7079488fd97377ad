//! The routes of functions at one address, each on its own engines: what API Gateway and the functions behind it are together.

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use kb_http::{Api, ClientAddress, Deps};
use std::collections::BTreeSet;
use tower::ServiceExt;

/// Each function's routes on its own deps. What no route fits goes to the last function. Panics where two functions have one
/// address, which no gateway can tell apart.
pub(crate) fn mount(functions: Vec<(Api, Deps)>) -> Router {
    let mut outside = Router::new();
    for (api, deps) in functions {
        let paths: BTreeSet<&str> = api.operations().iter().map(|o| o.path).collect();
        let inside = kb_http::finish(api.into_router(), deps);
        let ask = move |request: Request| {
            let inside = inside.clone();
            async move {
                match inside.oneshot(afresh(request)).await {
                    Ok(answer) => answer,
                    Err(never) => match never {},
                }
            }
        };
        for path in paths {
            outside = outside.route(path, any(ask.clone()));
        }
        outside = outside.fallback(ask);
    }
    outside
}

/// The request without what the outer router noted on it.
fn afresh(request: Request) -> Request {
    let (parts, body) = request.into_parts();
    let mut fresh = Request::new(body);
    *fresh.method_mut() = parts.method;
    *fresh.uri_mut() = parts.uri;
    *fresh.headers_mut() = parts.headers;
    if let Some(client) = parts.extensions.get::<ClientAddress>() {
        fresh.extensions_mut().insert(*client);
    }
    fresh
}
