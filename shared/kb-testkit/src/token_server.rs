//! A partner's token server in memory: consent, codes that are good once, refresh tokens that rotate, and families of tokens that die
//! when an older one is shown.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, header};
use kb_fetch::{Fetch, FetchError, Limits};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What becomes of the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// It is done and answered.
    Fine,
    /// Nothing is done; the answer is a status with a body.
    Answers(u16, &'static str),
    /// It is done; the answer is a status without what was made.
    DoneAndAnswers(u16),
    /// There is no connection.
    NotReached,
    /// It arrives nowhere, and nobody answers.
    Lost,
    /// It is done, and the answer is lost.
    DoneAndLost,
    /// Nobody answers; it is done later, by [`TokenServer::arrive`].
    Late,
    /// It is done; the answer cannot be read.
    Garbage,
}

#[derive(Debug)]
struct Code {
    challenge: String,
    client: String,
    redirect: String,
    family: Option<usize>,
}

#[derive(Debug, Default)]
struct Family {
    newest: u64,
    is_dead: bool,
}

/// A call as it came in.
#[derive(Clone, Debug)]
pub struct TokenCall {
    /// Path and query.
    pub path: String,
    /// The media type.
    pub media: String,
    /// The header by which the caller says who it is.
    pub authorization: String,
    /// Its fields.
    pub fields: BTreeMap<String, String>,
    /// What it may take.
    pub limits: Limits,
}

#[derive(Debug, Default)]
struct State {
    codes: BTreeMap<String, Code>,
    families: Vec<Family>,
    calls: Vec<TokenCall>,
    weather: VecDeque<Weather>,
    late: Vec<TokenCall>,
    reused: Vec<usize>,
}

/// The server. Its addresses are `https://partner.example/{authorize,token,revoke,current,tokens/N}`.
pub struct TokenServer {
    mark: String,
    seconds: u64,
    state: Mutex<State>,
}

impl TokenServer {
    /// A server whose tokens all hold `mark`, and whose access tokens are good for so many seconds.
    pub fn new(mark: &str, seconds: u64) -> Self {
        Self {
            mark: mark.to_owned(),
            seconds,
            state: Mutex::default(),
        }
    }

    /// A person consents: the query of the callback. Panics where the request for it is not as it must be.
    pub fn consent(&self, authorize_url: &str) -> String {
        let url: url::Url = authorize_url.parse().expect("an address");
        let fields: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(url.path(), "/authorize");
        assert_eq!(fields["response_type"], "code");
        assert_eq!(fields["code_challenge_method"], "S256");
        let mut state = self.state();
        let code = format!("code-{}-{}", self.mark, state.codes.len());
        state.codes.insert(
            code.clone(),
            Code {
                challenge: fields["code_challenge"].clone(),
                client: fields["client_id"].clone(),
                redirect: fields["redirect_uri"].clone(),
                family: None,
            },
        );
        let mut answer = url::form_urlencoded::Serializer::new(String::new());
        answer.append_pair("code", &code);
        answer.append_pair("state", &fields["state"]);
        answer.append_pair("iss", "https://partner.example");
        answer.finish()
    }

    /// What becomes of the next calls, one after the other; then all is fine.
    pub fn forecast(&self, weather: impl IntoIterator<Item = Weather>) {
        self.state().weather.extend(weather);
    }

    /// From now on all is fine.
    pub fn clear(&self) {
        self.state().weather.clear();
    }

    /// Calls that are late.
    pub fn late(&self) -> usize {
        self.state().late.len()
    }

    /// The oldest late call arrives.
    pub fn arrive(&self) {
        let mut state = self.state();
        if !state.late.is_empty() {
            let call = state.late.remove(0);
            self.answer(&mut state, &call);
        }
    }

    /// Every call, oldest first.
    pub fn calls(&self) -> Vec<TokenCall> {
        self.state().calls.clone()
    }

    /// How many there were.
    pub fn called(&self) -> usize {
        self.state().calls.len()
    }

    /// The families that died because an older token of theirs was shown, in the order in which they did.
    pub fn reused(&self) -> Vec<usize> {
        self.state().reused.clone()
    }

    /// Whether an access token opens something: it is the newest of a family that lives.
    pub fn opens(&self, access: &str) -> bool {
        let state = self.state();
        let of = self.read(access, "at");
        of.is_some_and(|(family, n)| {
            let family = &state.families[family];
            !family.is_dead && family.newest == n
        })
    }

    /// Whether the newest pair of a family is the one that holds this token.
    pub fn is_newest(&self, access: &str) -> bool {
        let of = self.read(access, "at");
        of.is_some_and(|(family, n)| self.state().families[family].newest == n)
    }

    /// The family of an access token.
    pub fn family(&self, access: &str) -> Option<usize> {
        self.read(access, "at").map(|(family, _)| family)
    }

    /// A person takes a family back there.
    pub fn kill(&self, family: usize) {
        self.state().families[family].is_dead = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn token(&self, kind: &str, family: usize, n: u64) -> String {
        format!("{kind}.{family}.{n}.{}", self.mark)
    }

    /// Family and number of a token of ours.
    fn read(&self, token: &str, kind: &str) -> Option<(usize, u64)> {
        let mut parts = token.splitn(4, '.');
        (parts.next()? == kind).then_some(())?;
        let family = parts.next()?.parse().ok()?;
        let n = parts.next()?.parse().ok()?;
        (parts.next()? == self.mark).then_some((family, n))
    }

    fn pair(&self, state: &State, family: usize) -> Value {
        let n = state.families[family].newest;
        json!({
            "access_token": self.token("at", family, n),
            "refresh_token": self.token("rt", family, n),
            "token_type": "Bearer",
            "expires_in": self.seconds,
            "scope": "read write",
        })
    }

    fn answer(&self, state: &mut State, call: &TokenCall) -> (u16, Value) {
        let refused = (400, json!({"error": "invalid_grant"}));
        let field = |name: &str| call.fields.get(name).map_or("", String::as_str);
        match (call.path.as_str(), field("grant_type")) {
            ("/token", "authorization_code") => {
                let verifier = Sha256::digest(field("code_verifier").as_bytes());
                let family = state.families.len();
                let Some(code) = state.codes.get_mut(field("code")) else {
                    return refused;
                };
                if let Some(family) = code.family {
                    // A code that is shown twice takes back what it was good for.
                    state.families[family].is_dead = true;
                    return refused;
                }
                let is_his = code.challenge == base64_url(&verifier)
                    && code.redirect == field("redirect_uri")
                    && (field("client_id") == code.client || !call.authorization.is_empty());
                if !is_his {
                    return refused;
                }
                code.family = Some(family);
                state.families.push(Family::default());
                (200, self.pair(state, family))
            }
            ("/token", "refresh_token") => {
                let Some((family, n)) = self.read(field("refresh_token"), "rt") else {
                    return refused;
                };
                let of = &mut state.families[family];
                if of.is_dead || of.newest != n {
                    if !of.is_dead {
                        state.reused.push(family);
                    }
                    state.families[family].is_dead = true;
                    return refused;
                }
                of.newest += 1;
                (200, self.pair(state, family))
            }
            ("/revoke", _) => {
                let token = field("token");
                let of = self.read(token, "rt").or_else(|| self.read(token, "at"));
                if let Some((family, _)) = of {
                    state.families[family].is_dead = true;
                }
                (200, Value::Null)
            }
            ("/current", _) => match self.read(bearer(call), "at") {
                Some((family, _)) if !state.families[family].is_dead => {
                    (200, json!({"token": {"id": family}}))
                }
                _ => (401, Value::Null),
            },
            (path, _) => match path.strip_prefix("/tokens/").map(str::parse::<usize>) {
                Some(Ok(family)) => {
                    state.families[family].is_dead = true;
                    (204, Value::Null)
                }
                _ => (404, Value::Null),
            },
        }
    }
}

fn bearer(call: &TokenCall) -> &str {
    call.authorization
        .strip_prefix("Bearer ")
        .unwrap_or_default()
}

/// Base 64 as RFC 7636 wants it.
fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn read(request: &Request<Bytes>, limits: Limits) -> TokenCall {
    let header = |name| {
        let value = request.headers().get(name);
        value.map_or(String::new(), |v| v.to_str().unwrap_or_default().to_owned())
    };
    let media = header(header::CONTENT_TYPE);
    let fields = if media == "application/json" {
        let body: BTreeMap<String, Value> =
            serde_json::from_slice(request.body()).expect("JSON as it says");
        let plain = |value: Value| value.as_str().map_or(value.to_string(), str::to_owned);
        body.into_iter()
            .map(|(name, value)| (name, plain(value)))
            .collect()
    } else {
        url::form_urlencoded::parse(request.body())
            .into_owned()
            .collect()
    };
    TokenCall {
        path: request.uri().path().to_owned(),
        media,
        authorization: header(header::AUTHORIZATION),
        fields,
        limits,
    }
}

#[async_trait]
impl Fetch for TokenServer {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, FetchError> {
        let call = read(&request, limits);
        let mut state = self.state();
        let weather = state.weather.pop_front().unwrap_or(Weather::Fine);
        let respond = |status: u16, body: String| {
            let response = Response::builder()
                .status(status)
                .header(header::CONTENT_TYPE, "application/json");
            Ok(response.body(Bytes::from(body)).expect("a status"))
        };
        let silent = Err(FetchError::NoAnswer("timeout".to_owned()));
        if weather == Weather::NotReached {
            return Err(FetchError::NotSent("connection refused".to_owned()));
        }
        state.calls.push(call.clone());
        match weather {
            Weather::Answers(status, body) => respond(status, body.to_owned()),
            Weather::Lost => silent,
            Weather::Late => {
                state.late.push(call);
                silent
            }
            done => {
                let (status, body) = self.answer(&mut state, &call);
                match done {
                    Weather::DoneAndAnswers(status) => respond(status, String::new()),
                    Weather::DoneAndLost => silent,
                    Weather::Garbage => respond(200, "<html>".to_owned()),
                    _ => respond(status, body.to_string()),
                }
            }
        }
    }
}
