//! Everything that may go wrong once, at one of four points of one call.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use kb_connectors::fakes::zendesk::FakeZendesk;
use kb_domain::{Clock, Timestamp};
use kb_fetch::{Fetch, FetchError, Limits};
use kb_identity::secret_keys::{DataKey, SecretKeys, VaultClosed};
use kb_store::{Error, Key, Page, Query, Row, Table, TableName, Transaction, Version};
use kb_testkit::MockClock;
use std::future::pending;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Notify;

/// What goes wrong. `tests/e2e/crm_faults.rs` asks a real server for those of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    NotReached,
    NoAnswer,
    HalfBody,
    NoJson,
    GoodError,
    Unauthorized,
    Forbidden,
    Absent,
    Conflict,
    Gone,
    BusySeconds,
    BusyDate,
    BusySilently,
    Unavailable,
    Redirect,
    TooLarge,
    ClockAhead,
    ClockBack,
    Revoked,
    Killed,
    TableSilent,
    VaultClosed,
}

impl Trouble {
    pub const ALL: [Self; 22] = [
        Self::NotReached,
        Self::NoAnswer,
        Self::HalfBody,
        Self::NoJson,
        Self::GoodError,
        Self::Unauthorized,
        Self::Forbidden,
        Self::Absent,
        Self::Conflict,
        Self::Gone,
        Self::BusySeconds,
        Self::BusyDate,
        Self::BusySilently,
        Self::Unavailable,
        Self::Redirect,
        Self::TooLarge,
        Self::ClockAhead,
        Self::ClockBack,
        Self::Revoked,
        Self::Killed,
        Self::TableSilent,
        Self::VaultClosed,
    ];

    /// What the caller gets in place of an answer; `None` for what goes wrong on our side or with the grant.
    fn answer(self) -> Option<Result<Response<Bytes>, FetchError>> {
        let says = |status: u16, headers: &[(&str, &str)], body: &str| {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(*name, *value);
            }
            Some(Ok(response.body(Bytes::from(body.to_owned())).unwrap()))
        };
        match self {
            Self::NotReached => Some(Err(FetchError::NotSent("connection refused".to_owned()))),
            Self::NoAnswer => Some(Err(FetchError::NoAnswer("nothing within 10s".to_owned()))),
            Self::HalfBody => says(200, &[], "{\"articles\": [{\"id\": 36"),
            Self::NoJson => says(200, &[], "<h1>Maintenance</h1>"),
            Self::GoodError => says(200, &[], r#"{"error": "Oops", "description": "Try again"}"#),
            Self::Unauthorized => says(401, &[], r#"{"error": "invalid_token"}"#),
            Self::Forbidden => says(403, &[], r#"{"error": "Forbidden"}"#),
            Self::Absent => says(404, &[], r#"{"error": "RecordNotFound"}"#),
            Self::Conflict => says(409, &[], r#"{"error": "Conflict"}"#),
            Self::Gone => says(410, &[], r#"{"error": "Gone"}"#),
            Self::BusySeconds => says(429, &[("retry-after", "90")], "{}"),
            Self::BusyDate => {
                let later = [
                    ("date", "Tue, 24 Nov 2026 08:00:00 GMT"),
                    ("retry-after", "Tue, 24 Nov 2026 08:01:10 GMT"),
                ];
                says(429, &later, "{}")
            }
            Self::BusySilently => says(429, &[], ""),
            Self::Unavailable => says(503, &[], "Down for maintenance"),
            Self::Redirect => says(302, &[("location", "https://elsewhere.example/")], ""),
            Self::TooLarge => Some(Err(FetchError::TooLarge(20_000_000))),
            _ => None,
        }
    }

    /// The step of our clock, in seconds.
    fn step(self) -> i64 {
        match self {
            Self::ClockAhead => 600,
            Self::ClockBack => -600,
            _ => 0,
        }
    }
}

/// When it goes wrong. What is no answer strikes with the call, on the answer's way, before the next write of ours, or right after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The call never arrives.
    Before,
    /// The other side does it later.
    During,
    /// It is done, and the answer is another one.
    After,
    /// What came of it is written here; the next call meets it.
    Written,
}

impl Point {
    pub const ALL: [Self; 4] = [Self::Before, Self::During, Self::After, Self::Written];
}

/// What one case does.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub trouble: Trouble,
    pub point: Point,
    /// Which of the calls, from 0.
    pub call: usize,
    /// What the path of the call begins with.
    pub path: &'static str,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing will happen.
    #[default]
    Quiet,
    /// So many calls go well first.
    Waits(usize),
    /// At the next write of ours.
    AtWrite,
    /// At the next call.
    AtCall,
    /// It has happened.
    Struck,
}

#[derive(Default)]
struct State {
    case: Option<Case>,
    stage: Stage,
    /// The table or the vault is away.
    lasts: bool,
    late: Vec<(Request<Bytes>, Limits)>,
    calls: usize,
}

/// The clock of the other side: ours may step, theirs does not.
pub struct Theirs {
    ours: Arc<MockClock>,
    ahead: AtomicI64,
}

impl Theirs {
    pub fn like(ours: Arc<MockClock>) -> Arc<Self> {
        Arc::new(Self {
            ours,
            ahead: AtomicI64::new(0),
        })
    }

    /// Steps our clock.
    fn step_ours(&self, seconds: i64) {
        self.ours.advance(seconds);
        self.ahead.fetch_sub(seconds, Ordering::Relaxed);
    }
}

impl Clock for Theirs {
    fn now(&self) -> Timestamp {
        self.ours
            .now()
            .plus_seconds(self.ahead.load(Ordering::Relaxed))
    }
}

/// Stands between us and everything: the way out, the table, and the keys of the vault.
pub struct Between {
    fake: Arc<FakeZendesk>,
    theirs: Arc<Theirs>,
    fetch: Arc<dyn Fetch>,
    table: Arc<dyn Table>,
    keys: Arc<dyn SecretKeys>,
    state: Mutex<State>,
    killed: Notify,
}

impl Between {
    pub fn new(
        fake: Arc<FakeZendesk>,
        theirs: Arc<Theirs>,
        fetch: Arc<dyn Fetch>,
        table: Arc<dyn Table>,
        keys: Arc<dyn SecretKeys>,
    ) -> Arc<Self> {
        Arc::new(Self {
            fake,
            theirs,
            fetch,
            table,
            keys,
            state: Mutex::default(),
            killed: Notify::new(),
        })
    }

    /// From now on the case may happen.
    pub fn arm(&self, case: Case) {
        *self.state() = State {
            case: Some(case),
            stage: Stage::Waits(case.call),
            ..State::default()
        };
    }

    /// It is over; whether it has happened.
    pub fn heal(&self) -> bool {
        let state = std::mem::take(&mut *self.state());
        let case = state.case.expect("armed before");
        let struck = state.stage == Stage::Struck;
        if struck {
            self.theirs.step_ours(-case.trouble.step());
        }
        struck
    }

    /// Ends when the process is to be killed.
    pub async fn killed(&self) {
        self.killed.notified().await;
    }

    /// How many calls came since it was armed.
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The case, if it happens now at this stage.
    fn happens(&self, at: Stage) -> Option<Trouble> {
        let mut state = self.state();
        let case = state.case.filter(|_| state.stage == at)?;
        state.stage = Stage::Struck;
        Some(case.trouble)
    }

    /// What goes wrong on our side, or with the grant.
    async fn strike(&self, trouble: Trouble) {
        match trouble {
            Trouble::Revoked => self.fake.revoke_grants(),
            Trouble::Killed => {
                self.killed.notify_one();
                pending::<()>().await;
            }
            Trouble::TableSilent | Trouble::VaultClosed => self.state().lasts = true,
            _ => self.theirs.step_ours(trouble.step()),
        }
    }

    fn lasts(&self, trouble: Trouble) -> bool {
        let state = self.state();
        state.lasts && state.case.is_some_and(|case| case.trouble == trouble)
    }

    fn demand_table(&self) -> Result<(), Error> {
        if self.lasts(Trouble::TableSilent) {
            return Err(Error::unavailable("away"));
        }
        Ok(())
    }

    fn demand_keys(&self) -> Result<(), VaultClosed> {
        if self.lasts(Trouble::VaultClosed) {
            return Err(VaultClosed::Silent("away".to_owned()));
        }
        Ok(())
    }

    /// Whether this call is the one.
    fn is_met(&self, request: &Request<Bytes>) -> Option<Case> {
        let mut state = self.state();
        let case = state.case?;
        if !request.uri().path().starts_with(case.path) {
            return None;
        }
        state.calls += 1;
        match state.stage {
            Stage::Waits(0) => {
                let is_ours = case.trouble.answer().is_none();
                state.stage = match case.point {
                    Point::Written => Stage::AtWrite,
                    Point::After if is_ours => Stage::AtWrite,
                    _ => Stage::Struck,
                };
                (state.stage == Stage::Struck).then_some(case)
            }
            Stage::Waits(n) => {
                state.stage = Stage::Waits(n - 1);
                None
            }
            _ => None,
        }
    }
}

#[async_trait]
impl Fetch for Between {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, FetchError> {
        let late = std::mem::take(&mut self.state().late);
        for (request, limits) in late {
            let _ = self.fetch.send(request, limits).await;
        }
        if let Some(trouble) = self.happens(Stage::AtCall) {
            return trouble.answer().expect("others strike at the write");
        }
        let Some(case) = self.is_met(&request) else {
            return self.fetch.send(request, limits).await;
        };
        match (case.trouble.answer(), case.point) {
            (None, Point::Before) => {
                self.strike(case.trouble).await;
                self.fetch.send(request, limits).await
            }
            (None, _) => {
                let answer = self.fetch.send(request, limits).await;
                self.strike(case.trouble).await;
                answer
            }
            (Some(answer), Point::During) => {
                self.state().late.push((request, limits));
                answer
            }
            (Some(answer), Point::After) => {
                self.fetch.send(request, limits).await?;
                answer
            }
            (Some(answer), _) => answer,
        }
    }
}

/// The table behind it.
pub struct Behind(pub Arc<Between>);

#[async_trait]
impl Table for Behind {
    async fn get(&self, table: TableName, key: &Key, now: i64) -> Result<Option<Row>, Error> {
        self.0.demand_table()?;
        self.0.table.get(table, key, now).await
    }

    async fn get_many(
        &self,
        table: TableName,
        keys: &[Key],
        now: i64,
    ) -> Result<Vec<Option<Row>>, Error> {
        self.0.demand_table()?;
        self.0.table.get_many(table, keys, now).await
    }

    async fn query(&self, table: TableName, query: &Query) -> Result<Page, Error> {
        self.0.demand_table()?;
        self.0.table.query(table, query).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<Version, Error> {
        let between = &self.0;
        let (case, stage) = {
            let state = between.state();
            (state.case, state.stage)
        };
        let case = case.filter(|_| stage == Stage::AtWrite);
        let at = |point| case.is_some_and(|case| case.point == point);
        if at(Point::After)
            && let Some(trouble) = between.happens(Stage::AtWrite)
        {
            between.strike(trouble).await;
        }
        between.demand_table()?;
        let written = between.table.commit(transaction).await?;
        if at(Point::Written) {
            if case.is_some_and(|case| case.trouble.answer().is_some()) {
                between.state().stage = Stage::AtCall;
            } else if let Some(trouble) = between.happens(Stage::AtWrite) {
                between.strike(trouble).await;
            }
        }
        Ok(written)
    }

    async fn add_get(
        &self,
        table: TableName,
        key: &Key,
        n: i64,
        now_us: u64,
        expires_at: i64,
    ) -> Result<i64, Error> {
        self.0.demand_table()?;
        let table_of = &self.0.table;
        table_of.add_get(table, key, n, now_us, expires_at).await
    }

    async fn walk(
        &self,
        table: TableName,
        part: u32,
        parts: u32,
        limit: usize,
        cursor: Option<String>,
    ) -> Result<Page, Error> {
        self.0.demand_table()?;
        let table_of = &self.0.table;
        table_of.walk(table, part, parts, limit, cursor).await
    }
}

#[async_trait]
impl SecretKeys for Between {
    async fn key(&self, purpose: &str, number: u32) -> Result<Option<DataKey>, VaultClosed> {
        self.demand_keys()?;
        self.keys.key(purpose, number).await
    }

    async fn make(&self, purpose: &str, number: u32) -> Result<bool, VaultClosed> {
        self.demand_keys()?;
        self.keys.make(purpose, number).await
    }
}
