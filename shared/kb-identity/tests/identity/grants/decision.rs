//! What is done next with a grant.

use kb_domain::Timestamp;
use kb_identity::grants::{GrantStep, PROCESS_MAX_SECONDS, Reconnect, next_grant_step};
use kb_store::repo::{Grant, GrantEnd, Lease, Sealed};
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp(1_795_507_200_000_000);

fn at(seconds: i64) -> Timestamp {
    NOW.plus_seconds(seconds)
}

/// One whose access token is good from an hour ago for two hours.
fn grant() -> Grant {
    Grant {
        generation: 1,
        tokens: Sealed {
            key: 1,
            text: String::new(),
        },
        renewable: true,
        scopes: BTreeSet::new(),
        issued_at: at(-3_600),
        access_until: Some(at(3_600)),
        refresh_until: None,
        shown_at: None,
        shown_again: false,
        end: None,
    }
}

fn lease(seconds: i64) -> Lease {
    Lease {
        holder: "other".to_owned(),
        until: at(seconds),
    }
}

#[test]
fn the_next_step_by_table() {
    let again = GrantStep::Wait(at(1));
    let over = GrantStep::Reconnect;
    let dying = |grant: Grant| Grant {
        access_until: Some(at(-1)),
        ..grant
    };
    let shown = |ago: i64, again: bool| Grant {
        shown_at: Some(at(-ago)),
        shown_again: again,
        ..dying(grant())
    };
    let ended = |end: GrantEnd| Grant {
        end: Some(end),
        ..grant()
    };
    let pasted = Grant {
        renewable: false,
        access_until: None,
        ..grant()
    };
    let soon = Grant {
        access_until: Some(at(600)),
        ..grant()
    };
    let young = Grant {
        issued_at: at(-10),
        ..grant()
    };
    let (held, left) = (lease(30), lease(-30));
    let patience = PROCESS_MAX_SECONDS;
    let table = [
        ("it is good", grant(), None, false, GrantStep::Use),
        (
            "a fifth of its life is left",
            soon.clone(),
            None,
            false,
            GrantStep::Refresh,
        ),
        (
            "somebody renews it ahead of time",
            soon.clone(),
            Some(&held),
            false,
            GrantStep::Use,
        ),
        (
            "somebody has shown it ahead of time",
            Grant {
                shown_at: Some(at(-1)),
                ..soon
            },
            None,
            false,
            GrantStep::Use,
        ),
        (
            "it is over",
            dying(grant()),
            None,
            false,
            GrantStep::Refresh,
        ),
        (
            "somebody is about to renew it",
            dying(grant()),
            Some(&held),
            false,
            again,
        ),
        (
            "a lease is over",
            dying(grant()),
            Some(&left),
            false,
            GrantStep::Refresh,
        ),
        ("it was shown just now", shown(1, false), None, false, again),
        (
            "who has shown it may be at work",
            shown(patience - 1, false),
            None,
            false,
            again,
        ),
        (
            "nobody can be at work any more",
            shown(patience, false),
            None,
            false,
            GrantStep::Refresh,
        ),
        (
            "somebody is about to show it again",
            shown(patience, false),
            Some(&held),
            false,
            again,
        ),
        (
            "it was shown again just now",
            shown(1, true),
            None,
            false,
            again,
        ),
        (
            "it was shown twice",
            shown(patience, true),
            None,
            false,
            over(Reconnect::Lost),
        ),
        (
            "the partner does not take it",
            grant(),
            None,
            true,
            GrantStep::Refresh,
        ),
        ("nor a new one", young, None, true, GrantStep::Wait(at(50))),
        (
            "the partner has ended it",
            ended(GrantEnd::Refused),
            None,
            false,
            GrantStep::Use,
        ),
        (
            "that shows",
            ended(GrantEnd::Refused),
            None,
            true,
            over(Reconnect::Refused),
        ),
        (
            "that was long ago",
            dying(ended(GrantEnd::Refused)),
            None,
            false,
            over(Reconnect::Refused),
        ),
        (
            "we have ended it",
            ended(GrantEnd::Withdrawn),
            None,
            false,
            over(Reconnect::Withdrawn),
        ),
        (
            "the refresh token is over",
            Grant {
                refresh_until: Some(NOW),
                ..dying(grant())
            },
            None,
            false,
            over(Reconnect::Expired),
        ),
        (
            "a token without an end",
            pasted.clone(),
            None,
            false,
            GrantStep::Use,
        ),
        (
            "that is refused",
            pasted.clone(),
            None,
            true,
            over(Reconnect::Refused),
        ),
        (
            "one that cannot be renewed",
            dying(pasted),
            None,
            false,
            over(Reconnect::Expired),
        ),
    ];
    for (case, grant, lease, is_refused, wanted) in table {
        let step = next_grant_step(&grant, lease, NOW, is_refused);
        assert_eq!(step, wanted, "{case}: {grant:?}");
    }
}

/// The rules, each said by itself, in the order of nothing.
struct Model<'a> {
    grant: &'a Grant,
    is_held: bool,
    is_refused: bool,
}

impl Model<'_> {
    fn was_shown(&self) -> bool {
        self.grant.shown_at.is_some()
    }

    fn may_be_at_work(&self) -> bool {
        self.grant
            .shown_at
            .is_some_and(|at| NOW.0 - at.0 < PROCESS_MAX_SECONDS * 1_000_000)
    }

    fn is_lost(&self) -> bool {
        self.was_shown() && !self.may_be_at_work() && self.grant.shown_again
    }

    fn is_over(&self) -> bool {
        let has_ended = self.grant.refresh_until.is_some_and(|end| end <= NOW);
        self.grant.end.is_some() || self.is_lost() || has_ended || !self.grant.renewable
    }

    /// For so long at least, in seconds.
    fn is_good_for(&self, seconds: i64) -> bool {
        let lasts = |end: Timestamp| end.0 - NOW.0 > seconds * 1_000_000;
        !self.is_refused && self.grant.access_until.is_none_or(lasts)
    }

    fn life(&self) -> i64 {
        let end = self.grant.access_until.unwrap_or(self.grant.issued_at);
        (end.0 - self.grant.issued_at.0).max(0) / 1_000_000
    }

    fn uses(&self) -> bool {
        let is_renewed_now = !self.is_over() && !self.was_shown() && !self.is_held;
        let ahead = self.life() / 5;
        let enough = if is_renewed_now { ahead } else { ahead.min(30) };
        self.grant.end != Some(GrantEnd::Withdrawn) && self.is_good_for(enough)
    }

    fn is_young(&self) -> bool {
        self.is_refused && !self.was_shown() && NOW.0 - self.grant.issued_at.0 < 60_000_000
    }

    fn refreshes(&self) -> bool {
        !self.uses()
            && !self.is_over()
            && !self.may_be_at_work()
            && !self.is_held
            && !self.is_young()
    }
}

#[test]
fn the_next_step_is_what_a_model_says_in_every_small_state() {
    let ends = [None, Some(GrantEnd::Refused), Some(GrantEnd::Withdrawn)];
    let lives = [
        None,
        Some(-1_000),
        Some(0),
        Some(5),
        Some(25),
        Some(31),
        Some(150),
        Some(3_000),
    ];
    let shown = [
        None,
        Some(0),
        Some(-1),
        Some(-179),
        Some(-180),
        Some(-5_000),
    ];
    let leases = [None, Some(lease(-1)), Some(lease(0)), Some(lease(1))];
    let (mut states, mut steps) = (0, [0; 4]);
    for renewable in [true, false] {
        for shown_again in [true, false] {
            for is_refused in [true, false] {
                for issued in [-10, -59, -60, -3_600] {
                    for refresh in [None, Some(-1), Some(0), Some(1)] {
                        for (end, life) in
                            ends.iter().flat_map(|e| lives.iter().map(move |l| (e, l)))
                        {
                            for (shown, lease) in shown
                                .iter()
                                .flat_map(|s| leases.iter().map(move |l| (s, l)))
                            {
                                let grant = Grant {
                                    renewable,
                                    shown_again,
                                    issued_at: at(issued),
                                    refresh_until: refresh.map(at),
                                    access_until: life.map(at),
                                    shown_at: shown.map(at),
                                    end: *end,
                                    ..grant()
                                };
                                let model = Model {
                                    grant: &grant,
                                    is_held: lease.as_ref().is_some_and(|l| l.until > NOW),
                                    is_refused,
                                };
                                let step = next_grant_step(&grant, lease.as_ref(), NOW, is_refused);
                                let (as_modelled, kind) = match step {
                                    GrantStep::Use => (model.uses(), 0),
                                    GrantStep::Refresh => (model.refreshes(), 1),
                                    GrantStep::Reconnect(_) => {
                                        (!model.uses() && model.is_over(), 2)
                                    }
                                    GrantStep::Wait(until) => {
                                        let waits =
                                            !model.uses() && !model.is_over() && !model.refreshes();
                                        (waits && until > NOW && until <= at(60), 3)
                                    }
                                };
                                assert!(as_modelled, "{step:?} {is_refused} {lease:?} {grant:?}");
                                states += 1;
                                steps[kind] += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(
        states > 50_000 && steps.iter().all(|n| *n > 500),
        "{states} {steps:?}"
    );
}
