//! What is to be looked at by itself.

use crate::bringing::{Bringing, Ended};
use crate::sink::{Articles, Told, in_words};
use async_trait::async_trait;
use kb_actions::connections;
use kb_connectors::{Class, Fault, Looked, Why, look};
use kb_domain::remote::{Dying, RemoteId, Use};
use kb_domain::{ConnectionId, Timestamp};
use kb_events::Ran;
use kb_events::boxes::{BoxHandler, Fate, Stopped, Taken};
use kb_runtime::feature::Works;
use kb_store::repo::Connections;

/// The handler of the boxes of connections.
pub(crate) struct Hints {
    works: Works,
}

impl Hints {
    pub(crate) fn new(works: Works) -> Self {
        Self { works }
    }

    async fn look(&self, id: ConnectionId, items: &[Taken]) -> Result<Vec<Fate>, Ended> {
        let found = Connections::one(self.works.kb.store(), id).await?;
        let writes = |c: &&kb_store::Stored<_>| {
            let connection: &kb_domain::remote::Connection = &c.value;
            connection.writes(Use::KnowledgeIn)
        };
        let connection = found.as_ref().filter(writes).ok_or(Ended::Ran(Ran::Done))?;
        let mut bringing = Bringing::with(&self.works, connection.clone(), Class::Live).await?;
        let shape = bringing.shape().await?;
        let told = Told::default();
        let sink = Articles {
            sync: bringing.sync(&shape),
            told: Some(&told),
        };
        let ids: Vec<RemoteId> = items.iter().map(of_article).collect();
        let stream = bringing.stream(bringing.kb.now());
        match look(&stream, &*bringing.source, &sink, &ids).await? {
            Looked::Done => {}
            Looked::Stopped(fault) => return Err(fault.into()),
        }
        let told = told.into_inner().expect("nobody panics while it is held");
        let fate = |(id, taken): (&RemoteId, &Taken)| {
            let mut of_it = told.iter().filter(|(told, ..)| told == id);
            match of_it.next_back() {
                None => Fate::Done,
                Some((_, Why::Young, at)) => Fate::Later(*at, taken.item.payload.clone()),
                Some((_, why, _)) => Fate::Failed(in_words(why)),
            }
        };
        Ok(ids.iter().zip(items).map(fate).collect())
    }
}

fn of_article(taken: &Taken) -> RemoteId {
    RemoteId(
        taken.item.payload["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}

#[async_trait]
impl BoxHandler for Hints {
    fn handles(&self, lane: &str) -> bool {
        connection_of(lane).is_some()
    }

    async fn handle(
        &self,
        lane: &str,
        items: &[Taken],
        now: Timestamp,
    ) -> (Vec<Fate>, Option<Stopped>) {
        let Some(id) = connection_of(lane) else {
            return (Vec::new(), Some(Stopped::Idle));
        };
        let stopped = match self.look(id, items).await {
            Ok(fates) => return (fates, None),
            Err(Ended::Fault(Fault::Busy(until))) => Stopped::Busy(until),
            Err(Ended::Fault(Fault::Grant(_))) => {
                match connections::needs_consent(&self.works.kb, id, Dying::Refused).await {
                    Ok(()) => Stopped::Idle,
                    Err(error) => Stopped::Unavailable(error.to_string()),
                }
            }
            Err(Ended::Fault(fault)) => Stopped::Unavailable(fault.to_string()),
            Err(Ended::Stale) => Stopped::Busy(now.plus_seconds(1)),
            Err(Ended::Ran(Ran::Done)) => Stopped::Idle,
            Err(Ended::Ran(Ran::Again { at, .. })) => Stopped::Busy(at),
            Err(Ended::Ran(Ran::Unavailable(error) | Ran::Failed(error))) => {
                tracing::warn!(%error, "a box waits");
                Stopped::Unavailable(error)
            }
        };
        (Vec::new(), Some(stopped))
    }
}

fn connection_of(lane: &str) -> Option<ConnectionId> {
    lane.strip_prefix("con:")?.parse().ok()
}
