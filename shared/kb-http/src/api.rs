//! Routes and their descriptions, always together.

use crate::caller::Deps;
use crate::guard::{Counted, Gate, Guarded, Policy};
use crate::kind::ProblemKind;
use crate::openapi;
use crate::pages::AsPage;
use crate::problem::Rejection;
use crate::route::{Decided, Operation, OperationKind, Route};
use axum::Router;
use axum::handler::Handler;
use axum::routing::any;
use serde_json::Value;

/// Routes and their descriptions. A route comes in with its policy, or not at all:
///
/// ```compile_fail
/// use kb_http::{Answer, Api, route::get};
/// Api::new().with(get("/api/v1/open", async || Answer::nothing()));
/// ```
///
/// ```
/// use kb_http::{Answer, Api, route::get};
/// Api::new().with(get("/api/v1/open", async || Answer::nothing()).anybody());
/// ```
#[derive(Default)]
pub struct Api {
    router: Router<Deps>,
    operations: Vec<Operation>,
    answers_otherwise: bool,
}

impl Api {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a route.
    #[must_use]
    pub fn with(mut self, route: Route<Decided>) -> Self {
        let (operation, handler) = route.into_parts();
        self.router = self.router.route(operation.path, handler);
        self.operations.push(operation);
        self
    }

    /// Adds the page for every address that no route has.
    #[must_use]
    pub fn otherwise<H, T>(mut self, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, Deps>,
        T: 'static,
    {
        let gate = Gate {
            policy,
            counted: Counted::Never,
        };
        let page = AsPage(Guarded { gate, handler });
        self.router = self.router.fallback(page);
        self.answers_otherwise = true;
        self
    }

    /// Puts two sets of routes together.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.operations.extend(other.operations);
        self.answers_otherwise |= other.answers_otherwise;
        self
    }

    /// Every operation, for programs and for people.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The OpenAPI document of what is for programs.
    pub fn document(&self) -> Value {
        let operations = self.operations.iter();
        openapi::document(operations.filter(|o| o.kind == OperationKind::Api))
    }

    /// The router alone. What no route answers is a problem of kind not-found, unless [`Api::otherwise`] said
    /// what it is.
    pub fn into_router(self) -> Router<Deps> {
        let nothing = async || {
            let detail = "see /api for what there is".to_owned();
            Rejection::Request(ProblemKind::NotFound, detail)
        };
        // Pages answer addresses of any form; what is below /api is never one of theirs.
        let router = self
            .router
            .route("/api/", any(nothing))
            .route("/api/{*rest}", any(nothing));
        if self.answers_otherwise {
            router
        } else {
            router.fallback(nothing)
        }
    }
}
