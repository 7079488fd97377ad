//! Who asks: a key or frame bearer in `Authorization`, else the session cookie, else nobody.

use crate::cursor::Cursors;
use crate::kind::ProblemKind;
use crate::problem::Rejection;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, Method, header, request::Parts};
use kb_actions::{Kb, RequestContext};
use kb_domain::Viewer;
use kb_identity::{Identity, IssuedSecret};
use std::sync::{Arc, OnceLock};

/// The session cookie, where readers come by http.
pub const SESSION_COOKIE: &str = "sidenote_session";
/// The session cookie, where readers come by https: a browser takes one with this beginning from this host alone.
const HOST_SESSION_COOKIE: &str = "__Host-sidenote";
/// The cookie that keeps a pairing while somebody signs in.
const PAIRING_COOKIE: &str = "sidenote_pairing";

/// What the HTTP functions are told about their surroundings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether cookies are for https only.
    pub secure_cookies: bool,
    /// Origins that may frame the sidebar.
    pub frame_ancestors: Vec<String>,
    /// Whether the demo's pages are served.
    pub demo: bool,
    /// Where people reach this server, such as `http://localhost:8600`; empty where it is not known.
    pub public_url: String,
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
        return found.ok_or(Rejection::Action(kb_actions::Error::Unauthenticated));
    }
    let Some(secret) = cookie(&parts.headers, session_cookie_name(&deps.settings)) else {
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

impl FromRequestParts<Deps> for SessionSecret {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, deps: &Deps) -> Result<Self, Self::Rejection> {
        let bare = !parts.headers.contains_key(header::AUTHORIZATION);
        let name = session_cookie_name(&deps.settings);
        let secret = cookie(&parts.headers, name).filter(|_| bare);
        Ok(Self(secret.map(str::to_owned)))
    }
}

/// The pairing that the browser keeps while somebody signs in for a frame.
#[derive(Clone)]
pub struct PairingSecret(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for PairingSecret {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let kept = cookie(&parts.headers, PAIRING_COOKIE);
        Ok(Self(kept.map(str::to_owned)))
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

/// A cookie. Of two with one name neither counts: one of them was set by somebody else.
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

fn session_cookie_name(settings: &Settings) -> &'static str {
    if settings.secure_cookies {
        HOST_SESSION_COOKIE
    } else {
        SESSION_COOKIE
    }
}

/// A `Set-Cookie` for the whole of this host, which no script reads.
fn set_cookie(name: &str, value: &str, max_age: i64, settings: &Settings) -> String {
    let secure = if settings.secure_cookies {
        "; Secure"
    } else {
        ""
    };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}")
}

/// The `Set-Cookie` of a fresh session.
pub fn session_cookie(session: &IssuedSecret, settings: &Settings) -> String {
    let name = session_cookie_name(settings);
    set_cookie(name, &session.secret, session.seconds, settings)
}

/// The `Set-Cookie` that ends a session in the browser.
pub fn clear_session_cookie(settings: &Settings) -> String {
    set_cookie(session_cookie_name(settings), "", 0, settings)
}

/// The `Set-Cookie` that keeps a pairing; `None` for what is not of the form of one.
pub fn pairing_cookie(pairing: &str, settings: &Settings) -> Option<String> {
    let secret = pairing.strip_prefix("pr_")?;
    let is_one = secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit());
    let max_age = kb_identity::PAIRING_SECONDS;
    is_one.then(|| set_cookie(PAIRING_COOKIE, pairing, max_age, settings))
}

/// The `Set-Cookie` that takes a pairing out of the browser.
pub fn clear_pairing_cookie(settings: &Settings) -> String {
    set_cookie(PAIRING_COOKIE, "", 0, settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read(lines: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_static(line));
        }
        cookie(&headers, "a").map(str::to_owned)
    }

    #[test]
    fn a_cookie_that_stands_twice_counts_for_nothing_unless_it_says_the_same() {
        assert_eq!(read(&["b=2; a=1"]).as_deref(), Some("1"));
        assert_eq!(read(&["a=1; a=1"]).as_deref(), Some("1"));
        for twice in [&["a=1; a=2"][..], &["a=1", "a=2"]] {
            assert_eq!(read(twice), None, "{twice:?}");
        }
        assert_eq!(read(&["ab=1"]), None);
    }

    #[test]
    fn by_https_the_session_cookie_belongs_to_this_host_alone() {
        let settings = |secure_cookies| Settings {
            secure_cookies,
            frame_ancestors: Vec::new(),
            demo: false,
            public_url: String::new(),
        };
        let session = IssuedSecret {
            id: String::new(),
            secret: "se_1".to_owned(),
            seconds: 60,
        };
        let secure = session_cookie(&session, &settings(true));
        assert_eq!(
            secure,
            "__Host-sidenote=se_1; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        assert!(session_cookie(&session, &settings(false)).starts_with("sidenote_session=se_1;"));
        let cleared = clear_session_cookie(&settings(true));
        assert!(cleared.starts_with("__Host-sidenote=;") && cleared.ends_with("Secure"));
        assert_eq!(pairing_cookie("pr_1; Domain=evil", &settings(false)), None);
    }
}
