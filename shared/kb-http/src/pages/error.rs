//! Pages for when something is wrong: HTML in the reader's language, in the portal's shell where the address names one that
//! the reader may enter.

use super::address::Address;
use super::answer::page;
use super::known::unless_known;
use super::language::reader_locale;
use super::shell::portal_shell;
use crate::answer::moved;
use crate::caller::{Asking, Deps};
use crate::kind::ProblemKind;
use crate::problem::{Rejection, add_remedy};
use crate::request_id::RequestId;
use askama::Template;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{HeaderMap, Uri, header, request::Parts};
use axum::response::{IntoResponse, Response};
use kb_actions::portals;
use kb_domain::PortalName;
use kb_pages::{MessagePage, Shell, Texts};
use std::pin::Pin;

/// What a page that tells of a fault keeps of the fault's own headers.
const WHEN_TO_COME_AGAIN: [&str; 3] = ["retry-after", "ratelimit", "ratelimit-policy"];

/// Why a page is another one.
#[derive(Debug)]
pub enum PageError {
    /// Something is wrong; the reader is told on a page.
    Failed(Rejection),
    /// The right address.
    Moved(String),
}

impl<E: Into<Rejection>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        match self {
            Self::Moved(url) => moved(&url),
            Self::Failed(rejection) => rejection.into_response(),
        }
    }
}

/// A handler whose rejections, whoever makes them, are told on a page.
#[derive(Clone)]
pub(crate) struct AsPage<H>(pub H);

/// Tells the parameters of the handler inside.
pub(crate) struct Told<M>(std::marker::PhantomData<M>);

impl<H, M> Handler<Told<M>, Deps> for AsPage<H>
where
    H: Handler<M, Deps>,
    M: 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, deps: Deps) -> Self::Future {
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let reader = Reader::of(&parts);
            let (method, asked) = (parts.method.clone(), parts.headers.clone());
            parts.extensions.insert(reader.asking.clone());
            let request = Request::from_parts(parts, body);
            let response = self.0.call(request, deps.clone()).await;
            match response.extensions().get::<ProblemKind>() {
                None => unless_known(&method, &asked, response).await,
                Some(kind) => {
                    let mut page = explained(*kind, &reader, &deps).await;
                    for name in WHEN_TO_COME_AGAIN {
                        if let Some(value) = response.headers().get(name) {
                            page.headers_mut().insert(name, value.clone());
                        }
                    }
                    page
                }
            }
        })
    }
}

/// What is known of a reader without asking the store.
struct Reader {
    uri: Uri,
    headers: HeaderMap,
    request: Option<String>,
    asking: Asking,
}

impl Reader {
    fn of(parts: &Parts) -> Self {
        let mut headers = HeaderMap::new();
        if let Some(value) = parts.headers.get(header::ACCEPT_LANGUAGE) {
            headers.insert(header::ACCEPT_LANGUAGE, value.clone());
        }
        let id = parts.extensions.get::<RequestId>();
        Self {
            uri: parts.uri.clone(),
            headers,
            request: id.map(|id| id.0.clone()),
            asking: Asking::default(),
        }
    }

    fn texts(&self) -> Texts {
        Texts::of(&reader_locale(&self.uri, &self.headers))
    }

    /// The shell of the portal in the address; `None` when it names none that the reader may enter, or nobody had to know
    /// who they are.
    async fn portal_shell(&self, deps: &Deps, title: &str) -> Option<Shell> {
        let ctx = self.asking.context()?;
        let address = Address::of(self.uri.path());
        let portal = portals::read(
            &deps.kb,
            ctx,
            PortalName::Handle(address.portal.to_string()),
        )
        .await;
        let portal = portal.ok()?.value;
        let asked = address.locale.parse().ok();
        let locale = asked.filter(|l| portal.locales.contains(l));
        let locale = locale.unwrap_or_else(|| portal.default_locale.clone());
        let title = Texts::of(&locale).t(title);
        let home = |l: &kb_domain::Locale| format!("/{}/{l}/", portal.handle);
        let shell = portal_shell(&ctx.viewer, &portal, &locale, &title, home);
        Some(Shell {
            query: address.words(),
            ..shell
        })
    }
}

async fn explained(kind: ProblemKind, reader: &Reader, deps: &Deps) -> Response {
    let (title, text) = words(kind);
    let shell = match reader.portal_shell(deps, title).await {
        Some(shell) => shell,
        None => plain(reader, title),
    };
    answer(kind, shell, text, reader.request.clone())
}

/// The page for a fault outside every route: nothing is known of the portal.
pub(crate) fn explained_without_portal(
    kind: ProblemKind,
    uri: Uri,
    headers: HeaderMap,
    request: String,
) -> Response {
    let reader = Reader {
        uri,
        headers,
        request: Some(request),
        asking: Asking::default(),
    };
    let (title, text) = words(kind);
    answer(kind, plain(&reader, title), text, reader.request)
}

fn plain(reader: &Reader, title: &str) -> Shell {
    let texts = reader.texts();
    let viewer = reader.asking.viewer();
    let person = viewer.and_then(|v| v.user().map(|_| v.name.clone()));
    Shell {
        person,
        door: true,
        ..Shell::plain(texts, &texts.t(title))
    }
}

fn answer(kind: ProblemKind, shell: Shell, text: &str, request: Option<String>) -> Response {
    let text = shell.texts.t(text);
    let request = request.filter(|_| kind.is_fault());
    // Everybody who is not signed in is told so, whether the page is hidden or absent.
    let stranger = kind == ProblemKind::NotFound && shell.person.is_none();
    let hint = stranger.then(|| shell.texts.t("not-found-sign-in"));
    let message = MessagePage {
        shell,
        text,
        hint,
        request,
    };
    let mut response = page(message.render());
    *response.status_mut() = kind.status_code();
    add_remedy(kind, response.headers_mut());
    response
}

/// The keys of title and text.
fn words(kind: ProblemKind) -> (&'static str, &'static str) {
    match kind {
        ProblemKind::NotFound => ("not-found-title", "not-found-text"),
        ProblemKind::Unauthenticated => ("sign-in-title", "sign-in-needed"),
        ProblemKind::Forbidden | ProblemKind::CrossSite => ("forbidden-title", "forbidden-text"),
        kind if kind.is_fault() => ("error-title", "error-text"),
        _ => ("refused-title", "refused-text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn told(kind: ProblemKind, address: &str, accept: &'static str) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
        explained_without_portal(kind, address.parse().unwrap(), headers, "r-1".to_owned())
    }

    #[tokio::test]
    async fn a_fault_is_told_in_the_readers_language_with_its_number_and_when_to_come_back() {
        let response = told(ProblemKind::Unavailable, "/agent/inbox", "zh-CN");
        assert_eq!(response.status().as_u16(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
        let bytes = axum::body::to_bytes(response.into_body(), 100_000).await;
        let html = String::from_utf8(bytes.unwrap().to_vec()).unwrap();
        assert!(html.contains("<html lang=\"zh-Hans\">"), "{html}");
        assert!(html.contains("r-1"), "{html}");
    }

    #[tokio::test]
    async fn every_kind_has_words_in_every_language_and_only_faults_a_number() {
        for kind in ProblemKind::ALL {
            for (tag, _) in Texts::LANGUAGES {
                let response = told(*kind, &format!("/nowhere?locale={tag}"), "en");
                assert_eq!(response.status().as_u16(), kind.status());
                let bytes = axum::body::to_bytes(response.into_body(), 100_000).await;
                let html = String::from_utf8(bytes.unwrap().to_vec()).unwrap();
                assert!(html.contains(&format!("lang=\"{tag}\"")), "{kind:?} {tag}");
                assert_eq!(html.contains("r-1"), kind.is_fault(), "{kind:?}");
                let (title, text) = words(*kind);
                for key in [title, text] {
                    assert!(!html.contains(key), "{key} has no text in {tag}");
                }
            }
        }
    }
}
