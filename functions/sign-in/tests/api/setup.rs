//! Setting up a fresh base.

use super::{send, session};
use kb_domain::Action;
use kb_testkit::{Client, World};

fn form(code: &str, mail: &str) -> String {
    format!("code={code}&name=Ana+K&mail={mail}&language=zh-Hans&portal=Help&entry=customers")
}

fn client(world: &World) -> Client {
    world.client(fn_sign_in::routes())
}

async fn link(world: &World) -> Option<String> {
    let link = world.identity.setup_link().await.unwrap();
    link.map(|l| l.secret)
}

#[tokio::test]
async fn the_link_makes_one_admin_and_one_portal_and_is_dead_afterwards() {
    let world = World::new(1);
    let nobody = client(&world);
    let page = nobody.get("/setup").await;
    assert!(
        page.status == 200 && page.text.contains("name=\"portal\""),
        "{}",
        page.text
    );
    let code = link(&world).await.unwrap();
    let made = send(
        &nobody,
        "/setup",
        "same-origin",
        &form(&code, "ana%40example.com"),
    )
    .await;
    assert_eq!(
        (made.status, made.header("location")),
        (303, "/console/people"),
        "{}",
        made.text
    );
    let admin = nobody.session(&session(&made));
    let me = admin.get("/api/v1/me").await.json();
    assert_eq!(
        (&me["name"], &me["mail"]),
        (&"Ana K".into(), &"ana@example.com".into())
    );
    assert_eq!(me["actions"].as_array().unwrap().len(), Action::ALL.len());
    let gate = world.kb.gate().await.unwrap();
    let portals = world.kb.portals(&gate).await.unwrap();
    assert_eq!(portals.len(), 1);
    assert_eq!(portals[0].value.entry, "customers".parse().unwrap());

    assert_eq!(link(&world).await, None);
    assert_eq!(nobody.get("/setup").await.status, 404);
    let again = send(
        &nobody,
        "/setup",
        "same-origin",
        &form(&code, "eve%40example.com"),
    )
    .await;
    assert_eq!((again.status, again.header("set-cookie")), (404, ""));
    world.leave_unindexed();
}

#[tokio::test]
async fn of_two_browsers_one_is_the_admin() {
    let world = World::new(2);
    let nobody = client(&world);
    let code = link(&world).await.unwrap();
    let (one, other) = (
        form(&code, "one%40example.com"),
        form(&code, "two%40example.com"),
    );
    let (one, other) = tokio::join!(
        send(&nobody, "/setup", "same-origin", &one),
        send(&nobody, "/setup", "same-origin", &other)
    );
    let made = [&one, &other].iter().filter(|a| a.status == 303).count();
    assert_eq!(made, 1, "{} {}", one.status, other.status);
    world.leave_unindexed();
}

#[tokio::test]
async fn a_newer_link_a_day_and_another_site_open_nothing() {
    let world = World::new(3);
    let nobody = client(&world);
    let older = link(&world).await.unwrap();
    let newer = link(&world).await.unwrap();
    let used = send(
        &nobody,
        "/setup",
        "same-origin",
        &form(&older, "ana%40example.com"),
    )
    .await;
    assert_eq!((used.status, used.header("set-cookie")), (422, ""));
    assert!(used.text.contains("This link is over"), "{}", used.text);
    assert!(
        used.text.contains("ana@example.com"),
        "what was entered stays: {}",
        used.text
    );
    let foreign = send(
        &nobody,
        "/setup",
        "cross-site",
        &form(&newer, "ana%40example.com"),
    )
    .await;
    assert_eq!(foreign.status, 403);
    world.advance(kb_identity::SETUP_SECONDS + 1);
    let late = send(
        &nobody,
        "/setup",
        "same-origin",
        &form(&newer, "ana%40example.com"),
    )
    .await;
    assert_eq!(late.status, 422);
    world.leave_unindexed();
}

#[tokio::test]
async fn what_is_wrong_in_the_form_is_told_and_burns_no_link() {
    let world = World::new(4);
    let nobody = client(&world);
    let code = link(&world).await.unwrap();
    let body = format!("code={code}&name=&mail=nobody&language=en&portal=&entry=everybody");
    let refused = send(&nobody, "/setup?locale=zh-TW", "same-origin", &body).await;
    assert_eq!(refused.status, 422);
    for id in ["name-fault", "mail-fault", "portal-fault"] {
        assert!(refused.text.contains(id), "{id}: {}", refused.text);
    }
    let good = send(
        &nobody,
        "/setup",
        "same-origin",
        &form(&code, "ana%40example.com"),
    )
    .await;
    assert_eq!(good.status, 303, "{}", good.text);
    world.leave_unindexed();
}
