//! The only place where a key is spelled. Patterns: the table "Keys" of the architecture.

use crate::table::Key;
use kb_domain::{
    ArticleId, AudienceId, CommentId, CommentQueue, EventId, ImportId, Locale, NodeId, PortalId,
    PublicKey, RevisionId, SectionId, SuggestionId, Timestamp, Voter,
};
use sha2::{Digest, Sha256};

mod boxes;
mod grants;
mod people;
mod remote;

pub use boxes::*;
pub use grants::*;
pub use people::*;
pub use remote::*;

/// Sort key of a row that stands for its whole partition.
pub const SELF: &str = "#";
/// Partition of the gate.
pub const GATE: &str = "GATE";
/// Beginning of the sort keys of the gate's counters.
pub const GATE_COUNTER: &str = "V#";
/// Beginning of the sort keys of narrowings.
pub const NARROWING: &str = "N#";
/// Beginning of the sort keys of translations in an article's partition.
pub const TRANSLATION: &str = "T#";
/// Beginning of the sort keys of placements in an article's partition.
pub const PLACEMENT: &str = "P#";
/// Partition of the portals.
pub const PORTALS: &str = "SET#portal";
/// Partition of the audience registry.
pub const AUDIENCES: &str = "SET#audience";
/// Beginning of the kinds of rows that travel on the feed.
pub const EVENT_KIND: &str = "event";
/// Partitions that the timers are spread over.
pub const DUE_SHARDS: u8 = 16;

/// Beginning of the partitions of comments.
pub const COMMENTS: &str = "CMT#";
/// Beginning of the partitions of counters.
pub const COUNTS: &str = "COUNT#";
/// Beginning of the partitions of events.
pub const EVENTS: &str = "EVT#";
/// Beginning of the claims of texts that somebody has posted.
pub const POSTED: &str = "POSTED#";
/// Beginning of the rows that count how often somebody does something.
pub const RATES: &str = "RATE#";
/// Beginning of the partitions of votes.
pub const VOTES: &str = "VOTE#";

/// The mark of the gate: a counter that moves with every change of its other rows.
pub fn gate() -> Key {
    Key::new(GATE, SELF)
}

/// How often a set changed that programs keep between requests.
pub fn gate_counter(name: &str) -> Key {
    Key::new(GATE, format!("{GATE_COUNTER}{name}"))
}

/// An open narrowing.
pub fn narrowing(article: ArticleId, locale: &Locale) -> Key {
    Key::new(GATE, format!("{NARROWING}{article}#{locale}"))
}

/// A portal.
pub fn portal(id: PortalId) -> Key {
    Key::new(PORTALS, id.to_string())
}

/// Claim of a portal's handle (or host).
pub fn host(handle: &str) -> Key {
    Key::new(format!("HOST#{handle}"), SELF)
}

/// An interned audience.
pub fn audience(id: AudienceId) -> Key {
    Key::new(AUDIENCES, id.to_string())
}

/// Partition of a portal's tree.
pub fn tree_partition(portal: PortalId) -> String {
    format!("TREE#{portal}")
}

/// The version row of a portal's tree.
pub fn tree(portal: PortalId) -> Key {
    Key::new(tree_partition(portal), SELF)
}

/// A node of a portal's tree.
pub fn tree_node(portal: PortalId, node: NodeId) -> Key {
    Key::new(tree_partition(portal), node.to_string())
}

/// Claim of a public key.
pub fn public_key(key: &PublicKey) -> Key {
    Key::new(format!("KEY#{key}"), SELF)
}

/// Partition of the old addresses of a portal.
pub fn address_partition(portal: PortalId) -> String {
    format!("ADDR#{portal}")
}

/// An old address of a portal.
pub fn address(portal: PortalId, path: &str) -> Key {
    Key::new(address_partition(portal), bounded(path))
}

/// Partition of the articles that stand in a section.
pub fn section_partition(section: SectionId) -> String {
    format!("SEC#{section}")
}

/// An article in a section, in order.
pub fn section_article(section: SectionId, position: u32, article: ArticleId) -> Key {
    Key::new(
        section_partition(section),
        format!("{position:010}#{article}"),
    )
}

/// Partition of an article: head, translations, placements.
pub fn article_partition(id: ArticleId) -> String {
    format!("ART#{id}")
}

/// The head of an article.
pub fn article(id: ArticleId) -> Key {
    Key::new(article_partition(id), SELF)
}

/// A translation of an article.
pub fn translation(id: ArticleId, locale: &Locale) -> Key {
    Key::new(article_partition(id), format!("{TRANSLATION}{locale}"))
}

/// Partition of the revisions of a translation.
pub fn revision_partition(article: ArticleId, locale: &Locale) -> String {
    format!("REV#{article}#{locale}")
}

/// A revision.
pub fn revision(article: ArticleId, locale: &Locale, id: RevisionId) -> Key {
    Key::new(revision_partition(article, locale), id.to_string())
}

/// The body of a revision.
pub fn body(revision: RevisionId) -> Key {
    Key::new(format!("BODY#{revision}"), SELF)
}

/// Name of the blob of a body that is too large for a row.
pub fn body_blob(article: ArticleId, revision: RevisionId) -> String {
    format!("body/{article}/{revision}")
}

/// Partition of the votes on an article.
pub fn vote_partition(article: ArticleId) -> String {
    format!("{VOTES}{article}")
}

/// The vote of a voter on an article.
pub fn vote(article: ArticleId, voter: Voter) -> Key {
    Key::new(vote_partition(article), voter.to_string())
}

/// Partition of the counters of an article.
pub fn count_partition(article: ArticleId) -> String {
    format!("{COUNTS}{article}")
}

/// The counter that a voter's vote for `what` moves. Each count is spread over eight rows, so that many can vote at once.
pub fn count(article: ArticleId, what: &str, voter: Voter) -> Key {
    let shard = shard_of(&voter.to_string(), 8);
    Key::new(count_partition(article), format!("{what}#{shard}"))
}

/// Claim of an external id.
pub fn external(source: &str, kind: &str, id: &str) -> Key {
    Key::new(bounded(&format!("EXT#{source}#{kind}")), bounded(id))
}

/// Partition of the comments on an article.
pub fn comment_partition(article: ArticleId) -> String {
    format!("{COMMENTS}{article}")
}

/// A comment.
pub fn comment(article: ArticleId, id: CommentId) -> Key {
    Key::new(comment_partition(article), id.to_string())
}

/// Partition of the `queue` index that holds a queue of comments of a portal.
pub fn comment_queue(portal: PortalId, queue: CommentQueue) -> String {
    format!("comment#{}#{portal}", queue.as_str())
}

/// Position of a comment in the `queue` index.
pub fn comment_position(portal: PortalId, queue: CommentQueue, id: CommentId) -> (String, String) {
    (comment_queue(portal, queue), id.to_string())
}

/// How often somebody did something in a window of time (table `log`).
pub fn rate(class: &str, who: &str, window: i64) -> Key {
    Key::new(bounded(&format!("{RATES}{class}#{who}#{window}")), SELF)
}

/// When somebody posted comments lately.
pub fn posted_lately(who: &str) -> Key {
    Key::new(bounded(&format!("{RATES}comment#{who}")), SELF)
}

/// Claim of a text that somebody has posted on an article.
pub fn posted(article: ArticleId, author: &str, text: &str) -> Key {
    let digest = hex(&Sha256::digest(text.as_bytes())[..16]);
    Key::new(
        format!("{POSTED}{article}"),
        bounded(&format!("{author}#{digest}")),
    )
}

/// Partitions that the tickets of one system are spread over.
const TICKET_SHARDS: u8 = 16;

/// The partitions of the tickets of one system; in the last one are those that an older program wrote.
pub fn ticket_partitions(system: &str) -> Vec<String> {
    let mut partitions: Vec<String> = (0..TICKET_SHARDS)
        .map(|shard| ticket_partition(system, shard))
        .collect();
    partitions.push(bounded(&format!("TIX#{system}")));
    partitions
}

fn ticket_partition(system: &str, shard: u8) -> String {
    bounded(&format!("TIX#{system}#{shard}"))
}

/// A ticket.
pub fn ticket(system: &str, id: &str) -> Key {
    let shard = shard_of(id, TICKET_SHARDS);
    Key::new(ticket_partition(system, shard), bounded(id))
}

/// A ticket where an older program wrote it.
pub fn older_ticket(system: &str, id: &str) -> Key {
    Key::new(bounded(&format!("TIX#{system}")), bounded(id))
}

/// From which sort key on the tickets with this id and those behind it stand.
pub fn ticket_sort(id: &str) -> String {
    bounded(id)
}

/// A row of the suggestion log (table `log`).
pub fn suggestion(at: Timestamp, id: SuggestionId) -> Key {
    let shard = shard_of(&id.to_string(), 8);
    Key::new(format!("SUG#{}#{shard}", at.day()), id.to_string())
}

/// Claim of an idempotency key.
pub fn idempotency(principal: &str, key: &str) -> Key {
    Key::new(bounded(&format!("IDEM#{principal}")), bounded(key))
}

/// An event row.
pub fn event(at: Timestamp, id: EventId) -> Key {
    let shard = shard_of(&id.to_string(), 8);
    Key::new(format!("{EVENTS}{}#{shard}", at.day()), id.to_string())
}

/// Position of an event in the `inverse` index: by the thing it is about.
pub fn event_by_subject(subject: &str, id: EventId) -> (String, String) {
    (format!("{EVENTS}{subject}"), id.to_string())
}

/// Position of an event in the `person` index: by whoever did it.
pub fn event_by_actor(actor: &str, id: EventId) -> (String, String) {
    (format!("{EVENTS}{actor}"), id.to_string())
}

/// What a consumer gave up: an event by its id, a timer by its job.
pub fn dead_letter(consumer: &str, what: &str) -> Key {
    Key::new(format!("DEAD#{consumer}"), bounded(what))
}

/// Position of a dead letter in the `queue` index.
pub fn dead_queue(consumer: &str, what: &str) -> (String, String) {
    (format!("dead#{consumer}"), bounded(what))
}

/// Partition of the timers of a lane.
pub fn due_partition(lane: &str) -> String {
    due_shard(shard_of(lane, DUE_SHARDS))
}

/// Partition `n` of the timers, below [`DUE_SHARDS`].
pub fn due_shard(n: u8) -> String {
    format!("DUE#{n}")
}

/// A timer: due at a moment, for a job.
pub fn due(lane: &str, at: Timestamp, job: &str) -> Key {
    Key::new(
        due_partition(lane),
        format!("{}#{}", moment(at), bounded(job)),
    )
}

/// What is known of a lane of timers whose partner does not answer.
pub fn lane(lane: &str) -> Key {
    Key::new(bounded(&format!("LANE#{lane}")), SELF)
}

/// Sort keys of the timers that are due at `now` are below this.
pub fn due_end(now: Timestamp) -> String {
    moment(Timestamp(now.0.saturating_add(1)))
}

/// How often a consumer was handed a record by a process of which nothing was heard since.
pub fn tries(consumer: &str, event: &str) -> Key {
    Key::new(format!("TRY#{consumer}"), event)
}

/// Partition of the items of one import.
pub fn import_partition(id: ImportId) -> String {
    format!("IMP#{id}")
}

/// The head of an import.
pub fn import(id: ImportId) -> Key {
    Key::new(import_partition(id), SELF)
}

/// An item of an import.
pub fn import_item(id: ImportId, n: u64) -> Key {
    Key::new(import_partition(id), format!("{n:012}"))
}

/// Text of any length as part of a key: kept when it is short and plain, else its beginning and a digest.
fn bounded(text: &str) -> String {
    if text.len() <= 200 && !text.chars().any(char::is_control) && !text.is_empty() {
        return text.to_owned();
    }
    let digest = hex(&Sha256::digest(text.as_bytes())[..16]);
    let start: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    format!("{start}~{digest}")
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A moment as digits that sort by time: microseconds since 1970.
fn moment(at: Timestamp) -> String {
    format!("{:020}", at.micros())
}

fn shard_of(text: &str, shards: u8) -> u8 {
    Sha256::digest(text.as_bytes())[0] % shards
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_strange_texts_make_short_distinct_keys() {
        let (a, b) = ("x".repeat(5_000) + "a", "x".repeat(5_000) + "b");
        let (a, b) = (external("s", "article", &a), external("s", "article", &b));
        assert_ne!(a, b);
        assert!(a.sort.len() <= 512 && !external("s", "article", "a\nb").sort.contains('\n'));
        assert_eq!(
            external("s", "article", "howto/vpn.md").sort,
            "howto/vpn.md"
        );
    }
}
