use super::*;
use crate::index::{Bound, Count, Filter, WeightedTerm};
use crate::lexicon::Lexicon;
use crate::part::{Source, parts_of};
use crate::query::{SearchRequest, SuggestRequest};
use crate::{search, suggest};
use kb_domain::{
    ArticleType, Audience, Kind, Locale, NodeId, PortalId, RevisionId, SectionId, Ticket, Timestamp,
};
use kb_text::document::Passage;

fn id(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

fn source(n: u128, audience: &str, title: &str, body: &str) -> Source {
    Source {
        article: ArticleId::new(id(n)),
        locale: Locale::en(),
        revision: RevisionId::new(id(n)),
        version: 10,
        audience: audience.parse::<Audience>().unwrap().id(),
        portals: vec![PortalId::new(id(1))],
        nodes: vec![NodeId::Section(SectionId::new(id(n % 2)))],
        kind: Kind::ALL[usize::try_from(n % 3).unwrap()],
        article_type: ArticleType::default(),
        labels: vec![format!("product:p{}", n % 2)],
        published_at: Timestamp(i64::try_from(n).unwrap() * 1_000_000),
        title: title.to_owned(),
        summary: String::new(),
        path: Vec::new(),
        passages: body
            .split("\n\n")
            .map(|text| Passage {
                anchor: None,
                heading: None,
                text: text.to_owned(),
            })
            .collect(),
        faq: Vec::new(),
    }
}

fn bound(audiences: &[&str]) -> Bound {
    let mut ids: Vec<_> = audiences
        .iter()
        .map(|a| a.parse::<Audience>().unwrap().id())
        .collect();
    ids.sort();
    Bound {
        audiences: ids,
        ..Bound::default()
    }
}

async fn indexed(sources: &[Source]) -> (Arc<TantivyIndex>, Lexicon) {
    let index = TantivyIndex::open(None).unwrap();
    for source in sources {
        index.write(parts_of(source)).await.unwrap();
    }
    index.refresh().await.unwrap();
    let (words, parts) = index.terms().await.unwrap();
    (index, Lexicon::build(words, parts).unwrap())
}

fn request(text: &str, audiences: &[&str]) -> SearchRequest {
    SearchRequest {
        text: text.to_owned(),
        bound: bound(audiences),
        limit: 10,
        facets: true,
        ..SearchRequest::default()
    }
}

async fn titles(index: &TantivyIndex, lexicon: &Lexicon, request: &SearchRequest) -> Vec<String> {
    search(index, lexicon, request)
        .await
        .unwrap()
        .hits
        .into_iter()
        .map(|h| h.title)
        .collect()
}

#[tokio::test]
async fn what_the_audience_does_not_admit_is_in_no_hit_total_or_facet() {
    let (index, lexicon) = indexed(&[
        source(1, "public", "Open", "zebra"),
        source(2, "agents", "Secret", "zebra porcupine"),
    ])
    .await;
    let answer = search(&*index, &lexicon, &request("zebra", &["public"]))
        .await
        .unwrap();
    assert_eq!((answer.hits.len(), answer.total.value), (1, 1));
    assert!(
        answer
            .facets
            .iter()
            .all(|f| f.values.iter().all(|(_, n)| *n == 1) && f.values.len() == 1)
    );
    let answer = search(&*index, &lexicon, &request("porcupine", &["public"]))
        .await
        .unwrap();
    assert!(answer.hits.is_empty() && answer.total.value == 0 && answer.facets.is_empty());
    assert!(
        titles(&index, &lexicon, &request("zebra", &[]))
            .await
            .is_empty()
    );
    assert_eq!(
        titles(
            &index,
            &lexicon,
            &request("porcupine", &["agents", "public"])
        )
        .await,
        ["Secret"]
    );
}

#[tokio::test]
async fn a_narrowing_hides_older_units_only() {
    let (index, lexicon) = indexed(&[
        source(1, "public", "Old", "zebra"),
        source(2, "public", "Other", "zebra"),
    ])
    .await;
    let mut asked = request("zebra", &["public"]);
    asked.bound.hidden = vec![(ArticleId::new(id(1)), Some(Locale::en()), 11)];
    let answer = search(&*index, &lexicon, &asked).await.unwrap();
    assert_eq!(
        (
            answer.hits.len(),
            answer.total.value,
            answer.hits[0].title.as_str()
        ),
        (1, 1, "Other")
    );
    asked.bound.hidden[0].2 = 10;
    assert_eq!(titles(&index, &lexicon, &asked).await.len(), 2);
    asked.bound.hidden = vec![(ArticleId::new(id(1)), Some("zh-Hans".parse().unwrap()), 11)];
    assert_eq!(titles(&index, &lexicon, &asked).await.len(), 2);
}

#[tokio::test]
async fn a_late_write_does_not_bring_back_what_is_gone() {
    let first = source(1, "public", "Here", "zebra");
    let (index, lexicon) = indexed(std::slice::from_ref(&first)).await;
    let part = parts_of(&first)[0].id.clone();
    index
        .write(vec![Part::tombstone(part.clone(), 20)])
        .await
        .unwrap();
    index.write(parts_of(&first)).await.unwrap();
    index.refresh().await.unwrap();
    index.write(parts_of(&first)).await.unwrap();
    index.refresh().await.unwrap();
    assert!(
        titles(&index, &lexicon, &request("zebra", &["public"]))
            .await
            .is_empty()
    );
    assert_eq!(index.parts(part.article).await.unwrap(), [(part, 20)]);
    index
        .write(parts_of(&Source {
            version: 30,
            ..first
        }))
        .await
        .unwrap();
    index.refresh().await.unwrap();
    assert_eq!(
        titles(&index, &lexicon, &request("zebra", &["public"])).await,
        ["Here"]
    );
}

#[tokio::test]
async fn only_tombstones_of_their_age_are_forgotten() {
    let live = source(1, "public", "Here", "zebra");
    let other = source(2, "public", "Other", "zebra");
    let (index, _) = indexed(&[live.clone(), other.clone()]).await;
    let article = live.article;
    let part = |n| PartId {
        article,
        locale: Locale::en(),
        n,
    };
    let forget = async |up_to| {
        index.forget(article, up_to).await.unwrap();
        index.refresh().await.unwrap();
        index.parts(article).await.unwrap()
    };
    index
        .write(vec![
            Part::tombstone(part(1), 20),
            Part::tombstone(part(2), 30),
            Part::tombstone(parts_of(&other)[0].id.clone(), 20),
        ])
        .await
        .unwrap();
    index.refresh().await.unwrap();
    let all = [(part(0), 10), (part(1), 20), (part(2), 30)];
    assert_eq!(forget(19).await, all);
    // One that is laid anew before the removal stays, whatever was seen of it.
    index
        .write(vec![Part::tombstone(part(1), 40)])
        .await
        .unwrap();
    let again = [(part(0), 10), (part(1), 40), (part(2), 30)];
    assert_eq!(forget(29).await, again);
    assert_eq!(forget(30).await, [(part(0), 10), (part(1), 40)]);
    assert_eq!(forget(u64::MAX).await, [(part(0), 10)]);
    assert_eq!(index.parts(other.article).await.unwrap().len(), 1);
}

#[tokio::test]
async fn filters_narrow_and_an_empty_question_lists_the_newest() {
    let sources: Vec<Source> = (1..=6)
        .map(|n| source(n, "public", &format!("T{n}"), "zebra"))
        .collect();
    let (index, lexicon) = indexed(&sources).await;
    let asked = request("", &["public"]);
    assert_eq!(
        titles(&index, &lexicon, &asked).await,
        ["T6", "T5", "T4", "T3", "T2", "T1"]
    );
    let of_kind = SearchRequest {
        kinds: vec![Kind::ALL[1]],
        ..asked.clone()
    };
    assert_eq!(titles(&index, &lexicon, &of_kind).await, ["T4", "T1"]);
    let labelled = SearchRequest {
        labels: vec!["product:p0".into()],
        ..request("zebra", &["public"])
    };
    assert_eq!(titles(&index, &lexicon, &labelled).await.len(), 3);
    let nodes = SearchRequest {
        nodes: Some(vec![NodeId::Section(SectionId::new(id(1)))]),
        ..asked.clone()
    };
    assert_eq!(titles(&index, &lexicon, &nodes).await, ["T5", "T3", "T1"]);
    let elsewhere = SearchRequest {
        portal: Some(PortalId::new(id(2))),
        ..asked.clone()
    };
    assert!(titles(&index, &lexicon, &elsewhere).await.is_empty());
    let chinese = SearchRequest {
        language: Some("zh".into()),
        ..asked
    };
    assert!(titles(&index, &lexicon, &chinese).await.is_empty());
}

#[tokio::test]
async fn a_title_hit_outranks_a_body_hit_and_the_last_paragraph_is_found() {
    let long = format!(
        "{}\n\nThe gooseberry valve.",
        "Plain sentence about nothing at all. "
            .repeat(60)
            .trim_end()
            .to_owned()
            + &"\n\nMore of the same words here.".repeat(400)
    );
    let (index, lexicon) = indexed(&[
        source(1, "public", "Manual", &long),
        source(2, "public", "Notes", "a zebra here and words"),
        source(3, "public", "Zebra", "here are words"),
    ])
    .await;
    assert_eq!(
        titles(&index, &lexicon, &request("zebra", &["public"])).await[0],
        "Zebra"
    );
    let answer = search(&*index, &lexicon, &request("gooseberry", &["public"]))
        .await
        .unwrap();
    assert_eq!(answer.hits[0].title, "Manual");
    let marked: Vec<&str> = answer.hits[0]
        .snippet
        .iter()
        .filter(|p| p.marked)
        .map(|p| p.text.as_str())
        .collect();
    assert_eq!(marked, ["gooseberry"]);
    assert!(parts_of(&source(1, "public", "Manual", &long)).len() > 1);
}

#[tokio::test]
async fn words_that_stand_together_outrank_the_same_words_apart() {
    let (index, lexicon) = indexed(&[
        source(1, "public", "甲", "基準由組態決定"),
        source(2, "public", "乙", "決定由組態基準"),
    ])
    .await;
    assert_eq!(
        titles(&index, &lexicon, &request("組態基準", &["public"])).await,
        ["乙", "甲"]
    );
}

#[tokio::test]
async fn one_article_and_one_ticket_are_enough_and_nothing_fits_is_said() {
    let (index, lexicon) = indexed(&[source(
        1,
        "public",
        "VPN error 809",
        "Open UDP ports 500 and 4500 in the firewall.",
    )])
    .await;
    let ask = |text: &str| SuggestRequest {
        ticket: Ticket {
            system: "s".into(),
            id: "1".into(),
            subject: String::new(),
            description: text.to_owned(),
            messages: vec![],
            tags: vec![],
            locale: None,
            recipients: vec![],
        },
        locale: None,
        portal: None,
        bound: bound(&["public"]),
        limit: 5,
    };
    let found = suggest(
        &*index,
        &lexicon,
        &ask("my vpn gives error 809 since monday"),
    )
    .await
    .unwrap();
    assert_eq!(found.hits[0].0.title, "VPN error 809");
    assert!(found.hits[0].1.terms.contains(&"vpn".to_owned()));
    let none = suggest(
        &*index,
        &lexicon,
        &ask("which horse wins the dressage tournament, and who rides in the open air?"),
    )
    .await
    .unwrap();
    assert!(none.hits.is_empty(), "{:?}", none.hits);
}

#[tokio::test]
async fn a_pruned_search_finds_the_same_as_a_full_one() {
    let words = ["ant", "bee", "cat", "dog", "eel", "fox"];
    let sources: Vec<Source> = (0..300_u128)
        .map(|n| {
            let body: Vec<&str> = (0..=(n * 7 % 23))
                .map(|k| words[usize::try_from((n * 31 + k * k * 17) % 6).unwrap()])
                .collect();
            source(
                n + 1,
                if n % 3 == 0 { "agents" } else { "public" },
                "T",
                &body.join(" "),
            )
        })
        .collect();
    let (index, _) = indexed(&sources).await;
    for pair in words.windows(2) {
        let terms = pair.iter().map(|w| WeightedTerm {
            field: crate::fields::BODY_WORDS,
            term: (*w).to_owned(),
            weight: 1.0,
        });
        let query = UnitQuery {
            terms: terms.collect(),
            filters: vec![Filter::Portal(PortalId::new(id(1)))],
            bound: bound(&["public"]),
            limit: 10,
            count: Count::Nothing,
        };
        let pruned = index.search(&query).await.unwrap();
        let full = index
            .search(&UnitQuery {
                count: Count::Facets,
                ..query
            })
            .await
            .unwrap();
        assert_eq!(
            pruned.hits.iter().map(|h| h.score).collect::<Vec<_>>(),
            full.hits.iter().map(|h| h.score).collect::<Vec<_>>()
        );
        assert!(full.hits.len() == 10 && full.articles > 10);
    }
}

#[tokio::test]
async fn articles_are_counted_as_far_as_anybody_pages_and_the_best_are_found_beyond() {
    // Three parts of each article; the best stand last.
    let sources: Vec<Source> = (0..1_200_u128)
        .flat_map(|n| {
            let often = usize::try_from(n / 100).unwrap();
            ["en", "de", "zh-Hans"].map(|tag| Source {
                locale: tag.parse().unwrap(),
                ..source(n + 1, "public", "T", &"heron ".repeat(often + 1))
            })
        })
        .collect();
    let (index, _) = indexed(&sources).await;
    let ask = |count, labels: &[&str]| UnitQuery {
        terms: vec![WeightedTerm {
            field: crate::fields::BODY_WORDS,
            term: "heron".to_owned(),
            weight: 1.0,
        }],
        filters: (!labels.is_empty())
            .then(|| Filter::Labels(labels.iter().map(|l| (*l).to_owned()).collect()))
            .into_iter()
            .collect(),
        bound: bound(&["public"]),
        limit: 50,
        count,
    };
    let all = index.search(&ask(Count::Facets, &[])).await.unwrap();
    let some = index.search(&ask(Count::Articles, &[])).await.unwrap();
    let none = index.search(&ask(Count::Nothing, &[])).await.unwrap();
    assert_eq!((all.articles, all.exact), (1_200, true));
    assert_eq!((some.articles, some.exact), (1_000, false));
    assert_eq!((none.articles, some.facets.len()), (0, 0));
    assert_eq!((&some.hits, &none.hits), (&all.hits, &all.hits));
    let missing = index.search(&ask(Count::Articles, &["absent"])).await;
    assert_eq!(missing.unwrap().articles, 0);
}

#[tokio::test]
async fn of_an_article_in_two_scripts_the_readers_own_is_shown() {
    let in_script = |tag: &str, title: &str| Source {
        locale: tag.parse().unwrap(),
        ..source(1, "public", title, "")
    };
    let sources = [
        in_script("zh-Hans", "重设密码的方法"),
        in_script("zh-Hant", "重設密碼"),
    ];
    let (index, lexicon) = indexed(&sources).await;
    for (asked, title) in [("zh-Hans", "重设密码的方法"), ("zh-Hant", "重設密碼")] {
        let request = SearchRequest {
            text: "重设密码".into(),
            locale: Some(asked.parse().unwrap()),
            bound: bound(&["public"]),
            limit: 5,
            ..SearchRequest::default()
        };
        let found = search(&*index, &lexicon, &request).await.unwrap();
        assert_eq!((found.hits.len(), found.hits[0].title.as_str()), (1, title));
    }
}

#[tokio::test]
async fn an_article_counts_once_for_each_facet_value_wherever_its_parts_stand() {
    let index = TantivyIndex::open(None).unwrap();
    // Each language of an article in a commit of its own, which is a segment of its own; the second one in two parts.
    for language in ["en", "de", "zh-Hans"] {
        for n in 1..=6 {
            let long = "printer ".repeat(if language == "de" { 1_500 } else { 3 });
            let text = format!("{long}\n\n{long}");
            let mut source = source(n, "public", "printer", &text);
            source.locale = language.parse().unwrap();
            index.write(parts_of(&source)).await.unwrap();
        }
        index.refresh().await.unwrap();
    }
    let query = UnitQuery {
        terms: vec![WeightedTerm {
            field: fields::BODY_WORDS,
            term: "printer".to_owned(),
            weight: 1.0,
        }],
        bound: bound(&["public"]),
        limit: 100,
        count: Count::Facets,
        ..UnitQuery::default()
    };
    let units = index.search(&query).await.unwrap();
    assert!(units.hits.len() > 18);
    assert_eq!((units.articles, units.exact), (6, true));
    let count = |name: &str, value: &str| {
        let mut facets = units.facets.iter();
        facets.find(|(n, v, _)| n == name && v == value).unwrap().2
    };
    for language in ["en", "de", "zh-Hans"] {
        assert_eq!(count("language", language), 6);
    }
    assert_eq!(count("kind", Kind::ALL[0].as_str()), 2);
    assert_eq!(count("label", "product:p1"), 3);
    let mut ids: Vec<String> = units.hits.iter().map(|h| h.id.to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), units.hits.len());
}
