//! Search and suggestions over an engine, as readers and agents meet them.

use super::{bound, lay, passages, portal, section, uuid};
use crate::index::SearchIndex;
use crate::lexicon::Lexicon;
use crate::part::{Source, parts_of};
use crate::query::{SearchAnswer, SearchRequest, SuggestRequest};
use crate::{search, suggest};
use kb_domain::{
    ArticleId, ArticleType, Audience, Kind, Locale, PublicKey, RevisionId, Ticket, Timestamp,
};

fn source(n: u128, audience: &str, title: &str, body: &str) -> Source {
    let audience: Audience = audience.parse().expect("an audience");
    Source {
        article: ArticleId::new(uuid(n)),
        key: PublicKey::from_uuid(uuid(n)),
        locale: Locale::en(),
        revision: RevisionId::new(uuid(n)),
        version: 10,
        audience: audience.id(),
        portals: vec![portal(1)],
        nodes: vec![section(n % 2)],
        kind: Kind::ALL[(n % 3) as usize],
        article_type: ArticleType::default(),
        labels: vec![format!("product:p{}", n % 2)],
        published_at: Timestamp(n as i64 * 1_000_000_000),
        title: title.to_owned(),
        summary: String::new(),
        path: Vec::new(),
        passages: passages(body),
        faq: Vec::new(),
    }
}

async fn indexed(index: &dyn SearchIndex, sources: &[Source]) -> Lexicon {
    lay(index, sources.iter().flat_map(parts_of).collect()).await;
    let (words, parts) = index.terms(None).await.expect("the engine tells its terms");
    Lexicon::build(words, parts).expect("the terms are sorted")
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

async fn answer(
    index: &dyn SearchIndex,
    lexicon: &Lexicon,
    request: &SearchRequest,
) -> SearchAnswer {
    let answer = search(index, lexicon, request).await;
    answer.expect("the engine answers")
}

async fn titles(
    index: &dyn SearchIndex,
    lexicon: &Lexicon,
    request: &SearchRequest,
) -> Vec<String> {
    let answer = answer(index, lexicon, request).await;
    answer.hits.into_iter().map(|h| h.title).collect()
}

pub(super) async fn a_search_tells_nothing_of_what_is_not_admitted(index: &dyn SearchIndex) {
    let sources = [
        source(1, "public", "Open", "zebra"),
        source(2, "agents", "Secret", "zebra porcupine"),
    ];
    let lexicon = indexed(index, &sources).await;
    let asked =
        async |text, audiences: &[&str]| answer(index, &lexicon, &request(text, audiences)).await;
    let found = asked("zebra", &["public"]).await;
    assert_eq!((found.hits.len(), found.total.value), (1, 1));
    assert!((found.facets.iter()).all(|f| f.values.len() == 1 && f.values[0].1 == 1));
    let found = asked("porcupine", &["public"]).await;
    assert!(found.hits.is_empty() && found.total.value == 0 && found.facets.is_empty());
    assert!(asked("zebra", &[]).await.hits.is_empty());
    let found = asked("porcupine", &["agents", "public"]).await;
    assert_eq!(found.hits[0].title, "Secret");
    let mut narrowed = request("zebra", &["public", "agents"]);
    narrowed.bound.hidden = vec![(ArticleId::new(uuid(1)), Some(Locale::en()), 11)];
    assert_eq!(titles(index, &lexicon, &narrowed).await, ["Secret"]);
}

pub(super) async fn a_title_hit_outranks_a_body_hit_and_the_last_paragraph_is_found(
    index: &dyn SearchIndex,
) {
    let plain = "Plain sentence about nothing at all. ".repeat(60);
    let more = "\n\nMore of the same words here.".repeat(400);
    let long = format!("{}{more}\n\nThe gooseberry valve.", plain.trim_end());
    let sources = [
        source(1, "public", "Manual", &long),
        source(2, "public", "Notes", "a zebra here and words"),
        source(3, "public", "Zebra", "here are words"),
    ];
    assert!(parts_of(&sources[0]).len() > 1);
    let lexicon = indexed(index, &sources).await;
    assert_eq!(
        titles(index, &lexicon, &request("zebra", &["public"])).await[0],
        "Zebra"
    );
    let found = answer(index, &lexicon, &request("gooseberry", &["public"])).await;
    assert_eq!(found.hits[0].title, "Manual");
    let marked = found.hits[0].snippet.iter().filter(|p| p.marked);
    assert_eq!(
        marked.map(|p| p.text.as_str()).collect::<Vec<_>>(),
        ["gooseberry"]
    );
}

pub(super) async fn words_that_stand_together_outrank_the_same_words_apart(
    index: &dyn SearchIndex,
) {
    let sources = [
        source(1, "public", "甲", "基準由組態決定"),
        source(2, "public", "乙", "決定由組態基準"),
    ];
    let lexicon = indexed(index, &sources).await;
    assert_eq!(
        titles(index, &lexicon, &request("組態基準", &["public"])).await,
        ["乙", "甲"]
    );
}

pub(super) async fn filters_of_a_search_narrow_it(index: &dyn SearchIndex) {
    let sources = (1..=6).map(|n| source(n, "public", &format!("T{n}"), "zebra"));
    let lexicon = indexed(index, &sources.collect::<Vec<_>>()).await;
    let shown = async |request: SearchRequest| titles(index, &lexicon, &request).await;
    let asked = request("", &["public"]);
    assert_eq!(
        shown(asked.clone()).await,
        ["T6", "T5", "T4", "T3", "T2", "T1"]
    );
    let second = SearchRequest {
        offset: 4,
        limit: 4,
        ..asked.clone()
    };
    assert_eq!(shown(second).await, ["T2", "T1"]);
    let of_kind = SearchRequest {
        kinds: vec![Kind::ALL[1]],
        ..asked.clone()
    };
    assert_eq!(shown(of_kind).await, ["T4", "T1"]);
    let labelled = SearchRequest {
        labels: vec!["product:p0".into()],
        ..request("zebra", &["public"])
    };
    assert_eq!(shown(labelled).await.len(), 3);
    let nodes = SearchRequest {
        nodes: Some(vec![section(1)]),
        ..asked.clone()
    };
    assert_eq!(shown(nodes).await, ["T5", "T3", "T1"]);
    let elsewhere = SearchRequest {
        portal: Some(portal(2)),
        ..asked.clone()
    };
    assert!(shown(elsewhere).await.is_empty());
    let chinese = SearchRequest {
        language: Some("zh".into()),
        ..asked
    };
    assert!(shown(chinese).await.is_empty());
}

pub(super) async fn of_an_article_in_two_scripts_the_readers_own_is_shown(index: &dyn SearchIndex) {
    let in_script = |tag: &str, title: &str| Source {
        locale: super::locale(tag),
        ..source(1, "public", title, "")
    };
    let sources = [
        in_script("zh-Hans", "重设密码的方法"),
        in_script("zh-Hant", "重設密碼"),
    ];
    let lexicon = indexed(index, &sources).await;
    for (asked, title) in [("zh-Hans", "重设密码的方法"), ("zh-Hant", "重設密碼")] {
        let request = SearchRequest {
            locale: Some(super::locale(asked)),
            ..request("重设密码", &["public"])
        };
        assert_eq!(titles(index, &lexicon, &request).await, [title]);
    }
}

pub(super) async fn one_article_is_enough_for_a_ticket_and_nothing_fits_is_said(
    index: &dyn SearchIndex,
) {
    let text = "Open UDP ports 500 and 4500 in the firewall.";
    let lexicon = indexed(index, &[source(1, "public", "VPN error 809", text)]).await;
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
    let suggested = async |text| {
        suggest(index, &lexicon, &ask(text))
            .await
            .expect("the engine answers")
    };
    let found = suggested("my vpn gives error 809 since monday").await;
    assert_eq!(found.hits[0].0.title, "VPN error 809");
    assert!(found.hits[0].1.terms.contains(&"vpn".to_owned()));
    let none =
        suggested("which horse wins the dressage tournament, and who rides in the open air?").await;
    assert!(none.hits.is_empty(), "{:?}", none.hits);
}
