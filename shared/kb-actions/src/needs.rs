//! What a function needs of a base. Its role on AWS grants this, no less and no more.

/// Blobs whose names begin like this are dropped once they were used; whoever writes them may. No other blob is removed by a function.
pub const DROPPED: &str = "sync/";

/// The needs of a function. Blobs may be read by every function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Of the table with content, people, jobs and events.
    pub main: TableAccess,
    /// Beginnings of the partitions of that table that it writes in; where none is named, all.
    pub rows: &'static [&'static str],
    /// Of the table with usage and suggestions: single rows, never a range of them.
    pub log: TableAccess,
    /// Whether it answers requests, which are counted in the table of usage.
    pub counts: bool,
    /// Of the search engine.
    pub index: IndexAccess,
    /// Beginnings of the names of blobs that it writes, for example `body/`.
    pub blobs: &'static [&'static str],
    /// Whether it opens secrets with data keys: the cursors of lists.
    pub keys: bool,
    /// Whether it writes people, sessions and keys: the rows of [`kb_store::keys::OF_PEOPLE`].
    pub people: bool,
    /// Whether it follows the stream of the main table.
    pub stream: bool,
}

/// What is done with a table. Nobody who answers a request walks through one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableAccess {
    /// Nothing.
    Nothing,
    /// Rows are read.
    Read,
    /// Rows are read and written.
    Write,
}

/// What is done with the search engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IndexAccess {
    /// Nothing.
    Nothing,
    /// It is searched.
    Search,
    /// It is searched and written.
    Write,
}
