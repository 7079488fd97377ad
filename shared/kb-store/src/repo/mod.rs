//! What is stored, one record for each kind of row; and repositories for what takes more than one row. A repository reads, or
//! adds operations to a transaction, so that one verb is one transaction with at most one event.

mod api_keys;
mod articles;
mod audiences;
mod comments;
mod gate;
mod imports;
mod people;
mod portals;
mod replays;
mod suggestions;
mod texts;
mod tickets;
mod votes;

pub use crate::record::{Stored, is, read, row};
pub use api_keys::{ApiKey, KeyScope, api_key_by_hash, insert_api_key};
pub use articles::{ArticleWithTexts, Articles, ExternalTarget, KeyTarget};
pub use audiences::AudienceRegistry;
pub use comments::{Posted, PostedLately};
pub use gate::{Counter, Gate, GateState, Narrowing};
pub use imports::{Import, ImportItem, ImportState, ItemOutcome, import_items};
pub use people::{
    Person, Session, SignInLink, SubjectClaim, insert_person, insert_session, insert_sign_in_link,
};
pub use portals::{HandleClaim, Name, Portals, Redirect};
pub use replays::{Replay, insert_replay};
pub use suggestions::{ActionTaken, Shown, Suggestion};
pub use votes::{CountMoves, Votes};

#[cfg(test)]
mod tests;
