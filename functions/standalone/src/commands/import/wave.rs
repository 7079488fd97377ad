//! Items that are stored at the same time, so that they share durable commits; the report keeps their order.

use super::{Settled, stored};
use crate::exit::Failure;
use crate::import::plan::Planned;
use kb_actions::Kb;
use kb_actions::import::{Item, Run};
use std::collections::HashSet;
use tokio::task::JoinHandle;

/// Entries under way at the most.
const WAVE_MAX: usize = 64;

/// An entry that was taken up.
pub(super) enum Taken {
    /// An article with what became of it.
    Article {
        /// The item's name.
        name: String,
        /// What a person should look at.
        warnings: Vec<String>,
        /// What became of it.
        stored: Settled,
    },
    /// An entry that is not stored.
    Other(Planned),
}

enum Under {
    Article(String, Vec<String>, JoinHandle<Result<Settled, Failure>>),
    Other(Planned),
}

/// The entries under way.
#[derive(Default)]
pub(super) struct Wave {
    under: Vec<Under>,
    articles: HashSet<String>,
    /// Folders that stand, with the language they are named in.
    folders: HashSet<String>,
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
    }

    /// Sets an entry out as the `n`-th of the import; `None` for a portal that the source does not have.
    pub fn add(&mut self, kb: &Kb, run: Option<&Run>, n: u64, planned: Planned) {
        let item = match planned {
            Planned::Article(item) => item,
            other => return self.under.push(Under::Other(other)),
        };
        self.articles.insert(article(&item));
        self.closed = self.folders.insert(folders(&item));
        let (name, warnings) = (item.name.clone(), item.warnings.clone());
        let (kb, run) = (kb.clone(), run.cloned());
        let work = tokio::spawn(async move {
            match run {
                Some(run) => stored(&kb, &run, n, &item).await,
                None => Ok(Err("its portal is not in the source".to_owned())),
            }
        });
        self.under.push(Under::Article(name, warnings, work));
    }

    /// How many are under way.
    pub fn len(&self) -> u64 {
        self.under.len() as u64
    }

    /// Waits for all; what became of them, in their order. Errors: the store cannot go on; nothing is under way any more.
    pub async fn end(&mut self) -> Result<Vec<Taken>, Failure> {
        (self.closed, self.articles) = (false, HashSet::new());
        let (mut taken, mut failure) = (Vec::new(), None);
        for under in self.under.drain(..) {
            match under {
                Under::Other(planned) => taken.push(Taken::Other(planned)),
                Under::Article(name, warnings, work) => match work.await {
                    Ok(Ok(stored)) => taken.push(Taken::Article {
                        name,
                        warnings,
                        stored,
                    }),
                    Ok(Err(error)) => failure = failure.or(Some(error)),
                    Err(error) => failure = failure.or(Some(Failure::environment(error))),
                },
            }
        }
        failure.map_or(Ok(taken), Err)
    }
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
