//! Decisions over every small state, and what always holds of maps and rules.

mod decisions;
mod lives;
mod readers;

use super::*;
use crate::audience::{Audience, Clause, Level};
use crate::clock::Timestamp;
use crate::id::{ArticleId, ConnectionId, PortalId, RevisionId, SectionId};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A moment of the tests.
const NOW: Timestamp = Timestamp(1_795_507_200_000_000);

fn id(text: &str) -> RemoteId {
    RemoteId(text.to_owned())
}
