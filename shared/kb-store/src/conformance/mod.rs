//! The suite that every engine passes: what engines differ in, as one function a port. A check panics where an engine does
//! not do what the port promises. Each works in partitions of its own, so that one store serves a whole run.

mod blobs;
mod conditions;
mod feed;
mod indexes;
mod limits;
mod ranges;

pub use blobs::{blobs, one_new_blob_wins};
pub use feed::feed;

use crate::error::Error;
use crate::feed::Feed;
use crate::table::{Condition, Key, Row, Table, TableName, Transaction, Version};
use async_trait::async_trait;

/// An engine under test.
#[async_trait]
pub trait Subject: Send + Sync {
    /// The table; empty when a suite begins.
    fn table(&self) -> &dyn Table;

    /// The feed of that table.
    fn feed(&self) -> &dyn Feed;

    /// From now on the feed is that of a new process: it remembers nothing but what is stored.
    fn restart(&self);

    /// Returns when every index shows what was written.
    async fn settle(&self);
}

/// What a table engine promises.
pub async fn table(subject: &dyn Subject) {
    conditions::a_transaction_is_whole_or_nothing(subject.table()).await;
    conditions::each_condition_fails_as_it_should(subject.table()).await;
    conditions::an_expired_row_is_absent_to_conditions(subject.table()).await;
    conditions::versions_grow_and_an_older_write_is_refused(subject.table()).await;
    conditions::of_many_writers_one_wins(subject.table()).await;
    conditions::of_two_moves_of_a_tree_one_wins(subject.table()).await;
    conditions::counters_keep_every_step(subject.table()).await;
    conditions::a_counter_is_only_added_to(subject.table()).await;
    conditions::a_count_that_expires_is_answered_to_each_who_adds(subject.table()).await;
    conditions::a_repeated_transaction_is_another_one(subject.table()).await;
    limits::what_breaks_a_limit_is_refused(subject.table()).await;
    limits::what_reaches_a_limit_is_held(subject.table()).await;
    limits::a_body_comes_back_byte_for_byte(subject.table()).await;
    ranges::rows_by_key(subject.table()).await;
    ranges::a_partition_in_pages(subject.table()).await;
    ranges::a_page_ends_where_it_must(subject.table()).await;
    ranges::bounds_of_a_range(subject.table()).await;
    ranges::expired_rows_are_in_no_range(subject).await;
    indexes::an_index_in_pages(subject).await;
    indexes::an_index_follows_its_rows(subject).await;
    ranges::the_two_tables_are_apart(subject.table()).await;
    ranges::a_walk_meets_every_row_once(subject.table()).await;
}

/// Seconds since 1970 in which most checks take place.
const NOW: i64 = 1_800_000_000;
/// The same in microseconds.
const NOW_US: u64 = 1_800_000_000_000_000;

fn row(text: &str) -> Row {
    Row {
        kind: "thing.1".to_owned(),
        body: format!("\"{text}\""),
        ..Row::default()
    }
}

/// Text that no compression makes shorter by much.
fn noise(seed: u64, length: usize) -> String {
    let mut state = seed;
    let mut text = String::with_capacity(length);
    while text.len() < length {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        for n in 0..10 {
            let digit = usize::try_from((z >> (6 * n)) & 63).unwrap_or(0);
            text.push(char::from(
                b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[digit],
            ));
        }
    }
    text.truncate(length);
    text
}

async fn put(
    table: &dyn Table,
    now_us: u64,
    key: &Key,
    row: Row,
    condition: Condition,
) -> Result<Version, Error> {
    let mut tx = Transaction::new(TableName::Main, now_us);
    tx.put(key.clone(), row, condition);
    table.commit(tx).await
}

async fn get(table: &dyn Table, key: &Key) -> Option<Row> {
    let found = table.get(TableName::Main, key, NOW).await;
    found.expect("the engine answers")
}

#[track_caller]
fn assert_condition(result: &Result<Version, Error>, key: &Key, found: Option<Version>) {
    match result {
        Err(Error::Condition { key: k, found: f }) => assert_eq!((k, *f), (key, found)),
        other => panic!("a failed condition on {key} was expected, not {other:?}"),
    }
}
