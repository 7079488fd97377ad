//! Scores, order and limits.

use super::{ask, find, lay, merge, numbers, numbers_of, part, term, unit};
use crate::fields;
use crate::index::{Count, Filter, SearchIndex, UnitQuery};
use crate::measure;
use kb_domain::Timestamp;

pub(super) async fn scores_are_those_of_lucene(index: &dyn SearchIndex) {
    measure::check(index).await.expect("the scores are known");
}

pub(super) async fn units_come_by_score_and_then_by_id(index: &dyn SearchIndex) {
    // Written in another order than that of their ids, and in several batches.
    for ids in [[7, 2, 9], [4, 1, 8]] {
        lay(index, ids.map(|n| part(n, "heron")).to_vec()).await;
    }
    lay(
        index,
        vec![
            part(3, "heron heron heron"),
            unit(2, "zh-Hans", 0, "heron"),
            unit(2, "en", 10, "heron"),
            unit(2, "en", 9, "heron"),
        ],
    )
    .await;
    merge(index).await;
    let units = find(index, &ask(&["heron"])).await;
    assert_eq!(numbers(&units), [3, 1, 2, 2, 2, 2, 4, 7, 8, 9]);
    let of_two: Vec<String> = (units.hits[2..6].iter())
        .map(|h| format!("{} {}", h.id.locale, h.id.n))
        .collect();
    assert_eq!(of_two, ["en 0", "en 9", "en 10", "zh-Hans 0"]);
    assert!(units.hits.windows(2).all(|w| w[0].score >= w[1].score));
}

pub(super) async fn fields_and_weights_count_apart(index: &dyn SearchIndex) {
    let mut titled = part(1, "plain words");
    titled.title = "resetting".to_owned();
    let mut placed = part(2, "plain words");
    placed.path = vec!["Printers".to_owned()];
    placed.labels = vec!["product:falcon".to_owned()];
    lay(index, vec![titled, placed, part(3, "resetting words")]).await;
    let asked = async |terms: Vec<(&'static str, &str, f32)>| {
        let terms = terms.into_iter().map(|(f, t, w)| term(f, t, w));
        let query = UnitQuery {
            terms: terms.collect(),
            ..ask(&[])
        };
        find(index, &query).await
    };
    let of = async |field, word| numbers(&asked(vec![(field, word, 1.0)]).await);
    assert_eq!(of(fields::TITLE_WORDS, "resetting").await, [1]);
    assert_eq!(of(fields::TITLE_SECOND, "reset").await, [1]);
    assert_eq!(of(fields::BODY_WORDS, "reset").await, [0_u128; 0]);
    assert_eq!(of(fields::PLACE, "printers").await, [2]);
    assert_eq!(of(fields::PLACE, "falcon").await, [2]);
    let words = |weight| (fields::BODY_WORDS, "resetting", weight);
    let stems = |weight| (fields::BODY_SECOND, "reset", weight);
    let score = async |terms| asked(terms).await.hits[0].score;
    let (one, two) = (score(vec![words(1.0)]).await, score(vec![stems(1.0)]).await);
    let both = score(vec![words(3.0), stems(0.5)]).await;
    assert!(
        (both - (3.0 * one + 0.5 * two)).abs() < 1e-4,
        "{both} of {one} and {two}"
    );
}

pub(super) async fn scores_have_five_digits(index: &dyn SearchIndex) {
    let texts = (1..=9).map(|n| part(n, &"heron bittern reed ".repeat(n as usize)));
    lay(index, texts.collect()).await;
    let mut query = ask(&["heron", "reed"]);
    query.terms[0].weight = 0.37;
    for hit in find(index, &query).await.hits {
        let scaled = f64::from(hit.score) * 100_000.0;
        assert!(
            hit.score > 0.0 && (scaled - scaled.round()).abs() < 0.01,
            "{}",
            hit.score
        );
    }
}

pub(super) async fn the_limit_cuts_the_worst(index: &dyn SearchIndex) {
    let texts = (1..=30_u128).map(|n| {
        let (often, seldom) = (n as usize, 31 - n as usize);
        part(
            n,
            &format!("{}{}", "heron ".repeat(often), "reed ".repeat(seldom)),
        )
    });
    lay(index, texts.collect()).await;
    let best: Vec<u128> = (21..=30).rev().collect();
    for limit in [1, 3, 10] {
        let query = UnitQuery {
            limit,
            ..ask(&["heron"])
        };
        let units = find(index, &query).await;
        assert_eq!(numbers(&units), best[..limit]);
        assert_eq!(units.articles, 30);
    }
}

pub(super) async fn many_terms_are_asked_at_once(index: &dyn SearchIndex) {
    let words: Vec<String> = (0..UnitQuery::TERMS_MAX)
        .map(|n| format!("word{n}"))
        .collect();
    let parts = (1..=64_u128).map(|n| part(n, &words[..(n * 8) as usize].join(" ")));
    lay(index, parts.collect()).await;
    for many in [64, UnitQuery::TERMS_MAX] {
        let asked: Vec<&str> = words[..many].iter().map(String::as_str).collect();
        let units = find(index, &ask(&asked)).await;
        assert_eq!((units.hits.len(), units.articles), (64, 64));
        assert_eq!(units.hits[0].id, part(many as u128 / 8, "").id);
    }
}

pub(super) async fn without_terms_the_newest_come_first(index: &dyn SearchIndex) {
    let mut parts: Vec<_> = [3, 1, 5, 4, 2].iter().map(|n| part(*n, "heron")).collect();
    parts.push(unit(6, "en", 0, ""));
    parts[5].published_at = Timestamp(-5_000_000_000);
    lay(index, parts).await;
    let units = find(index, &ask(&[])).await;
    assert_eq!(numbers(&units), [5, 4, 3, 2, 1, 6]);
    assert_eq!((units.articles, units.exact), (6, true));
    let second = UnitQuery {
        limit: 2,
        filters: vec![Filter::Labels(vec!["product:p1".to_owned()])],
        ..ask(&[])
    };
    assert_eq!(numbers(&find(index, &second).await), [5, 3]);
}

/// What is counted decides how an engine looks for the best: with nothing to count it skips most of what matches.
pub(super) async fn a_count_changes_no_hit(index: &dyn SearchIndex) {
    let words = ["ant", "bee", "cat", "dog", "eel", "fox"];
    let parts = (0..300_u64).map(|n| {
        let picked = numbers_of(n, 6).take(1 + (n as usize * 7) % 23);
        let text: Vec<&str> = picked.map(|k| words[k as usize]).collect();
        let mut part = part(u128::from(n) + 1, &text.join(" "));
        part.audience = Some(super::audience(if n % 3 == 0 {
            "agents"
        } else {
            "public"
        }));
        part
    });
    let parts: Vec<_> = parts.collect();
    for half in parts.chunks(150) {
        lay(index, half.to_vec()).await;
    }
    for pair in words.windows(2) {
        let counted = |count| UnitQuery {
            filters: vec![Filter::Portal(super::portal(1))],
            limit: 10,
            count,
            ..ask(pair)
        };
        let scores = async |count| -> Vec<f32> {
            let units = find(index, &counted(count)).await;
            units.hits.iter().map(|h| h.score).collect()
        };
        let all = scores(Count::Facets).await;
        assert_eq!(all.len(), 10);
        assert_eq!(scores(Count::Articles).await, all);
        assert_eq!(scores(Count::Nothing).await, all);
    }
}

pub(super) async fn a_merge_restores_the_scores_of_a_fresh_index(index: &dyn SearchIndex) {
    // Of lengths that one byte cannot tell.
    let text = |n: u128| "heron ".repeat(n as usize) + &"reed ".repeat(7 * n as usize);
    lay(index, (1..=20).map(|n| part(n, &text(n))).collect()).await;
    let scores = async || {
        let units = find(index, &ask(&["heron", "reed"])).await;
        units
            .hits
            .into_iter()
            .map(|h| (h.id, h.score))
            .collect::<Vec<_>>()
    };
    let fresh = scores().await;
    merge(index).await;
    assert_eq!(scores().await, fresh);
    for version in 11..=13 {
        let again = (1..=20).filter(|n| n % 3 != 0).map(|n| {
            let mut part = part(n, &text(n));
            part.version = version;
            part
        });
        lay(index, again.collect()).await;
    }
    merge(index).await;
    assert_eq!(scores().await, fresh);
    let (words, parts) = index.terms(None).await.expect("the engine tells its terms");
    assert_eq!(
        (words, parts),
        (vec![("heron".to_owned(), 20), ("reed".to_owned(), 20)], 20)
    );
}
