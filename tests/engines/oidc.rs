//! Grants of the token server that `tests/engines/up oidc` started, and a person who consents there.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

use kb_fetch::{Allowed, Fetch, Outside};
use kb_identity::grants::Grants;
use kb_identity::oauth::{ClientAuth, Registration, Revocation};
use kb_identity::secret_keys::BareKeys;
use kb_identity::vault::Vault;
use kb_runtime::system::{SystemClock, SystemIds};
use kb_store::{FolderBlobs, MemoryBlobs, Store, Table};
use reqwest::redirect::Policy;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// Where the browser comes back; nothing listens there.
const REDIRECT: &str = "http://127.0.0.1:8600/connect/callback/oidc";
/// What confidential clients are known by.
pub const SECRET: &str = "the secret of the test, which is long enough";

/// Us as one of its clients. One whose name ends in `-secret` has one; the tokens of `brief` are good for a second.
pub fn registration(base: &str, client: &str) -> Registration {
    let auth = if client.ends_with("-secret") {
        ClientAuth::Header
    } else {
        ClientAuth::Public
    };
    Registration {
        vendor: "oidc".to_owned(),
        authorize_url: format!("{base}/auth"),
        token_url: format!("{base}/token"),
        revocation: Revocation::Standard {
            url: format!("{base}/token/revocation"),
        },
        client_id: client.to_owned(),
        auth,
        redirect: REDIRECT.to_owned(),
        scopes: BTreeSet::from(["openid".to_owned()]),
        issuer: Some(base.to_owned()),
        json_body: false,
        token_parameters: Vec::new(),
    }
}

/// Grants in a table, whose data keys lie in a folder.
pub fn grants(table: Arc<dyn Table>, keys: &Path, fetch: Arc<dyn Fetch>) -> Grants {
    let ids = Arc::new(SystemIds);
    let keys = BareKeys::new(Arc::new(FolderBlobs::new(keys)), ids.clone());
    let vault = Vault::new(Arc::new(keys), Arc::new(SystemClock), ids.clone());
    let store = Store::new(table, Arc::new(MemoryBlobs::default()));
    Grants::new(store, ids, vault, fetch)
}

/// A client that follows nothing.
fn client() -> reqwest::Client {
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy();
    client.build().unwrap()
}

/// A browser as far as it is needed: it keeps cookies, follows redirects on one server and sends the forms of the pages.
pub struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Default for Browser {
    fn default() -> Self {
        Self {
            client: client(),
            cookies: BTreeMap::new(),
        }
    }
}

/// Where a browser ends.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// On a page of the server, with this status.
    Page(u16),
    /// At the callback, with this query.
    Callback(String),
}

impl Browser {
    /// Goes to an address and does what every page wants: signs in, consents.
    pub async fn go(&mut self, address: &str) -> Ended {
        let mut at: Url = address.parse().unwrap();
        let mut form: Option<&str> = None;
        for _ in 0..12 {
            let request = match form.take() {
                Some(form) => self
                    .client
                    .post(at.clone())
                    .body(form)
                    .header("content-type", "application/x-www-form-urlencoded"),
                None => self.client.get(at.clone()),
            };
            let cookies = self.cookies.iter().map(|(n, v)| format!("{n}={v}"));
            let cookies: Vec<String> = cookies.collect();
            let answer = request
                .header("cookie", cookies.join("; "))
                .send()
                .await
                .unwrap();
            for cookie in answer.headers().get_all("set-cookie") {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            if let Some(location) = answer.headers().get("location") {
                at = at.join(location.to_str().unwrap()).unwrap();
                if at.as_str().starts_with(REDIRECT) {
                    return Ended::Callback(at.query().unwrap_or_default().to_owned());
                }
                continue;
            }
            let status = answer.status().as_u16();
            let page = answer.text().await.unwrap();
            let action = page.split("action=\"").nth(1);
            let Some(action) = action.and_then(|rest| rest.split('"').next()) else {
                return Ended::Page(status);
            };
            form = Some(if page.contains("value=\"login\"") {
                "prompt=login&login=mia&password=x"
            } else {
                "prompt=consent"
            });
            at = at.join(action).unwrap();
        }
        panic!("{address} leads nowhere");
    }
}

/// How often a client was given tokens, and how often not.
pub async fn told(base: &str, client_id: &str) -> (u64, u64) {
    let answer = client().get(format!("{base}/told")).send().await.unwrap();
    let told: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let count = |how: &str| told[client_id][how].as_u64().unwrap_or_default();
    (count("granted"), count("refused"))
}

/// Whether an access token opens something there.
pub async fn opens(base: &str, token: &str) -> bool {
    let asked = client().get(format!("{base}/me")).bearer_auth(token);
    asked.send().await.unwrap().status().is_success()
}

/// The real way out, which may ask that server although it is inside.
pub fn outside(base: &str) -> Outside {
    let pair = base.trim_start_matches("http://");
    Outside::new(Allowed::parse(pair).unwrap())
}
