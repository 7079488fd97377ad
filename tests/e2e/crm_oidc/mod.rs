//! Consent, renewal and revocation at a real token server, which `tests/engines/up oidc` has started: one that kills a family of tokens
//! when an older one is shown. The processes that renew one grant are real ones, on one table of an emulator in this process.

use crate::harness;
use crate::lambda::program;
use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{Request, Response};
use kb_domain::{ConnectionId, IdGen, Timestamp};
use kb_fetch::{Fetch, FetchError, Limits, Outside};
use kb_identity::grants::{ConnectError, Grants, PROCESS_MAX_SECONDS, Reconnect};
use kb_identity::oauth::Registration;
use kb_runtime::system::{SystemClock, SystemIds};
use kb_store::Embedded;
use secrecy::{ExposeSecret, SecretString};
use sidenote_tests::oidc::{Browser, Ended, SECRET, grants, opens, outside, registration, told};
use sidenote_tests::stack::{create_tables, fresh_settings, in_process, server};
use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// The client of the processes.
const CLIENT: &str = "many";
const PROCESSES: usize = 20;
/// How long access tokens are good there, in seconds.
const LIFE: i64 = 3_600;

fn now() -> Timestamp {
    kb_domain::Clock::now(&SystemClock)
}

fn base() -> String {
    server("SIDENOTE_TEST_OIDC")
}

/// Grants on a table in memory.
struct Desk {
    grants: Grants,
    connection: ConnectionId,
    registration: Registration,
    sent: Arc<Recorder>,
    _keys: tempfile::TempDir,
}

/// Keeps what was sent last.
struct Recorder {
    outside: Outside,
    last: Mutex<Option<Request<Bytes>>>,
}

impl Recorder {
    fn last(&self) -> Request<Bytes> {
        self.last.lock().unwrap().clone().unwrap()
    }

    /// Whether a request is answered well.
    async fn again(&self, request: Request<Bytes>) -> bool {
        let limits = Limits {
            total: Duration::from_secs(10),
            bytes: 100_000,
        };
        let answer = self.outside.send(request, limits).await;
        answer.unwrap().status().is_success()
    }
}

/// The request of one who has not begun the consent.
fn with_another_verifier(request: &Request<Bytes>) -> Request<Bytes> {
    let form = std::str::from_utf8(request.body()).unwrap();
    let (before, behind) = form.split_once("code_verifier=").unwrap();
    let form = format!("{before}code_verifier={}{}", "0".repeat(64), &behind[64..]);
    request.clone().map(|_| Bytes::from(form))
}

#[async_trait]
impl Fetch for Recorder {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, FetchError> {
        *self.last.lock().unwrap() = Some(request.clone());
        self.outside.send(request, limits).await
    }
}

impl Desk {
    fn new(client: &str) -> Self {
        let keys = tempfile::tempdir().unwrap();
        let table = Embedded::in_memory(None).unwrap();
        let sent = Arc::new(Recorder {
            outside: outside(&base()),
            last: Mutex::default(),
        });
        Self {
            grants: grants(table, keys.path(), sent.clone()),
            sent,
            connection: ConnectionId::new(SystemIds.uuid()),
            registration: registration(&base(), client),
            _keys: keys,
        }
    }

    async fn bearer(&self, now: Timestamp) -> Result<String, ConnectError> {
        let token = self
            .grants
            .bearer(self.connection, &self.registration, now)
            .await?;
        Ok(token.expose_secret().to_owned())
    }

    async fn refused(&self, token: &str, now: Timestamp) -> Result<String, ConnectError> {
        let token = SecretString::from(token);
        let next = self
            .grants
            .refused(self.connection, &self.registration, &token, now)
            .await?;
        Ok(next.expose_secret().to_owned())
    }
}

/// A person consents; answers the query of the callback, and the cookie.
async fn consent(
    grants: &Grants,
    connection: ConnectionId,
    client: &Registration,
) -> (String, String) {
    let begun = grants.begin(connection, client, now()).await.unwrap();
    match Browser::default().go(&begun.authorize_url).await {
        Ended::Callback(query) => (query, begun.cookie.expose_secret().to_owned()),
        Ended::Page(page) => panic!("{page:?}"),
    }
}

async fn connect(grants: &Grants, connection: ConnectionId, client: &Registration) -> String {
    let (query, cookie) = consent(grants, connection, client).await;
    let answered = grants
        .answered("oidc", &query, &cookie, now())
        .await
        .unwrap();
    grants.redeem(answered, client, now()).await.unwrap();
    query
}

/// One of the processes.
struct Renewer {
    child: Child,
    asks: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Renewer {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(program("renewer"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            asks: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
        }
    }

    async fn ask(&mut self, what: &str, now: Timestamp) {
        let line = format!("{what} {}\n", now.0);
        self.asks.write_all(line.as_bytes()).await.unwrap();
    }

    /// What it says; `None` when it has died.
    async fn answer(&mut self) -> Option<String> {
        self.answers.next_line().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: tests/engines/up oidc"]
async fn case_047_twenty_processes_renew_one_grant_with_one_call_each_time() {
    let (base, endpoint) = (base(), in_process().await);
    let settings = fresh_settings(&endpoint);
    create_tables(&settings).await;
    let table = kb_store_dynamodb::DynamoTable::new(settings.clone(), Arc::new(SystemIds));
    let keys = tempfile::tempdir().unwrap();
    let grants = grants(Arc::new(table), keys.path(), Arc::new(outside(&base)));
    let (connection, client) = (
        ConnectionId::new(SystemIds.uuid()),
        registration(&base, CLIENT),
    );
    connect(&grants, connection, &client).await;

    let key = settings.credentials.access_key_id();
    let (keys, id) = (keys.path().to_str().unwrap(), connection.to_string());
    let arguments = [
        &base,
        CLIENT,
        &endpoint,
        &settings.main,
        &settings.log,
        key,
        keys,
        &id,
    ];
    let mut processes: Vec<Renewer> = (0..PROCESSES).map(|_| Renewer::start(&arguments)).collect();
    let (granted, refused) = told(&base, CLIENT).await;
    let (mut at, mut tokens, mut dead) = (now(), BTreeSet::new(), 0);
    let rotations = harness::rounds(40);
    for rotation in 1..=rotations {
        at = at.plus_seconds(LIFE);
        let told_by_all = ask_all(&mut processes, at).await;
        let token = token(&told_by_all);
        dead += u64::from(!opens(&base, token).await);
        assert!(tokens.insert(token.to_owned()), "it was renewed");
        let calls = (granted + rotation, refused);
        assert_eq!(told(&base, CLIENT).await, calls, "one call, none refused");
    }
    assert_eq!(dead, 0);
    println!("{PROCESSES} processes, {rotations} rotations, 1 token call each, {dead} dead");

    // One dies with the answer in its hand. Its refresh token is shown once more, by one of the others, and then never again.
    at = at.plus_seconds(LIFE);
    let mut victim = processes.pop().unwrap();
    victim.ask("die", at).await;
    assert_eq!(victim.answer().await, None);
    assert!(!victim.child.wait().await.unwrap().success());
    let (granted, _) = told(&base, CLIENT).await;
    let over = BTreeSet::from(["a person must connect again: refused".to_owned()]);
    for _ in 0..3 {
        at = at.plus_seconds(PROCESS_MAX_SECONDS);
        assert_eq!(ask_all(&mut processes, at).await, over);
    }
    let calls = (granted, refused + 1);
    assert_eq!(told(&base, CLIENT).await, calls, "one more, and no loop");
    // A new consent heals all of them.
    connect(&grants, connection, &client).await;
    let told_by_all = ask_all(&mut processes, now()).await;
    assert!(opens(&base, token(&told_by_all)).await);
}

/// Asks all at once; who is told that another one renews asks again when all have answered. Answers what they were told in the end.
async fn ask_all(processes: &mut [Renewer], at: Timestamp) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    let mut waiting: Vec<&mut Renewer> = processes.iter_mut().collect();
    while !waiting.is_empty() {
        for process in &mut waiting {
            process.ask("token", at).await;
        }
        let mut busy = Vec::new();
        for process in waiting {
            match process.answer().await.unwrap() {
                answer if answer == "the grant is being renewed" => busy.push(process),
                answer => drop(told.insert(answer)),
            }
        }
        waiting = busy;
    }
    told
}

/// The one token that all were told.
fn token(told: &BTreeSet<String>) -> &str {
    assert_eq!(told.len(), 1, "all have one token: {told:?}");
    let answer = told.first().unwrap();
    let token = answer.strip_prefix("token ");
    token.unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test]
#[ignore = "needs a server: tests/engines/up oidc"]
async fn case_045_a_code_that_is_shown_again_takes_back_what_it_was_good_for() {
    for client in ["replayed", "replayed-secret"] {
        let (base, desk) = (base(), Desk::new(client));
        let secret = SecretString::from(SECRET);
        let kept = desk
            .grants
            .keep_client_secret(desk.connection, &secret, now());
        kept.await.unwrap();
        let query = connect(&desk.grants, desk.connection, &desk.registration).await;
        let redeemed = desk.sent.last();
        let later = now().plus_seconds(LIFE);
        let token = desk.bearer(later).await.unwrap();
        // The same callback once more is nothing to us, and no call.
        let calls = told(&base, client).await;
        let again = desk.grants.answered("oidc", &query, "", now()).await;
        assert!(matches!(again, Err(ConnectError::Callback)));
        assert_eq!(told(&base, client).await, calls);
        // Whoever has seen the code alone can do nothing with it.
        let of_a_stranger = with_another_verifier(&redeemed);
        assert!(!desk.sent.again(of_a_stranger).await);
        assert!(opens(&base, &token).await);
        // Whoever has seen all ends what came of it, and gets nothing.
        assert!(!desk.sent.again(redeemed).await);
        assert!(!opens(&base, &token).await);
        let over = desk.refused(&token, later.plus_seconds(60)).await;
        let over = over.unwrap_err();
        assert!(
            matches!(over, ConnectError::Reconnect(Reconnect::Refused)),
            "{over}"
        );
    }
}

#[tokio::test]
#[ignore = "needs a server: tests/engines/up oidc"]
async fn case_051_what_is_taken_back_is_dead_there_and_gone_here() {
    for client in ["revoked", "revoked-secret"] {
        let (base, desk) = (base(), Desk::new(client));
        let secret = SecretString::from(SECRET);
        desk.grants
            .keep_client_secret(desk.connection, &secret, now())
            .await
            .unwrap();
        connect(&desk.grants, desk.connection, &desk.registration).await;
        let token = desk.bearer(now()).await.unwrap();
        assert!(opens(&base, &token).await);
        desk.grants
            .revoke(desk.connection, &desk.registration, now())
            .await
            .unwrap();
        assert!(!opens(&base, &token).await);
        let gone = desk.bearer(now()).await.unwrap_err();
        assert!(
            matches!(gone, ConnectError::Reconnect(Reconnect::NoConsent)),
            "{gone}"
        );
    }
}

#[tokio::test]
#[ignore = "needs a server: tests/engines/up oidc"]
async fn what_has_ended_there_is_renewed_no_more() {
    let (base, desk) = (base(), Desk::new("brief"));
    connect(&desk.grants, desk.connection, &desk.registration).await;
    let token = desk.bearer(now()).await;
    // Its second is over once the server says so.
    if let Ok(token) = &token {
        while opens(&base, token).await {
            tokio::task::yield_now().await;
        }
    }
    let later = now().plus_seconds(PROCESS_MAX_SECONDS);
    let mut told = desk.bearer(later).await;
    while told.is_ok() {
        told = desk.bearer(later.plus_seconds(PROCESS_MAX_SECONDS)).await;
    }
    let over = told.unwrap_err();
    assert!(
        matches!(over, ConnectError::Reconnect(Reconnect::Refused)),
        "{over}"
    );
}

#[tokio::test]
#[ignore = "needs a server: tests/engines/up oidc"]
async fn case_046_an_answer_of_another_issuer_and_a_way_back_that_is_nearly_ours_are_refused() {
    let (base, desk) = (base(), Desk::new("mixed"));
    let (query, cookie) = consent(&desk.grants, desk.connection, &desk.registration).await;
    assert!(query.contains("iss="), "{query}");
    for issuer in [
        format!("{base}/"),
        base.replace("127.0.0.1", "localhost"),
        "https://accounts.example".to_owned(),
    ] {
        let other = Registration {
            issuer: Some(issuer),
            ..desk.registration.clone()
        };
        let answered = desk
            .grants
            .answered("oidc", &query, &cookie, now())
            .await
            .unwrap();
        let refused = desk.grants.redeem(answered, &other, now()).await;
        assert!(matches!(refused, Err(ConnectError::Callback)));
    }
    let answered = desk
        .grants
        .answered("oidc", &query, &cookie, now())
        .await
        .unwrap();
    desk.grants
        .redeem(answered, &desk.registration, now())
        .await
        .unwrap();

    let own = &desk.registration.redirect;
    let nearly = [
        own.replace("oidc", "oidc/"),
        own.replace("oidc", "OIDC"),
        own.replace("oidc", "oidc2"),
        own.replace("/oidc", ""),
        own.replace("callback", "callback/../callback"),
        own.replace("/connect", "//connect"),
        own.replace("http:", "https:"),
        own.replace("127.0.0.1", "127.0.0.2"),
        own.replace("127.0.0.1", "localhost"),
        own.replace("127.0.0.1", "127.0.0.1.example"),
        own.replace("127.0.0.1", "evil@127.0.0.1"),
        own.replace("127.0.0.1", "[::1]"),
        own.replace("127.0.0.1", "2130706433"),
        format!("{own}?"),
        format!("{own}?x=1"),
        format!("{own}#x"),
        format!("{own}%20"),
        format!("{own};x"),
        own.replace("oidc", "%6Fidc"),
        own.replace("http://", "com.example:/"),
    ];
    assert_eq!(nearly.len(), 20);
    for redirect in nearly {
        let other = Registration {
            redirect: redirect.clone(),
            ..desk.registration.clone()
        };
        let begun = desk.grants.begin(desk.connection, &other, now()).await;
        if let Ok(begun) = begun {
            let ended = Browser::default().go(&begun.authorize_url).await;
            assert_eq!(ended, Ended::Page(400), "{redirect}");
        }
    }
}
