#![doc = include_str!("../README.md")]

pub mod access;
pub mod article;
pub mod audience;
pub mod clock;
pub mod comment;
pub mod error;
pub mod id;
pub mod locale;
pub mod person;
pub mod portal;
pub mod remote;
#[cfg(feature = "schema")]
mod schema;
pub mod suggestion;
pub mod ticket;
pub mod translation;
pub mod tree;
pub mod vote;

pub use access::{Action, Actions, Area, Denied, Grant, Readers, Role, Viewer, Who};
pub use article::{
    Article, ArticleState, ArticleType, ExternalId, Kind, LABEL_MAX_CHARS, LABELS_MAX, Placement,
};
pub use audience::{Audience, Clause, Level};
pub use clock::{Clock, IdGen, Timestamp};
pub use comment::{
    Comment, CommentDraft, CommentEdit, CommentQueue, CommentState, Comments, Moderation,
};
pub use error::{Error, ErrorKind, FieldError, Resource};
pub use id::{
    ArticleId, AudienceId, CategoryId, CommentId, ConnectionId, EventId, ImportId, JobId, KeyId,
    NodeId, PortalId, PublicKey, RevisionId, SectionId, SuggestionId, UserId, VoterId,
};
pub use locale::Locale;
pub use person::{PersonDraft, PersonEdit, PersonState};
pub use portal::{Portal, PortalDraft, PortalName, PortalState};
pub use suggestion::{Channel, InsertMode, SuggestionAction};
pub use ticket::{Author, Message, Ticket};
pub use translation::{
    Body, BodyFormat, Lifecycle, ReviewState, Revision, TITLE_MAX_CHARS, Translation,
    TranslationDraft,
};
pub use tree::{Node, Tree};
pub use vote::{Ballot, Vote, VoteCounts, VoteReason, VoteValue, Voter};
