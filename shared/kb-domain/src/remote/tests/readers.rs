//! Who reads: rules of theirs as audiences of ours.

use super::*;
use proptest::prelude::*;

fn rule(level: ReaderLevel, parts: &[&[&str]]) -> ReaderRule {
    let part = |part: &&[&str]| part.iter().map(|v| Trait::new("tag", *v)).collect();
    ReaderRule {
        name: "a rule".to_owned(),
        level,
        parts: parts.iter().map(part).collect(),
        none: BTreeSet::new(),
    }
}

fn shape() -> Shape {
    let rules = [
        ("all", rule(ReaderLevel::Everybody, &[])),
        ("in", rule(ReaderLevel::SignedIn, &[])),
        ("staff", rule(ReaderLevel::Staff, &[])),
        (
            "vip",
            rule(ReaderLevel::SignedIn, &[&["vip", "gold"], &["eu"]]),
        ),
        ("odd", rule(ReaderLevel::Unknown, &[])),
    ];
    Shape {
        readers: rules
            .into_iter()
            .map(|(name, rule)| (id(name), rule))
            .collect(),
        ..Shape::default()
    }
}

fn readership(readers: &[&str], said: Option<Audience>, mapping: &Mapping) -> Readership {
    let readers: Vec<RemoteId> = readers.iter().map(|r| id(r)).collect();
    let place = PlaceSettings {
        audience: said,
        ..PlaceSettings::default()
    };
    Readership::of(&readers, &place, &shape(), mapping, "zendesk:acme")
}

#[test]
fn a_rule_is_a_level_or_a_segment_and_none_is_the_places() {
    let said = Some(Audience::level(Level::Employee));
    let mapping = Mapping::default();
    let audience = |readers: &[&str]| {
        let found = readership(readers, said.clone(), &mapping);
        found.audience.check().unwrap();
        found.audience.to_string()
    };
    assert_eq!(audience(&[]), "employees");
    assert_eq!(audience(&["all"]), "public");
    assert_eq!(audience(&["in"]), "customers");
    assert_eq!(audience(&["staff"]), "agents");
    assert_eq!(audience(&["vip"]), "segment:zendesk.acme.vip");
    assert_eq!(
        audience(&["vip", "staff"]),
        "agents,segment:zendesk.acme.vip"
    );
}

#[test]
fn what_is_not_understood_is_for_nobody_and_is_named() {
    for readers in [["odd"], ["never heard of"]] {
        let found = readership(&readers, Some(Audience::public()), &Mapping::default());
        assert_eq!(found.unknown, BTreeSet::from([id(readers[0])]));
        let rules: Vec<&SegmentRule> = found.segments.values().collect();
        assert_eq!(rules, [&SegmentRule::nobody()]);
        assert!(matches!(&found.audience.any[..], [Clause::Segment(_)]));
    }
    let said = Mapping {
        readers: BTreeMap::from([(id("odd"), Clause::Department("hr".to_owned()))]),
        ..Mapping::default()
    };
    let found = readership(&["odd"], Some(Audience::public()), &said);
    assert_eq!(
        (found.audience.to_string().as_str(), found.unknown.len()),
        ("department:hr", 0)
    );
}

#[test]
fn while_nobody_has_said_who_reads_a_place_a_rule_opens_nothing() {
    let mapping = Mapping::default();
    assert_eq!(
        readership(&[], None, &mapping).audience,
        Audience::level(Level::Agent)
    );
    for readers in [["all"], ["in"], ["vip"]] {
        let audience = readership(&readers, None, &mapping).audience;
        assert_eq!(audience.all, [Clause::Level(Level::Agent)], "{readers:?}");
    }
}

#[test]
fn the_name_of_a_segment_fits_an_audience_and_is_one_rules_only() {
    let long = format!("zendesk:{}", "a".repeat(63));
    let names = [
        segment_name("zendesk:acme", &id("360123")),
        segment_name(&long, &id("360000000000123")),
        segment_name(&long, &id("360000000000124")),
        segment_name("zendesk:acme", &id("a b")),
        segment_name("zendesk:acme", &id("a:b")),
        segment_name("zendesk:acme", &id("部门")),
    ];
    assert_eq!(names[0], "zendesk.acme.360123");
    for name in &names {
        let audience: Audience = format!("segment:{name}").parse().unwrap();
        assert_eq!(audience.any.len(), 1, "{name}");
    }
    assert_eq!(BTreeSet::from(names).len(), 6);
}

/// What the other system's own words say, read one by one.
fn reference(rule: &ReaderRule, level: Level, tags: &BTreeSet<String>) -> bool {
    let inside = match rule.level {
        ReaderLevel::Everybody => true,
        ReaderLevel::SignedIn => level >= Level::Customer,
        ReaderLevel::Staff => level == Level::Agent,
        ReaderLevel::Unknown => false,
    };
    let has = |part: &BTreeSet<Trait>| part.iter().any(|t| tags.contains(&t.value));
    inside && rule.parts.iter().all(has) && !has(&rule.none)
}

proptest! {
    #[test]
    fn a_segment_admits_whom_the_rule_admits(
        level in prop_oneof![
            Just(ReaderLevel::Everybody), Just(ReaderLevel::SignedIn),
            Just(ReaderLevel::Staff), Just(ReaderLevel::Unknown),
        ],
        parts in proptest::collection::vec(proptest::collection::btree_set("[a-d]", 1..3), 0..4),
        none in proptest::collection::btree_set("[a-d]", 0..2),
        person in prop_oneof![
            Just(Level::Public), Just(Level::Customer), Just(Level::Employee), Just(Level::Agent),
        ],
        tags in proptest::collection::btree_set("[a-d]", 0..4),
    ) {
        let traits = |set: &BTreeSet<String>| set.iter().map(|v| Trait::new("tag", v)).collect();
        let rule = ReaderRule {
            name: String::new(),
            level,
            parts: parts.iter().map(traits).collect(),
            none: traits(&none),
        };
        let shape = Shape {
            readers: BTreeMap::from([(id("r"), rule.clone())]),
            ..Shape::default()
        };
        let place = PlaceSettings { audience: Some(Audience::public()), ..PlaceSettings::default() };
        let found = Readership::of(&[id("r")], &place, &shape, &Mapping::default(), "s:a");
        let Some(segment) = found.segments.values().next() else {
            prop_assert!(parts.is_empty() && none.is_empty());
            return Ok(());
        };
        let levels = [Level::Public, Level::Customer, Level::Employee, Level::Agent];
        let mut is: BTreeSet<Trait> = traits(&tags);
        is.extend(levels.into_iter().filter(|l| *l <= person).map(Trait::level));
        prop_assert_eq!(segment.admits(&is), reference(&rule, person, &tags));
        prop_assert_eq!(segment.is_nobody(), level == ReaderLevel::Unknown);
    }
}
