//! Each trouble at each point of a poll and of a renewal: afterwards everything is as if nothing had happened, and nothing was
//! written twice.

use crate::desk::Desk;
use crate::trouble::{Behind, Between, Case, Point, Trouble};
use fn_crm_sync::FEATURE;
use kb_actions::Kb;
use kb_connectors::fakes::zendesk::{Client, NewArticle, NewText, Segment};
use kb_connectors::registration;
use kb_domain::remote::ConnectionState;
use kb_events::Jobs;
use kb_fetch::Limits;
use kb_identity::secret_keys::BareKeys;
use kb_identity::vault::Vault;
use kb_runtime::feature::{self, Works};
use kb_store::{MemoryBlobs, Table};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Long enough for every wait that a trouble can bring.
const MINUTES: usize = 14;

/// A desk that works, with everything between it and us.
struct Matrix {
    desk: Desk,
    between: Arc<Between>,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    articles: BTreeMap<u64, String>,
    nodes: usize,
    /// How many events are about articles and portals.
    events: BTreeMap<String, usize>,
}

impl Matrix {
    async fn new(seed: u64) -> Self {
        let mut desk = Desk::new(seed, 4).await;
        let (blobs, ids) = (Arc::new(MemoryBlobs::default()), desk.kb().ids().clone());
        let between = Between::new(
            desk.fake.clone(),
            desk.theirs.clone(),
            desk.world.fetch.clone(),
            desk.kb().store().table().clone(),
            Arc::new(BareKeys::new(blobs, ids)),
        );
        desk.world.vault = vault(&desk, &between);
        desk.consent_renewably().await;
        desk.step(kb_actions::connections::Step::Try).await;
        desk.step(kb_actions::connections::Step::Start).await;
        desk.minute().await;
        desk.minute().await;
        assert_eq!(desk.articles().await.len(), 4);
        Self { desk, between }
    }

    /// What people do there between two polls.
    fn edit_there(&mut self) {
        let fake = self.desk.fake.clone();
        let desk = &mut self.desk;
        let other = fake.create_section(desk.category, None, &[("en-us", "Refunds")]);
        let staff = fake.create_segment(Segment {
            name: "Staff".to_owned(),
            user_type: "staff".to_owned(),
            ..Segment::default()
        });
        fake.edit_article(
            desk.numbers[0],
            NewText::published("en-us", "Bills", "<p>There.</p>"),
        );
        fake.move_article(desk.numbers[1], other);
        fake.set_readers(desk.numbers[2], Some(staff));
        fake.archive_article(desk.numbers[3]);
        fake.rename_section(desk.section, "en-us", "Accounts");
        let number = fake.create_article(NewArticle {
            section: other,
            texts: vec![NewText::published("en-us", "Money back", "<p>Soon.</p>")],
            segment: None,
            labels: Vec::new(),
        });
        desk.numbers.push(number);
    }

    /// A minute with whatever happens in it.
    async fn minute(&mut self) {
        self.desk.world.advance(60);
        self.desk.world.touched();
        loop {
            let (between, kb) = (&self.between, self.desk.kb());
            let store = kb.store();
            let table: Arc<dyn Table> = Arc::new(Behind(between.clone()));
            let index = kb.index().clone();
            let (clock, ids) = (kb.clock().clone(), kb.ids().clone());
            let kb = Kb::new(table, store.blobs().clone(), index, clock.clone(), ids);
            let works = Works::new(kb, between.clone(), vault(&self.desk, between));
            let jobs = feature::jobs(&[FEATURE], &works);
            let clock = Jobs::new(self.desk.world.store.clone(), clock, jobs);
            let ran = tokio::select! {
                ran = clock.run_due(&|| true) => ran.unwrap(),
                () = between.killed() => 0,
            };
            if ran == 0 {
                break;
            }
        }
        self.desk.drain().await;
    }

    /// Lets it happen, and then as many minutes pass as it takes; whether it happened, and whether a person had to consent again.
    async fn live_through(&mut self, case: Case) -> (bool, bool) {
        self.between.arm(case);
        self.minute().await;
        self.minute().await;
        let happened = self.between.heal();
        for _ in 0..MINUTES {
            self.minute().await;
        }
        let state = self.desk.connection().await.value.state;
        let reconnect = matches!(state, ConnectionState::Reconnect { .. });
        if reconnect {
            self.desk.consent_renewably().await;
            for _ in 0..MINUTES {
                self.minute().await;
            }
        }
        (happened, reconnect)
    }

    async fn outcome(&self) -> Outcome {
        let mut events = BTreeMap::new();
        for (subject, n) in self.desk.events_by_subject().await {
            let (kind, _) = subject.split_once('_').unwrap();
            if kind != "con" {
                *events.entry(kind.to_owned()).or_default() += n;
            }
        }
        Outcome {
            articles: self.desk.state().await,
            nodes: self.desk.nodes().await,
            events,
        }
    }
}

fn vault(desk: &Desk, between: &Arc<Between>) -> Vault {
    let kb = desk.kb();
    Vault::new(between.clone(), kb.clock().clone(), kb.ids().clone())
}

impl Desk {
    /// Somebody consents in a browser, so that the grant can be renewed.
    async fn consent_renewably(&mut self) {
        let home = Url::parse("http://localhost:8600").unwrap();
        let connection = self.connection().await;
        let client = registration(&connection.value, &home).unwrap();
        self.fake.register(Client {
            id: client.client_id.clone(),
            redirects: vec![client.redirect.clone()],
        });
        let fetch = self.world.fetch.clone();
        let works = Works::new(self.kb().clone(), fetch.clone(), self.world.vault.clone());
        let (grants, now) = (works.partners.grants(), self.kb().now());
        let begun = grants.begin(self.id, &client, now).await.unwrap();
        let question = Url::parse(&begun.authorize_url).unwrap();
        let press = format!("{}&decision=allow", question.query().unwrap());
        let request = http::Request::post("https://acme.zendesk.com/oauth/authorizations")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(press.into())
            .unwrap();
        let limits = Limits {
            total: Duration::from_secs(10),
            bytes: 100_000,
        };
        let answer = fetch.send(request, limits).await.unwrap();
        let back = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let query = back.query().unwrap();
        let cookie = begun.cookie.expose_secret();
        let answered = grants
            .answered("zendesk", query, cookie, now)
            .await
            .unwrap();
        grants.redeem(answered, &client, now).await.unwrap();
        let ctx = self.ctx().await;
        let granted = kb_actions::connections::granted(self.kb(), &ctx, &connection);
        granted.await.unwrap();
        self.drain().await;
    }
}

/// Every trouble at every point of so many calls (`SIDENOTE_TEST_ROUNDS`), or each at one of them.
fn cases(path: &'static str, calls: usize) -> Vec<Case> {
    let whole = kb_runtime::system::environment("SIDENOTE_TEST_ROUNDS");
    let whole: Option<usize> = whole.map(|n| n.parse().unwrap());
    let mut cases = Vec::new();
    for (n, trouble) in Trouble::ALL.into_iter().enumerate() {
        for (m, point) in Point::ALL.into_iter().enumerate() {
            for call in 0..calls {
                let chosen = match whole {
                    Some(rounds) => call < rounds,
                    None => m == n % 4 && call == (calls - 1).min(n % 7),
                };
                if chosen {
                    cases.push(Case {
                        trouble,
                        point,
                        call,
                        path,
                    });
                }
            }
        }
    }
    cases
}

#[tokio::test]
async fn whatever_happens_in_a_poll_it_ends_as_if_nothing_had() {
    let path = "/api/v2/";
    let mut quiet = Matrix::new(71).await;
    quiet.edit_there();
    let never = Case {
        trouble: Trouble::NoAnswer,
        point: Point::Before,
        call: usize::MAX,
        path,
    };
    quiet.between.arm(never);
    quiet.minute().await;
    // Most of them are made by the first poll; what is looked at again comes later.
    let calls = quiet.between.calls();
    let (happened, _) = quiet.live_through(never).await;
    assert!(!happened && calls > 6, "{calls}");
    let expected = quiet.outcome().await;
    let archived = expected
        .articles
        .values()
        .filter(|a| a.contains("Archived"));
    assert_eq!(archived.count(), 1, "{expected:?}");
    let cases = cases(path, calls);
    assert!(cases.len() >= Trouble::ALL.len());
    for case in &cases {
        let mut matrix = Matrix::new(71).await;
        matrix.edit_there();
        let (happened, reconnect) = matrix.live_through(*case).await;
        assert!(happened, "{case:?}");
        assert_eq!(reconnect, case.trouble == Trouble::Revoked, "{case:?}");
        assert_eq!(matrix.outcome().await, expected, "{case:?}");
    }
    println!("{} cases", cases.len());
}

/// Whether the next pair may have been made there without our learning of it. An old token that is shown again then ends the grant.
fn may_be_lost(case: Case) -> bool {
    match (case.trouble, case.point) {
        (Trouble::Revoked, _) => true,
        (Trouble::ClockAhead | Trouble::ClockBack | Trouble::VaultClosed, _)
        | (_, Point::Written) => false,
        // The answer comes, and cannot be kept.
        (Trouble::TableSilent, _) => true,
        (_, point) => point != Point::Before,
    }
}

#[tokio::test]
async fn whatever_happens_in_a_renewal_it_is_made_once_or_a_person_is_asked() {
    let path = "/oauth/tokens";
    let quiet = Case {
        trouble: Trouble::NoAnswer,
        point: Point::Before,
        call: usize::MAX,
        path,
    };
    let (mut expected, mut asked) = (None, 0);
    let cases = [vec![quiet], cases(path, 1)].concat();
    for case in &cases {
        let mut matrix = Matrix::new(72).await;
        let before = matrix.desk.fake.grants().1;
        // The token is over by the next poll.
        matrix.desk.world.advance(2 * 86_400);
        matrix.edit_there();
        let (happened, reconnect) = matrix.live_through(*case).await;
        assert_eq!(happened, case.call == 0, "{case:?}");
        let rotations = matrix.desk.fake.grants().1 - before;
        let least = u64::from(case.trouble != Trouble::Revoked);
        assert!((least..=1).contains(&rotations), "{case:?}: {rotations}");
        assert!(!reconnect || may_be_lost(*case), "{case:?}");
        asked += usize::from(reconnect);
        let outcome = matrix.outcome().await;
        assert_eq!(
            outcome,
            *expected.get_or_insert(outcome.clone()),
            "{case:?}"
        );
    }
    println!(
        "{} cases, in {asked} of them a person was asked",
        cases.len()
    );
}
