//! What a query admits.

use super::{
    article, ask, audience, bound, count_of, find, lay, locale, numbers, part, portal, section,
    sorted, term, unit,
};
use crate::fields;
use crate::index::{Bound, Filter, SearchIndex, UnitQuery};
use crate::part::Part;
use kb_domain::{Kind, NodeId};

pub(super) async fn what_the_audience_does_not_admit_is_nowhere(index: &dyn SearchIndex) {
    let mut secret = part(2, "heron bittern");
    secret.audience = Some(audience("agents"));
    lay(
        index,
        vec![part(1, "heron"), secret, Part::tombstone(part(3, "").id, 5)],
    )
    .await;
    let asked = |word: &str, audiences: &[&str]| UnitQuery {
        bound: bound(audiences),
        ..ask(&[word])
    };
    let units = find(index, &asked("heron", &["public"])).await;
    assert_eq!(
        (numbers(&units), units.articles, units.exact),
        (vec![1], 1, true)
    );
    assert!(units.facets.iter().all(|(_, _, n)| *n == 1) && units.facets.len() == 4);
    let units = find(index, &asked("bittern", &["public"])).await;
    assert!(units.hits.is_empty() && units.articles == 0 && units.facets.is_empty());
    for nobody in [&[][..], &["employees"]] {
        let units = find(index, &asked("heron", nobody)).await;
        assert!(units.hits.is_empty() && units.articles == 0 && units.exact);
        let listed = UnitQuery {
            terms: Vec::new(),
            ..asked("", nobody)
        };
        assert!(find(index, &listed).await.hits.is_empty());
    }
    let units = find(index, &asked("heron", &["public", "agents"])).await;
    assert_eq!((sorted(&units), units.articles), (vec![1, 2], 2));
    let listed = find(index, &ask(&[])).await;
    assert_eq!(sorted(&listed), [1]);
}

pub(super) async fn a_bound_of_portals_holds_everywhere(index: &dyn SearchIndex) {
    let mut parts = [1, 2, 3].map(|n| part(n, "heron"));
    parts[1].portals = vec![portal(2)];
    parts[2].portals = vec![portal(1), portal(2)];
    lay(index, parts.to_vec()).await;
    let seen = async |portals: Option<Vec<u128>>, filter: Option<u128>| {
        let mut query = ask(&["heron"]);
        query.bound.portals = portals.map(|p| p.into_iter().map(portal).collect());
        query
            .filters
            .extend(filter.map(|n| Filter::Portal(portal(n))));
        let units = find(index, &query).await;
        assert_eq!(units.articles as usize, units.hits.len());
        sorted(&units)
    };
    assert_eq!(seen(None, None).await, [1, 2, 3]);
    assert_eq!(seen(Some(vec![2]), None).await, [2, 3]);
    assert_eq!(seen(Some(vec![1, 2]), None).await, [1, 2, 3]);
    assert_eq!(seen(Some(vec![2]), Some(1)).await, [3]);
    assert_eq!(seen(Some(vec![]), None).await, [0_u128; 0]);
    assert_eq!(seen(None, Some(3)).await, [0_u128; 0]);
}

pub(super) async fn a_narrowing_hides_older_units_only(index: &dyn SearchIndex) {
    let units = ["en", "zh-Hans", "zh-Hant"].map(|tag| unit(1, tag, 0, "heron"));
    lay(index, [&units[..], &[part(2, "heron")]].concat()).await;
    let seen = async |hidden: Vec<(u128, Option<&str>, u64)>| {
        let mut query = ask(&["heron"]);
        let hidden = hidden
            .into_iter()
            .map(|(n, tag, version)| (article(n), tag.map(locale), version));
        query.bound.hidden = hidden.collect();
        let units = find(index, &query).await;
        let shown = units.hits.iter();
        let shown: Vec<String> = shown
            .map(|h| format!("{} {}", h.id.article.uuid().as_u128(), h.id.locale))
            .collect();
        (
            shown.join(", "),
            units.articles,
            count_of(&units, "language", "zh-Hans"),
        )
    };
    let all = "1 en, 1 zh-Hans, 1 zh-Hant, 2 en".to_owned();
    assert_eq!(
        seen(vec![(1, Some("zh-Hans"), 10)]).await,
        (all.clone(), 2, 1)
    );
    let others = "1 en, 1 zh-Hant, 2 en".to_owned();
    assert_eq!(seen(vec![(1, Some("zh-Hans"), 11)]).await, (others, 2, 0));
    assert_eq!(seen(vec![(1, None, 11)]).await, ("2 en".to_owned(), 1, 0));
    assert_eq!(
        seen(vec![(1, None, 10), (2, Some("de"), 99)]).await,
        (all, 2, 1)
    );
    let none = seen(vec![(1, None, u64::MAX), (2, Some("en"), u64::MAX)]).await;
    assert_eq!(none, (String::new(), 0, 0));
}

/// Bulk work keeps at most 200 narrowings open.
pub(super) async fn many_narrowings_and_many_terms_go_together(index: &dyn SearchIndex) {
    let parts = (1..=250).map(|n| part(n, "heron word0"));
    lay(index, parts.collect()).await;
    let words =
        (0..UnitQuery::TERMS_MAX).map(|n| term(fields::BODY_WORDS, &format!("word{n}"), 1.0));
    let mut query = UnitQuery {
        terms: words
            .map(|mut t| {
                t.weight = 0.5;
                t
            })
            .collect(),
        filters: vec![Filter::Portal(portal(1)), Filter::Language("en".to_owned())],
        ..ask(&[])
    };
    query.bound.portals = Some((1..=50).map(portal).collect());
    query.bound.hidden = (1..=200)
        .map(|n| (article(n), (n % 2 == 0).then(|| locale("en")), 11))
        .collect();
    let units = find(index, &query).await;
    assert_eq!((units.articles, units.exact), (50, true));
    assert!(numbers(&units).iter().all(|n| *n > 200));
}

/// While an indexer stands still they may become thousands.
pub(super) async fn a_crowd_of_narrowings_hides_at_least_what_they_say(index: &dyn SearchIndex) {
    lay(index, (1..=250).map(|n| part(n, "heron")).collect()).await;
    let mut query = ask(&["heron"]);
    let narrowed = (1..=240).chain(10_001..=13_000);
    query.bound.hidden = narrowed
        .map(|n| (article(n), (n % 2 == 0).then(|| locale("en")), 11))
        .collect();
    query.bound.hidden.reverse();
    let units = find(index, &query).await;
    assert_eq!(sorted(&units), (241..=250).collect::<Vec<_>>());
    assert_eq!((units.articles, units.exact), (10, true));
}

pub(super) async fn filters_hold_together(index: &dyn SearchIndex) {
    let mut parts: Vec<Part> = (1..=6).map(|n| part(n, "heron")).collect();
    parts[5].article_type = "faq".parse().expect("a type");
    parts[5].labels.push("release:spring".to_owned());
    parts[4].labels.clear();
    lay(index, parts).await;
    let seen = async |filters: Vec<Filter>| {
        let listed = UnitQuery {
            filters,
            ..ask(&[])
        };

        sorted(&find(index, &listed).await)
    };
    let kinds =
        |kinds: &[Kind]| Filter::Kind(kinds.iter().map(|k| k.as_str().to_owned()).collect());
    let labels = |labels: &[&str]| Filter::Labels(labels.iter().map(|l| (*l).to_owned()).collect());
    let nodes = |nodes: &[u128]| Filter::Nodes(nodes.iter().map(|n| section(*n)).collect());
    assert_eq!(seen(vec![]).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(seen(vec![kinds(&Kind::ALL[1..2])]).await, [1, 4]);
    assert_eq!(seen(vec![kinds(&Kind::ALL[1..])]).await, [1, 2, 4, 5]);
    assert_eq!(
        seen(vec![Filter::Type(vec!["faq".into(), "manual".into()])]).await,
        [6]
    );
    assert_eq!(seen(vec![labels(&["product:p0"])]).await, [2, 4, 6]);
    assert_eq!(
        seen(vec![labels(&["product:p0", "release:spring"])]).await,
        [6]
    );
    assert_eq!(
        seen(vec![labels(&["product:p1", "release:spring"])]).await,
        [0_u128; 0]
    );
    assert_eq!(seen(vec![nodes(&[1])]).await, [1, 3, 5]);
    assert_eq!(seen(vec![nodes(&[1, 0])]).await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(seen(vec![nodes(&[])]).await, [0_u128; 0]);
    assert_eq!(
        seen(vec![
            Filter::Portal(portal(1)),
            nodes(&[0]),
            kinds(&Kind::ALL[..1])
        ])
        .await,
        [6]
    );
    let none = find(
        index,
        &UnitQuery {
            filters: vec![labels(&["absent"])],
            ..ask(&["heron"])
        },
    )
    .await;
    assert!(none.hits.is_empty() && none.articles == 0 && none.exact);
}

pub(super) async fn a_language_has_all_its_scripts(index: &dyn SearchIndex) {
    let tags = ["en", "zh-Hans", "zh-Hant", "pt-BR", "zh", "fil", "fi"];
    let units = (1..).zip(tags).map(|(n, tag)| unit(n, tag, 0, "heron"));
    lay(index, units.collect()).await;
    let of = async |language: &str| {
        let mut query = ask(&["heron"]);
        query.filters.push(Filter::Language(language.to_owned()));
        sorted(&find(index, &query).await)
    };
    let own = |n: u128| unit(n, tags[n as usize - 1], 0, "").id.locale;
    for (language, wanted) in [
        ("zh", vec![2, 3, 5]),
        ("zh-Hant", vec![3]),
        ("fi", vec![7]),
        ("pt", vec![4]),
        ("de", vec![]),
    ] {
        // A tag may be folded to what content is written in.
        let wanted: Vec<u128> = wanted
            .into_iter()
            .filter(|n| {
                let own = own(*n);
                let tag = own.as_str();
                tag == language || tag.starts_with(&format!("{language}-"))
            })
            .collect();
        assert_eq!(of(language).await, wanted, "{language}");
    }
    assert!(of("zh").await.len() >= 2);
}

pub(super) async fn labels_are_any_text(index: &dyn SearchIndex) {
    let labels = [
        "a:b:c",
        "\"quoted\" \\ / * ? ~",
        "body_words:heron OR public",
        "重设密码",
        "🦢 #1",
        "null",
        "{}",
        "with  two spaces",
        "ümlaut",
        "product:p1",
    ];
    let parts = (1..).zip(labels).map(|(n, label)| {
        let mut part = part(n, "heron");
        part.labels = vec![label.to_owned(), "same".to_owned()];
        part
    });
    lay(index, parts.collect()).await;
    for (n, label) in (1..).zip(labels) {
        let mut query = ask(&["heron"]);
        query.filters = vec![Filter::Labels(vec!["same".to_owned(), label.to_owned()])];
        let units = find(index, &query).await;
        assert_eq!(
            (numbers(&units), count_of(&units, "label", label)),
            (vec![n], 1),
            "{label}"
        );
    }
    let all = find(index, &ask(&["heron"])).await;
    assert_eq!(count_of(&all, "label", "same"), labels.len() as u64);
}

pub(super) async fn places_are_those_that_the_bound_admits(index: &dyn SearchIndex) {
    let mut parts = [1, 2, 3, 4, 5].map(|n| part(n, "heron"));
    for (n, part) in (1..).zip(&mut parts) {
        part.nodes = vec![section(n), section(10 * n)];
    }
    parts[1].audience = Some(audience("agents"));
    parts[2].portals = vec![portal(2)];
    parts[3].portals = vec![portal(2), portal(1)];
    lay(index, parts.to_vec()).await;
    let places = async |n: u128, bound: &Bound| {
        let found = index.places(portal(n), bound).await;
        let mut found: Vec<NodeId> = found.expect("the engine answers");
        found.sort();
        let sizes = index.sizes(portal(n), bound).await;
        let mut sizes = sizes.expect("the engine answers");
        sizes.sort();
        // Each of them has one part.
        let ones: Vec<(NodeId, u64)> = found.iter().map(|node| (*node, 1)).collect();
        assert_eq!(sizes, ones);
        found
    };
    let nodes = |list: &[u128]| {
        let mut nodes: Vec<NodeId> = list.iter().map(|n| section(*n)).collect();
        nodes.sort();
        nodes
    };
    let public = bound(&["public"]);
    assert_eq!(places(1, &public).await, nodes(&[1, 10, 4, 40, 5, 50]));
    assert_eq!(places(2, &public).await, nodes(&[3, 30, 4, 40]));
    assert_eq!(places(9, &public).await, []);
    assert_eq!(places(1, &Bound::default()).await, []);
    let both = bound(&["public", "agents"]);
    assert_eq!(places(1, &both).await, nodes(&[1, 10, 2, 20, 4, 40, 5, 50]));
    let narrowed = Bound {
        hidden: vec![(article(5), None, 11), (article(1), None, 10)],
        portals: Some(vec![portal(2)]),
        ..public
    };
    assert_eq!(places(1, &narrowed).await, nodes(&[4, 40]));
    assert_eq!(places(2, &narrowed).await, nodes(&[3, 30, 4, 40]));
}

pub(super) async fn the_parts_of_a_section_are_counted_as_the_bound_admits_them(
    index: &dyn SearchIndex,
) {
    let mut parts: Vec<_> = (1..=7).map(|n| part(n, "heron")).collect();
    for (part, (in_section, readers)) in parts.iter_mut().zip([
        (1, "public"),
        (1, "public"),
        (1, "agents"),
        (2, "agents"),
        (3, "public"),
        (3, "public"),
        (3, "public"),
    ]) {
        part.nodes = vec![section(in_section)];
        part.audience = Some(audience(readers));
    }
    // What is laid in two goes need not lie together.
    let later = parts.split_off(4);
    lay(index, parts).await;
    lay(index, later).await;
    let sizes = async |bound: &Bound| {
        let found = index.sizes(portal(1), bound).await;
        let mut found = found.expect("the engine answers");
        found.sort();
        found
    };
    let nodes = |list: &[(u128, u64)]| {
        let nodes = list.iter().map(|(n, parts)| (section(*n), *parts));
        let mut nodes: Vec<(NodeId, u64)> = nodes.collect();
        nodes.sort();
        nodes
    };
    let public = bound(&["public"]);
    assert_eq!(sizes(&public).await, nodes(&[(1, 2), (3, 3)]));
    let both = bound(&["public", "agents"]);
    assert_eq!(sizes(&both).await, nodes(&[(1, 3), (2, 1), (3, 3)]));
    let narrowed = Bound {
        hidden: vec![(article(5), None, 11)],
        ..public
    };
    assert_eq!(sizes(&narrowed).await, nodes(&[(1, 2), (3, 2)]));
}
