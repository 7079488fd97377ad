//! One renewal at a time, under every fault.

use crate::desk::{Desk, LIFE, partition};
use kb_identity::grants::{ConnectError, PROCESS_MAX_SECONDS, Reconnect};
use kb_store::repo::GrantEnd;
use kb_testkit::Weather;
use secrecy::ExposeSecret;

fn renewals(desk: &Desk) -> usize {
    let calls = desk.server.calls();
    calls
        .iter()
        .filter(|c| {
            c.fields
                .get("grant_type")
                .is_some_and(|g| g == "refresh_token")
        })
        .count()
}

#[tokio::test]
async fn case_047_of_twenty_who_find_it_over_one_renews_it() {
    let desk = Desk::connected(1).await;
    for round in 1..=10 {
        desk.clock.advance(LIFE);
        let asked: Vec<_> = (0..20).map(|_| desk.bearer()).collect();
        let mut good = 0;
        let mut answers = Vec::new();
        for answer in futures_of(asked).await {
            match answer {
                Ok(token) => {
                    good += 1;
                    answers.push(token);
                }
                Err(ConnectError::Busy(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert!(good >= 1);
        assert!(answers.iter().all(|t| desk.server.opens(t)));
        assert_eq!(renewals(&desk), round);
        assert_eq!(desk.row().await.generation, round as u64 + 1);
        assert_eq!(partition(&desk).await, 1, "the lease is given back");
    }
    assert!(desk.server.reused().is_empty());
}

/// All at once, in one task.
async fn futures_of<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let std::task::Poll::Ready(ready) = future.as_mut().poll(cx)
            {
                *output = Some(ready);
            }
        }
        if outputs.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[tokio::test]
async fn case_048_what_a_partner_answers_ends_a_grant_only_where_it_says_so() {
    let harmless = [
        Weather::NotReached,
        Weather::Answers(500, ""),
        Weather::Answers(503, r#"{"error":"invalid_grant"}"#),
        Weather::Answers(429, "slow down"),
        Weather::Answers(404, "<html>"),
        Weather::Answers(302, ""),
        Weather::Answers(400, r#"{"error":"invalid_request"}"#),
        Weather::Answers(400, r#"{"error":"something_new"}"#),
        Weather::Answers(401, r#"{"error":"invalid_client"}"#),
        Weather::Answers(403, r#"{"error":"invalid_grant"}"#),
        Weather::Lost,
        Weather::Answers(502, ""),
        Weather::Answers(504, ""),
    ];
    for weather in harmless {
        let desk = Desk::connected(2).await;
        desk.clock.advance(LIFE);
        for _ in 0..5 {
            desk.server.forecast([weather]);
            let told = desk.bearer().await.unwrap_err();
            assert!(
                matches!(
                    told,
                    ConnectError::Unreachable(_) | ConnectError::Partner(_)
                ),
                "{weather:?}: {told}"
            );
            assert_eq!(desk.row().await.end, None);
            assert_eq!(
                partition(&desk).await,
                1,
                "{weather:?}: the lease is given back"
            );
            desk.clock.advance(PROCESS_MAX_SECONDS);
        }
        assert!(
            desk.server.opens(&desk.bearer().await.unwrap()),
            "{weather:?}"
        );
    }
    for status in [400, 401] {
        let desk = Desk::connected(3).await;
        desk.clock.advance(LIFE);
        desk.server
            .forecast([Weather::Answers(status, r#"{"error":"invalid_grant"}"#)]);
        let over = desk.bearer().await.unwrap_err();
        assert!(
            matches!(over, ConnectError::Reconnect(Reconnect::Refused)),
            "{over}"
        );
        assert_eq!(desk.row().await.end, Some(GrantEnd::Refused));
        // It is not asked for again, and a new consent heals it.
        desk.bearer().await.unwrap_err();
        assert_eq!(renewals(&desk), 1);
        desk.consent().await.unwrap();
        assert!(desk.server.opens(&desk.bearer().await.unwrap()));
    }
}

#[tokio::test]
async fn case_047_a_partner_that_gives_the_same_refresh_token_or_none_is_asked_by_it_again() {
    for refresh in [r#","refresh_token":"rt.0.0.canary""#, ""] {
        let desk = Desk::connected(11).await;
        let answer = format!(r#"{{"access_token":"kept","token_type":"bearer"{refresh}}}"#);
        desk.clock.advance(LIFE);
        desk.server.forecast([Weather::Answers(201, answer.leak())]);
        assert_eq!(desk.bearer().await.unwrap(), "kept");
        let row = desk.row().await;
        assert!(row.renewable && row.access_until.is_none(), "{row:?}");
        desk.clock.advance(LIFE);
        assert!(desk.server.opens(&desk.refused("kept").await.unwrap()));
    }
}

#[tokio::test]
async fn a_token_that_is_good_is_used_while_the_partner_cannot_renew_it() {
    let desk = Desk::connected(4).await;
    desk.clock.advance(LIFE * 85 / 100);
    for weather in [
        Weather::NotReached,
        Weather::Answers(503, ""),
        Weather::Lost,
    ] {
        desk.server.forecast([weather]);
        assert!(
            desk.server.opens(&desk.bearer().await.unwrap()),
            "{weather:?}"
        );
    }
    assert_eq!(renewals(&desk), 2);
}

#[tokio::test]
async fn a_pair_that_was_lost_costs_one_more_call_and_then_a_person() {
    let desk = Desk::connected(5).await;
    desk.clock.advance(LIFE);
    desk.server.forecast([Weather::DoneAndLost]);
    desk.bearer().await.unwrap_err();
    // Nobody shows it again while who has shown it may be at work.
    assert!(matches!(desk.bearer().await, Err(ConnectError::Busy(_))));
    desk.clock.advance(PROCESS_MAX_SECONDS);
    for _ in 0..5 {
        let over = desk.bearer().await.unwrap_err();
        assert!(
            matches!(over, ConnectError::Reconnect(Reconnect::Refused)),
            "{over}"
        );
        desk.clock.advance(PROCESS_MAX_SECONDS);
    }
    assert_eq!(renewals(&desk), 2);
}

#[tokio::test]
async fn a_token_that_the_partner_refuses_is_renewed_once_and_a_newer_one_is_taken() {
    let desk = Desk::connected(6).await;
    let first = desk.bearer().await.unwrap();
    // A new one that is refused at once is not helped by another.
    assert!(matches!(
        desk.refused(&first).await,
        Err(ConnectError::Busy(_))
    ));
    desk.clock.advance(60);
    let second = desk.refused(&first).await.unwrap();
    assert!(desk.server.opens(&second) && !desk.server.opens(&first));
    assert_eq!(desk.refused(&first).await.unwrap(), second);
    assert_eq!(renewals(&desk), 1);
    desk.server.kill(0);
    desk.clock.advance(60);
    let over = desk.refused(&second).await.unwrap_err();
    assert!(
        matches!(over, ConnectError::Reconnect(Reconnect::Refused)),
        "{over}"
    );
}

#[tokio::test]
async fn a_token_that_a_person_pasted_is_used_until_it_is_refused() {
    let desk = Desk::new(7);
    let token = secrecy::SecretString::from("pasted");
    desk.grants
        .paste(desk.connection, token, desk.now())
        .await
        .unwrap();
    desk.clock.advance(400 * 86_400);
    assert_eq!(desk.bearer().await.unwrap(), "pasted");
    let over = desk.refused("pasted").await.unwrap_err();
    assert!(
        matches!(over, ConnectError::Reconnect(Reconnect::Refused)),
        "{over}"
    );
    assert!(desk.server.calls().is_empty());
}

#[tokio::test]
async fn case_049_a_grant_that_was_moved_to_another_connection_opens_nothing() {
    let (desk, other) = (Desk::connected(8).await, Desk::connected(9).await);
    let moved = other.row().await;
    let mut work = kb_events::Work::begin(desk.now());
    let there = kb_domain::ConnectionId::new(uuid::Uuid::from_u128(1));
    work.insert_at(kb_store::keys::grant(there), &desk.row().await);
    work.upsert_at(kb_store::keys::grant(desk.connection), &moved);
    let store = crate::desk::store_on(desk.table.clone());
    work.silently(()).commit(&store).await.unwrap();
    for connection in [there, desk.connection] {
        let closed = desk
            .grants
            .bearer(connection, &desk.client, desk.now())
            .await;
        let closed = closed.map(|t| t.expose_secret().to_owned()).unwrap_err();
        assert!(
            closed.to_string().contains("the vault is closed"),
            "{closed}"
        );
    }
    assert!(
        desk.server.calls().len() == 1,
        "nothing was shown to the partner"
    );
}

#[tokio::test]
async fn a_revoke_during_a_renewal_waits_for_its_tokens() {
    let desk = Desk::connected(10).await;
    desk.clock.advance(LIFE);
    desk.server.forecast([Weather::Lost]);
    desk.bearer().await.unwrap_err();
    let now = desk.now();
    let busy = desk
        .grants
        .revoke(desk.connection, &desk.client, now)
        .await
        .unwrap_err();
    assert!(
        matches!(busy, ConnectError::Busy(until) if until > now),
        "{busy}"
    );
    assert!(matches!(
        desk.bearer().await,
        Err(ConnectError::Reconnect(Reconnect::Withdrawn))
    ));
    desk.clock.advance(PROCESS_MAX_SECONDS);
    desk.grants
        .revoke(desk.connection, &desk.client, desk.now())
        .await
        .unwrap();
    assert_eq!(partition(&desk).await, 0);
}
