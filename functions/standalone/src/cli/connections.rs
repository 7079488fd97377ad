//! Connections to other systems on the command line.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

/// Options of `connect`.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
pub struct Connect {
    /// The kind of system: zendesk
    pub vendor: String,
    /// The account, for example acme of acme.zendesk.com
    #[arg(long, value_name = "NAME")]
    pub subdomain: String,
    /// The id of the OAuth client that was made there
    #[arg(long, value_name = "ID")]
    pub client_id: String,
}

/// Which connection, and what is done with it.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
pub struct Connection {
    /// Its account, for example zendesk:acme, or its id
    pub name: String,
    /// What is done
    #[command(subcommand)]
    pub act: Act,
}

/// What is done with a connection.
#[derive(Subcommand, Clone, Debug, Serialize, Deserialize)]
pub enum Act {
    /// Say how it is doing, and what the last trial run found
    Status,
    /// Read everything, say what would come in, and write nothing
    Try,
    /// Say where what comes in is shown, and who reads what has no rule of its own
    Map(Map),
    /// Let everything come in from now on
    Start,
    /// Ask nobody until it is resumed
    Pause,
    /// Go on
    Resume,
    /// Take away what a listing missed
    Allow,
    /// List everything there and compare it now
    Reconcile,
    /// Take it back: its grant first, at the other system; what came by it stays
    Revoke,
}

/// Options of `connection NAME map`.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
pub struct Map {
    /// The portal, by its handle
    #[arg(long, value_name = "HANDLE")]
    pub portal: Option<String>,
    /// public, customers, employees or agents
    #[arg(long, value_name = "WHO", value_parser = ["public", "customers", "employees", "agents"])]
    pub audience: Option<String>,
    /// A place there whose articles do not come in, by its id; may be given again
    #[arg(long, value_name = "PLACE")]
    pub off: Vec<String>,
    /// A place there whose articles come in, by its id; may be given again
    #[arg(long = "in", value_name = "PLACE")]
    pub on: Vec<String>,
}
