//! What becomes of ours: every combination of what is known and what is seen, against a model that is written otherwise.

use super::*;

fn revision(n: u128) -> RevisionId {
    RevisionId::new(Uuid::from_u128(n))
}

/// What of theirs is in ours.
#[derive(Clone, Copy)]
enum Seen {
    Nothing,
    Draft,
    Live(RevisionId),
}

fn states() -> Vec<CounterpartState> {
    vec![
        CounterpartState::Current,
        CounterpartState::Unseen { at: NOW },
        CounterpartState::Diverged { at: NOW },
        CounterpartState::Gone { at: NOW },
        CounterpartState::Unwanted { at: NOW },
    ]
}

fn known(master: Master, state: CounterpartState, seen: Seen) -> Counterpart {
    let text = |revision| SeenVersion {
        version: RemoteVersion(10),
        digest: "a".to_owned(),
        revision,
    };
    let seen = match seen {
        Seen::Nothing => None,
        Seen::Draft => Some(text(None)),
        Seen::Live(revision) => Some(text(Some(revision))),
    };
    Counterpart {
        connection: ConnectionId::of_nothing(),
        id: id("4711"),
        ours: Ours::Article(ArticleId::new(Uuid::nil())),
        master,
        version: Some(RemoteVersion(10)),
        texts: seen.map(|s| ("en".to_owned(), s)).into_iter().collect(),
        state,
        checked_at: NOW,
    }
}

/// The rules one by one, each as a sentence.
fn model(known: &Counterpart, version: i64, digest: &str, ours: Option<RevisionId>) -> Merge {
    let seen = known.texts.get("en");
    let unwanted = matches!(known.state, CounterpartState::Unwanted { .. });
    let same = seen.is_some_and(|s| s.digest == digest);
    let older = seen.is_some_and(|s| s.version.0 > version);
    let edited_here = seen.is_some_and(|s| s.revision.is_some() && s.revision != ours);
    let diverged = seen.is_some() && matches!(known.state, CounterpartState::Diverged { .. });
    let ours_counts = known.master == Master::Ours;
    match (
        unwanted || same,
        older,
        edited_here || diverged || ours_counts,
    ) {
        (true, ..) => Merge::Nothing,
        (false, true, _) => Merge::Late,
        (false, false, true) => Merge::Diverged,
        (false, false, false) => Merge::Take,
    }
}

#[test]
fn a_text_of_theirs_is_decided_as_the_rules_say_in_every_small_state() {
    let mut decided = BTreeMap::new();
    let revisions = [None, Some(revision(1)), Some(revision(2))];
    for master in [Master::Theirs, Master::Ours] {
        for state in states() {
            for seen in [Seen::Nothing, Seen::Draft, Seen::Live(revision(1))] {
                for (version, digest) in [9, 10, 11].into_iter().flat_map(|v| [(v, "a"), (v, "b")])
                {
                    for ours in revisions {
                        let known = known(master, state, seen);
                        let merge =
                            decide_merge(&known, "en", RemoteVersion(version), digest, ours);
                        let wanted = model(&known, version, digest, ours);
                        assert_eq!(merge, wanted, "{known:?} {version} {digest} {ours:?}");
                        *decided.entry(format!("{merge:?}")).or_insert(0) += 1;
                    }
                }
            }
        }
    }
    assert_eq!(decided.len(), 4, "{decided:?}");
}

#[test]
fn an_echo_is_nothing_and_a_text_edited_here_is_never_overwritten() {
    let mine = known(
        Master::Theirs,
        CounterpartState::Current,
        Seen::Live(revision(1)),
    );
    let see = |version, digest, ours| {
        decide_merge(
            &mine,
            "en",
            RemoteVersion(version),
            digest,
            Some(revision(ours)),
        )
    };
    assert_eq!(see(99, "a", 1), Merge::Nothing);
    assert_eq!(see(10, "b", 1), Merge::Take);
    assert_eq!(see(9, "b", 1), Merge::Late);
    assert_eq!(see(11, "b", 2), Merge::Diverged);
    let other = decide_merge(&mine, "fr", RemoteVersion(1), "b", None);
    assert_eq!(other, Merge::Take, "a language of its own");
}

#[test]
fn what_cannot_be_seen_is_archived_by_a_listing_or_after_an_hour() {
    let ours = known(Master::Theirs, CounterpartState::Current, Seen::Nothing);
    let see = |gone, unlisted| decide_absence(&ours, gone, unlisted, NOW);
    assert_eq!(see(Gone::Unseen, false), Absence::Remember);
    assert_eq!(see(Gone::Unseen, true), Absence::Archive);
    assert_eq!(see(Gone::Deleted, false), Absence::Archive);
    assert_eq!(see(Gone::Erased, false), Absence::Erase);
    let waits = known(
        Master::Theirs,
        CounterpartState::Unseen { at: NOW },
        Seen::Nothing,
    );
    let later = |seconds| decide_absence(&waits, Gone::Unseen, false, NOW.plus_seconds(seconds));
    assert_eq!(later(3_599), Absence::Remember);
    assert_eq!(later(3_600), Absence::Archive);
}

#[test]
fn what_is_archived_already_is_left_alone_unless_it_must_be_erased() {
    for state in states() {
        let known = known(Master::Theirs, state, Seen::Nothing);
        assert_eq!(
            decide_absence(&known, Gone::Erased, false, NOW),
            Absence::Erase
        );
        let archived = [Absence::Archive, Absence::Nothing];
        let deleted = decide_absence(&known, Gone::Deleted, false, NOW);
        assert!(archived.contains(&deleted), "{state:?}: {deleted:?}");
        let here = matches!(
            state,
            CounterpartState::Gone { .. } | CounterpartState::Unwanted { .. }
        );
        assert_eq!(deleted == Absence::Nothing, here, "{state:?}");
    }
    let ours = known(Master::Ours, CounterpartState::Current, Seen::Nothing);
    let gone = decide_absence(&ours, Gone::Deleted, true, NOW);
    assert_eq!(gone, Absence::Diverged);
}
