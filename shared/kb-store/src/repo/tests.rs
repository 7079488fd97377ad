//! Every version of every record that programs stored is read.

use super::api_keys::HashClaim;
use super::portals::TreeHead;
use super::*;
use crate::feed::DeadLetter;
use crate::record::Record;
use crate::samples::{self, read_back};
use crate::table::COUNTER;
use kb_domain::remote::{Connection, Counterpart};
use kb_domain::{
    Area, Article, Audience, Body, Comment, Level, Node, PersonState, Placement, Portal, Revision,
    Role, Ticket, Translation, Vote,
};

/// Reads the samples of a record, of which there are so many at least.
fn reads<R: Record>(at_least: usize) {
    let read = read_back::<R>();
    assert!(read.len() >= at_least, "{} of {}", read.len(), R::KIND);
}

#[test]
fn content_of_every_version_is_read_and_written_anew() {
    reads::<Article>(3);
    reads::<Translation>(3);
    reads::<Revision>(1);
    reads::<Body>(3);
    reads::<Placement>(1);
    reads::<Audience>(5);
    reads::<Narrowing>(1);
    reads::<KeyTarget>(2);
    reads::<ExternalTarget>(1);
    reads::<Import>(2);
    reads::<ImportItem>(2);
}

#[test]
fn structure_of_every_version_is_read_and_written_anew() {
    reads::<Portal>(3);
    reads::<HandleClaim>(1);
    reads::<TreeHead>(1);
    reads::<Node>(2);
    reads::<Redirect>(1);
}

#[test]
fn callers_of_every_version_are_read_and_written_anew() {
    reads::<Person>(10);
    reads::<SubjectClaim>(1);
    reads::<MailClaim>(1);
    reads::<Admins>(1);
    reads::<Segment>(1);
    reads::<SegmentMember>(1);
    reads::<Session>(4);
    reads::<Frame>(1);
    reads::<Pairing>(2);
    reads::<SignInLink>(1);
    reads::<SetupLink>(1);
    reads::<ApiKey>(2);
    reads::<HashClaim>(1);
    reads::<Replay>(3);
}

#[test]
fn what_partners_have_granted_in_every_version_is_read_and_written_anew() {
    reads::<Grant>(5);
    reads::<Lease>(1);
    reads::<KeptSecret>(1);
    reads::<ConnectFlow>(1);
}

#[test]
fn tickets_and_what_was_given_up_of_every_version_are_read_and_written_anew() {
    reads::<Ticket>(2);
    reads::<Suggestion>(3);
    reads::<DeadLetter>(2);
}

#[test]
fn connections_of_every_version_are_read_and_written_anew() {
    reads::<Connection>(4);
    reads::<ConnectionClaim>(1);
    reads::<Counterpart>(4);
    reads::<Progress>(2);
    reads::<Listing>(2);
}

#[test]
fn what_readers_left_in_every_version_is_read_and_written_anew() {
    reads::<Comment>(3);
    reads::<Posted>(1);
    reads::<PostedLately>(1);
    reads::<Vote>(2);
}

#[test]
fn a_person_of_the_first_version_keeps_level_and_rights() {
    let roles = |case: &str, version: u32| {
        let people = read_back::<Person>();
        let kind = format!("person.{version}");
        let (_, person) = people
            .into_iter()
            .find(|(sample, _)| sample.kind == kind && sample.case == case)
            .expect("there is a sample");
        assert_eq!((person.state, person.epoch), (PersonState::Active, 0));
        let everywhere = person.grants.iter().all(|g| g.area == Area::Everything);
        assert!(everywhere, "{person:?}");
        let roles: Vec<Role> = person.grants.iter().map(|g| g.role).collect();
        (person.level, roles)
    };
    for version in 1..=2 {
        assert_eq!(roles("agent", version), (Level::Agent, vec![Role::Agent]));
        assert_eq!(
            roles("publisher", version),
            (Level::Agent, vec![Role::Agent, Role::Publisher])
        );
        assert_eq!(roles("employee", version), (Level::Employee, vec![]));
        assert_eq!(roles("customer", version), (Level::Customer, vec![]));
    }
}

#[cfg(feature = "embedded")]
#[tokio::test]
async fn a_counter_is_stored_as_its_sample_says() {
    use crate::table::{Key, Op, Table, TableName, Transaction};
    let store = crate::Embedded::in_memory(None).expect("memory opens");
    let key = Key::new("count", "#");
    let mut tx = Transaction::new(TableName::Main, 1);
    tx.push(Op::Add(key.clone(), 3));
    store.commit(tx).await.expect("a counter has no condition");
    let row = store.get(TableName::Main, &key, 0).await;
    let row = row.expect("memory answers").expect("it was just written");
    let samples = samples::of("counter");
    assert_eq!(samples.len(), 1);
    assert_eq!(samples[0].kind, COUNTER);
    assert_eq!(
        (row.kind, row.body),
        (COUNTER.to_owned(), samples[0].body.to_string())
    );
}
