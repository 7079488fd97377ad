//! Who asks: a key or frame bearer in `Authorization`, else the session cookie, else nobody.

use crate::client_address::ClientAddress;
use crate::cursor::Cursors;
use crate::health::Health;
use crate::kind::ProblemKind;
use crate::limits::{Class, Limiter, Taken};
use crate::problem::Rejection;
use crate::public_url::PublicUrl;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, Method, header, request::Parts};
use kb_actions::{Kb, RequestContext};
use kb_domain::Viewer;
use kb_fetch::Fetch;
use kb_identity::vault::Vault;
use kb_identity::{Identity, IssuedSecret};
use std::sync::{Arc, OnceLock};

/// The session cookie where readers come by http.
pub const SESSION_COOKIE: &str = "sidenote_session";
/// The session cookie where readers come by https: by its name no other host of the same domain can set it.
pub const SECURE_SESSION_COOKIE: &str = "__Host-sidenote_session";

/// What the HTTP functions are told about their surroundings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address that readers know the server by; `None` where the gateway tells it with each request.
    pub public_url: Option<PublicUrl>,
    /// Whether readers come by https: cookies are for https only, and browsers are told to keep to it.
    pub secure_cookies: bool,
    /// Origins that may frame the sidebar.
    pub frame_ancestors: Vec<String>,
    /// Whether the demo's pages are served.
    pub demo: bool,
}

impl Settings {
    /// The name of the session cookie.
    pub fn session_cookie(&self) -> &'static str {
        if self.secure_cookies {
            SECURE_SESSION_COOKIE
        } else {
            SESSION_COOKIE
        }
    }

    /// The address that links and redirects begin with, and forms come from.
    pub fn base(&self, parts: &Parts) -> PublicUrl {
        let told = || parts.extensions.get::<PublicUrl>().cloned();
        let set = self.public_url.clone().or_else(told);
        set.unwrap_or_else(|| PublicUrl::local(DEFAULT_PORT))
    }
}

/// The port of a server of which nobody has said anything.
const DEFAULT_PORT: u16 = 8600;

/// What every HTTP function works on.
#[derive(Clone)]
pub struct Deps {
    /// The knowledge base.
    pub kb: Kb,
    /// Who is asking.
    pub identity: Identity,
    /// Cursors of lists.
    pub cursors: Cursors,
    /// How often somebody may do something.
    pub limits: Limiter,
    /// What the home of the base knows of itself.
    pub health: Arc<dyn Health>,
    /// The way to partners outside.
    pub fetch: Arc<dyn Fetch>,
    /// What keeps their secrets.
    pub vault: Vault,
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
            None => RequestContext {
                base: deps.settings.base(parts).origin().into(),
                ..RequestContext::load(&deps.kb, viewer(parts, deps).await?).await?
            },
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
        let secret = value.to_str().ok().and_then(|v| v.split_once(' '));
        let secret = secret.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let secret = secret.map_or("", |(_, secret)| secret.trim());
        return match deps.identity.bearer(secret).await? {
            Some(viewer) => Ok(viewer),
            None => Err(unknown_bearer(parts, deps).await),
        };
    }
    let Some(secret) = cookie(&parts.headers, deps.settings.session_cookie()) else {
        return Ok(Viewer::anonymous());
    };
    let Some(viewer) = deps.identity.session(secret).await? else {
        return Ok(Viewer::anonymous());
    };
    if !is_safe(&parts.method) {
        own_site(parts, deps)?;
    }
    Ok(viewer)
}

/// What somebody is told whose bearer nobody has. Who tries many is slowed down.
async fn unknown_bearer(parts: &Parts, deps: &Deps) -> Rejection {
    if let Taken::Over(standing) = deps.limits.take(Class::Guess, &network(parts)).await {
        Rejection::Throttled(standing)
    } else {
        let detail = "this API key or bearer token is unknown, expired or revoked";
        Rejection::Request(ProblemKind::Unauthenticated, detail.to_owned())
    }
}

/// Where a request comes from, as it is counted; everybody of whom nothing is known counts as one.
pub(crate) fn network(parts: &Parts) -> String {
    let client = parts.extensions.get::<ClientAddress>();
    client.map_or_else(|| "unknown".to_owned(), |client| client.network())
}

fn own_site(parts: &Parts, deps: &Deps) -> Result<(), Rejection> {
    if is_own_site(&parts.headers, &deps.settings.base(parts)) {
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

impl FromRequestParts<Deps> for OwnSite {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, deps: &Deps) -> Result<Self, Rejection> {
        own_site(parts, deps).map(|()| Self)
    }
}

/// The secret of the session cookie, where the request has one and no `Authorization` stands above it.
#[derive(Clone)]
pub struct SessionSecret(pub Option<String>);

impl FromRequestParts<Deps> for SessionSecret {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, deps: &Deps) -> Result<Self, Self::Rejection> {
        let bare = !parts.headers.contains_key(header::AUTHORIZATION);
        let secret = cookie(&parts.headers, deps.settings.session_cookie()).filter(|_| bare);
        Ok(Self(secret.map(str::to_owned)))
    }
}

impl FromRequestParts<Deps> for PublicUrl {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, deps: &Deps) -> Result<Self, Self::Rejection> {
        Ok(deps.settings.base(parts))
    }
}

pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Browsers say where a request comes from; one that says neither is an old one and is refused.
fn is_own_site(headers: &HeaderMap, base: &PublicUrl) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|v: &axum::http::HeaderValue| v.to_str().ok())
    };
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    text(header::ORIGIN).is_some_and(|origin| base.is_own(origin, text(header::HOST)))
}

/// The cookie of this name. One that is sent twice with two values is none: another host of the same domain may have set one of them.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok());
    let mut found = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, v)| v);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// The `Set-Cookie` of a fresh session.
pub fn session_cookie(session: &IssuedSecret, settings: &Settings) -> String {
    let name = settings.session_cookie();
    set_cookie(name, &session.secret, session.seconds, settings)
}

/// The `Set-Cookie` that ends a session in the browser.
pub fn clear_session_cookie(settings: &Settings) -> String {
    set_cookie(settings.session_cookie(), "", 0, settings)
}

/// A cookie for every page of this server, which no script reads.
pub(crate) fn set_cookie(
    name: &str,
    value: &str,
    max_age: impl std::fmt::Display,
    settings: &Settings,
) -> String {
    let secure = if settings.secure_cookies {
        "; Secure"
    } else {
        ""
    };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, axum::http::HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn case_058_a_form_of_another_scheme_or_site_is_not_ours() {
        let base = PublicUrl::parse("https://help.example").unwrap();
        let ours = |pairs: &[_]| is_own_site(&headers(pairs), &base);
        assert!(ours(&[
            ("origin", "https://help.example"),
            ("host", "help.example")
        ]));
        assert!(!ours(&[
            ("origin", "http://help.example"),
            ("host", "help.example")
        ]));
        assert!(!ours(&[
            ("origin", "https://evil.example"),
            ("host", "evil.example")
        ]));
        assert!(!ours(&[("host", "help.example")]));
        assert!(!ours(&[
            ("sec-fetch-site", "same-site"),
            ("origin", "https://help.example")
        ]));
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn a_cookie_that_comes_twice_with_two_values_is_none() {
        let twice = headers(&[("cookie", "a=1; b=2"), ("cookie", "a=3; c=4; c=4")]);
        assert_eq!(cookie(&twice, "a"), None);
        assert_eq!(cookie(&twice, "b"), Some("2"));
        assert_eq!(cookie(&twice, "c"), Some("4"));
    }

    #[test]
    fn under_https_the_cookie_is_bound_to_its_host_by_name() {
        let settings = |secure_cookies| Settings {
            public_url: None,
            secure_cookies,
            frame_ancestors: Vec::new(),
            demo: false,
        };
        let session = IssuedSecret {
            id: String::new(),
            secret: "se_1".to_owned(),
            seconds: 60,
        };
        let secure = session_cookie(&session, &settings(true));
        assert!(
            secure.starts_with("__Host-sidenote_session=se_1; Path=/; "),
            "{secure}"
        );
        assert!(
            secure.ends_with("; Secure") && !secure.contains("Domain"),
            "{secure}"
        );
        assert!(clear_session_cookie(&settings(true)).ends_with("; Secure"));
        assert!(session_cookie(&session, &settings(false)).starts_with("sidenote_session=se_1; "));
    }
}
