//! A help center there becomes articles here, and they follow it.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod desk;
mod follows;
mod kills;
mod matrix;
mod stops;
mod trouble;

use desk::Desk;

#[tokio::test]
async fn a_trial_run_says_what_would_come_in_and_writes_nothing() {
    let mut desk = Desk::new(1, 12).await;
    desk.unknown_readers(3);
    desk.step(kb_actions::connections::Step::Try).await;
    desk.run().await;
    let report = desk.report().await;
    assert!(report.ended_at.is_some());
    assert_eq!((report.articles, report.hidden), (15, 3));
    assert_eq!(report.texts["en-us"], 15);
    assert_eq!(report.texts["zh-cn"], 12);
    assert_eq!(report.names.len(), 2);
    assert!(desk.articles().await.is_empty());
    assert_eq!(desk.nodes().await, 2, "those of the portal itself");
}

#[tokio::test]
async fn a_help_center_comes_in_whole_and_a_second_look_writes_nothing() {
    let mut desk = Desk::working(2, 40).await;
    let articles = desk.articles().await;
    assert_eq!(articles.len(), 40);
    for article in &articles {
        assert_eq!(article.translations.len(), 2);
        assert!(article.translations.iter().all(|t| t.value.live.is_some()));
        assert_eq!(article.head.value.audience.to_string(), "public");
        assert_eq!(article.head.value.labels, ["billing"]);
    }
    assert_eq!(desk.nodes().await, 4, "two of the portal itself");
    let events = desk.events().await;
    desk.step(kb_actions::connections::Step::Reconcile).await;
    let asked = desk.events().await;
    assert_eq!(asked, events + 1, "what was asked for is an event");
    for _ in 0..5 {
        desk.minute().await;
    }
    assert_eq!(desk.events().await, asked);
}
