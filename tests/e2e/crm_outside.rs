//! A help desk outside of the program: every call goes over TLS to a server on loopback that names lead to. It listens at port 443,
//! which a user without rights may not.

use crate::crm_connect::{consent_url, decided};
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
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const HOST: &str = "quillgo.zendesk.com";
const CERTIFICATE: &str = "ca.pem";
const HOSTS: &str = "hosts";
pub const PUBLIC: &str = "http://localhost:8600";
/// Debian: apt-get install libnss-wrapper.
const NAMES: &str = "libnss_wrapper.so";

/// A help desk behind TLS, and what a program must be told so that it finds it.
pub struct Outside {
    pub fake: Arc<FakeZendesk>,
    place: TempDir,
}

impl Outside {
    /// One that answers at `address`, of this machine and used by nobody else, with so many articles in these languages.
    pub async fn start(address: &str, languages: &[&str], articles: u64) -> Self {
        let place = tempfile::tempdir().unwrap();
        let fake = help_desk(languages, articles);
        serve(address, fake.router(), &place.path().join(CERTIFICATE)).await;
        std::fs::write(place.path().join(HOSTS), format!("{address} {HOST}\n")).unwrap();
        Self { fake, place }
    }

    pub fn environment(&self) -> [(&'static str, String); 5] {
        let file = |name: &str| self.place.path().join(name).to_str().unwrap().to_owned();
        [
            ("LD_PRELOAD", NAMES.to_owned()),
            ("NSS_WRAPPER_HOSTS", file(HOSTS)),
            ("SSL_CERT_FILE", file(CERTIFICATE)),
            ("SIDENOTE_FETCH_ALLOW", format!("{HOST}:443")),
            ("SIDENOTE_PUBLIC_URL", PUBLIC.to_owned()),
        ]
    }

    /// Signs in by a link and consents to the connection at this address of ours.
    pub async fn consent(&self, browser: &mut Browser, link: &str, url: &str) {
        let (_, code) = link.split_once('#').unwrap();
        let (status, _, page) = browser.form("/sign-in", format!("code={code}")).await;
        assert_eq!(status, 303, "{page}");
        let path = url.strip_prefix(PUBLIC).unwrap();
        let connect = format!("{path}/connect");
        let (status, _, page) = browser.form(&connect, String::new()).await;
        assert_eq!(status, 200, "{page}");
        let web = Local::new(HOST, self.fake.router());
        let query = decided(&web, &consent_url(&page), "allow").await;
        let back = format!("/connect/callback/zendesk?{query}");
        let (status, to, page) = browser.page(&back).await;
        assert_eq!((status, to.as_str()), (303, path), "{page}");
    }
}

/// Serves over TLS, by a certificate that is put at `path`.
async fn serve(address: &str, router: Router, path: &Path) {
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
    let listener = TcpListener::bind((address, 443)).await;
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

fn help_desk(languages: &[&str], articles: u64) -> Arc<FakeZendesk> {
    let ids = Arc::new(SystemIds);
    let fake = FakeZendesk::new("quillgo", languages, Arc::new(SystemClock), ids);
    fake.register(Client {
        id: "sidenote".to_owned(),
        redirects: vec![format!("{PUBLIC}/connect/callback/zendesk")],
    });
    let category = fake.create_category(&[("en-us", "Scanners"), ("zh-cn", "扫描枪")]);
    let section = fake.create_section(category, None, &[("en-us", "Use")]);
    for n in 0..articles {
        let text = |language: &&str| match *language {
            "en-us" => NewText::published(language, &format!("Heron {n}"), "<p>Charge it.</p>"),
            "zh-cn" => NewText::published(language, &format!("苍鹭 {n}"), "<p>请充电。</p>"),
            _ => NewText::published(language, &format!("蒼鷺 {n}"), "<p>請充電。</p>"),
        };
        fake.create_article(NewArticle {
            section,
            texts: languages.iter().map(text).collect(),
            segment: None,
            labels: Vec::new(),
        });
    }
    fake
}

/// A browser that follows nothing, keeps cookies by hand, and comes from our own pages.
pub struct Browser {
    http: reqwest::Client,
    base: String,
    cookies: Vec<String>,
}

impl Browser {
    pub fn new(base: String) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build();
        Self {
            http: http.unwrap(),
            base,
            cookies: Vec::new(),
        }
    }

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

    pub async fn form(&mut self, path: &str, body: String) -> (u16, String, String) {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(body)).await
    }

    pub async fn page(&mut self, path: &str) -> (u16, String, String) {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }
}

/// The commands of the README's block that connects a help desk.
pub fn commands() -> Vec<String> {
    let readme = include_str!("../../README.md");
    let (_, section) = readme
        .split_once("## Connect your help desk in ten minutes")
        .unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    block.lines().map(str::to_owned).collect()
}
