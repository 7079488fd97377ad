//! The words of the index, and Han text.

use super::{ask, audience, bound, find, lay, numbers, part, term, unit};
use crate::fields;
use crate::index::{Bound, SearchIndex, UnitQuery};
use crate::part::Part;

async fn terms(index: &dyn SearchIndex) -> (Vec<(String, u64)>, u64) {
    index.terms(None).await.expect("the engine tells its terms")
}

pub(super) async fn terms_come_sorted_with_their_frequencies(index: &dyn SearchIndex) {
    let size = async || index.size().await.expect("the engine tells its size");
    assert_eq!((terms(index).await, size().await), ((Vec::new(), 0), 0));
    let mut titled = part(3, "bittern");
    titled.title = "Heron".to_owned();
    lay(
        index,
        vec![
            part(1, "reed heron heron"),
            part(2, "重设 heron"),
            titled,
            Part::tombstone(part(4, "").id, 1),
        ],
    )
    .await;
    let (words, parts) = terms(index).await;
    assert_eq!((parts, size().await), (4, 4));
    assert!(words.windows(2).all(|w| w[0].0 < w[1].0), "{words:?}");
    let count = |word: &str| words.iter().find(|(w, _)| w == word).map(|(_, n)| *n);
    assert_eq!(count("heron"), Some(3));
    assert_eq!(
        (count("reed"), count("bittern"), count("重设")),
        (Some(1), Some(1), Some(1))
    );
    assert_eq!(count(kb_text::analysis::SENTINEL), None);
}

pub(super) async fn terms_of_a_bound_are_those_of_what_it_admits(index: &dyn SearchIndex) {
    let mut hidden = part(2, "heron canary");
    hidden.audience = Some(audience("employees"));
    let narrowed = part(3, "heron narrowed");
    let bound = Bound {
        hidden: vec![(narrowed.id.article, None, narrowed.version + 1)],
        ..bound(&["public"])
    };
    lay(index, vec![part(1, "heron reed"), hidden, narrowed]).await;
    let told = index.terms(Some(&bound)).await;
    let expected = ["heron", "reed"].map(|w| (w.to_owned(), 1)).to_vec();
    assert_eq!(told.expect("the engine tells its terms"), (expected, 1));
}

pub(super) async fn han_text_is_found_by_words_and_bigrams(index: &dyn SearchIndex) {
    lay(
        index,
        vec![
            unit(1, "zh-Hans", 0, "如何重设密码"),
            unit(2, "zh-Hant", 0, "如何重設密碼"),
            unit(3, "zh-Hans", 0, "打印机没有反应"),
            part(4, "E-2107 printer"),
        ],
    )
    .await;
    let found = async |field, word: &str| {
        let query = UnitQuery {
            terms: vec![term(field, word, 1.0)],
            ..ask(&[])
        };
        numbers(&find(index, &query).await)
    };
    // Both scripts are one text for search.
    assert_eq!(found(fields::BODY_WORDS, "密码").await, [1, 2]);
    assert_eq!(found(fields::BODY_SECOND, "设密").await, [1, 2]);
    assert_eq!(found(fields::BODY_WORDS, "設密").await, [0_u128; 0]);
    assert_eq!(found(fields::BODY_WORDS, "打印机").await, [3]);
    assert_eq!(found(fields::BODY_WORDS, "2107").await, [4]);
}

pub(super) async fn more_words_than_a_page_are_all_told(index: &dyn SearchIndex) {
    let parts = (0..40_u128).map(|n| {
        let words: Vec<String> = (0..2_000).map(|k| format!("w{}x", n * 1_500 + k)).collect();
        part(n + 1, &words.join(" "))
    });
    lay(index, parts.collect()).await;
    let (words, parts) = terms(index).await;
    assert_eq!((words.len(), parts), (40 * 1_500 + 500, 40));
    let twice = words.iter().filter(|(_, n)| *n == 2).count();
    assert_eq!(twice, 39 * 500);
    assert!(words.windows(2).all(|w| w[0].0 < w[1].0));
}
