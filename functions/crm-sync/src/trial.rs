//! A trial run: everything is read and counted, and nothing of it is written.

use crate::bringing::{Bringing, Ended, PAGE, again};
use async_trait::async_trait;
use kb_actions::connections::{self, TRIAL};
use kb_actions::sync::Report;
use kb_connectors::{Class, Next, State};
use kb_domain::Timestamp;
use kb_domain::remote::Cursor;
use kb_events::{Job, Ran, Timer};
use kb_runtime::feature::Works;
use serde::{Deserialize, Serialize};

/// No listing has so many pages, but for one that never ends.
const PAGES_MAX: u32 = 20_000;
/// The longest wait while it does not answer, in seconds.
const WAIT_MAX_SECONDS: i64 = 300;

/// How far a trial run has come.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Reached {
    cursor: Option<Cursor>,
    pages: u32,
}

/// The job.
pub(crate) struct Trial {
    works: Works,
}

impl Trial {
    pub(crate) fn new(works: Works) -> Self {
        Self { works }
    }

    async fn run_on(&self, timer: &Timer, reached: &mut Reached) -> Result<Ran, Ended> {
        let mut bringing = Bringing::of(&self.works, timer, Class::Live).await?;
        let shape = bringing.shape().await?;
        let id = bringing.id();
        let mut report = match reached.pages {
            0 => Report::begun(bringing.kb.now(), &shape),
            _ => connections::report(&bringing.kb, id)
                .await?
                .unwrap_or_default(),
        };
        loop {
            let page = bringing
                .source
                .listed(reached.cursor.as_ref(), PAGE)
                .await?;
            for change in &page.items {
                match &change.state {
                    State::Whole(theirs) => report.count(bringing.sync(&shape), theirs),
                    State::NeedsFetch => {
                        let ids = std::slice::from_ref(&change.id);
                        for found in bringing.source.fetch(ids).await? {
                            if let State::Whole(theirs) = found.state {
                                report.count(bringing.sync(&shape), &theirs);
                            }
                        }
                    }
                    State::Unreadable(_) => report.unreadable += 1,
                    State::Gone(_) => {}
                }
            }
            reached.pages += 1;
            let is_same = |cursor: &Cursor| reached.cursor.as_ref() == Some(cursor);
            let next = match page.next {
                Next::More(cursor) | Next::Overflow(cursor, _)
                    if !is_same(&cursor) && reached.pages < PAGES_MAX =>
                {
                    Some(cursor)
                }
                _ => None,
            };
            if next.is_none() {
                report.ended_at = Some(bringing.kb.now());
            }
            connections::keep_report(&bringing.kb, id, &report).await?;
            let Some(next) = next else {
                return Ok(Ran::Done);
            };
            reached.cursor = Some(next);
            if bringing.kb.now() >= bringing.until {
                return Ok(Ran::again(bringing.kb.now(), reached));
            }
        }
    }
}

#[async_trait]
impl Job for Trial {
    fn name(&self) -> &'static str {
        TRIAL
    }

    fn wait_max(&self) -> i64 {
        WAIT_MAX_SECONDS
    }

    async fn run(&self, timer: &Timer, now: Timestamp) -> Ran {
        let mut reached: Reached = match timer.state() {
            Ok(reached) => reached,
            Err(error) => return Ran::Failed(error),
        };
        match self.run_on(timer, &mut reached).await {
            Ok(ran) => ran,
            Err(ended) => {
                let next = match reached.pages {
                    0 => again(now.plus_seconds(WAIT_MAX_SECONDS)),
                    _ => Ran::again(now.plus_seconds(WAIT_MAX_SECONDS), &reached),
                };
                let id = timer.subject.parse().ok();
                Bringing::end(&self.works.kb, id, ended, next).await
            }
        }
    }
}
