//! How many articles match, and how many have each facet value.

use super::{ask, count_of, find, lay, part, unit};
use crate::index::{Count, Filter, SearchIndex, UnitQuery};
use crate::part::Part;
use kb_domain::Kind;
use std::collections::BTreeSet;

/// Three languages of each of so many articles; the best stand last.
fn many(articles: u128) -> Vec<Part> {
    let in_languages = |n: u128| {
        let text = "heron ".repeat(n as usize / 100 + 1);
        ["en", "de", "zh-Hans"].map(|tag| unit(n, tag, 0, &text))
    };
    (1..=articles).flat_map(in_languages).collect()
}

pub(super) async fn articles_are_counted_as_far_as_anybody_pages(index: &dyn SearchIndex) {
    lay(index, many(1_200)).await;
    let counted = async |count, labels: &[&str]| {
        let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
        let query = UnitQuery {
            filters: vec![Filter::Labels(labels)],
            limit: 50,
            count,
            ..ask(&["heron"])
        };
        find(index, &query).await
    };
    let all = counted(Count::Facets, &[]).await;
    let some = counted(Count::Articles, &[]).await;
    assert_eq!((all.articles, all.exact), (1_200, true));
    assert_eq!((some.articles, some.exact), (Count::ARTICLES, false));
    assert_eq!(some.hits, all.hits);
    let half = counted(Count::Articles, &["product:p1"]).await;
    assert_eq!((half.articles, half.exact), (600, true));
    assert_eq!(counted(Count::Articles, &["absent"]).await.articles, 0);
    let listed = UnitQuery {
        terms: Vec::new(),
        ..ask(&[])
    };
    assert_eq!(find(index, &listed).await.articles, 1_200);
    // Where counting ends, a number is exact still; one more is not.
    lay(
        index,
        (1..=200)
            .map(|n| Part::tombstone(unit(n, "en", 0, "").id, 20))
            .collect(),
    )
    .await;
    let english = UnitQuery {
        filters: vec![Filter::Language("en".to_owned())],
        count: Count::Articles,
        ..ask(&["heron"])
    };
    let units = find(index, &english).await;
    assert_eq!((units.articles, units.exact), (Count::ARTICLES, true));
    lay(index, vec![unit(2_000, "en", 0, "heron")]).await;
    let units = find(index, &english).await;
    assert_eq!((units.articles, units.exact), (Count::ARTICLES, false));
}

pub(super) async fn an_article_counts_once_for_each_facet_value(index: &dyn SearchIndex) {
    // Each language in a batch of its own, which is a segment of its own; the second one in four parts.
    for language in ["en", "de", "zh-Hans"] {
        let parts = if language == "de" { 4 } else { 1 };
        let units =
            (1..=6).flat_map(|n| (0..parts).map(move |k| unit(n, language, k, "printer heron")));
        lay(index, units.collect()).await;
    }
    lay(
        index,
        vec![
            unit(7, "de", 0, "printer"),
            Part::tombstone(unit(1, "de", 3, "").id, 11),
        ],
    )
    .await;
    let units = find(index, &ask(&["printer", "heron"])).await;
    assert_eq!(units.hits.len(), 6 * 6 - 1 + 1);
    assert_eq!((units.articles, units.exact), (7, true));
    let count = |name, value| count_of(&units, name, value);
    assert_eq!(
        ["en", "de", "zh-Hans"].map(|l| count("language", l)),
        [6, 7, 6]
    );
    assert_eq!(Kind::ALL.map(|k| count("kind", k.as_str())), [2, 3, 2]);
    assert_eq!(
        (count("label", "product:p0"), count("label", "product:p1")),
        (3, 4)
    );
    assert_eq!(count("type", part(1, "").article_type.as_str()), 7);
    let names: Vec<&str> = units
        .facets
        .iter()
        .map(|(name, _, _)| name.as_str())
        .collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(
        distinct.into_iter().collect::<Vec<_>>(),
        ["kind", "label", "language", "type"]
    );
    assert_eq!(names.len(), 3 + 3 + 2 + 1);
    let ids: BTreeSet<_> = units.hits.iter().map(|h| &h.id).collect();
    assert_eq!(ids.len(), units.hits.len());
    // The limit cuts hits, not what is counted.
    let first = UnitQuery {
        limit: 1,
        ..ask(&["printer", "heron"])
    };
    let first = find(index, &first).await;
    assert_eq!((first.articles, count_of(&first, "language", "de")), (7, 7));
}

pub(super) async fn nothing_is_counted_unless_asked(index: &dyn SearchIndex) {
    lay(index, (1..=4).map(|n| part(n, "heron")).collect()).await;
    for terms in [&["heron"][..], &[]] {
        let counted = async |count| {
            find(
                index,
                &UnitQuery {
                    count,
                    ..ask(terms)
                },
            )
            .await
        };
        let (none, some) = (
            counted(Count::Nothing).await,
            counted(Count::Articles).await,
        );
        assert_eq!(
            (none.hits.len(), none.articles, none.facets.len()),
            (4, 0, 0)
        );
        assert_eq!((some.articles, some.exact, some.facets.len()), (4, true, 0));
    }
}

pub(super) async fn counting_ends_beside_facets(index: &dyn SearchIndex) {
    let end = u128::from(Count::EVERYTHING);
    for from in (0..end).step_by(2_500) {
        lay(
            index,
            (from + 1..=from + 2_500)
                .map(|n| part(n, "heron"))
                .collect(),
        )
        .await;
    }
    let query = UnitQuery {
        limit: 10,
        ..ask(&["heron"])
    };
    let units = find(index, &query).await;
    assert_eq!((units.articles, units.exact), (Count::EVERYTHING, true));
    assert_eq!(
        count_of(&units, "label", "product:p1"),
        Count::EVERYTHING / 2
    );
    assert_eq!(count_of(&units, "language", "en"), Count::EVERYTHING);
    lay(index, vec![part(end + 1, "heron")]).await;
    let units = find(index, &query).await;
    assert_eq!((units.articles, units.exact), (Count::EVERYTHING, false));
    assert!(count_of(&units, "language", "en") >= Count::EVERYTHING);
}
