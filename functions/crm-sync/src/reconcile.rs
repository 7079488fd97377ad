//! Everything they have, beside everything we have of it: at the start, every night, and when somebody asks.

use crate::bringing::{AFTER_DEATH_SECONDS, Bringing, Ended, again};
use crate::sink::Articles;
use async_trait::async_trait;
use kb_actions::connections::{self, RECONCILE};
use kb_connectors::{Class, Reconciled, reconcile};
use kb_domain::Timestamp;
use kb_domain::remote::Use;
use kb_events::{Job, Ran, Timer};
use kb_runtime::feature::Works;

/// Seconds of a day, and of the hour at which everything is compared.
const DAY_SECONDS: i64 = 86_400;
const NIGHT_SECONDS: i64 = 2 * 3_600;
/// Seconds until a listing begins anew that they could not give whole.
const ANEW_SECONDS: i64 = 3_600;
/// The longest wait while it does not answer, and the wait after something was refused, in seconds.
const WAIT_MAX_SECONDS: i64 = 300;

/// The job.
pub(crate) struct Reconcile {
    works: Works,
}

impl Reconcile {
    pub(crate) fn new(works: Works) -> Self {
        Self { works }
    }

    async fn reconcile(&self, timer: &Timer, now: Timestamp) -> Result<Ran, Ended> {
        let mut bringing = Bringing::of(&self.works, timer, Class::Bulk).await?;
        if !bringing.connection.value.writes(Use::KnowledgeIn) {
            return Ok(Ran::Done);
        }
        let shape = bringing.shape().await?;
        bringing.settle(&shape, None).await?;
        let connection = &bringing.connection.value;
        let sink = Articles {
            sync: bringing.sync(&shape),
            told: None,
        };
        let stream = bringing.stream(now);
        let run = bringing.kb.ids().uuid().simple().to_string();
        let may_vanish = |of| connection.may_vanish(Use::KnowledgeIn, of);
        loop {
            let kb = &bringing.kb;
            match reconcile(&stream, &*bringing.source, &sink, &run, may_vanish).await? {
                Reconciled::More if kb.now() < bringing.until => {}
                Reconciled::More => return Ok(again(kb.now())),
                Reconciled::Done(listing) => {
                    connections::listed(kb, connection.id).await?;
                    connections::compared(kb, connection.id, listing.listed).await?;
                    return Ok(again(next_night(now)));
                }
                Reconciled::Held { missing, of } => {
                    connections::hold(kb, connection.id, missing, of).await?;
                    return Ok(again(next_night(now)));
                }
                Reconciled::Overtaken => return Ok(again(next_night(now))),
                Reconciled::Stuck => return Ok(again(now.plus_seconds(ANEW_SECONDS))),
                Reconciled::Stopped(fault) => return Err(fault.into()),
            }
        }
    }
}

#[async_trait]
impl Job for Reconcile {
    fn name(&self) -> &'static str {
        RECONCILE
    }

    fn after_death(&self) -> Option<i64> {
        Some(AFTER_DEATH_SECONDS)
    }

    fn wait_max(&self) -> i64 {
        WAIT_MAX_SECONDS
    }

    async fn run(&self, timer: &Timer, now: Timestamp) -> Ran {
        match self.reconcile(timer, now).await {
            Ok(ran) => ran,
            Err(Ended::Stale) => again(now.plus_seconds(1)),
            Err(ended) => {
                // A listing that was begun lies in its row and goes on: what is refused now may be answered then.
                let id = timer.subject.parse().ok();
                let next = now.plus_seconds(WAIT_MAX_SECONDS);
                Bringing::end(&self.works.kb, id, ended, again(next)).await
            }
        }
    }
}

/// The same moment of the night for every clock, so that two timers meet and go on as one.
fn next_night(now: Timestamp) -> Timestamp {
    let passed = (now.unix_seconds() - NIGHT_SECONDS).div_euclid(DAY_SECONDS);
    Timestamp::default().plus_seconds((passed + 1) * DAY_SECONDS + NIGHT_SECONDS)
}
