//! One route: its method, its path, who may call it, what it takes and answers, and the handler behind it.

use crate::caller::Deps;
use crate::guard::{Counted, Gate, Guarded, Policy};
use crate::once::Once;
use crate::pages::AsPage;
use crate::paging::{PAGE_PARAMS, Page};
use crate::param::Param;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use kb_domain::Action;
use std::marker::PhantomData;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

pub use crate::guard::OperationKind;

/// Name and schema of a type, with the types it names. Worked out when the document is asked for.
#[derive(Clone, Copy)]
pub struct SchemaOf {
    pub(crate) name: fn() -> String,
    pub(crate) schemas: fn() -> Vec<(String, RefOr<Schema>)>,
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

/// What a body is.
#[derive(Clone, Copy)]
pub enum BodyOf {
    /// A document.
    Whole(SchemaOf),
    /// A merge patch of a document.
    Patch(SchemaOf),
}

/// One method of one path.
#[derive(Clone)]
pub struct Operation {
    /// Whether it is for programs or for people.
    pub kind: OperationKind,
    /// The method.
    pub method: Method,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub policy: Policy,
    /// How calls of it are counted; `None` for how those of its kind are.
    pub counted: Option<Counted>,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Its query parameters.
    pub query: Vec<Param>,
    /// Whether it takes `If-Match`.
    pub if_match: bool,
    /// Whether it takes `Idempotency-Key`: it makes something.
    pub takes_key: bool,
    /// Its body.
    pub body: Option<BodyOf>,
    /// Its good answer: status and schema.
    pub answer: (u16, Option<SchemaOf>),
}

/// A route to which nobody has said yet who may call it.
pub struct Undecided(());
/// A route whose policy is decided.
pub struct Decided(());

/// A route on its way into an [`crate::Api`], which takes only those whose policy is decided.
pub struct Route<P> {
    operation: Operation,
    guarded: Box<dyn FnOnce(Gate) -> MethodRouter<Deps>>,
    decided: PhantomData<P>,
}

/// A route that reads.
pub fn get<H, M>(path: &'static str, handler: H) -> Route<Undecided>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    Route::new(Method::GET, MethodFilter::GET, path, handler)
}

/// A route that does something.
pub fn post<H, M>(path: &'static str, handler: H) -> Route<Undecided>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    Route::new(Method::POST, MethodFilter::POST, path, handler)
}

/// A route that writes a document whole.
pub fn put<H, M>(path: &'static str, handler: H) -> Route<Undecided>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    Route::new(Method::PUT, MethodFilter::PUT, path, handler)
}

/// A route that changes a part of a document.
pub fn patch<H, M>(path: &'static str, handler: H) -> Route<Undecided>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    Route::new(Method::PATCH, MethodFilter::PATCH, path, handler)
}

/// A route that removes something.
pub fn delete<H, M>(path: &'static str, handler: H) -> Route<Undecided>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    let mut route = Route::new(Method::DELETE, MethodFilter::DELETE, path, handler);
    route.operation.answer = (204, None);
    route
}

/// A route that makes something: a POST that takes `Idempotency-Key`. Its handler returns [`crate::Created`].
pub fn create<H, M>(path: &'static str, handler: H) -> Route<Undecided>
where
    H: Handler<M, Deps> + Sync,
    M: 'static,
{
    let mut route = Route::new(Method::POST, MethodFilter::POST, path, Once(handler));
    route.operation.takes_key = true;
    route.operation.answer = (201, None);
    route
}

/// A page.
pub fn page<H, M>(path: &'static str, handler: H) -> Route<Undecided>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    Route::paged(Method::GET, MethodFilter::GET, path, handler)
}

/// What a form on a page sends.
pub fn form<H, M>(path: &'static str, handler: H) -> Route<Undecided>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    Route::paged(Method::POST, MethodFilter::POST, path, handler)
}

impl Route<Undecided> {
    fn new<H, M>(method: Method, filter: MethodFilter, path: &'static str, handler: H) -> Self
    where
        H: Handler<M, Deps>,
        M: 'static,
    {
        let guarded = move |gate| on(filter, Guarded { gate, handler });
        Self::undecided(OperationKind::Api, method, path, Box::new(guarded))
    }

    fn paged<H, M>(method: Method, filter: MethodFilter, path: &'static str, handler: H) -> Self
    where
        H: Handler<M, Deps>,
        M: 'static,
    {
        let guarded = move |gate| on(filter, AsPage(Guarded { gate, handler }));
        Self::undecided(OperationKind::Page, method, path, Box::new(guarded))
    }

    fn undecided(
        kind: OperationKind,
        method: Method,
        path: &'static str,
        guarded: Box<dyn FnOnce(Gate) -> MethodRouter<Deps>>,
    ) -> Self {
        let operation = Operation {
            kind,
            method,
            path,
            policy: Policy::Anybody,
            counted: None,
            summary: "",
            query: Vec::new(),
            if_match: false,
            takes_key: false,
            body: None,
            answer: (200, None),
        };
        Self {
            operation,
            guarded,
            decided: PhantomData,
        }
    }

    /// Anybody may call it; what they get depends on their audiences.
    pub fn anybody(self) -> Route<Decided> {
        self.decide(Policy::Anybody)
    }

    /// Everybody who is signed in may call it.
    pub fn signed_in(self) -> Route<Decided> {
        self.decide(Policy::SignedIn)
    }

    /// Those who hold a right may call it.
    pub fn needs(self, action: Action) -> Route<Decided> {
        self.decide(Policy::Holds(action))
    }

    /// Whoever brings a secret that the handler looks at may call it.
    pub fn proof(self) -> Route<Decided> {
        self.decide(Policy::Proof)
    }

    fn decide(mut self, policy: Policy) -> Route<Decided> {
        self.operation.policy = policy;
        Route {
            operation: self.operation,
            guarded: self.guarded,
            decided: PhantomData,
        }
    }
}

impl Route<Decided> {
    /// What it does, in one line.
    pub fn doc(mut self, summary: &'static str) -> Self {
        self.operation.summary = summary;
        self
    }

    /// Counts calls of it in another way than those of its kind.
    pub fn counted(mut self, counted: Counted) -> Self {
        self.operation.counted = Some(counted);
        self
    }

    /// Takes these query parameters, too.
    pub fn query(mut self, params: &[Param]) -> Self {
        self.operation.query.extend_from_slice(params);
        self
    }

    /// Takes `If-Match`.
    pub fn if_match(mut self) -> Self {
        self.operation.if_match = true;
        self
    }

    /// Takes a document.
    pub fn takes<T: ToSchema>(mut self) -> Self {
        self.operation.body = Some(BodyOf::Whole(SchemaOf::of::<T>()));
        self
    }

    /// Takes a merge patch of the fields of `T`, and `If-Match`: its handler has a [`crate::Patch`].
    pub fn patches<T: ToSchema>(mut self) -> Self {
        self.operation.body = Some(BodyOf::Patch(SchemaOf::of::<T>()));
        self.if_match()
    }

    /// Answers a document.
    pub fn answers<T: ToSchema>(mut self) -> Self {
        self.operation.answer.1 = Some(SchemaOf::of::<T>());
        self
    }

    /// Answers a list, page by page.
    pub fn lists<T: ToSchema>(self) -> Self {
        self.query(&PAGE_PARAMS).answers::<Page<T>>()
    }

    /// Answers nothing.
    pub fn answers_nothing(mut self) -> Self {
        self.operation.answer = (204, None);
        self
    }

    pub(crate) fn into_parts(self) -> (Operation, MethodRouter<Deps>) {
        let Operation {
            kind,
            method,
            policy,
            counted,
            ..
        } = &self.operation;
        let gate = Gate {
            policy: *policy,
            counted: counted.unwrap_or_else(|| Counted::usually(*kind, method, *policy)),
        };
        (self.operation, (self.guarded)(gate))
    }
}
