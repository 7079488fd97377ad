//! The names of the sections above an article stand on its parts, for ranking. When a section is renamed or moved, or a portal
//! opens or closes, no row of an article is touched: this job looks through the articles of the portal afterwards.

use crate::reconcile::repair;
use async_trait::async_trait;
use kb_actions::{Error, Kb};
use kb_domain::{NodeId, PortalId, SectionId, Timestamp};
use kb_events::{Change, Event, EventHandler, FollowUp, Happened, Job, Ran, Timer};
use kb_store::Outcome;
use kb_store::repo::Articles;
use serde::{Deserialize, Serialize};

/// The job's name.
const NAME: &str = "index.paths";
/// Articles that one run looks at.
const LOOKED_AT_MAX: usize = 200;
/// What changes in the same minute is looked after at once.
const MINUTE_SECONDS: i64 = 60;

/// Lays the timer that an event calls for.
pub(crate) struct Follow;

#[async_trait]
impl EventHandler for Follow {
    async fn handle(&self, event: &Event) -> Result<FollowUp, Outcome> {
        Ok(FollowUp {
            timers: timer_of(event).into_iter().collect(),
            ..FollowUp::default()
        })
    }
}

/// The timer that an event calls for. The same event has the same one.
fn timer_of(event: &Event) -> Option<Timer> {
    // A node that was added or deleted has no articles.
    let (Happened::PortalChanged { portal, .. }
    | Happened::TreeChanged {
        portal,
        change: Change::Changed,
        ..
    }) = event.what
    else {
        return None;
    };
    let minute = event.at.unix_seconds().div_euclid(MINUTE_SECONDS) + 1;
    let at = Timestamp::default().plus_seconds(minute * MINUTE_SECONDS);
    Some(Timer::new(NAME, &portal.to_string(), at))
}

/// How far a look through the articles of a portal came.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Reached {
    section: Option<SectionId>,
    cursor: Option<String>,
}

/// The job.
pub(crate) struct Paths {
    kb: Kb,
}

impl Paths {
    pub(crate) fn new(kb: Kb) -> Self {
        Self { kb }
    }

    /// Looks at some articles, from a state of an earlier run on; answers the state to go on from.
    async fn look(&self, portal: PortalId, reached: Reached) -> Result<Option<Reached>, Error> {
        let gate = self.kb.gate().await?;
        let tree = match self.kb.tree(&gate, portal).await {
            Ok(tree) => tree,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut sections: Vec<SectionId> = (tree.value.nodes())
            .filter_map(|node| match node.id {
                NodeId::Section(id) => Some(id),
                NodeId::Category(_) => None,
            })
            .collect();
        sections.sort();
        let mut cursor = reached.cursor;
        let mut looked = 0;
        for section in sections {
            if reached.section.is_some_and(|reached| section < reached) {
                continue;
            }
            loop {
                let left = LOOKED_AT_MAX - looked;
                if left == 0 {
                    self.kb.index().refresh().await?;
                    return Ok(Some(Reached {
                        section: Some(section),
                        cursor,
                    }));
                }
                let store = self.kb.store();
                let (placed, next) =
                    Articles::in_section(store, section, left, None, cursor.take()).await?;
                for (article, _) in placed {
                    looked += 1;
                    repair(&self.kb, &**self.kb.index(), article).await?;
                }
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
        }
        self.kb.index().refresh().await?;
        Ok(None)
    }
}

#[async_trait]
impl Job for Paths {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn run(&self, timer: &Timer, now: Timestamp) -> Ran {
        let reached = match timer.state() {
            Ok(reached) => reached,
            Err(error) => return Ran::Failed(error),
        };
        let looked = match timer.subject.parse() {
            Ok(portal) => self.look(portal, reached).await,
            Err(malformed) => Err(Error::from(malformed)),
        };
        match looked {
            Ok(Some(reached)) => Ran::again(now, &reached),
            Ok(None) => Ran::Done,
            Err(error) => error.into(),
        }
    }
}
