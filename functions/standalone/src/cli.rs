//! The command line.

mod connections;
mod people;

pub use connections::{Act, Connect, Connection, Map};
pub use people::{
    Key, KeyCreate, KeyName, KeyRotate, Person, PersonAdd, PersonLink, PersonName, Segment,
    SegmentList, SegmentMember, Setup, SetupLink,
};

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// One knowledge base beside the ticket, in the portal and in the help center.
#[derive(Debug, Parser)]
#[command(
    name = "sidenote",
    version,
    about,
    after_help = "Examples:
  sidenote serve --demo                                  look around in an invented company
  sidenote serve                                         answer at http://localhost:8600
  sidenote import docs.tar.gz --audience public          bring in a folder of Markdown
  sidenote person link ana@example.com                   a link by which somebody signs in once
  sidenote key create --name crm --scopes read,suggest   a key for the ticket system
  sidenote export backup.tar.gz                          everything in readable files
  sidenote doctor                                        what is set, from where, and whether it works

Exit codes: 0 done, 1 some items failed, 2 usage, 3 environment, 4 refused by rule."
)]
pub struct Cli {
    /// Where the data is [default: SIDENOTE_DATA, else XDG_DATA_HOME/sidenote]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// What to log, for example warn or kb_search=debug
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// Answer in JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run every function in this process and answer at one address
    #[command(
        after_help = "A newer program reads data of every earlier version and upgrades each row when it is next written.
An older one refuses what a newer one wrote; copy the data folder first if you may want to go back."
    )]
    Serve(Serve),
    /// Bring in articles from a folder, a .tar.gz, a .zip, a .jsonl[.gz] or an export
    Import(Import),
    /// Write everything to a folder or a .tar.gz, for people and for `import`
    Export(Export),
    /// Measure search on a judged set, in an index of its own
    Eval(Eval),
    /// Build the search index anew from the table
    Reindex(Reindex),
    /// List comments and decide about them
    #[command(subcommand)]
    Comments(Comments),
    /// Say how readers voted: on every article that somebody voted on, or on one
    Votes(Votes),
    /// List portals, and choose where the address without a portal leads
    #[command(subcommand)]
    Portal(Portals),
    /// Make, list, renew and take back API keys
    #[command(subcommand)]
    Key(Key),
    /// Invite, list and put out people, and make links by which they sign in
    #[command(subcommand)]
    Person(Person),
    /// List segments, and change who belongs to them
    #[command(subcommand)]
    Segment(Segment),
    /// Make a connection to another system, to which an admin then consents in a browser
    Connect(Connect),
    /// List the connections with how they are doing; exit 1 when one waits for a person
    Connections,
    /// Say how a connection is doing, try it, map it, start it, stop it, or take it back
    Connection(Connection),
    /// Make the link by which the first admin sets the base up
    #[command(subcommand)]
    Setup(Setup),
    /// Say what is set, from where, and whether everything works
    Doctor,
    /// Print a completion script for a shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

/// Options of `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// Bring in an invented company's articles and tickets, and print links to sign in with; on this machine only
    #[arg(long)]
    pub demo: bool,
    /// Address and port to answer at [default: 127.0.0.1:8600]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Address that readers know this server by, with its scheme [default: localhost and the port, by http]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Origins that may show the sidebar in a frame [default: 'self']
    #[arg(long, value_name = "ORIGINS")]
    pub frame_ancestors: Option<String>,
    /// Readers reach this server by https, as an https --public-url says, too: cookies are marked Secure
    #[arg(long)]
    pub secure_cookies: bool,
    /// Proxies in front, by address or network: only they are believed when they say for whom they ask [default: none]
    #[arg(long, value_name = "ADDRESSES")]
    pub trusted_proxies: Option<String>,
    /// How often somebody may do something, such as key=600/min, or off [default: see doctor]
    #[arg(long, value_name = "LIMITS")]
    pub rate_limits: Option<String>,
    /// Servers in your own network that may be asked beside those of the internet, each as host:port [default: none]
    #[arg(long, value_name = "SERVERS")]
    pub fetch_allow: Option<String>,
}

/// Options of `import`.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Import {
    /// Folders, .tar.gz, .zip, .jsonl, .jsonl.gz, .md, .html or .txt files, or what `export` wrote
    #[arg(required_unless_present_any = ["resume", "undo"], value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Who may read it, unless the source says so: public, customers, employees, segment:NAME
    #[arg(long, value_name = "WHO")]
    pub audience: Option<String>,
    /// The portal it goes to; made if it is not there [default: help, or the portals of an export]
    #[arg(long, value_name = "HANDLE")]
    pub portal: Option<String>,
    /// The language, unless the source says it
    #[arg(long, value_name = "LOCALE")]
    pub locale: Option<String>,
    /// The encoding of texts and names that are not UTF-8 [default: what they say, else what they look like]
    #[arg(long, value_name = "NAME")]
    #[serde(default)]
    pub encoding: Option<String>,
    /// The name of the source, by which a second run finds its articles again [default: the file's name without a date]
    #[arg(long, value_name = "NAME")]
    #[serde(default)]
    pub source: Option<String>,
    /// Keep everything as drafts
    #[arg(long)]
    pub draft: bool,
    /// Open the portal afterwards
    #[arg(long)]
    pub activate: bool,
    /// Say what would happen and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Go on with an import that was cut off
    #[arg(long, value_name = "ID", conflicts_with = "paths")]
    pub resume: Option<String>,
    /// Take an import back: archive what it made and restore what it changed, but for what was changed since
    #[arg(long, value_name = "ID", conflicts_with_all = ["paths", "resume", "activate", "dry_run", "draft", "audience", "portal", "locale"])]
    #[serde(default)]
    pub undo: Option<String>,
}

/// Options of `reindex`.
#[derive(Args, Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub struct Reindex {
    /// Compare the index with the table and write only what differs
    #[arg(long)]
    pub reconcile: bool,
}

/// Options of `export`.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Export {
    /// A folder or .tar.gz that is not there yet
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
}

/// Commands of `comments`.
#[derive(Subcommand, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Comments {
    /// List the comments of a portal by what is to be done about them, oldest first
    List(CommentsList),
    /// Show a comment to everybody who may read its article
    Approve(CommentName),
    /// Hide a comment from everybody but those who moderate
    Hide(CommentName),
    /// Mark a comment as answered
    Answer(CommentName),
    /// Mark a comment as unanswered
    Reopen(CommentName),
    /// Delete a comment
    Delete(CommentName),
}

/// Options of `comments list`.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct CommentsList {
    /// The portal [default: all of them]
    #[arg(long, value_name = "HANDLE")]
    pub portal: Option<String>,
    /// waiting, open, answered or hidden
    #[arg(long, default_value = "waiting", value_parser = ["waiting", "open", "answered", "hidden"])]
    pub queue: String,
}

/// Commands of `portal`.
#[derive(Subcommand, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Portals {
    /// List the portals with who may enter them
    List,
    /// Make a portal the one that the address without a portal leads to
    Default {
        /// The handle of the portal
        handle: String,
    },
}

/// Which comment.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct CommentName {
    /// The id of the article
    pub article: String,
    /// The id of the comment
    pub comment: String,
}

/// Options of `votes`.
#[derive(Args, Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Votes {
    /// The id of an article
    #[arg(value_name = "ARTICLE")]
    pub article: Option<String>,
}

/// Options of `eval`.
#[derive(Args, Clone, Debug)]
pub struct Eval {
    /// A folder with corpus*.jsonl[.gz], queries.jsonl[.gz] and qrels.tsv
    pub dir: PathBuf,
    /// The engine
    #[arg(long, default_value = "tantivy", value_parser = ["tantivy", "opensearch"])]
    pub engine: String,
    /// Address of an OpenSearch server for a throw-away index [default: SIDENOTE_OPENSEARCH]
    #[arg(long, value_name = "URL")]
    pub opensearch: Option<String>,
    /// Run the queries as searches or as tickets [default: by their length]
    #[arg(long = "as", value_name = "SURFACE", value_parser = ["search", "suggestion"])]
    pub surface: Option<String>,
    /// Another queries file
    #[arg(long, value_name = "FILE")]
    pub queries: Option<PathBuf>,
    /// Another judgments file
    #[arg(long, value_name = "FILE")]
    pub qrels: Option<PathBuf>,
    /// Another corpus file
    #[arg(long, value_name = "FILE")]
    pub corpus: Option<PathBuf>,
    /// Only one half of the queries, by a hash of their ids: tune to choose between variants, report for the figures
    #[arg(long, value_name = "HALF", value_parser = ["tune", "report"])]
    pub half: Option<String>,
    /// From which grade on a document counts as relevant
    #[arg(long, default_value_t = 1, value_name = "GRADE")]
    pub relevant_from: u32,
    /// Write "query doc rank score" lines to this file
    #[arg(long, value_name = "FILE")]
    pub run: Option<PathBuf>,
}

/// A span such as `30d`, `12h`, `45m` in seconds. Errors: not of that form, or none at all.
pub fn span_seconds(text: &str) -> Result<i64, String> {
    let wrong = || format!("\"{text}\" is not a span such as 30d, 12h or 45m");
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let seconds = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        _ => return Err(wrong()),
    };
    match number.parse::<i64>() {
        Ok(n) if (1..=36_500).contains(&n) => Ok(n * seconds),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn spans_are_read() {
        assert_eq!(span_seconds("30d"), Ok(2_592_000));
        assert_eq!(span_seconds("12h"), Ok(43_200));
        for bad in ["", "d", "-1d", "30", "3w", "99999999d", "é"] {
            assert!(span_seconds(bad).is_err(), "{bad}");
        }
    }
}
