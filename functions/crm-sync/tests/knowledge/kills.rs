//! A first sync that is killed again and again ends as one that nobody disturbs; and what it costs.

use crate::desk::Desk;
use kb_actions::connections::Step;
use kb_connectors::fakes::zendesk::{NewArticle, NewText};
use kb_domain::Locale;
use kb_events::Jobs;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// How often it is killed: `SIDENOTE_TEST_ROUNDS`, or a few times. There are twenty articles for each.
fn kills() -> usize {
    kb_runtime::system::environment("SIDENOTE_TEST_ROUNDS").map_or(5, |n| n.parse().unwrap())
}

/// Polls a future so often and drops it then; whether it has ended.
async fn cut(future: impl Future, polls: usize) -> bool {
    let (mut future, mut left) = (pin!(future), polls);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending if left == 0 => Poll::Ready(false),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

impl Desk {
    /// One with so many articles in three languages, which is started and has not run yet.
    async fn started(seed: u64, articles: usize) -> Self {
        let mut desk = Self::new(seed, 0).await;
        for n in 0..articles {
            let text = |language: &str, title: &str| {
                NewText::published(language, &format!("{title} {n}"), &crate::desk::body(n))
            };
            let number = desk.fake.create_article(NewArticle {
                section: desk.section,
                texts: vec![
                    text("en-us", "Invoice"),
                    text("zh-cn", "发票"),
                    text("zh-tw", "發票"),
                ],
                segment: None,
                labels: vec!["billing".to_owned()],
            });
            desk.numbers.push(number);
        }
        desk.world.advance(60);
        desk.step(Step::Try).await;
        desk.run().await;
        desk.step(Step::Start).await;
        desk
    }

    /// Runs what is due and kills it at one of its awaits; whether it had ended before.
    async fn killed(&mut self, polls: usize) -> bool {
        let (store, clock) = (self.world.store.clone(), self.world.clock.clone());
        let clock = Jobs::new(store, clock, self.jobs());
        self.world.touched();
        let ended = cut(clock.run_due(&|| true), polls).await;
        // Whoever was killed holds what it claimed until its lease ends; one that was killed ten times comes back within the hour.
        self.world.advance(if ended { 3_600 } else { 130 });
        if ended {
            // The grant of these tests is no longer good then.
            self.consent().await;
        }
        self.drain().await;
        ended
    }

    /// Minutes until everything is in.
    async fn finish(&mut self) -> usize {
        for minutes in 1..10_000 {
            self.minute().await;
            let ctx = self.ctx().await;
            let status = kb_actions::connections::status(self.kb(), &ctx, self.id).await;
            let status = status.unwrap();
            if status.listing.is_none() && status.written() > 0 && status.waiting == 0 {
                return minutes;
            }
        }
        panic!("it does not end");
    }

    /// What came in of every article, by its number there.
    pub async fn state(&self) -> BTreeMap<u64, String> {
        let mut state = BTreeMap::new();
        for number in &self.numbers {
            let ours = self.ours(*number).await;
            let ours = ours.unwrap_or_else(|| panic!("{number} is not here"));
            let texts = ours.translations.iter().map(|t| {
                let t = &t.value;
                (t.locale.clone(), t.live_title.clone(), t.live.is_some())
            });
            let mut texts: Vec<(Locale, Option<String>, bool)> = texts.collect();
            texts.sort();
            let head = &ours.head.value;
            let told = format!(
                "{:?} {} {:?} {texts:?}",
                head.state, head.audience, head.labels
            );
            state.insert(*number, told);
        }
        state
    }
}

/// The largest that this process has been, in megabytes.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kb = line.and_then(|l| l.trim().split(' ').next()?.parse::<u64>().ok());
    kb.unwrap_or_default() / 1_024
}

#[tokio::test]
async fn a_first_sync_that_is_killed_ends_as_a_quiet_one_and_a_second_look_writes_nothing() {
    let kills = kills();
    let articles = kills * 20;
    let mut quiet = Desk::started(51, articles).await;
    let before = peak_mb();
    let minutes = quiet.finish().await;
    println!(
        "{articles} articles in three languages: {minutes} minutes at the vendor's limits, {} MB more at the peak",
        peak_mb() - before
    );
    let events = quiet.events().await;
    quiet.step(Step::Reconcile).await;
    let asked = quiet.events().await;
    for _ in 0..minutes + 2 {
        quiet.minute().await;
    }
    assert_eq!(quiet.events().await, asked, "{events} before");

    let mut desk = Desk::started(52, articles).await;
    let (mut cut, mut polls) = (0, 7_usize);
    for n in 0..kills {
        // Another await each time, near and far: the more articles, the longer a run.
        polls = (polls * 131 + 7 * n) % (articles * 3 / 2);
        cut += usize::from(!desk.killed(polls).await);
    }
    assert!(cut > kills / 4, "{cut} of {kills} were in the middle");
    desk.finish().await;
    assert_eq!(desk.numbers, quiet.numbers);
    assert_eq!(desk.state().await, quiet.state().await);
    assert_eq!(desk.nodes().await, quiet.nodes().await);
    println!("{cut} of {kills} kills were in the middle of a run");
}
