//! Articles by their address.

use super::Base;

#[tokio::test]
async fn the_key_decides_and_every_other_form_of_the_address_leads_to_the_right_one() {
    let base = Base::new(1).await;
    let key = &base.article.key;
    let right = format!("/help/en/articles/{key}-heron");
    let page = base.nobody.get(&right).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("It stands."));
    for (asked, location) in [
        (format!("/help/en/articles/{key}-stork"), right.clone()),
        (format!("/help/en-US/articles/{key}-heron"), right.clone()),
        (
            format!("/help/fr/articles/{key}-heron?a=b"),
            format!("{right}?a=b"),
        ),
        ("/help/fr".to_owned(), "/help/en/".to_owned()),
    ] {
        let moved = base.nobody.get(&asked).await;
        assert_eq!(
            (moved.status, moved.header("location")),
            (301, location.as_str()),
            "{asked}"
        );
    }
    base.end();
}

#[tokio::test]
async fn what_is_hidden_reads_like_what_never_was() {
    let base = Base::new(2).await;
    let hidden = base
        .nobody
        .get(&format!("/help/en/articles/{}", base.secret.key))
        .await;
    let absent = base.nobody.get("/help/en/articles/00000000").await;
    assert_eq!((hidden.status, &hidden.text), (404, &absent.text));
    let of = |portal: &str| format!("/{portal}/en/articles/{}", base.secret.key);
    let portal = base.nobody.get(&of("staff")).await;
    let nowhere = base.nobody.get(&of("nowhere")).await;
    assert_eq!((portal.status, &portal.text), (404, &nowhere.text));
    let own = base.employee.get(&format!("{}-secret", of("staff"))).await;
    assert!(own.text.contains("It stands."), "{}", own.text);
    base.end();
}

#[tokio::test]
async fn a_portal_and_the_start_lead_to_the_default_language() {
    let base = Base::new(3).await;
    for (asked, location) in [("/", "/help/en/"), ("/help", "/help/en/")] {
        let moved = base.nobody.get(asked).await;
        assert_eq!(
            (moved.status, moved.header("location")),
            (307, location),
            "{asked}"
        );
    }
    assert_eq!(base.nobody.get("/staff").await.status, 404);
    base.end();
}

#[tokio::test]
async fn a_page_is_rendered_once_to_be_saved_published_and_read() {
    let mut base = Base::new(4).await;
    let (portal, section) = base.world.portal("more", "public".parse().unwrap()).await;
    let texts = [
        kb_testkit::Text::en(
            "Linked",
            "See [the heron](heron.md) and [out](https://a.example).",
        ),
        kb_testkit::Text::of("zh-Hans", "鹭", "鹭。"),
    ];
    let (kind, audience) = (kb_domain::Kind::Explicit, kb_domain::Audience::public());
    let before = base.world.kb.rendered_count();
    let linked = base
        .world
        .article((&portal, section), kind, "guide", audience, &texts);
    let linked = linked.await;
    // Both texts were rendered when they were saved; one has a link that leads elsewhere in its page.
    for (portal, article, renderings) in [("help", &base.article, 2), ("more", &linked, 3)] {
        let url = format!("/{portal}/en/articles/{}", article.key);
        let page = base.nobody.get(&url).await;
        let url = page.header("location").to_owned();
        for client in [&base.nobody, &base.employee, &base.nobody] {
            let page = client.get(&url).await;
            assert_eq!(page.status, 200, "{url}");
            assert_eq!(base.world.kb.rendered_count() - before, renderings, "{url}");
        }
    }
    base.end();
}
