//! The lexicon as a blob: the indexer writes it, every program that answers questions takes it into use when it starts.

use crate::error::Error;
use crate::kb::Kb;
use kb_search::Lexicon;

/// Name of the blob that holds the lexicon.
pub const LEXICON: &str = "lexicon/parts";

/// Takes the stored lexicon into use, if there is one.
pub async fn load(kb: &Kb) -> Result<(), Error> {
    if let Some(bytes) = kb.blobs.get(LEXICON).await? {
        kb.lexicon.set(Lexicon::from_bytes(&bytes)?);
    }
    Ok(())
}
