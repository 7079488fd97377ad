//! Who the other side is.

use super::super::*;
use super::peer::{Act, Peer, ok};
use super::world::{LIMITS, PUBLIC, SOON, World, get, idle, post};
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

const NAME: &str = "acme.example";

/// A certificate that vouches for itself, and a server that has it.
fn certified(edit: impl FnOnce(&mut CertificateParams)) -> (CertificateDer<'static>, ServerConfig) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    edit(&mut params);
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let secret = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], secret)
        .unwrap();
    (certificate, config)
}

/// A client that trusts this certificate, where all names lead to the server.
fn client(peer: &Peer, trusted: CertificateDer<'static>) -> Outside {
    let world = World::around(peer);
    for name in [NAME, "other.example"] {
        world.name(name, &[PUBLIC]);
    }
    let roots: Roots = Arc::new(move || {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.clone()).unwrap();
        Ok(roots)
    });
    Outside::on(world, roots, Allowed::default())
}

#[tokio::test]
async fn a_server_that_is_who_it_says_is_asked() {
    let (certificate, config) = certified(|_| {});
    let peer = Peer::with_tls(Act::Keep(ok("yes")), config).await;
    let client = client(&peer, certificate);
    for _ in 0..2 {
        let answer = client.send(get("https://ACME.example/a?b=c"), LIMITS).await;
        assert_eq!(answer.unwrap().body(), "yes");
        idle().await;
    }
    let seen = peer.seen();
    assert_eq!(seen.connections.len(), 1);
    assert!(
        seen.requests[0].starts_with("GET /a?b=c HTTP/1.1\r\n"),
        "{:?}",
        seen.requests
    );
    assert!(
        CryptoProvider::get_default().is_none(),
        "nothing is installed for the process"
    );
}

#[tokio::test]
async fn a_server_that_is_somebody_else_is_sent_nothing() {
    let (right, served) = certified(|_| {});
    let (unknown, _) = certified(|_| {});
    let (late, expired) = certified(|params| params.not_after = rcgen::date_time_ymd(2020, 1, 1));
    for (trusted, config, address) in [
        (unknown, served.clone(), "https://acme.example/"),
        (right, served, "https://other.example/"),
        (late, expired, "https://acme.example/"),
    ] {
        let peer = Peer::with_tls(Act::Keep(ok("yes")), config).await;
        let answer = client(&peer, trusted)
            .send(post(address, "secret"), LIMITS)
            .await;
        assert!(
            matches!(&answer, Err(FetchError::NotSent(why)) if why.contains("certificate")),
            "{answer:?}"
        );
        assert_eq!(peer.connections().await, 1);
        assert_eq!(peer.seen().requests, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_server_without_tls_is_sent_nothing() {
    let (certificate, _) = certified(|_| {});
    for act in [Act::Close, Act::Say(ok("yes"))] {
        let peer = Peer::new(act).await;
        let client = client(&peer, certificate.clone());
        let answer = client
            .send(post("https://acme.example/", "secret"), SOON)
            .await;
        assert!(matches!(answer, Err(FetchError::NotSent(_))), "{answer:?}");
        assert!(!peer.seen().requests.concat().contains("secret"));
    }
}

/// The end of a body that has no length is told by TLS; a connection that is only cut has not ended it.
#[tokio::test]
async fn a_body_ends_when_its_server_says_so() {
    let said = b"HTTP/1.1 200 OK\r\n\r\nhalf".to_vec();
    let (certificate, config) = certified(|_| {});
    let whole = Peer::with_tls(Act::Say(said.clone()), config.clone()).await;
    let answer = client(&whole, certificate.clone())
        .send(get("https://acme.example/"), LIMITS)
        .await;
    assert_eq!(answer.unwrap().body(), "half");
    let cut = Peer::with_tls(Act::Cut(said), config).await;
    let answer = client(&cut, certificate)
        .send(get("https://acme.example/"), LIMITS)
        .await;
    assert!(matches!(answer, Err(FetchError::NoAnswer(_))), "{answer:?}");
}

#[test]
fn a_certificate_that_cannot_be_read_does_no_harm() {
    let (good, _) = certified(|_| {});
    let mut found = CertificateResult::default();
    let nothing = roots_of(found).unwrap_err().to_string();
    assert!(nothing.contains("SSL_CERT_FILE"), "{nothing}");
    found = CertificateResult::default();
    found.certs = vec![CertificateDer::from(vec![1, 2, 3]), good];
    assert_eq!(roots_of(found).unwrap().len(), 1);
}
