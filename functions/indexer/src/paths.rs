//! The names of the sections above an article stand on its parts, for ranking. When a section is renamed or moved, or a portal
//! opens or closes, no row of an article is touched: this job looks through the articles of the portal afterwards.

use crate::reconcile::repair;
use async_trait::async_trait;
use kb_actions::{Error, Kb};
use kb_domain::{ErrorKind, NodeId, PortalId, SectionId, Timestamp};
use kb_events::{Event, EventKind, Job, Ran, Timer};
use serde_json::{Value, json};

/// The job's name.
const NAME: &str = "index.paths";
/// Articles that one run looks at.
const LOOKED_AT_MAX: usize = 200;
/// What changes in the same minute is looked after at once.
const MINUTE_SECONDS: i64 = 60;

/// The timer that an event calls for. The same event has the same one.
pub fn timer_of(event: &Event) -> Option<Timer> {
    let renames = match event.kind {
        EventKind::PortalChanged => true,
        // A node that was added or deleted has no articles.
        EventKind::TreeChanged => event.fields.iter().any(|field| field == "tree"),
        _ => false,
    };
    let minute = event.at.unix_seconds().div_euclid(MINUTE_SECONDS) + 1;
    let at = Timestamp::default().plus_seconds(minute * MINUTE_SECONDS);
    renames.then(|| Timer::new(NAME, &event.subject, at))
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
    async fn look(&self, portal: PortalId, state: &Value) -> Result<Option<Value>, Error> {
        let gate = self.kb.gate.load().await?;
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
        let reached: Option<SectionId> = state["section"].as_str().and_then(|s| s.parse().ok());
        let mut cursor = state["cursor"].as_str().map(str::to_owned);
        let mut looked = 0;
        for section in sections {
            if reached.is_some_and(|reached| section < reached) {
                continue;
            }
            loop {
                let left = LOOKED_AT_MAX - looked;
                if left == 0 {
                    self.kb.index.refresh().await?;
                    return Ok(Some(json!({"section": section, "cursor": cursor})));
                }
                let (placed, next) = self
                    .kb
                    .articles
                    .in_section(section, left, None, cursor.take())
                    .await?;
                for (article, _) in placed {
                    looked += 1;
                    repair(&self.kb, &*self.kb.index, article).await?;
                }
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
        }
        self.kb.index.refresh().await?;
        Ok(None)
    }
}

#[async_trait]
impl Job for Paths {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn run(&self, timer: &Timer, now: Timestamp) -> Ran {
        let looked = match timer.subject.parse() {
            Ok(portal) => self.look(portal, &timer.state).await,
            Err(malformed) => Err(Error::from(malformed)),
        };
        match looked {
            Ok(Some(state)) => Ran::Again { at: now, state },
            Ok(None) => Ran::Done,
            Err(error) => match error.kind() {
                ErrorKind::Unavailable | ErrorKind::Timeout => Ran::Unavailable(error.to_string()),
                _ => Ran::Failed(error.to_string()),
            },
        }
    }
}
