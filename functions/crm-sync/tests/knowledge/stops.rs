//! What stops a connection, and how it goes on.

use crate::desk::Desk;
use kb_actions::connections::Step;
use kb_actions::{articles, translations};
use kb_connectors::fakes::zendesk::{Lie, NewText, Weather};
use kb_domain::remote::{ConnectionState, Use, UseState};
use kb_domain::{ArticleState, Body, BodyFormat, Locale, TranslationDraft};

async fn active(desk: &Desk) -> usize {
    let all = desk.articles().await.into_iter();
    all.filter(|a| a.head.value.state == ArticleState::Active)
        .count()
}

#[tokio::test]
async fn half_of_the_articles_missing_takes_nothing_away_until_an_admin_says_so() {
    let mut desk = Desk::working(21, 120).await;
    desk.fake.lie(Lie::HalfListed);
    desk.step(Step::Reconcile).await;
    desk.minute().await;
    let held = desk.connection().await.value.uses[&Use::KnowledgeIn];
    assert!(
        matches!(
            held,
            UseState::Held {
                missing: 60,
                of: 120,
                ..
            }
        ),
        "{held:?}"
    );
    assert_eq!(active(&desk).await, 120);
    // It was a lie: the next whole listing lets it go on.
    desk.fake.tell_the_truth();
    desk.step(Step::Reconcile).await;
    desk.minute().await;
    let after = desk.connection().await.value.uses[&Use::KnowledgeIn];
    assert_eq!(after, UseState::On { may_vanish: None });
    // And this time it is so.
    for number in &desk.numbers[..60] {
        desk.fake.delete_article(*number);
    }
    desk.step(Step::Reconcile).await;
    desk.minute().await;
    assert_eq!(active(&desk).await, 120);
    desk.step(Step::Allow).await;
    for _ in 0..4 {
        desk.minute().await;
    }
    assert_eq!(active(&desk).await, 60);
}

#[tokio::test]
async fn a_grant_that_is_revoked_there_asks_for_a_person_and_nothing_is_lost() {
    let mut desk = Desk::working(22, 3).await;
    desk.fake.revoke_grants();
    desk.minute().await;
    let state = desk.connection().await.value.state;
    assert!(
        matches!(state, ConnectionState::Reconnect { .. }),
        "{state:?}"
    );
    let number = desk.numbers[0];
    desk.fake.edit_article(
        number,
        NewText::published("en-us", "Later", "<p>Later.</p>"),
    );
    let calls = desk.fake.calls();
    for _ in 0..5 {
        desk.minute().await;
    }
    assert_eq!(desk.fake.calls(), calls, "nobody asks without a grant");
    desk.consent().await;
    desk.minute().await;
    assert_eq!(desk.title(number).await.unwrap(), "Later");
}

#[tokio::test]
async fn a_partner_that_is_away_is_asked_seldom_and_all_comes_in_when_it_is_back() {
    let mut desk = Desk::working(23, 3).await;
    desk.fake.set_weather(Weather::Down);
    let number = desk.numbers[1];
    desk.fake.edit_article(
        number,
        NewText::published("en-us", "Changed", "<p>Meanwhile.</p>"),
    );
    let calls = desk.fake.calls();
    // The token of this grant is good for an hour.
    for _ in 0..25 {
        desk.minute().await;
    }
    let asked = desk.fake.calls() - calls;
    assert!((3..=40).contains(&asked), "{asked} calls");
    desk.fake.set_weather(Weather::Clear);
    for _ in 0..8 {
        desk.minute().await;
    }
    assert_eq!(desk.title(number).await.unwrap(), "Changed");
}

#[tokio::test]
async fn a_pause_asks_nobody_and_a_resumed_connection_catches_up() {
    let mut desk = Desk::working(24, 2).await;
    desk.step(Step::Pause).await;
    let number = desk.numbers[0];
    desk.fake.edit_article(
        number,
        NewText::published("en-us", "Paused", "<p>Away.</p>"),
    );
    let calls = desk.fake.calls();
    for _ in 0..3 {
        desk.minute().await;
    }
    assert_eq!(desk.fake.calls(), calls);
    desk.step(Step::Resume).await;
    desk.minute().await;
    assert_eq!(desk.title(number).await.unwrap(), "Paused");
}

#[tokio::test]
async fn what_is_archived_here_on_purpose_does_not_come_back() {
    let mut desk = Desk::working(25, 2).await;
    let number = desk.numbers[0];
    let ctx = desk.ctx().await;
    let whole = desk.ours(number).await.unwrap();
    articles::archive(desk.kb(), &ctx, whole).await.unwrap();
    desk.drain().await;
    desk.fake.edit_article(
        number,
        NewText::published("en-us", "Again", "<p>Again.</p>"),
    );
    for _ in 0..3 {
        desk.minute().await;
    }
    let state = desk.ours(number).await.unwrap().head.value.state;
    assert_eq!(state, ArticleState::Archived);
}

#[tokio::test]
async fn a_text_that_is_written_there_is_not_written_here() {
    let desk = Desk::working(26, 1).await;
    let ctx = desk.ctx().await;
    let whole = desk.ours(desk.numbers[0]).await.unwrap();
    let draft = TranslationDraft {
        title: "Ours".to_owned(),
        summary: String::new(),
        body: Body {
            format: BodyFormat::Markdown,
            source: "Ours".to_owned(),
        },
        note: String::new(),
    };
    let saved = translations::save(desk.kb(), &ctx, &whole, &Locale::en(), None, draft).await;
    let refused = saved.unwrap_err().to_string();
    assert!(refused.contains("zendesk:acme"), "{refused}");
}
