//! What partners gave us stands in clear nowhere: not in the data folder, its backup or an export, not in a log, not in what is printed
//! for whoever looks for a fault.

use crate::harness::run;
use kb_domain::{ConnectionId, IdGen};
use kb_identity::grants::{Begun, ConnectError, Grants};
use kb_identity::oauth::{ClientAuth, Registration, Revocation};
use kb_runtime::home::Home;
use kb_runtime::system::SystemIds;
use kb_store::Options;
use kb_testkit::{TokenServer, Weather};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// Every token, code and secret of the test holds it.
const CANARY: &str = "canary7f3a9c";
/// How long access tokens are good there, in seconds.
const LIFE: i64 = 100;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// The canary as it may stand somewhere: as it is, in hexadecimal, and in base 64 wherever it begins.
fn disguises(secret: &str) -> Vec<Vec<u8>> {
    use base64::Engine;
    let hex: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
    let inner = |padding: usize| {
        let text = format!("{}{secret}", "x".repeat(padding));
        let text = base64::engine::general_purpose::STANDARD.encode(text);
        // What its neighbours change is left out.
        let (from, to) = (padding.div_ceil(3) * 4, text.len() - 4);
        text.as_bytes()[from..to].to_vec()
    };
    let whole = [secret.as_bytes().to_vec(), hex.into_bytes()];
    whole.into_iter().chain((0..3).map(inner)).collect()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Files below a folder that hold one of these.
fn files_with(folder: &Path, parts: &[Vec<u8>]) -> (usize, Vec<String>) {
    let (mut seen, mut found, mut folders) = (0, Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for child in std::fs::read_dir(folder).unwrap() {
            let path = child.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // A socket is no file.
            let Ok(bytes) = std::fs::read(&path) else {
                continue;
            };
            seen += 1;
            if parts.iter().any(|part| holds(&bytes, part)) {
                found.push(path.display().to_string());
            }
        }
    }
    (seen, found)
}

fn registration() -> Registration {
    let at = |path: &str| format!("https://partner.example/{path}");
    Registration {
        vendor: "zendesk".to_owned(),
        authorize_url: at("authorize"),
        token_url: at("token"),
        revocation: Revocation::Standard { url: at("revoke") },
        client_id: "sidenote".to_owned(),
        auth: ClientAuth::Body,
        redirect: "http://127.0.0.1:8600/connect/callback/zendesk".to_owned(),
        scopes: BTreeSet::from(["read".to_owned()]),
        issuer: None,
        json_body: true,
        token_parameters: Vec::new(),
    }
}

struct Desk {
    home: Home,
    server: Arc<TokenServer>,
    grants: Grants,
    registration: Registration,
    /// What was printed of everything that can be.
    printed: Vec<String>,
    /// What must stand nowhere besides.
    secrets: Vec<String>,
}

impl Desk {
    fn open(data: &Path) -> Self {
        let home = Home::open(data, Options::default()).unwrap();
        let server = Arc::new(TokenServer::new(CANARY, LIFE.unsigned_abs()));
        let (store, ids) = (home.kb.store().clone(), home.kb.ids().clone());
        Self {
            grants: Grants::new(store, ids, home.vault.clone(), server.clone()),
            registration: registration(),
            printed: Vec::new(),
            secrets: Vec::new(),
            server,
            home,
        }
    }

    async fn begin(&mut self, connection: ConnectionId) -> (String, Begun) {
        let now = self.home.kb.now();
        let begun = self.grants.begin(connection, &self.registration, now).await;
        let begun = begun.unwrap();
        let query = self.server.consent(&begun.authorize_url);
        let state = query.split('&').find_map(|p| p.strip_prefix("state="));
        self.secrets.push(state.unwrap().to_owned());
        self.secrets.push(begun.cookie.expose_secret().to_owned());
        (query, begun)
    }

    /// Everything that a connection lives through.
    async fn live(&mut self, connection: ConnectionId) {
        let secret = SecretString::from(format!("{CANARY} of the client"));
        let kept = self
            .grants
            .keep_client_secret(connection, &secret, self.home.kb.now());
        kept.await.unwrap();
        self.printed
            .push(format!("{secret:?} {:?}", self.registration));
        let (query, begun) = self.begin(connection).await;
        let (cookie, now) = (begun.cookie.expose_secret(), self.home.kb.now());
        for broken in [
            query.replace("code=", "code=%00"),
            format!("{query}&code=x"),
        ] {
            let refused = self.grants.answered("zendesk", &broken, cookie, now).await;
            self.note(&refused.map(drop));
        }
        let answered = self
            .grants
            .answered("zendesk", &query, cookie, now)
            .await
            .unwrap();
        let granted = self.grants.redeem(answered, &self.registration, now).await;
        self.printed.push(format!("{granted:?}"));
        let error_with_token = format!(r#"{{"error":"{CANARY}","error_description":"{CANARY}"}}"#);
        let mut at = now;
        for weather in [
            Weather::Fine,
            Weather::Answers(400, error_with_token.leak()),
            Weather::Answers(503, CANARY),
            Weather::Garbage,
            Weather::NotReached,
            Weather::DoneAndLost,
        ] {
            self.server.forecast([weather]);
            at = at.plus_seconds(400);
            let token = self.grants.bearer(connection, &self.registration, at).await;
            self.printed.push(format!("{token:?}"));
            self.note(&token.map(drop));
        }
        // A consent that nobody has answered, and a token that a person pasted.
        self.begin(connection).await;
        let pasted = SecretString::from(format!("{CANARY} pasted"));
        let pasted = self
            .grants
            .paste(connection, pasted, self.home.kb.now())
            .await;
        self.printed.push(format!("{pasted:?}"));
    }

    fn note(&mut self, done: &Result<(), ConnectError>) {
        if let Err(error) = done {
            self.printed
                .push(format!("{error} {error:?} {:?}", error.kind()));
        }
    }
}

#[tokio::test]
async fn case_049_case_098_what_partners_gave_us_stands_in_clear_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let log = Log::default();
    let collector = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let collecting = tracing::subscriber::set_default(collector);
    let mut desk = Desk::open(&data);
    let connection = ConnectionId::new(SystemIds.uuid());
    desk.live(connection).await;
    let row = desk.grants.row(connection).await.unwrap().unwrap();
    desk.printed.push(format!("{row:?}"));
    drop(collecting);
    let verifiers: Vec<String> = desk
        .server
        .calls()
        .iter()
        .filter_map(|call| call.fields.get("code_verifier").cloned())
        .collect();
    assert!(!verifiers.is_empty() && desk.server.calls().len() > 5);
    let (printed, secrets) = (desk.printed.clone(), desk.secrets.clone());
    // The folder is one process's at a time.
    drop(desk);

    let told = |arguments: &[&str]| {
        let output = run(&data, arguments);
        assert!(output.status.success(), "{output:?}");
        [output.stdout, output.stderr].concat()
    };
    let out = folder.path().join("export");
    let exported = told(&["export", out.to_str().unwrap()]);
    let doctor = told(&["doctor"]);
    let mut parts: Vec<Vec<u8>> = disguises(CANARY);
    parts.extend(
        secrets
            .iter()
            .chain(&verifiers)
            .map(|s| s.as_bytes().to_vec()),
    );
    let texts = [
        printed.join("\n").into_bytes(),
        log.0.lock().unwrap().clone(),
        exported,
        doctor,
    ];
    for text in &texts {
        assert!(!text.is_empty());
        let text = String::from_utf8_lossy(text);
        for part in &parts {
            assert!(
                !holds(text.as_bytes(), part),
                "{} in {text}",
                String::from_utf8_lossy(part)
            );
        }
    }
    let (seen, found) = files_with(folder.path(), &parts);
    assert!(seen > 5 && out.exists(), "{seen}");
    assert_eq!(found, Vec::<String>::new());

    // The data key lies in its own file alone, without which the folder opens nothing.
    let key = std::fs::read(data.join("keys/vault/1")).unwrap();
    let (_, found) = files_with(folder.path(), &[key]);
    assert_eq!(found, [data.join("keys/vault/1").display().to_string()]);
}

#[test]
fn a_canary_is_found_in_every_disguise() {
    let text = format!("before {CANARY} behind");
    let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect();
    for padding in 0..3 {
        use base64::Engine;
        let text = format!("{}{text}", "y".repeat(padding));
        let text = base64::engine::general_purpose::STANDARD.encode(text);
        assert!(disguises(CANARY).iter().any(|d| holds(text.as_bytes(), d)));
    }
    assert!(disguises(CANARY).iter().any(|d| holds(hex.as_bytes(), d)));
    assert!(disguises(CANARY).iter().any(|d| holds(text.as_bytes(), d)));
}
