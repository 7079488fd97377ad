//! The help desk inside the demo: an account of Zendesk's kind that answers in this process, with a page on which one works at it.

use crate::exit::Failure;
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use kb_actions::Kb;
use kb_connectors::CALLBACK;
use kb_connectors::demo::{CLIENT, DESK, SUBDOMAIN, VENDOR};
use kb_connectors::fakes::zendesk::{Client, FakeZendesk, NewArticle, NewText, Segment};
use kb_fetch::{Fetch, FetchError, Limits, Local};
use kb_http::{Api, Deps};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tower::ServiceExt;

mod pages;

const CONTENT: &str = include_str!("desk/articles.json");

#[derive(Deserialize)]
struct Content {
    languages: Vec<String>,
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Category {
    names: BTreeMap<String, String>,
    sections: Vec<Section>,
}

#[derive(Deserialize)]
struct Section {
    names: BTreeMap<String, String>,
    articles: Vec<Article>,
}

#[derive(Deserialize)]
struct Article {
    labels: Vec<String>,
    staff: bool,
    texts: BTreeMap<String, Text>,
}

#[derive(Deserialize)]
struct Text {
    title: String,
    body: String,
}

/// The help desk.
#[derive(Clone)]
pub(crate) struct Desk(Arc<FakeZendesk>);

impl Desk {
    /// The help desk with its articles, as it is at every start.
    pub fn open(kb: &Kb) -> Result<Self, Failure> {
        let content: Content = serde_json::from_str(CONTENT).map_err(Failure::environment)?;
        let languages: Vec<&str> = content.languages.iter().map(String::as_str).collect();
        let (clock, ids) = (kb.clock().clone(), kb.ids().clone());
        let desk = FakeZendesk::new(SUBDOMAIN, &languages, clock, ids);
        let staff = desk.create_segment(Segment {
            name: "Staff".to_owned(),
            user_type: "staff".to_owned(),
            ..Segment::default()
        });
        for category in content.categories {
            let number = desk.create_category(&named(&category.names));
            for section in category.sections {
                let section_number = desk.create_section(number, None, &named(&section.names));
                for article in section.articles {
                    desk.create_article(NewArticle {
                        section: section_number,
                        // The language of the source first.
                        texts: languages
                            .iter()
                            .filter_map(|l| article.texts.get(*l).map(|text| (l, text)))
                            .map(|(l, text)| NewText::published(l, &text.title, &text.body))
                            .collect(),
                        segment: article.staff.then_some(staff),
                        labels: article.labels,
                    });
                }
            }
        }
        Ok(Self(desk))
    }

    /// Lets the program at this address ask for consent.
    pub fn knows(&self, origin: &str) {
        self.0.register(Client {
            id: CLIENT.to_owned(),
            redirects: vec![format!("{origin}{CALLBACK}{VENDOR}")],
        });
    }

    /// The way to it, which is the only one that the demo has: it asks nobody outside.
    pub fn fetch(&self) -> Arc<dyn Fetch> {
        Arc::new(Inside {
            local: Local::new(self.0.host(), self.0.router()),
            origin: format!("https://{}", self.0.host()),
        })
    }

    /// Its pages.
    pub fn routes(&self) -> Api {
        pages::routes(self)
    }

    /// The pages of its own on which somebody consents, beside other routes.
    pub fn beside(&self, routes: Router<Deps>) -> Router<Deps> {
        let router = self.0.router();
        let consent = move |request: Request| forward(router.clone(), request);
        let consents = Router::new()
            .route("/oauth/authorizations/new", get(consent.clone()))
            .route("/oauth/authorizations", post(consent));
        routes.nest(DESK, consents)
    }
}

async fn forward(router: Router, request: Request<Body>) -> Response {
    match router.oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

fn named(names: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    let names = names.iter();
    names.map(|(l, n)| (l.as_str(), n.as_str())).collect()
}

struct Inside {
    local: Local<Router>,
    origin: String,
}

#[async_trait]
impl Fetch for Inside {
    async fn send(
        &self,
        request: axum::http::Request<Bytes>,
        limits: Limits,
    ) -> Result<axum::http::Response<Bytes>, FetchError> {
        self.local.send(request, limits).await
    }

    fn in_browser(&self, url: &str) -> String {
        match url.strip_prefix(&self.origin) {
            Some(path) => format!("{DESK}{path}"),
            None => url.to_owned(),
        }
    }
}
