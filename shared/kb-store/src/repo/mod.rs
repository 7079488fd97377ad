//! What is stored, one record for each kind of row; and repositories for what takes more than one row. A repository reads, or
//! adds operations to a transaction, so that one verb is one transaction with at most one event.

mod api_keys;
mod articles;
mod audiences;
mod comments;
mod connections;
mod gate;
mod grants;
mod imports;
mod people;
mod portals;
mod progress;
mod replays;
mod sessions;
mod suggestions;
mod texts;
mod tickets;
mod votes;

pub use crate::record::{Stored, is, read, row};
pub use api_keys::{
    ApiKey, KeyScope, KeySecret, api_key, api_key_by_hash, api_keys, insert_api_key,
    remove_api_key, replace_api_key,
};
pub use articles::{ArticleWithTexts, Articles, ExternalTarget, KeyTarget};
pub use audiences::AudienceRegistry;
pub use comments::{Posted, PostedLately};
pub use connections::{ConnectionClaim, Connections, Counterparts};
pub use gate::{Counter, Gate, GateState, Narrowing};
pub use grants::{ConnectFlow, Grant, GrantEnd, KeptSecret, Lease, Sealed, secrets_of};
pub use imports::{Import, ImportItem, ImportState, ItemOutcome, import_items};
pub use people::{Admins, MailClaim, People, Person, Segment, SegmentMember, SubjectClaim};
pub use portals::{HandleClaim, Name, Portals, Redirect};
pub use progress::{Compared, Listing, Progress, Stumble};
pub use replays::{Replay, insert_replay};
pub use sessions::{
    Frame, FrameBearer, Pairing, Session, SetupLink, SignInLink, SignedInBy, insert_sign_in_link,
};
pub use suggestions::{ActionTaken, Shown, Suggestion};
pub use votes::{CountMoves, Votes};

#[cfg(test)]
mod tests;
