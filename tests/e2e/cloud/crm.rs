//! A help desk comes in on a stack: the README's commands as they stand, consent on the functions' own pages, and every call over TLS
//! to a server on loopback that names lead to. It listens at port 443, which a user without rights may not.

use super::{DOCS, Running, gateway, write};
use crate::crm_connect::{consent_url, decided};
use crate::lambda::Function;
use axum::Router;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use kb_connectors::fakes::zendesk::{Client, FakeZendesk, NewArticle, NewText};
use kb_fetch::Local;
use kb_runtime::SystemClock;
use kb_runtime::system::SystemIds;
use reqwest::redirect::Policy;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_rustls::TlsAcceptor;

const HOST: &str = "quillgo.zendesk.com";
/// An address of this machine that nobody else uses.
const ADDRESS: &str = "127.0.0.9";
const PUBLIC: &str = "http://localhost:8600";
/// Debian: apt-get install libnss-wrapper.
const NAMES: &str = "libnss_wrapper.so";
const ARTICLES: u64 = 40;

/// Serves over TLS, by a certificate that is put at `path`.
async fn serve(router: Router, path: &Path) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let text = STANDARD.encode(certificate.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    std::fs::write(path, pem).unwrap();
    let secret = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((ADDRESS, 443)).await;
    let listener = listener.expect("port 443 is free, and may be listened at");
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let (acceptor, router) = (acceptor.clone(), router.clone());
            tokio::spawn(async move {
                // A client that goes away is nothing to this server.
                if let Ok(tls) = acceptor.accept(tcp).await {
                    let service = TowerToHyperService::new(router);
                    let connection = Builder::new(TokioExecutor::new());
                    let _ = connection
                        .serve_connection(TokioIo::new(tls), service)
                        .await;
                }
            });
        }
    });
}

fn help_desk() -> Arc<FakeZendesk> {
    let languages = ["en-us", "zh-cn"];
    let ids = Arc::new(SystemIds);
    let fake = FakeZendesk::new("quillgo", &languages, Arc::new(SystemClock), ids);
    fake.register(Client {
        id: "sidenote".to_owned(),
        redirects: vec![format!("{PUBLIC}/connect/callback/zendesk")],
    });
    let category = fake.create_category(&[("en-us", "Scanners"), ("zh-cn", "扫描枪")]);
    let section = fake.create_section(category, None, &[("en-us", "Use")]);
    for n in 0..ARTICLES {
        fake.create_article(NewArticle {
            section,
            texts: vec![
                NewText::published("en-us", &format!("Heron {n}"), "<p>Charge it.</p>"),
                NewText::published("zh-cn", &format!("苍鹭 {n}"), "<p>请充电。</p>"),
            ],
            segment: None,
            labels: Vec::new(),
        });
    }
    fake
}

/// A browser that follows nothing, keeps cookies by hand, and comes from our own pages.
struct Browser {
    http: reqwest::Client,
    base: String,
    cookies: Vec<String>,
}

impl Browser {
    async fn send(&mut self, request: reqwest::RequestBuilder) -> (u16, String, String) {
        let answer = request.header("cookie", self.cookies.join("; "));
        let answer = answer.send().await.unwrap();
        let header = |name: &str| {
            let found = answer.headers().get(name);
            found.map_or(String::new(), |v| v.to_str().unwrap().to_owned())
        };
        let set = header("set-cookie");
        if let Some(pair) = set.split(';').next().filter(|pair| !pair.is_empty()) {
            self.cookies.push(pair.to_owned());
        }
        let (status, to) = (answer.status().as_u16(), header("location"));
        (status, to, answer.text().await.unwrap())
    }

    async fn form(&mut self, path: &str, body: String) -> (u16, String, String) {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(body)).await
    }

    async fn page(&mut self, path: &str) -> (u16, String, String) {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }
}

/// The commands of the README's block that connects a help desk.
fn commands() -> Vec<String> {
    let readme = include_str!("../../../README.md");
    let (_, section) = readme
        .split_once("## Connect your help desk in ten minutes")
        .unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    block.lines().map(str::to_owned).collect()
}

fn told(running: &Running, command: &str) -> Value {
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[0], "sidenote");
    running.sidenote(&words[1..])
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn row_s111_a_help_desk_comes_in_on_a_stack_by_the_commands_of_the_readme() {
    let fake = help_desk();
    let place = tempfile::tempdir().unwrap();
    let [certificate, hosts] = ["ca.pem", "hosts"].map(|name| place.path().join(name));
    serve(fake.router(), &certificate).await;
    std::fs::write(&hosts, format!("{ADDRESS} {HOST}\n")).unwrap();
    let allowed = format!("{HOST}:443");
    let other = [
        ("LD_PRELOAD", NAMES),
        ("NSS_WRAPPER_HOSTS", hosts.to_str().unwrap()),
        ("SSL_CERT_FILE", certificate.to_str().unwrap()),
        ("SIDENOTE_FETCH_ALLOW", &allowed),
        ("SIDENOTE_PUBLIC_URL", PUBLIC),
    ];
    let running = Running::start_with(&other).await;
    let environment: Vec<(&str, &str)> = running
        .stack
        .environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let start = async |name| Function::start_with(name, running.data.path(), &environment).await;
    let behind = async |name| Arc::new(Mutex::new(start(name).await));
    let connections = behind("fn-connections").await;
    let routes = vec![
        ("/sign-in", behind("fn-sign-in").await),
        ("/console/connections", connections.clone()),
        ("/connect/", connections),
    ];
    let mut clock = start("fn-jobs").await;
    let documents = running.data.path().join("docs");
    write(&documents, &DOCS);
    let import = ["import", documents.to_str().unwrap(), "--activate"];
    running.sidenote(&[&import[..], &["--audience", "public"]].concat());

    // An admin signs in, and consents on the page that the first command names.
    let person = ["person", "add", "Mia Chen", "mia@quillhaven.example"];
    let link = running.sidenote(&[&person[..], &["--roles", "admin", "--url", PUBLIC]].concat());
    let (_, code) = link["url"].as_str().unwrap().split_once('#').unwrap();
    let http = reqwest::Client::builder().redirect(Policy::none()).build();
    let mut browser = Browser {
        http: http.unwrap(),
        base: gateway::listen(routes).await,
        cookies: Vec::new(),
    };
    let (status, _, page) = browser.form("/sign-in", format!("code={code}")).await;
    assert_eq!(status, 303, "{page}");
    let commands = commands();
    assert_eq!(commands.len(), 5, "{commands:?}");
    let made = told(&running, &commands[0]);
    let path = made["url"].as_str().unwrap().strip_prefix(PUBLIC).unwrap();
    let (status, _, page) = browser
        .form(&format!("{path}/connect"), String::new())
        .await;
    assert_eq!(status, 200, "{page}");
    let web = Local::new(HOST, fake.router());
    let query = decided(&web, &consent_url(&page), "allow").await;
    let (status, to, page) = browser
        .page(&format!("/connect/callback/zendesk?{query}"))
        .await;
    assert_eq!((status, to.as_str()), (303, path), "{page}");

    told(&running, &commands[1]);
    clock.invoke(&json!({})).await.unwrap();
    let (_, _, tried) = browser.page(path).await;
    assert!(
        tried.contains(&format!("Articles that would come in</th><td>{ARTICLES}<")),
        "{tried}"
    );
    told(&running, &commands[2]);
    told(&running, &commands[3]);
    // A run has a budget of calls; what is left comes with the next.
    for _ in 0..10 {
        clock.invoke(&json!({})).await.unwrap();
        let status = running.sidenote(&["connection", "zendesk:quillgo", "status"]);
        if status["written"] == ARTICLES {
            break;
        }
    }
    let last = told(&running, &commands[4]);
    assert_eq!(
        (&last["connections"], &last["waiting"]),
        (&json!(1), &json!(0))
    );
    running.index().await;
    let caller = super::Caller::new(&running.base, "none");
    assert_eq!(caller.total("heron").await, ARTICLES);
    assert_eq!(caller.total("%E8%8B%8D%E9%B9%AD").await, ARTICLES);

    // What is archived there is gone here.
    let number = fake.shown_articles()[0].number;
    fake.archive_article(number);
    running.sidenote(&["connection", "zendesk:quillgo", "reconcile"]);
    clock.invoke(&json!({})).await.unwrap();
    assert_eq!(
        caller.total("heron").await,
        ARTICLES - 1,
        "at once, by the gate"
    );
}
