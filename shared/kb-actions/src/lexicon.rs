//! The lexicons as blobs: the indexer writes them and says so in the gate, every program that answers questions takes them into
//! use. They are only a help: without them every word counts alike.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::Viewer;
use kb_events::Work;
use kb_search::{Lexicon, Lexicons};
use kb_store::repo::{Counter, Gate, GateState};
use std::sync::Arc;

/// Name of the blob of the lexicon of every part.
const ALL: &str = "lexicon/parts";
/// Name of the blob of the lexicon of the parts that everybody may see.
const PUBLIC: &str = "lexicon/public";

/// Takes the stored lexicons into use, as far as they are there; answers whether they are. One that cannot be read leaves the
/// ones in use as they are.
pub async fn load(kb: &Kb) -> bool {
    match read(kb).await {
        Ok(Some(lexicons)) => {
            kb.lexicon().set(lexicons);
            true
        }
        Ok(None) => false,
        Err(error) => {
            let detail = kb_store::chain(&error);
            tracing::warn!(detail, "a lexicon cannot be read; words count as they did");
            false
        }
    }
}

/// The stored lexicons; `None` when one of them has not been made yet. Errors: one of them is damaged.
pub async fn read(kb: &Kb) -> Result<Option<Lexicons>, Error> {
    let blobs = kb.store().blobs();
    let (all, public) = (blobs.get(ALL).await?, blobs.get(PUBLIC).await?);
    let (Some(all), Some(public)) = (all, public) else {
        return Ok(None);
    };
    Ok(Some(Lexicons {
        all: Lexicon::from_bytes(&all)?,
        public: Lexicon::from_bytes(&public)?,
    }))
}

/// The lexicons as of the gate's state, or older ones: they are nearly as good.
pub async fn current(kb: &Kb, gate: &GateState) -> Arc<Lexicons> {
    let counter = gate.count(Counter::Lexicon);
    if !kb.lexicon_is_of(counter) {
        load(kb).await;
        // Set after the read, so that a request that gives up waiting leaves it to the next one.
        kb.set_lexicon_of(counter);
    }
    kb.lexicon().get()
}

/// Makes the lexicons anew from the index, takes them into use here, stores them, and tells every other program.
pub async fn renew(kb: &Kb) -> Result<(), Error> {
    let public = RequestContext::load(kb, Viewer::anonymous()).await?.bound();
    let (words, parts) = kb.index().terms(None).await?;
    let all = Lexicon::build(words, parts)?;
    let (words, parts) = kb.index().terms(Some(&public)).await?;
    let public = Lexicon::build(words, parts)?;
    let blobs = kb.store().blobs();
    blobs.put(ALL, all.to_bytes()).await?;
    blobs.put(PUBLIC, public.to_bytes()).await?;
    kb.lexicon().set(Lexicons { all, public });
    let mut work = Work::begin(kb.now());
    Gate::bump(&mut work, Counter::Lexicon);
    Ok(work.silently(()).commit(kb.store()).await?)
}
