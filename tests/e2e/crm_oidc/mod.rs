//! Consent, renewal and revocation at a real token server, which `tests/engines/up oidc` has started: one that kills a family of tokens
//! when an older one is shown. The processes that renew one grant are real ones, on one table of an emulator in this process.

use crate::lambda::program;
use kb_domain::{ConnectionId, IdGen, Timestamp};
use kb_identity::grants::{ConnectError, Grants, PROCESS_MAX_SECONDS, Reconnect};
use kb_identity::oauth::Registration;
use kb_runtime::system::{SystemClock, SystemIds};
use kb_store::Embedded;
use secrecy::{ExposeSecret, SecretString};
use sidenote_tests::oidc::{
    Browser, Direct, Ended, SECRET, grants, opens, redeemed, registration, told,
};
use sidenote_tests::stack::{create_tables, fresh_settings, in_process, server};
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const PROCESSES: usize = 20;
const ROTATIONS: usize = 200;
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
    _keys: tempfile::TempDir,
}

impl Desk {
    fn new(client: &str) -> Self {
        let keys = tempfile::tempdir().unwrap();
        let table = Embedded::in_memory(None).unwrap();
        Self {
            grants: grants(table, keys.path(), Arc::new(Direct::default())),
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
        other => panic!("{other:?}"),
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
    let grants = grants(Arc::new(table), keys.path(), Arc::new(Direct::default()));
    let (connection, client) = (
        ConnectionId::new(SystemIds.uuid()),
        registration(&base, "public"),
    );
    connect(&grants, connection, &client).await;

    let key = settings.credentials.access_key_id();
    let (keys, id) = (keys.path().to_str().unwrap(), connection.to_string());
    let arguments = [
        &base,
        "public",
        &endpoint,
        &settings.main,
        &settings.log,
        key,
        keys,
        &id,
    ];
    let mut processes: Vec<Renewer> = (0..PROCESSES).map(|_| Renewer::start(&arguments)).collect();
    let (granted, refused) = told(&base).await;
    let mut at = now();
    let (mut tokens, mut dead) = (std::collections::BTreeSet::new(), 0);
    for rotation in 1..=ROTATIONS {
        at = at.plus_seconds(LIFE);
        for process in &mut processes {
            process.ask("token", at).await;
        }
        let mut answers = std::collections::BTreeSet::new();
        for process in &mut processes {
            answers.insert(process.answer().await.unwrap());
        }
        assert_eq!(answers.len(), 1, "all have one token: {answers:?}");
        let answer = answers.pop_first().unwrap();
        let token = answer
            .strip_prefix("token ")
            .unwrap_or_else(|| panic!("{answer}"));
        dead += u64::from(!opens(&base, token).await);
        assert!(tokens.insert(token.to_owned()), "it was renewed");
        let calls = (granted + rotation as u64, refused);
        assert_eq!(told(&base).await, calls, "one call, and nothing refused");
    }
    assert_eq!(dead, 0);
    println!("{PROCESSES} processes, {ROTATIONS} rotations, 1 token call each, {dead} dead");

    // One dies with the answer in its hand. Its refresh token is shown once more, by one of the others, and then never again.
    at = at.plus_seconds(LIFE);
    let mut victim = processes.pop().unwrap();
    victim.ask("die", at).await;
    assert_eq!(victim.answer().await, None);
    assert!(!victim.child.wait().await.unwrap().success());
    let (granted, _) = told(&base).await;
    for _ in 0..3 {
        at = at.plus_seconds(PROCESS_MAX_SECONDS);
        for process in &mut processes {
            process.ask("token", at).await;
        }
        for process in &mut processes {
            assert_eq!(
                process.answer().await.unwrap(),
                "a person must connect again: refused"
            );
        }
    }
    assert_eq!(
        told(&base).await,
        (granted, refused + 1),
        "one more call, and no loop"
    );
    // A new consent heals all of them.
    connect(&grants, connection, &client).await;
    for process in &mut processes {
        process.ask("token", now()).await;
        let answer = process.answer().await.unwrap();
        assert!(opens(&base, answer.strip_prefix("token ").unwrap()).await);
    }
}

#[tokio::test]
#[ignore = "needs a server: tests/engines/up oidc"]
async fn case_045_a_code_that_is_shown_again_takes_back_what_it_was_good_for() {
    for client in ["public", "confidential"] {
        let (base, desk) = (base(), Desk::new(client));
        let secret = SecretString::from(SECRET);
        desk.grants
            .keep_client_secret(desk.connection, &secret, now())
            .await
            .unwrap();
        let query = connect(&desk.grants, desk.connection, &desk.registration).await;
        let token = desk.bearer(now()).await.unwrap();
        let next = desk.bearer(now().plus_seconds(LIFE)).await.unwrap();
        assert!(token != next && opens(&base, &next).await);
        // The same callback once more is nothing to us, and no call.
        let calls = told(&base).await;
        let again = desk.grants.answered("oidc", &query, "", now()).await;
        assert!(matches!(again, Err(ConnectError::Callback)));
        assert_eq!(told(&base).await, calls);
        // Whoever has seen the code shows it to the server.
        let code = query.split('&').find(|p| p.starts_with("code=")).unwrap();
        let redirect = "redirect_uri=http%3A%2F%2F127.0.0.1%3A8600%2Fconnect%2Fcallback%2Foidc";
        let verifier = "0123456789abcdef".repeat(4);
        let form = format!(
            "grant_type=authorization_code&{code}&{redirect}&client_id={client}&code_verifier={verifier}"
        );
        assert!(!redeemed(&base, &form).await);
        let is_dead = !opens(&base, &next).await;
        assert_eq!(
            is_dead,
            client == "public",
            "a stranger who does not know the secret shows nothing"
        );
        if is_dead {
            let over = desk
                .refused(&next, now().plus_seconds(LIFE + 60))
                .await
                .unwrap_err();
            assert!(
                matches!(over, ConnectError::Reconnect(Reconnect::Refused)),
                "{over}"
            );
        }
    }
}

#[tokio::test]
#[ignore = "needs a server: tests/engines/up oidc"]
async fn case_051_what_is_taken_back_is_dead_there_and_gone_here() {
    for client in ["public", "confidential"] {
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
    let (base, desk) = (base(), Desk::new("public"));
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
