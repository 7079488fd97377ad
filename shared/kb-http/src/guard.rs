//! Who may call a route, asked before anything else of the request is looked at.

use crate::caller::{Asking, Deps, viewer};
use crate::once::is_unwritten;
use crate::problem::Rejection;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use kb_domain::{Action, Denied, Who, access};
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

/// A handler behind a policy.
#[derive(Clone)]
pub(crate) struct Guarded<H> {
    pub policy: Policy,
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
            match admit(self.policy, &parts, &deps).await {
                Ok(()) => {
                    let request = Request::from_parts(parts, body);
                    let response = self.handler.call(request, deps).await;
                    assert!(
                        !is_unwritten(&response),
                        "a handler that makes something belongs behind `create`"
                    );
                    response
                }
                Err(rejection) => rejection.into_response(),
            }
        })
    }
}

async fn admit(policy: Policy, parts: &Parts, deps: &Deps) -> Result<(), Rejection> {
    let denied = match policy {
        Policy::Anybody | Policy::Proof => Ok(()),
        Policy::SignedIn => match viewer(parts, deps).await?.who {
            Who::Nobody => Err(Denied::SignIn),
            _ => Ok(()),
        },
        Policy::Holds(action) => access::holds(&viewer(parts, deps).await?, action),
    };
    denied.map_err(|denied| Rejection::Action(denied.into()))
}
