//! Items that are stored at the same time, so that they share durable commits; the report keeps their order.

use crate::app::App;
use crate::exit::Failure;
use kb_actions::import::{Item, Run, apply};
use kb_actions::{Kb, RequestContext};
use kb_import::plan::Planned;
use kb_store::repo::ItemOutcome;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Entries under way at the most.
const WAVE_MAX: usize = 64;

/// An entry that was taken up.
pub(super) enum Taken {
    /// An article with what became of it.
    Article {
        /// The item.
        item: Arc<Item>,
        /// What became of it.
        stored: Settled,
    },
    /// An entry that is not stored.
    Other(Planned),
}

enum Under {
    Article(Arc<Item>, JoinHandle<Result<Settled, Failure>>),
    Other(Planned),
}

/// The entries under way.
#[derive(Default)]
pub(super) struct Wave {
    under: Vec<Under>,
    articles: HashSet<String>,
    /// Folders that stand, with the language they are named in.
    folders: HashSet<String>,
    /// Places by order that are being taken: of two texts at one place the first one of the source stands first.
    places: HashSet<(String, u32)>,
    closed: bool,
}

impl Wave {
    /// Whether an entry may set out before all others have ended: not beside another text of the same article, nor before the
    /// folders that it shares with others stand.
    pub fn admits(&self, planned: &Planned) -> bool {
        if self.under.is_empty() {
            return true;
        }
        let Planned::Article(item) = planned else {
            return self.under.len() < WAVE_MAX;
        };
        !self.closed
            && self.under.len() < WAVE_MAX
            && !self.articles.contains(&article(item))
            && self.folders.contains(&folders(item))
            && place(item).is_none_or(|place| !self.places.contains(&place))
    }

    /// Sets an entry out as the `n`-th of the import; `None` for a portal that the source does not have.
    pub fn add(&mut self, kb: &Kb, run: Option<&Run>, n: u64, planned: Planned) {
        let item = match planned {
            Planned::Article(item) => item,
            other => return self.under.push(Under::Other(other)),
        };
        let item = Arc::new(*item);
        self.articles.insert(article(&item));
        self.closed = self.folders.insert(folders(&item));
        self.places.extend(place(&item));
        let (kb, run, stores) = (kb.clone(), run.cloned(), item.clone());
        let work = tokio::spawn(async move {
            match run {
                Some(run) => stored(&kb, &run, n, &stores).await,
                None => Ok(Err("its portal is not in the source".to_owned())),
            }
        });
        self.under.push(Under::Article(item, work));
    }

    /// How many are under way.
    pub fn len(&self) -> u64 {
        self.under.len() as u64
    }

    /// Waits for all; what became of them, in their order. Errors: the store cannot go on; nothing is under way any more.
    pub async fn end(&mut self) -> Result<Vec<Taken>, Failure> {
        self.closed = false;
        self.articles.clear();
        self.places.clear();
        let (mut taken, mut failure) = (Vec::new(), None);
        for under in self.under.drain(..) {
            match under {
                Under::Other(planned) => taken.push(Taken::Other(planned)),
                Under::Article(item, work) => match work.await {
                    Ok(Ok(stored)) => taken.push(Taken::Article { item, stored }),
                    Ok(Err(error)) => failure = failure.or(Some(error)),
                    Err(error) => failure = failure.or(Some(Failure::environment(error))),
                },
            }
        }
        failure.map_or(Ok(taken), Err)
    }
}

/// What became of an item: stored, or the reason why not.
type Settled = Result<ItemOutcome, String>;

/// Stores an item. The outer error ends the run: what the store cannot do for one item it cannot do for the next.
async fn stored(kb: &Kb, run: &Run, n: u64, item: &Item) -> Result<Settled, Failure> {
    for _ in 0..5 {
        let ctx = RequestContext::load(kb, App::operator()).await;
        match apply(kb, &ctx.map_err(Failure::environment)?, run, n, item).await {
            Ok(outcome) => return Ok(Ok(outcome)),
            // Somebody wrote the same article or tree meanwhile: what they wrote is read and the item tried again.
            Err(kb_actions::Error::Stale { .. }) => {}
            Err(error) if error.kind() == kb_domain::ErrorKind::Unavailable => {
                let id = run.import.id;
                return Err(Failure::environment(format!(
                    "{error}; what was stored stays, and `import --resume {id}` goes on"
                )));
            }
            Err(error) => return Ok(Err(error.to_string())),
        }
    }
    Ok(Err(
        "it is being changed by others; run the import again".to_owned()
    ))
}

/// Where an item stands by its name, among those of its section.
fn place(item: &Item) -> Option<(String, u32)> {
    let section = item.folders.last()?;
    let place = item.position.or(item.order)?;
    Some((section.external.clone(), place))
}

/// What all texts of an article have in common.
fn article(item: &Item) -> String {
    match &item.origin {
        Some(origin) => origin.article.to_string(),
        None => item.external_id.clone(),
    }
}

/// The chain of an item's folders, with the names that it brings.
fn folders(item: &Item) -> String {
    format!("{:?} {:?} {:?}", item.portal, item.locale, item.folders)
}
