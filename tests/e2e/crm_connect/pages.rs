//! The console's pages of connections, without a script.

use super::{CONSOLE, Desk};
use crate::harness::form;
use kb_connectors::fakes::zendesk::Weather;
use kb_testkit::{Answered, Client};

const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");

async fn press(client: &Client, path: &str, step: &str) -> Answered {
    form(client, path, &[OURS], &[("step", step)]).await
}

#[tokio::test]
async fn a_help_desk_is_connected_on_pages_alone() {
    let mut desk = Desk::new(31, 3).await;
    let empty = desk.admin.get(CONSOLE).await;
    assert!(
        empty.text.contains("Nothing is connected yet"),
        "{}",
        empty.text
    );
    assert!(
        empty.text.contains(super::BACK),
        "the redirect address to enter there"
    );
    let wrong = [
        ("vendor", "zendesk"),
        ("subdomain", "Acme Inc"),
        ("client", ""),
    ];
    let refused = form(&desk.admin, CONSOLE, &[OURS], &wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("subdomain-fault"), "{}", refused.text);
    assert!(refused.text.contains("acme inc") || refused.text.contains("Acme Inc"));
    let fields = [
        ("vendor", "zendesk"),
        ("subdomain", "acme"),
        ("client", "sidenote"),
    ];
    let made = form(&desk.admin, CONSOLE, &[OURS], &fields).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let page = made.header("location").to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();
    assert!(
        desk.admin
            .get(&page)
            .await
            .text
            .contains("Nobody has consented yet")
    );
    desk.consent(&id).await;
    assert!(
        desk.admin
            .get(&page)
            .await
            .text
            .contains("A trial run says")
    );

    assert_eq!(press(&desk.admin, &page, "try").await.status, 303);
    let begun = desk.admin.get(&page).await;
    assert!(
        begun.text.contains("Nothing has come in yet"),
        "{}",
        begun.text
    );
    desk.minute().await;
    let tried = desk.admin.get(&page).await;
    for part in [
        "Articles that would come in</th><td>3<",
        "en-us: 3, zh-cn: 3",
        "Help / Invoices",
    ] {
        assert!(tried.text.contains(part), "{part}: {}", tried.text);
    }
    let early = press(&desk.admin, &page, "start").await;
    assert_eq!(early.status, 422, "{}", early.text);
    assert!(early.text.contains("portal"), "{}", early.text);
    let portal = desk.portal.id.to_string();
    let said = [("portal", portal.as_str()), ("audience", "public")];
    let mapped = form(&desk.admin, &format!("{page}/mapping"), &[OURS], &said).await;
    assert_eq!(mapped.status, 303, "{}", mapped.text);
    assert_eq!(press(&desk.admin, &page, "start").await.status, 303);
    desk.minute().await;
    desk.minute().await;
    let working = desk.admin.get(&page).await;
    assert!(
        working.text.contains("Changes come in every minute"),
        "{}",
        working.text
    );
    assert!(
        working.text.contains("Articles written</th><td>3<"),
        "{}",
        working.text
    );
    assert_eq!(desk.found(&desk.nobody, "heron invoice").await.len(), 3);
    let listed = desk.admin.get(&format!("{CONSOLE}?locale=zh-CN")).await;
    assert!(listed.text.contains("acme") && listed.text.contains("lang=\"zh-Hans\""));

    assert_eq!(press(&desk.admin, &page, "pause").await.status, 303);
    assert!(desk.admin.get(&page).await.text.contains("It is paused"));
    assert_eq!(press(&desk.admin, &page, "pause").await.status, 422);
    assert_eq!(press(&desk.admin, &page, "resume").await.status, 303);
    assert_eq!(
        press(&desk.admin, &page, "dance").await.status,
        303,
        "no button says so"
    );
    let revoked = form(&desk.admin, &format!("{page}/revoke"), &[OURS], &[]).await;
    assert_eq!(revoked.status, 303, "{}", revoked.text);
    assert!(
        desk.admin
            .get(&page)
            .await
            .text
            .contains("It was taken back")
    );
    desk.run().await;
}

#[tokio::test]
async fn a_place_that_is_off_stays_out_and_comes_in_when_it_is_let() {
    let mut desk = Desk::new(32, 2).await;
    let id = desk.connected().await;
    desk.step(&id, "try").await;
    desk.minute().await;
    let page = format!("{CONSOLE}/{id}");
    let shown = desk.admin.get(&page).await.text;
    let names = shown.split("name=\"place-").skip(1);
    let names: Vec<String> = names
        .map(|rest| format!("place-{}", rest.split('"').next().unwrap()))
        .collect();
    assert_eq!(names.len(), 2);
    let portal = desk.portal.id.to_string();
    let mut said = vec![("portal", portal.as_str()), ("audience", "public")];
    said.extend(names.iter().map(|name| (name.as_str(), "off")));
    let mapping = format!("{page}/mapping");
    assert_eq!(
        form(&desk.admin, &mapping, &[OURS], &said).await.status,
        303
    );
    desk.step(&id, "start").await;
    desk.minute().await;
    desk.minute().await;
    assert!(desk.found(&desk.nobody, "heron invoice").await.is_empty());
    let said = [("portal", portal.as_str()), ("audience", "public")];
    assert_eq!(
        form(&desk.admin, &mapping, &[OURS], &said).await.status,
        303
    );
    desk.step(&id, "reconcile").await;
    desk.minute().await;
    desk.minute().await;
    assert_eq!(desk.found(&desk.nobody, "heron invoice").await.len(), 2);
}

#[tokio::test]
async fn the_page_shows_a_bad_day_and_its_end() {
    let mut desk = Desk::new(33, 2).await;
    let id = desk.working().await;
    let page = format!("{CONSOLE}/{id}");
    desk.fake.set_weather(Weather::Busy(Some(90)));
    desk.minute().await;
    let busy = desk.admin.get(&page).await;
    assert!(busy.text.contains("has asked for a pause"), "{}", busy.text);
    assert!(busy.text.contains("Waits until"), "{}", busy.text);
    desk.fake.set_weather(Weather::Clear);
    for _ in 0..3 {
        desk.minute().await;
    }
    let fine = desk.admin.get(&page).await;
    assert!(
        fine.text.contains("Changes come in every minute"),
        "{}",
        fine.text
    );
    for weather in [Weather::Down, Weather::Broken] {
        desk.fake.set_weather(weather);
        for _ in 0..7 {
            desk.minute().await;
        }
        let down = desk.admin.get(&page).await.text;
        assert!(
            down.contains("The other system does not answer"),
            "{weather:?}: {down}"
        );
    }
    assert!(desk.admin.get(&page).await.text.contains("Last error"));
    desk.fake.set_weather(Weather::Clear);
    for _ in 0..6 {
        desk.minute().await;
    }
    assert!(
        desk.admin
            .get(&page)
            .await
            .text
            .contains("Changes come in every minute")
    );
    desk.fake.revoke_grants();
    for _ in 0..35 {
        desk.minute().await;
    }
    let over = desk.admin.get(&page).await;
    assert!(over.text.contains("Its grant is over"), "{}", over.text);
    desk.write("Heron refund", "退款", None);
    desk.consent(&id).await;
    for _ in 0..3 {
        desk.minute().await;
    }
    assert!(
        desk.admin
            .get(&page)
            .await
            .text
            .contains("Changes come in every minute")
    );
    assert_eq!(
        desk.found(&desk.nobody, "heron refund").await.len(),
        3,
        "also the invoices"
    );
}
