//! Whether a change shows something to somebody who did not see it before: that is publishing, whatever else it is called.
//!
//! The sets of readers before and after are compared by their expressions alone. What cannot be proved to be no wider is wider.

use crate::article::{Article, ArticleState};
use crate::audience::{Audience, Clause, Level};
use crate::comment::Comments;
use crate::portal::{Portal, PortalState};

/// Whether a change of a head shows an article with a live text, or what is said about it, to anybody who did not see it.
/// `portals` are all there are.
pub fn shows_more(before: &Article, after: &Article, portals: &[&Portal]) -> bool {
    if after.state != ArticleState::Active {
        return false;
    }
    let portal = |id| portals.iter().copied().find(|p| p.id == id);
    let stood: Vec<Option<&Portal>> = before.placements.iter().map(|p| portal(p.portal)).collect();
    let enters_newly = after.placements.iter().any(|placement| {
        let was_there = before
            .placements
            .iter()
            .any(|p| p.portal == placement.portal);
        let no_wider = portal(placement.portal)
            .is_some_and(|new| stood.iter().flatten().any(|old| !is_wider(old, new)));
        !was_there && !no_wider
    });
    let off = |article: &Article| {
        let home = article.home.as_ref().and_then(|home| portal(home.portal));
        let own = article.comments.or(home.map(|home| home.comments));
        own.is_none_or(|mode| mode == Comments::Off)
    };
    before.state != ArticleState::Active
        || enters_newly
        || !is_within(&after.audience, &before.audience)
        || off(before) && !off(after)
}

/// Whether a change of a portal lets anybody in who was kept out, or shows comments that were not shown.
pub fn opens_more(before: &Portal, after: &Portal) -> bool {
    is_wider(before, after) || before.comments == Comments::Off && after.comments != Comments::Off
}

/// Whether anybody may enter `new` who may not enter `old`.
fn is_wider(old: &Portal, new: &Portal) -> bool {
    let opened = new.state == PortalState::Active && old.state != PortalState::Active;
    opened || !is_within(&new.entry, &old.entry)
}

/// Whether everybody whom `inner` admits is certainly admitted by `outer`.
fn is_within(inner: &Audience, outer: &Audience) -> bool {
    if inner.any.is_empty() && inner.all.is_empty() {
        return true;
    }
    let kept_out = |clause: &Clause| inner.none.iter().any(|wider| implies(clause, wider));
    let held = |wanted: &Clause| {
        let all = inner.all.iter().any(|clause| implies(clause, wanted));
        all || !inner.any.is_empty() && inner.any.iter().all(|clause| implies(clause, wanted))
    };
    let one_of = |clause: &Clause| outer.any.iter().any(|wanted| implies(clause, wanted));
    let any = outer.any.is_empty() && !outer.all.is_empty()
        || inner.all.iter().any(one_of)
        || !inner.any.is_empty() && inner.any.iter().all(one_of);
    any && outer.all.iter().all(held) && outer.none.iter().all(kept_out)
}

/// Whether whoever fulfils `clause` certainly fulfils `wanted`.
fn implies(clause: &Clause, wanted: &Clause) -> bool {
    match (clause, wanted) {
        (_, Clause::Level(Level::Public)) => true,
        (Clause::Level(inner), Clause::Level(outer)) => inner >= outer,
        _ => clause == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Viewer, Who, admits};
    use crate::id::UserId;
    use proptest::prelude::*;

    fn clause() -> impl Strategy<Value = Clause> {
        prop_oneof![
            prop_oneof![
                Just(Level::Public),
                Just(Level::Customer),
                Just(Level::Employee),
                Just(Level::Agent)
            ]
            .prop_map(Clause::Level),
            "[ab]".prop_map(Clause::Segment),
            "[ab]".prop_map(Clause::Region),
        ]
    }

    fn audience() -> impl Strategy<Value = Audience> {
        let list = |most: usize| prop::collection::vec(clause(), 0..=most);
        (list(2), list(2), list(1)).prop_map(|(any, all, none)| Audience { any, all, none })
    }

    /// Everybody there could be, as far as these clauses can tell them apart.
    fn everybody() -> Vec<Viewer> {
        let levels = [
            Level::Public,
            Level::Customer,
            Level::Employee,
            Level::Agent,
        ];
        let mut all = Vec::new();
        for level in levels {
            for (segments, region) in [0_u8, 1, 2, 3]
                .into_iter()
                .flat_map(|s| [None, Some("a"), Some("b")].map(|r| (s, r)))
            {
                let who = Who::Person(UserId::new(uuid::Uuid::from_u128(7)));
                let mut viewer = Viewer::new(who, "Ada", level, Vec::new());
                let names = [(1, "a"), (2, "b")].into_iter();
                let names = names.filter(|(bit, _)| segments & bit != 0);
                viewer.segments = names.map(|(_, name)| name.to_owned()).collect();
                viewer.region = region.map(str::to_owned);
                all.push(viewer);
            }
        }
        all
    }

    proptest! {
        #[test]
        fn what_is_within_admits_nobody_more(inner in audience(), outer in audience()) {
            if is_within(&inner, &outer) {
                for viewer in everybody() {
                    prop_assert!(!admits(&viewer, &inner) || admits(&viewer, &outer), "{inner:?} {outer:?}");
                }
            }
        }

        #[test]
        fn an_audience_is_within_itself_and_within_everybody(audience in audience()) {
            prop_assert!(is_within(&audience, &audience) && is_within(&audience, &Audience::public()));
        }
    }

    #[test]
    fn a_portal_opens_by_its_state_its_entry_and_its_comments() {
        let portal = |entry: &str, state, comments| Portal {
            id: crate::id::PortalId::of_nothing(),
            handle: "help".to_owned(),
            name: std::collections::BTreeMap::new(),
            locales: Vec::new(),
            default_locale: crate::locale::Locale::en(),
            entry: entry.parse().unwrap(),
            state,
            comments,
            default: false,
        };
        let (off, on) = (Comments::Off, Comments::On);
        let (setup, active, closed) =
            (PortalState::Setup, PortalState::Active, PortalState::Closed);
        let before = portal("employees", setup, off);
        assert!(opens_more(&before, &portal("employees", active, off)));
        assert!(opens_more(&before, &portal("customers", setup, off)));
        assert!(opens_more(&before, &portal("employees", setup, on)));
        assert!(!opens_more(&before, &portal("agents", closed, off)));
        let before = portal("public", active, on);
        assert!(!opens_more(&before, &portal("employees", closed, off)));
        assert!(!opens_more(&before, &before.clone()));
    }

    #[test]
    fn what_is_said_in_fewer_words_is_within() {
        let read = |text: &str| text.parse::<Audience>().unwrap();
        for (inner, outer) in [
            ("agents", "employees"),
            ("segment:hr", "segment:hr,region:eu"),
            ("segment:hr", "public"),
        ] {
            assert!(is_within(&read(inner), &read(outer)), "{inner} {outer}");
            assert!(!is_within(&read(outer), &read(inner)), "{outer} {inner}");
        }
    }
}
