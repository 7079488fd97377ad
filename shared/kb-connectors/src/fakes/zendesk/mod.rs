//! A help desk in this process: its consent page, its tokens, its Help Center. Facts: the vendor's pages, by way of `contracts/`.
//!
//! It is strict: a parameter that it does not know is refused, and so are a wrong scope and a wrong content type. It has its own state,
//! and a clock that is given to it. [`FakeZendesk::router`] serves it, in process or on a socket.

mod answer;
mod desk;
mod help_center;
mod oauth;
mod paging;
mod says;
mod state;
mod tokens;
mod weather;

pub use desk::{NewArticle, NewText, Shown};
pub use state::{Client, Segment};
pub use weather::{Lie, Weather};

use answer::{Answer, refuse};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::Response;
use http::Method;
use kb_domain::{Clock, IdGen, Timestamp};
use state::State;
use std::sync::{Arc, Mutex, MutexGuard};

/// The longest body that is read.
const BODY_MAX_BYTES: usize = 65_536;

/// A help desk.
pub struct FakeZendesk {
    subdomain: String,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    state: Mutex<State>,
}

/// A request, read.
struct Asked {
    method: Method,
    path: String,
    /// Parameters, without their escapes.
    query: Vec<(String, String)>,
    bearer: Option<String>,
    media_type: String,
    body: Vec<u8>,
}

impl Asked {
    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Errors: a parameter that is not one of these.
    fn demand_only(&self, names: &[&str]) -> Result<(), Answer> {
        let unknown = self
            .query
            .iter()
            .find(|(n, _)| !names.contains(&n.as_str()));
        match unknown {
            None => Ok(()),
            Some((name, _)) => {
                let words = format!("{name} is not a parameter of this endpoint");
                Err(refuse(400, "InvalidParameter", &words))
            }
        }
    }
}

impl FakeZendesk {
    /// An empty one at `https://{subdomain}.zendesk.com`, in one language.
    pub fn new(
        subdomain: &str,
        languages: &[&str],
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
    ) -> Arc<Self> {
        Arc::new(Self {
            subdomain: subdomain.to_owned(),
            clock,
            ids,
            state: Mutex::new(State::new(languages)),
        })
    }

    /// The host it answers for.
    pub fn host(&self) -> String {
        format!("{}.zendesk.com", self.subdomain)
    }

    /// Everything it answers.
    pub fn router(self: &Arc<Self>) -> Router {
        let fake = self.clone();
        Router::new().fallback(move |request: Request| {
            let fake = fake.clone();
            async move { fake.serve(request).await }
        })
    }

    async fn serve(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, BODY_MAX_BYTES).await else {
            return refuse(413, "TooLarge", "the body is too large").into_response(self.now());
        };
        let header = |name: &str| {
            let value = head.headers.get(name).and_then(|v| v.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let query = head.uri.query().unwrap_or_default().as_bytes();
        let asked = Asked {
            method: head.method,
            path: head.uri.path().trim_end_matches('/').to_owned(),
            query: url::form_urlencoded::parse(query).into_owned().collect(),
            bearer: header("authorization")
                .strip_prefix("Bearer ")
                .map(str::to_owned),
            media_type: header("content-type")
                .split(';')
                .next()
                .unwrap_or_default()
                .to_owned(),
            body: body.to_vec(),
        };
        if self.is_silent() {
            return std::future::pending().await;
        }
        self.answer(&asked).into_response(self.now())
    }

    fn answer(&self, asked: &Asked) -> Answer {
        let path = asked.path.as_str();
        if let Some(weather) = self.under(path) {
            return weather;
        }
        let answered = match path.strip_prefix("/api/v2/") {
            Some(api) => self.api(asked, api),
            None => self.consent(asked),
        };
        answered.unwrap_or_else(|refused| refused)
    }

    fn api(&self, asked: &Asked, path: &str) -> Result<Answer, Answer> {
        let grant = self.grant(asked)?;
        let headers = self.count(path)?;
        let answer = match path.strip_prefix("help_center/") {
            Some(below) => {
                Self::demand_scope(&grant, "hc")?;
                self.help_center(asked, below)
            }
            None => self.account(asked, path, &grant),
        };
        let mut answer = answer.unwrap_or_else(|refused| refused);
        answer.headers.extend(headers);
        Ok(answer)
    }

    /// The present moment, in whole seconds as every time here is written.
    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now().unix_seconds() * 1_000_000)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while it is held")
    }

    /// The address of one of its paths.
    fn address(&self, path: &str) -> String {
        format!("https://{}{path}", self.host())
    }
}

fn absent() -> Answer {
    refuse(404, "RecordNotFound", "Not found")
}
