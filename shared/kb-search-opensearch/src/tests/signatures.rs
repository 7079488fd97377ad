//! The signature of a request, by AWS's description of it and without any code of theirs.

use super::{Request, answer, listen, question, serve};
use crate::{Config, Keys, OpenSearchIndex, Service, Signing};
use kb_domain::{Clock, Timestamp};
use kb_search::SearchIndex;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// As the examples of AWS have it.
const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2015-08-30T12:36:00Z.
const THEN: Timestamp = Timestamp(1_440_938_160_000_000);

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        THEN
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |with: u8| block.map(|b| b ^ with);
    let inner = Sha256::new()
        .chain_update(padded(0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha256::new().chain_update(padded(0x5c)).chain_update(inner);
    outer.finalize().to_vec()
}

fn signature(canonical: &str, at: &str, region: &str, service: &str) -> String {
    let day = &at[..8];
    let ctx = format!("{day}/{region}/{service}/aws4_request");
    let text = format!(
        "AWS4-HMAC-SHA256\n{at}\n{ctx}\n{}",
        hex(&Sha256::digest(canonical))
    );
    let key = format!("AWS4{SECRET}").into_bytes();
    let key = [day, region, service, "aws4_request"]
        .iter()
        .fold(key, |key, part| hmac(&key, part.as_bytes()));
    hex(&hmac(&key, text.as_bytes()))
}

/// The value of `name=` in an Authorization header.
fn field<'a>(authorization: &'a str, name: &str) -> &'a str {
    let (_, rest) = authorization.split_once(&format!("{name}=")).unwrap();
    rest.split(',').next().unwrap()
}

/// Signs a request anew as it came, and compares.
fn assert_signed(request: &Request, service: &str) {
    let authorization = &request.headers["authorization"];
    let signed = field(authorization, "SignedHeaders");
    for needed in ["host", "x-amz-content-sha256", "x-amz-date"] {
        assert!(
            signed.split(';').any(|name| name == needed),
            "{needed} in {signed}"
        );
    }
    let body = hex(&Sha256::digest(&request.body));
    assert_eq!(request.headers["x-amz-content-sha256"], body);
    let headers = signed
        .split(';')
        .map(|name| format!("{name}:{}\n", request.headers[name]));
    // What was escaped in the path is escaped once more; an asterisk and a comma are sent as they are and escaped here.
    let path = request.path.replace('%', "%25");
    let path = path.replace('*', "%2A").replace(',', "%2C");
    let mut query: Vec<&str> = request.query.split('&').collect();
    query.sort_unstable();
    let canonical = [
        request.method.clone(),
        path,
        query.join("&"),
        headers.collect(),
        signed.to_owned(),
        body,
    ];
    let at = &request.headers["x-amz-date"];
    assert_eq!(at, "20150830T123600Z");
    let ctx = format!("{ID}/20150830/eu-central-1/{service}/aws4_request");
    assert_eq!(field(authorization, "Credential"), ctx);
    let wanted = signature(&canonical.join("\n"), at, "eu-central-1", service);
    assert_eq!(field(authorization, "Signature"), wanted);
}

fn signing(service: Service, session: Option<&str>) -> Signing {
    Signing {
        service,
        region: "eu-central-1".to_owned(),
        keys: Keys {
            id: ID.to_owned(),
            secret: SECRET.to_owned(),
            session: session.map(str::to_owned),
        },
        clock: Arc::new(Fixed),
    }
}

/// The case "get-vanilla" of the published test suite.
#[test]
fn our_own_signature_is_that_of_the_published_example() {
    let empty = hex(&Sha256::digest(b""));
    let headers = "host:example.amazonaws.com\nx-amz-date:20150830T123600Z\n";
    let canonical = format!("GET\n/\n\n{headers}\nhost;x-amz-date\n{empty}");
    assert_eq!(
        hex(&Sha256::digest(&canonical)),
        "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63"
    );
    let found = signature(&canonical, "20150830T123600Z", "us-east-1", "service");
    assert_eq!(
        found,
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    );
}

#[tokio::test]
async fn requests_are_signed_as_aws_describes_it() {
    let found = r#"{"hits": {"hits": []}}"#;
    for (service, name) in [(Service::Domain, "es"), (Service::Serverless, "aoss")] {
        for session in [None, Some("a//session+token=")] {
            let (listener, endpoint) = listen().await;
            let config = Config {
                signing: Some(signing(service, session)),
                ..Config::at(&endpoint)
            };
            let index = OpenSearchIndex::connect(config).unwrap();
            let (query, none, empty) = (question(), answer(200, found), answer(200, "{}"));
            let (request, units) = tokio::join!(serve(&listener, &none), index.search(&query));
            assert!(units.unwrap().hits.is_empty());
            assert_eq!(
                (request.method.as_str(), request.path.as_str()),
                ("POST", "/parts/_search")
            );
            assert_signed(&request, name);
            let token = request
                .headers
                .get("x-amz-security-token")
                .map(String::as_str);
            assert_eq!(token, session);
            // A path with an asterisk, and no body.
            let (request, _) = tokio::join!(serve(&listener, &empty), index.remove());
            assert_eq!(
                (request.method.as_str(), request.path.as_str()),
                ("GET", "/parts-*/_alias")
            );
            assert_signed(&request, name);
            // One with a comma.
            let (request, _) = tokio::join!(serve(&listener, &empty), index.refresh());
            assert_eq!(request.path, "/parts,parts-next/_refresh");
            assert_signed(&request, name);
        }
    }
}

#[test]
fn no_secret_is_shown() {
    let shown = format!("{:?}", signing(Service::Domain, Some("token")));
    assert!(
        shown.contains(ID) && !shown.contains("wJalr") && !shown.contains("token"),
        "{shown}"
    );
}
