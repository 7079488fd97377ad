//! Routes with their policy, and the OpenAPI document that is made from them.

use crate::caller::Deps;
use crate::once::Once;
use crate::problem::Rejection;
use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, any, post};
use kb_domain::Action;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Anybody; what they get depends on their audiences.
    Anybody,
    /// Those who have the right.
    Needs(Action),
}

/// A query parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param(pub &'static str, pub &'static str);

/// Name and schema of a type, with the types it names. Worked out when the document is asked for.
#[derive(Clone, Copy)]
pub struct SchemaOf {
    name: fn() -> String,
    schemas: fn() -> Vec<(String, RefOr<Schema>)>,
}

impl SchemaOf {
    /// Of `T`.
    pub fn of<T: ToSchema>() -> Self {
        Self {
            name: || T::name().into_owned(),
            schemas: || {
                let mut schemas = vec![(T::name().into_owned(), T::schema())];
                T::schemas(&mut schemas);
                schemas
            },
        }
    }
}

/// One route of the API.
#[derive(Clone)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub policy: Policy,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Its query parameters.
    pub query: &'static [Param],
    /// Whether it takes `If-Match`.
    pub if_match: bool,
    /// Its body.
    pub body: Option<SchemaOf>,
    /// Its good answer: status and schema.
    pub answer: (u16, Option<SchemaOf>),
}

impl Operation {
    /// Whether it takes `Idempotency-Key`: it makes something.
    pub fn takes_key(&self) -> bool {
        self.method == Method::POST && self.answer.0 == 201
    }

    /// Its name in programs that are made from the document: the method and the parts of the path.
    fn id(&self) -> String {
        let parts = self.path.split('/').filter(|p| !p.is_empty()).skip(2);
        let words = parts.map(|part| match path_parameters(part).next() {
            Some(parameter) => format!("by_{parameter}"),
            None => part.replace(['-', '.'], "_"),
        });
        let method = self.method.as_str().to_ascii_lowercase();
        std::iter::once(method)
            .chain(words)
            .collect::<Vec<_>>()
            .join("_")
    }
}

/// A page for people: its path with parameters in braces, and who may ask for it. Pages are not in the OpenAPI document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRoute {
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// Who may ask for it.
    pub policy: Policy,
}

/// Routes and their descriptions, always together.
#[derive(Default)]
pub struct Api {
    router: Router<Deps>,
    operations: Vec<Operation>,
    pages: Vec<PageRoute>,
    answers_otherwise: bool,
}

impl Api {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a route. `handler` answers the operation's method.
    #[must_use]
    pub fn route(mut self, operation: Operation, handler: MethodRouter<Deps>) -> Self {
        self.router = self.router.route(operation.path, handler);
        self.operations.push(operation);
        self
    }

    /// Adds a route that makes something: a POST that takes `Idempotency-Key`. Its handler returns
    /// [`crate::Created`].
    #[must_use]
    pub fn create<H, M>(self, operation: Operation, handler: H) -> Self
    where
        H: Handler<M, Deps> + Sync,
        M: 'static,
    {
        self.route(operation, post(Once(handler)))
    }

    /// Adds a page.
    #[must_use]
    pub fn page(mut self, path: &'static str, policy: Policy, handler: MethodRouter<Deps>) -> Self {
        self.router = self.router.route(path, handler);
        self.pages.push(PageRoute { path, policy });
        self
    }

    /// Answers what no route does.
    #[must_use]
    pub fn otherwise<H, T>(mut self, handler: H) -> Self
    where
        H: Handler<T, Deps>,
        T: 'static,
    {
        self.router = self.router.fallback(handler);
        self.answers_otherwise = true;
        self
    }

    /// Puts two sets of routes together.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.operations.extend(other.operations);
        self.pages.extend(other.pages);
        self.answers_otherwise |= other.answers_otherwise;
        self
    }

    /// Every page.
    pub fn pages(&self) -> &[PageRoute] {
        &self.pages
    }

    /// Every route.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The OpenAPI document of every route.
    pub fn document(&self) -> Value {
        document(&self.operations)
    }

    /// The router alone. What no route answers is a problem of kind not-found, unless [`Api::otherwise`] said
    /// what it is.
    pub fn into_router(self) -> Router<Deps> {
        let nothing =
            async || Rejection::Request("not-found", "see /api/v1/openapi.json".to_owned());
        // Pages answer addresses of any form; what is below /api is never one of theirs.
        let router = self
            .router
            .route("/api", any(nothing))
            .route("/api/", any(nothing))
            .route("/api/{*rest}", any(nothing));
        if self.answers_otherwise {
            router
        } else {
            router.fallback(nothing)
        }
    }
}

fn document(operations: &[Operation]) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    let problem = SchemaOf::of::<crate::Problem>();
    add(&mut schemas, &problem);
    for operation in operations {
        let mut parameters: Vec<Value> = path_parameters(operation.path)
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        parameters.extend(operation.query.iter().map(|Param(name, about)| {
            json!({"name": name, "in": "query", "required": false, "description": about, "schema": {"type": "string"}})
        }));
        if operation.if_match {
            parameters.push(json!({"name": "If-Match", "in": "header", "required": true, "schema": {"type": "string"},
                "description": "ETag of the version that the change is made for"}));
        }
        let (status, schema) = &operation.answer;
        if operation.takes_key() {
            parameters.push(json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "maxLength": 200},
                "description": "the same key with the same request within a day makes nothing new and answers the same"}));
        }
        let mut good = json!({"description": "done"});
        if let Some(schema) = schema {
            add(&mut schemas, schema);
            good["content"] = json!({"application/json": {"schema": reference(schema)}});
        }
        let mut described = json!({
            "operationId": operation.id(),
            "summary": operation.summary,
            "parameters": parameters,
            "responses": {
                status.to_string(): good,
                "default": {"description": "a problem", "content": {"application/problem+json": {"schema": reference(&problem)}}},
            },
        });
        if let Some(body) = &operation.body {
            add(&mut schemas, body);
            described["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": reference(body)}}});
        }
        if operation.policy != Policy::Anybody {
            described["security"] = json!([{"key": []}]);
        }
        let method = operation.method.as_str().to_ascii_lowercase();
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[method] = described;
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Sidenote", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    })
}

fn reference(schema: &SchemaOf) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", (schema.name)())})
}

fn add(schemas: &mut Map<String, Value>, schema: &SchemaOf) {
    for (name, schema) in &(schema.schemas)() {
        let described = serde_json::to_value(schema).unwrap_or_default();
        let first = schemas.entry(name.clone()).or_insert(described.clone());
        debug_assert_eq!(*first, described, "two schemas are called {name}");
    }
}

fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}
