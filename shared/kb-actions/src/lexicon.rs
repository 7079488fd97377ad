//! The lexicon as a blob: the indexer writes it and says so in the gate, every program that answers questions takes it into use.

use crate::error::Error;
use crate::kb::Kb;
use kb_events::Work;
use kb_search::Lexicon;
use kb_store::repo::{Counter, Gate, GateState};
use std::sync::Arc;

/// Name of the blob that holds the lexicon.
const LEXICON: &str = "lexicon/parts";

/// Takes the stored lexicon into use, if there is one.
pub async fn load(kb: &Kb) -> Result<(), Error> {
    if let Some(bytes) = kb.store().blobs().get(LEXICON).await? {
        kb.lexicon().set(Lexicon::from_bytes(&bytes)?);
    }
    Ok(())
}

/// The lexicon as of the gate's state. One that cannot be read leaves the older one in use: it is nearly as good.
pub async fn current(kb: &Kb, gate: &GateState) -> Arc<Lexicon> {
    let counter = gate.count(Counter::Lexicon);
    if !kb.lexicon_is_of(counter) {
        if let Err(error) = load(kb).await {
            tracing::warn!(%error, "the lexicon cannot be read; an older one is used");
        }
        // Set after the read, so that a request that gives up waiting leaves it to the next one.
        kb.set_lexicon_of(counter);
    }
    kb.lexicon().get()
}

/// Takes a lexicon into use here, stores it, and tells every other program.
pub async fn store(kb: &Kb, lexicon: Lexicon) -> Result<(), Error> {
    let blobs = kb.store().blobs();
    blobs.put(LEXICON, lexicon.to_bytes()).await?;
    kb.lexicon().set(lexicon);
    let mut work = Work::begin(kb.now());
    Gate::bump(&mut work, Counter::Lexicon);
    Ok(work.silently(()).commit(kb.store()).await?)
}
