//! Versions, tombstones and what a refresh shows.

use super::{
    article, ask, find, known, lay, loaded, numbers, numbers_of, part, refresh, sorted, unit, write,
};
use crate::index::SearchIndex;
use crate::part::{Part, PartId};
use std::collections::BTreeMap;

fn at(mut part: Part, version: u64) -> Part {
    part.version = version;
    part
}

async fn shows(index: &dyn SearchIndex, word: &str) -> Vec<u128> {
    sorted(&find(index, &ask(&[word])).await)
}

pub(super) async fn nothing_is_visible_before_a_refresh(index: &dyn SearchIndex) {
    refresh(index).await;
    let first = part(1, "heron");
    write(index, vec![first.clone()]).await;
    let units = find(index, &ask(&["heron"])).await;
    assert!(units.hits.is_empty() && units.articles == 0 && units.facets.is_empty());
    assert_eq!(loaded(index, std::slice::from_ref(&first.id)).await, [None]);
    refresh(index).await;
    assert_eq!(shows(index, "heron").await, [1]);
    write(index, vec![at(part(1, "bittern"), 11)]).await;
    assert_eq!(shows(index, "heron").await, [1]);
    assert_eq!(
        loaded(index, std::slice::from_ref(&first.id)).await,
        [Some(first)]
    );
    refresh(index).await;
    assert_eq!(shows(index, "heron").await, [0_u128; 0]);
    assert_eq!(shows(index, "bittern").await, [1]);
}

pub(super) async fn a_late_write_is_a_no_op(index: &dyn SearchIndex) {
    write(index, vec![at(part(1, "second"), 20)]).await;
    // Before the refresh, and after it.
    write(index, vec![part(1, "first")]).await;
    refresh(index).await;
    lay(index, vec![at(part(1, "first"), 19)]).await;
    assert_eq!(shows(index, "first").await, [0_u128; 0]);
    assert_eq!(shows(index, "second").await, [1]);
    assert_eq!(known(index, 1).await, [(part(1, "").id, 20)]);
}

/// A tombstone is a document: no time makes an engine forget its version, as it forgets that of a delete.
pub(super) async fn a_late_write_does_not_bring_back_what_is_gone(index: &dyn SearchIndex) {
    let first = part(1, "heron");
    lay(index, vec![first.clone()]).await;
    write(index, vec![Part::tombstone(first.id.clone(), 20)]).await;
    write(index, vec![first.clone()]).await;
    refresh(index).await;
    for _ in 0..2 {
        lay(index, vec![first.clone()]).await;
        index.merge().await.expect("the engine merges");
        assert_eq!(shows(index, "heron").await, [0_u128; 0]);
        assert_eq!(known(index, 1).await, [(first.id.clone(), 20)]);
    }
    let tombstone = loaded(index, std::slice::from_ref(&first.id)).await;
    assert!(tombstone[0].as_ref().is_some_and(Part::is_tombstone));
    lay(index, vec![at(first, 30)]).await;
    assert_eq!(shows(index, "heron").await, [1]);
}

pub(super) async fn an_equal_version_replaces_and_repeats_nothing(index: &dyn SearchIndex) {
    for text in ["first", "first", "second", "second"] {
        write(index, vec![part(1, text)]).await;
    }
    refresh(index).await;
    lay(index, vec![part(1, "second"), part(1, "second")]).await;
    assert_eq!(shows(index, "first").await, [0_u128; 0]);
    assert_eq!(shows(index, "second").await, [1]);
    let tombstone = Part::tombstone(part(1, "").id, 10);
    lay(index, vec![tombstone]).await;
    assert_eq!(shows(index, "second").await, [0_u128; 0]);
}

pub(super) async fn one_late_part_of_a_batch_holds_up_no_other(index: &dyn SearchIndex) {
    lay(index, vec![at(part(2, "newest"), 50)]).await;
    let batch = vec![
        part(1, "heron"),
        part(2, "heron"),
        Part::tombstone(part(2, "").id, 49),
        part(3, "heron"),
    ];
    lay(index, batch).await;
    assert_eq!(shows(index, "heron").await, [1, 3]);
    assert_eq!(shows(index, "newest").await, [2]);
    write(index, Vec::new()).await;
}

pub(super) async fn repeated_and_shuffled_writes_end_equal(index: &dyn SearchIndex) {
    for seed in 1..=8_u64 {
        let base = u128::from(seed) * 100;
        let mut chance = numbers_of(seed, 1 << 30);
        let mut next = |end: usize| chance.next().unwrap_or(0) as usize % end;
        // Eight versions of three parts each of four articles; some of them are tombstones.
        let mut writes = Vec::new();
        for n in 0..4 {
            for k in 0..3 {
                for version in 1..=8 {
                    let word = format!("w{seed}v{version}");
                    let whole = at(unit(base + n, "en", k, &word), version);
                    let tombstone = Part::tombstone(whole.id.clone(), version);
                    writes.push(if next(4) == 0 { tombstone } else { whole });
                }
            }
        }
        let mut last: BTreeMap<PartId, Part> = BTreeMap::new();
        for part in &writes {
            last.insert(part.id.clone(), part.clone());
        }
        for _ in 0..writes.len() / 2 {
            writes.push(writes[next(writes.len())].clone());
        }
        for n in (1..writes.len()).rev() {
            writes.swap(n, next(n + 1));
        }
        while !writes.is_empty() {
            let rest = writes.split_off((1 + next(17)).min(writes.len()));
            write(index, std::mem::replace(&mut writes, rest)).await;
            if next(3) == 0 {
                refresh(index).await;
            }
        }
        refresh(index).await;
        let ids: Vec<PartId> = last.keys().cloned().collect();
        let found = loaded(index, &ids).await;
        let wanted: Vec<Option<Part>> = last.into_values().map(Some).collect();
        assert_eq!(found, wanted, "seed {seed}");
    }
}

pub(super) async fn parts_are_known_before_they_are_visible(index: &dyn SearchIndex) {
    assert_eq!(known(index, 1).await, []);
    let ids = |parts: &[Part]| -> Vec<(PartId, u64)> {
        parts.iter().map(|p| (p.id.clone(), p.version)).collect()
    };
    let mut parts = vec![
        unit(1, "en", 0, "heron"),
        unit(1, "en", 1, "heron"),
        unit(1, "zh-Hans", 0, "heron"),
    ];
    write(index, parts.clone()).await;
    write(index, vec![part(2, "heron")]).await;
    assert_eq!(known(index, 1).await, ids(&parts));
    refresh(index).await;
    assert_eq!(known(index, 1).await, ids(&parts));
    parts[1] = Part::tombstone(parts[1].id.clone(), 12);
    parts.push(unit(1, "zh-Hant", 0, "heron"));
    write(index, vec![parts[1].clone(), parts[3].clone()]).await;
    assert_eq!(known(index, 1).await, ids(&parts));
    refresh(index).await;
    assert_eq!(known(index, 1).await, ids(&parts));
    assert_eq!(known(index, 3).await, []);
    // Several articles at once, of which one is not there.
    let both = [ids(&parts), ids(&[part(2, "heron")])].concat();
    let asked = [article(3), article(2), article(1)];
    let found = index.parts(&asked).await;
    assert_eq!(found.expect("the engine answers"), both);
    let none = index.parts(&[]).await;
    assert_eq!(none.expect("the engine answers"), []);
}

pub(super) async fn only_tombstones_of_their_age_are_forgotten(index: &dyn SearchIndex) {
    let id = |k| unit(1, "en", k, "").id;
    let forget = async |up_to| {
        let forgotten = index.forget(article(1), up_to).await;
        forgotten.expect("the engine forgets");
        refresh(index).await;
        known(index, 1).await
    };
    assert_eq!(forget(u64::MAX).await, []);
    lay(
        index,
        vec![
            unit(1, "en", 0, "heron"),
            Part::tombstone(id(1), 20),
            Part::tombstone(id(2), 30),
            Part::tombstone(part(2, "").id, 20),
        ],
    )
    .await;
    let all = [(id(0), 10), (id(1), 20), (id(2), 30)];
    assert_eq!(forget(19).await, all);
    // One that is laid anew before the removal stays, whatever was seen of it.
    write(index, vec![Part::tombstone(id(1), 40)]).await;
    assert_eq!(forget(29).await, [(id(0), 10), (id(1), 40), (id(2), 30)]);
    // So does one that became text again.
    write(index, vec![at(unit(1, "en", 2, "bittern"), 31)]).await;
    assert_eq!(forget(30).await, [(id(0), 10), (id(1), 40), (id(2), 31)]);
    assert_eq!(forget(u64::MAX).await, [(id(0), 10), (id(2), 31)]);
    assert_eq!(known(index, 2).await.len(), 1);
    assert_eq!(shows(index, "bittern").await, [1]);
    assert_eq!(loaded(index, &[id(1)]).await, [None]);
}

pub(super) async fn parts_are_loaded_in_the_order_asked(index: &dyn SearchIndex) {
    let parts: Vec<Part> = (1..=5).map(|n| part(n, "heron")).collect();
    lay(index, parts.clone()).await;
    let missing = part(9, "").id;
    let asked: Vec<PartId> = [4_usize, 0, 2]
        .iter()
        .map(|n| parts[*n].id.clone())
        .collect();
    let asked = [&asked[..], &[missing], &asked[..1]].concat();
    let found = loaded(index, &asked).await;
    let wanted = [4, 0, 2, 9, 4].map(|n| parts.get(n).cloned());
    assert_eq!(found, wanted);
    assert_eq!(loaded(index, &[]).await, []);
}

pub(super) async fn a_large_part_comes_back_whole(index: &dyn SearchIndex) {
    let mut words: Vec<String> = numbers_of(7, 9_000)
        .take(26_000)
        .map(|n| format!("word{n}"))
        .collect();
    words.push(
        "gooseberry \"quoted\" \\ / \u{1f99a} 重设密码 \u{202e}mirrored\u{0} \n end".to_owned(),
    );
    let mut large = part(1, &words.join(" "));
    large.title = "鷺 & <heron>".to_owned();
    large.passages[0].heading = Some("頭".to_owned());
    assert!(large.body().len() > 200_000);
    lay(index, vec![part(2, "small"), large.clone()]).await;
    let units = find(index, &ask(&["gooseberry"])).await;
    assert_eq!(numbers(&units), [1]);
    assert_eq!(loaded(index, &[large.id.clone()]).await, [Some(large)]);
}

pub(super) async fn articles_come_in_pages_by_their_ids(index: &dyn SearchIndex) {
    let page = async |after: Option<u128>, limit| -> Vec<u128> {
        let page = index.articles(after.map(article), limit).await;
        let page = page.expect("the engine answers");
        page.iter().map(|id| id.uuid().as_u128()).collect()
    };
    assert_eq!(page(None, 3).await, [0_u128; 0]);
    let languages = (1..=5).flat_map(|n| ["en", "zh-Hans"].map(|tag| unit(n * 3, tag, 0, "heron")));
    lay(index, languages.collect()).await;
    lay(
        index,
        vec![Part::tombstone(part(7, "").id, 1), at(part(6, "reed"), 11)],
    )
    .await;
    assert_eq!(page(None, 3).await, [3, 6, 7]);
    assert_eq!(page(Some(7), 3).await, [9, 12, 15]);
    assert_eq!(page(Some(8), 1).await, [9]);
    assert_eq!(page(Some(15), 3).await, [0_u128; 0]);
    assert_eq!(page(None, 100).await.len(), 6);
}
