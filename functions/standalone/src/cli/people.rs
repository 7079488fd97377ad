//! The commands about people and keys.

use clap::{Args, Subcommand};

/// The key commands.
#[derive(Subcommand, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Key {
    /// Make a key and print it, once
    Create(KeyCreate),
    /// List the keys, without their secrets
    List,
    /// Make a new secret of a key and print it, once; the old one stays good for a while
    Rotate(KeyRotate),
    /// Take a key back: it opens nothing from the next request on
    Revoke(KeyName),
}

/// Options of `key create`.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct KeyCreate {
    /// What the key is for
    #[arg(long)]
    pub name: String,
    /// What it may do: read, suggest, write, publish, moderate, people, admin
    #[arg(long, value_delimiter = ',', required = true)]
    pub scopes: Vec<String>,
    /// How far inside it stands: public, customer, employee or agent [default: agent with suggest, else public]
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<String>,
    /// Portals, by their handles, in which it may do what its scopes say [default: everywhere]
    #[arg(long, value_delimiter = ',', value_name = "HANDLES")]
    pub portals: Vec<String>,
    /// When it ends, for example 30d or 12h; a year at most
    #[arg(long, default_value = "90d", value_name = "TIME")]
    pub expires: String,
}

/// Options of `key rotate`.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct KeyRotate {
    /// The id of the key
    pub id: String,
    /// How long the old secret stays good, for example 24h; a week at most
    #[arg(long, default_value = "24h", value_name = "TIME")]
    pub overlap: String,
}

/// Which key.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct KeyName {
    /// The id of the key
    pub id: String,
}

/// The person commands.
#[derive(Subcommand, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Person {
    /// Invite somebody and print the link by which they come in, once
    Add(PersonAdd),
    /// Print a link by which somebody signs in once; an older one is over
    Link(PersonLink),
    /// List everybody
    List,
    /// End somebody's access at once; what they wrote stays
    Leave(PersonName),
    /// End every session and frame of somebody
    EndSessions(PersonName),
}

/// Options of `person add`.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct PersonAdd {
    /// What they are called
    pub name: String,
    /// Their mail address
    pub mail: String,
    /// How far inside they stand: customer, employee or agent [default: agent with a role, else employee]
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<String>,
    /// Their roles: agent, author, editor, reviewer, publisher, moderator, analyst, people_admin, admin
    #[arg(long, value_delimiter = ',')]
    pub roles: Vec<String>,
    /// Portals, by their handles, in which the roles hold [default: everywhere]
    #[arg(long, value_delimiter = ',', value_name = "HANDLES")]
    pub portals: Vec<String>,
    /// Segments they belong to
    #[arg(long, value_delimiter = ',')]
    pub segments: Vec<String>,
    /// Where people reach the server [default: the address of `serve`]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// Options of `person link`.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct PersonLink {
    /// Their mail address or id
    pub person: String,
    /// Where people reach the server [default: the address of `serve`]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// Which person.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct PersonName {
    /// Their mail address or id
    pub person: String,
}

/// The segment commands.
#[derive(Subcommand, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Segment {
    /// List the segments, or the members of one
    List(SegmentList),
    /// Take somebody into a segment, which is made if it is not there
    Add(SegmentMember),
    /// Take somebody out of a segment
    Remove(SegmentMember),
}

/// Options of `segment list`.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct SegmentList {
    /// The segment whose members are listed
    pub segment: Option<String>,
}

/// Who, and which segment.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct SegmentMember {
    /// The segment
    pub segment: String,
    /// Their mail address or id
    pub person: String,
}

/// The set-up commands.
#[derive(Subcommand, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Setup {
    /// Print the link by which the first admin sets the base up; an older one is over
    Link(SetupLink),
}

/// Options of `setup link`.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct SetupLink {
    /// Where people reach the server [default: the address of `serve`]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}
