//! Who asks: a key or frame bearer in `Authorization`, else the session cookie, else nobody.

use crate::cursor::Cursors;
use crate::kind::ProblemKind;
use crate::problem::Rejection;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, Method, header, request::Parts};
use kb_actions::{Kb, RequestContext};
use kb_domain::Viewer;
use kb_identity::Identity;
use std::sync::{Arc, OnceLock};

/// The session cookie.
pub const SESSION_COOKIE: &str = "sidenote_session";

/// What the HTTP functions are told about their surroundings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether cookies are for https only.
    pub secure_cookies: bool,
    /// Origins that may frame the sidebar.
    pub frame_ancestors: Vec<String>,
    /// Whether the demo's pages are served.
    pub demo: bool,
}

/// What every HTTP function works on.
#[derive(Clone)]
pub struct Deps {
    /// The knowledge base.
    pub kb: Kb,
    /// Who is asking.
    pub identity: Identity,
    /// Cursors of lists.
    pub cursors: Cursors,
    /// The surroundings.
    pub settings: Arc<Settings>,
}

/// Who asks, as far as it is known yet: the guard, the handler and an error page share it, so that nothing is read twice.
#[derive(Clone, Default)]
pub(crate) struct Asking(Arc<Known>);

#[derive(Default)]
struct Known {
    viewer: OnceLock<Viewer>,
    context: OnceLock<RequestContext>,
}

impl Asking {
    /// Who asks, if anybody had to know.
    pub(crate) fn viewer(&self) -> Option<&Viewer> {
        self.0.viewer.get()
    }

    /// The same caller, whose admission is to be read again: another write has changed what it was read from.
    pub(crate) fn afresh(&self) -> Self {
        let known = Known::default();
        if let Some(viewer) = self.viewer() {
            let _ = known.viewer.set(viewer.clone());
        }
        Self(Arc::new(known))
    }

    /// What they are admitted to, if anybody had to know.
    pub(crate) fn context(&self) -> Option<&RequestContext> {
        self.0.context.get()
    }
}

/// The caller of this request, with what they are admitted to.
pub struct Caller(pub RequestContext);

impl FromRequestParts<Deps> for Caller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, deps: &Deps) -> Result<Self, Rejection> {
        let asking = parts.extensions.get::<Asking>().cloned();
        let ctx = match asking.as_ref().and_then(Asking::context) {
            Some(known) => known.clone(),
            None => RequestContext::load(&deps.kb, viewer(parts, deps).await?).await?,
        };
        if let Some(asking) = asking {
            // If it is set already, then to the same.
            let _ = asking.0.context.set(ctx.clone());
        }
        Ok(Self(ctx))
    }
}

/// Who asks. Errors: an unknown bearer; a change by cookie from another site; the store does not answer.
pub(crate) async fn viewer(parts: &Parts, deps: &Deps) -> Result<Viewer, Rejection> {
    let asking = parts.extensions.get::<Asking>();
    if let Some(known) = asking.and_then(Asking::viewer) {
        return Ok(known.clone());
    }
    let viewer = resolve(parts, deps).await?;
    if let Some(asking) = asking {
        let _ = asking.0.viewer.set(viewer.clone());
    }
    Ok(viewer)
}

async fn resolve(parts: &Parts, deps: &Deps) -> Result<Viewer, Rejection> {
    if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
        let secret = value
            .to_str()
            .ok()
            .and_then(|v| v.strip_prefix("Bearer "))
            .unwrap_or_default();
        let found = deps.identity.bearer(secret.trim()).await?;
        return found.ok_or_else(|| {
            let detail = "this API key or bearer token is unknown, expired or revoked";
            Rejection::Request(ProblemKind::Unauthenticated, detail.to_owned())
        });
    }
    let Some(secret) = cookie(&parts.headers, SESSION_COOKIE) else {
        return Ok(Viewer::anonymous());
    };
    let Some(viewer) = deps.identity.session(secret).await? else {
        return Ok(Viewer::anonymous());
    };
    if !is_safe(&parts.method) {
        own_site(&parts.headers)?;
    }
    Ok(viewer)
}

fn own_site(headers: &HeaderMap) -> Result<(), Rejection> {
    if is_own_site(headers) {
        return Ok(());
    }
    let detail = "a change by cookie must come from a page of this server; programs use an API key";
    Err(Rejection::Request(
        ProblemKind::CrossSite,
        detail.to_owned(),
    ))
}

/// The request comes from a page of this server; for forms that are sent before anybody is signed in.
#[derive(Clone, Copy, Debug)]
pub struct OwnSite;

impl<S: Send + Sync> FromRequestParts<S> for OwnSite {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        own_site(&parts.headers).map(|()| Self)
    }
}

/// The secret of the session cookie, where the request has one and no `Authorization` stands above it.
#[derive(Clone)]
pub struct SessionSecret(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for SessionSecret {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let bare = !parts.headers.contains_key(header::AUTHORIZATION);
        let secret = cookie(&parts.headers, SESSION_COOKIE).filter(|_| bare);
        Ok(Self(secret.map(str::to_owned)))
    }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Browsers say where a request comes from; one that says neither is an old one and is refused.
fn is_own_site(headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|v: &axum::http::HeaderValue| v.to_str().ok())
    };
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let origin = text(header::ORIGIN)
        .and_then(|o| o.split_once("://"))
        .map(|(_, host)| host);
    origin.is_some() && origin == text(header::HOST)
}

pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, v)| v)
}

/// The `Set-Cookie` of a fresh session.
pub fn session_cookie(secret: &str, settings: &Settings) -> String {
    let secure = if settings.secure_cookies {
        "; Secure"
    } else {
        ""
    };
    format!(
        "{SESSION_COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
        kb_identity::SESSION_SECONDS
    )
}

/// The `Set-Cookie` that ends a session in the browser.
pub fn clear_session_cookie() -> String {
    format!("{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
}
