//! Who may call a route, asked before anything else of the request is looked at.

use crate::caller::{Asking, Deps, is_safe, network, viewer};
use crate::kind::ProblemKind;
use crate::limits::{Class, Standing, Taken};
use crate::once::is_unwritten;
use crate::problem::Rejection;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::header::AUTHORIZATION;
use axum::http::{Method, request::Parts};
use axum::response::{IntoResponse, Response};
use kb_domain::{Action, Denied, Viewer, Who, access};
use std::marker::PhantomData;
use std::pin::Pin;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Anybody; what they get depends on their audiences.
    Anybody,
    /// Everybody who is signed in, and every program with a key.
    SignedIn,
    /// Those who hold the right somewhere; where it counts, the verb asks again.
    Holds(Action),
    /// Whoever brings a secret in the request itself, which the handler looks at: the code of a sign-in link, a session to end.
    Proof,
}

/// How the calls of a route are counted, so that nobody calls it without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Not at all.
    Never,
    /// Those of programs, by their key.
    OfKeys,
    /// All: by key, by person, or by the address of somebody who is not signed in.
    Always,
    /// All, as calls of this class.
    As(Class),
}

impl Counted {
    /// How calls are counted of a route that does not say so itself.
    pub(crate) fn usually(kind: OperationKind, method: &Method, policy: Policy) -> Self {
        match (kind, policy) {
            (_, Policy::Proof) if !is_safe(method) => Self::As(Class::Guess),
            _ if !is_safe(method) => Self::Always,
            (OperationKind::Page, Policy::Anybody) => Self::Never,
            _ => Self::OfKeys,
        }
    }
}

/// What an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// For programs: it is in the OpenAPI document, and its problems are JSON.
    Api,
    /// For people: it answers pages, and says on one what is wrong.
    Page,
}

/// What stands before a handler.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate {
    pub policy: Policy,
    pub counted: Counted,
}

/// A handler behind its gate.
#[derive(Clone)]
pub(crate) struct Guarded<H> {
    pub gate: Gate,
    pub handler: H,
}

/// Tells the parameters of the handler behind the guard.
pub(crate) struct Behind<M>(PhantomData<M>);

impl<H, M> Handler<Behind<M>, Deps> for Guarded<H>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, deps: Deps) -> Self::Future {
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            if parts.extensions.get::<Asking>().is_none() {
                parts.extensions.insert(Asking::default());
            }
            match admit(self.gate, &parts, &deps).await {
                Ok(standing) => {
                    let request = Request::from_parts(parts, body);
                    let mut response = self.handler.call(request, deps).await;
                    assert!(
                        !is_unwritten(&response),
                        "a handler that makes something belongs behind `create`"
                    );
                    if let Some(standing) = standing {
                        standing.tell(response.headers_mut());
                    }
                    response
                }
                Err(rejection) => rejection.into_response(),
            }
        })
    }
}

/// Asks the policy, and counts the call. Whoever brings a secret is counted before anybody looks at it, and whoever is not signed in
/// only for what they may do.
async fn admit(gate: Gate, parts: &Parts, deps: &Deps) -> Result<Option<Standing>, Rejection> {
    let mut standing = None;
    let proven = matches!(gate.policy, Policy::Proof);
    if let Counted::As(class) = gate.counted
        && (proven || class == Class::Guess)
    {
        standing = count(deps, class, &network(parts)).await?;
    }
    let by_key = gate.counted != Counted::Never && parts.headers.contains_key(AUTHORIZATION);
    let asks = matches!(gate.counted, Counted::Always | Counted::As(_)) || by_key;
    if matches!(gate.policy, Policy::Anybody | Policy::Proof) && (proven || !asks) {
        return Ok(standing);
    }
    let viewer = viewer(parts, deps).await?;
    if viewer.who != Who::Nobody {
        standing = count_of(gate, &viewer, parts, deps).await?;
    }
    let denied = match gate.policy {
        Policy::SignedIn if viewer.who == Who::Nobody => Err(Denied::SignIn),
        Policy::Holds(action) => access::holds(&viewer, action),
        Policy::SignedIn | Policy::Anybody | Policy::Proof => Ok(()),
    };
    denied.map_err(|denied| Rejection::Action(denied.into()))?;
    if viewer.who == Who::Nobody {
        standing = count_of(gate, &viewer, parts, deps).await?;
    }
    Ok(standing)
}

/// Counts a call by whoever makes it.
async fn count_of(
    gate: Gate,
    viewer: &Viewer,
    parts: &Parts,
    deps: &Deps,
) -> Result<Option<Standing>, Rejection> {
    let who = || match viewer.who {
        Who::Nobody => network(parts),
        _ => viewer.who.to_string(),
    };
    let class = match (gate.counted, &viewer.who) {
        (Counted::As(class), _) => class,
        (Counted::Never, _) | (_, Who::Operator) => return Ok(None),
        (_, Who::Key(_)) => Class::Key,
        (Counted::OfKeys, _) => return Ok(None),
        (Counted::Always, Who::Nobody) => Class::AnonymousWrite,
        (Counted::Always, _) => Class::Write,
    };
    count(deps, class, &who()).await
}

async fn count(deps: &Deps, class: Class, who: &str) -> Result<Option<Standing>, Rejection> {
    match deps.limits.take(class, who).await {
        Taken::Counted(standing) => Ok(Some(standing)),
        Taken::Over(standing) => Err(Rejection::Throttled(standing)),
        // Whoever tries secrets is not let through because nobody can count.
        Taken::Unknown if class == Class::Guess => {
            let detail = ProblemKind::Unavailable.sentence().to_owned();
            Err(Rejection::Request(ProblemKind::Unavailable, detail))
        }
        Taken::Free | Taken::Unknown => Ok(None),
    }
}
