//! A connection at work: read anew for each run, with the other system behind it.

use kb_actions::connections;
use kb_actions::sync::{self, Sync};
use kb_actions::{Error, Kb};
use kb_connectors::{Budget, Class, Fault, KnowledgeSource, Pull};
use kb_domain::remote::{Connection, Dying, Shape, Thing, Use};
use kb_domain::{ConnectionId, Timestamp};
use kb_events::{Ran, Timer};
use kb_runtime::feature::Works;
use kb_store::record::Stored;
use kb_store::repo::{Connections, Counterparts};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How long a run asks, in seconds; its claim holds four times as long.
pub(crate) const RUN_SECONDS: i64 = 25;
/// A connection whose run ended the process again and again is tried anew each hour, in seconds: nobody else would begin it.
pub(crate) const AFTER_DEATH_SECONDS: i64 = 3_600;
/// Things on a page.
pub(crate) const PAGE: usize = 100;
/// How often places are brought here anew, since another run brings them at the same moment.
const PLACINGS_MAX: usize = 5;
/// Calls that a run makes at most.
const CALLS_MAX: u32 = 200;
/// So many open narrowings, and nothing more is brought in until the index has caught up: each is read with every request.
const NARROWINGS_MAX: usize = 200;
/// Seconds until it is looked at again.
const CATCH_UP_SECONDS: i64 = 5;

/// A connection with the other system behind it.
pub(crate) struct Bringing {
    pub kb: Kb,
    pub connection: Stored<Connection>,
    pub source: Arc<dyn KnowledgeSource>,
    /// No page is begun after this.
    pub until: Timestamp,
}

/// Why a run does not go on.
pub(crate) enum Ended {
    /// As a job says it.
    Ran(Ran),
    /// The other system said so.
    Fault(Fault),
    /// Somebody else has just written what this run read.
    Stale,
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        if error.is_stale() {
            return Self::Stale;
        }
        Self::Ran(error.into())
    }
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<kb_store::Error> for Ended {
    fn from(error: kb_store::Error) -> Self {
        Error::from(error).into()
    }
}

impl Bringing {
    /// The connection that a timer names. Errors: it is not to ask now, or the index is behind.
    pub async fn of(works: &Works, timer: &Timer, class: Class) -> Result<Self, Ended> {
        let id = timer.subject.parse::<ConnectionId>();
        let id = id.map_err(|error| Ended::Ran(Ran::Failed(error.to_string())))?;
        let found = Connections::one(works.kb.store(), id).await?;
        let asks = |c: &Stored<Connection>| c.value.asks(Use::KnowledgeIn);
        // Whoever starts or resumes it lays the timers anew.
        let connection = found.filter(asks).ok_or(Ended::Ran(Ran::Done))?;
        Self::with(works, connection, class).await
    }

    /// This connection. Errors: the index is behind.
    pub async fn with(
        works: &Works,
        connection: Stored<Connection>,
        class: Class,
    ) -> Result<Self, Ended> {
        let now = works.kb.now();
        let gate = works.kb.gate().await?;
        if gate.narrowings.len() >= NARROWINGS_MAX {
            return Err(Ended::Ran(again(now.plus_seconds(CATCH_UP_SECONDS))));
        }
        let until = now.plus_seconds(RUN_SECONDS);
        let budget = Budget::new(CALLS_MAX, until);
        let source = works.partners.knowledge(&connection.value, class, budget)?;
        Ok(Self {
            kb: works.kb.clone(),
            connection,
            source,
            until,
        })
    }

    pub fn id(&self) -> ConnectionId {
        self.connection.value.id
    }

    /// Reads places, languages and reader rules. Languages that are met for the first time get a locale.
    pub async fn shape(&mut self) -> Result<Shape, Ended> {
        let shape = self.source.shape().await?;
        let known = self.connection.clone();
        self.connection = connections::meet_languages(&self.kb, known, &shape).await?;
        Ok(shape)
    }

    pub fn sync<'a>(&'a self, shape: &'a Shape) -> Sync<'a> {
        Sync {
            kb: &self.kb,
            connection: &self.connection.value,
            shape,
        }
    }

    /// The stream of articles. `floor`: what was there before comes by the first listing.
    pub fn stream(&self, floor: Timestamp) -> Pull<'_> {
        Pull {
            store: self.kb.store(),
            clock: &**self.kb.clock(),
            connection: self.id(),
            stream: connections::ARTICLES,
            floor,
            limit: PAGE,
        }
    }

    /// Brings places here and every article under them, if anything is other than it was at `before`; answers what it is now.
    pub async fn settle(&self, shape: &Shape, before: Option<&str>) -> Result<String, Ended> {
        let now = digest(&self.connection.value, shape);
        if before == Some(now.as_str()) {
            return Ok(now);
        }
        let sync = self.sync(shape);
        let mut placed = sync::places(sync).await;
        for _ in 0..PLACINGS_MAX {
            match placed {
                Err(error) if error.is_stale() => placed = sync::places(sync).await,
                _ => break,
            }
        }
        placed?;
        let mut cursor = None;
        loop {
            let store = self.kb.store();
            let page = Counterparts::page(store, self.id(), Thing::Article, cursor).await?;
            for known in &page.0 {
                match sync::resettle(sync, known).await {
                    Ok(_) => {}
                    // It has just changed, and whoever changed it knew the places.
                    Err(error) if error.is_stale() => {}
                    Err(error) => return Err(error.into()),
                }
            }
            cursor = page.1;
            if cursor.is_none() {
                return Ok(now);
            }
        }
    }

    /// What becomes of a run that has ended early. `next`: when it comes again where nobody says anything else.
    pub async fn end(kb: &Kb, id: Option<ConnectionId>, ended: Ended, next: Ran) -> Ran {
        if let (Some(id), Ended::Fault(fault)) = (id, &ended)
            && let Err(error) = note(kb, id, fault).await
        {
            return error.into();
        }
        match ended {
            Ended::Ran(ran) => ran,
            Ended::Stale => next,
            Ended::Fault(Fault::Busy(until)) => match next {
                Ran::Again { state, .. } => Ran::Again { at: until, state },
                _ => again(until),
            },
            Ended::Fault(Fault::Grant(why)) => {
                let Some(id) = id else {
                    return Ran::Failed(why);
                };
                match connections::needs_consent(kb, id, Dying::Refused).await {
                    Ok(()) => Ran::Done,
                    Err(error) => error.into(),
                }
            }
            Ended::Fault(fault @ Fault::Unreachable(_)) => Ran::Unavailable(fault.to_string()),
            Ended::Fault(fault) => {
                tracing::warn!(error = %fault, "another system refuses what a job asks for");
                next
            }
        }
    }
}

/// Notes what the other system said, for whoever looks at the connection.
async fn note(kb: &Kb, id: ConnectionId, fault: &Fault) -> Result<(), Error> {
    match fault {
        // The state of the connection says so.
        Fault::Grant(_) => Ok(()),
        // A budget of ours that is used up says the present moment, and is no wait.
        Fault::Busy(until) => {
            let until = (*until > kb.now()).then_some(*until);
            connections::stumbled(kb, id, None, until).await
        }
        fault => connections::stumbled(kb, id, Some(&fault.to_string()), None).await,
    }
}

pub(crate) fn again(at: Timestamp) -> Ran {
    Ran::Again {
        at,
        state: Value::Null,
    }
}

/// Everything that settles where articles stand and who reads them, besides the articles.
fn digest(connection: &Connection, shape: &Shape) -> String {
    let text = format!("{:?}\n{shape:?}", connection.mapping);
    let digest = Sha256::digest(text.as_bytes());
    digest[..16].iter().map(|b| format!("{b:02x}")).collect()
}
