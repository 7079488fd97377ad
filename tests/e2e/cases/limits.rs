//! Case 97, its limits: pages that are too far or too large, cursors that are not ours.

use crate::harness::{client, indexer};
use kb_domain::{Audience, Kind};
use kb_store::repo::KeyScope;
use kb_testkit::{Persona, Text, World};

#[tokio::test]
async fn case_097_pages_too_far_or_too_large_and_cursors_of_others_are_refused() {
    let mut world = World::new(97);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let mut last = None;
    for n in 0..3 {
        let text = Text::en(&format!("Heron {n}"), "A heron.");
        last = Some(
            world
                .article(
                    (&portal, section),
                    Kind::Explicit,
                    "guide",
                    Audience::public(),
                    &[text],
                )
                .await
                .id,
        );
    }
    for n in 0..60 {
        world
            .publish(
                last.unwrap(),
                &Text::en("Heron 2", &format!("A heron. {n}")),
            )
            .await
            .unwrap();
    }
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let nobody = client(&world);
    let admin = nobody.bearer(&world.key(&[KeyScope::Admin]).await);
    let employee = nobody.session(&world.session(Persona::Employee, &[]).await);
    let list = format!("/api/v1/portals/{}/sections/{section}/articles", portal.id);
    for path in ["/api/v1/search?q=heron&".to_owned(), format!("{list}?")] {
        for (query, status) in [
            ("limit=1000000", 400),
            ("limit=101", 400),
            ("limit=0", 400),
            ("limit=100", 200),
            ("limit=1", 200),
        ] {
            let answer = nobody.get(&format!("{path}{query}")).await;
            assert_eq!(answer.status, status, "{path}{query}: {}", answer.text);
        }
    }
    for (offset, status) in [
        ("1000000", 400),
        ("18446744073709551615", 400),
        ("1001", 400),
        ("1000", 200),
        ("2", 200),
    ] {
        let answer = nobody
            .get(&format!("/api/v1/search?q=heron&offset={offset}"))
            .await;
        assert_eq!(answer.status, status, "{offset}: {}", answer.text);
        let page = nobody
            .get(&format!("/help/en/search?q=heron&offset={offset}"))
            .await;
        assert_eq!(page.status, 200, "{offset}");
    }

    let first = nobody.get(&format!("{list}?limit=2")).await.json();
    let cursor = first["next"].as_str().unwrap();
    assert_eq!(
        nobody
            .get(&format!("{list}?limit=2&cursor={cursor}"))
            .await
            .json()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let mut other = cursor.to_owned();
    let digit = if other.starts_with('0') { "1" } else { "0" };
    other.replace_range(..1, digit);
    let cut = &cursor[..cursor.len() - 1];
    for wrong in [
        &other,
        cut,
        "",
        "0",
        ".",
        "zz.zz",
        "%00",
        &cursor.repeat(200),
    ] {
        let answer = nobody.get(&format!("{list}?cursor={wrong}")).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (400, "application/problem+json"),
            "{wrong}"
        );
    }
    // One person's place in one list is nobody else's and no other list's.
    assert_eq!(
        employee
            .get(&format!("{list}?cursor={cursor}"))
            .await
            .status,
        400
    );
    let revisions = format!(
        "/api/v1/articles/{}/translations/en/revisions",
        last.unwrap()
    );
    let next = admin.get(&revisions).await.json()["next"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        admin
            .get(&format!("{revisions}?cursor={next}"))
            .await
            .status,
        200
    );
    assert_eq!(
        admin
            .get(&format!("{revisions}?cursor={cursor}"))
            .await
            .status,
        400
    );
    assert_eq!(
        nobody.get(&format!("{list}?cursor={next}")).await.status,
        400
    );
}
