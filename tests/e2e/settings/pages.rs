//! The pages of the console.

use super::{Base, form};

#[tokio::test]
async fn somebody_is_invited_and_put_out_on_pages_alone() {
    let base = Base::new(1).await;
    let page = base.admin.get("/console/people").await;
    assert!(
        page.status == 200 && page.text.contains("Invite somebody"),
        "{}",
        page.text
    );
    let body = "name=Lin+Yating&mail=lin%40example.com&level=agent&role=agent&role=editor&segments=hr%2C+pilots";
    let made = form(&base.admin, "/console/people", body).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let person = made.header("location").to_owned();
    let shown = base.admin.get(&person).await;
    for part in [
        "Lin Yating",
        "lin@example.com",
        "Agent, Editor",
        "Invited",
        ">hr<",
        ">pilots<",
    ] {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
    let path = person.split('?').next().unwrap();
    let link = form(&base.admin, path, "act=link").await;
    assert_eq!(
        (link.status, link.header("cache-control")),
        (200, "no-store"),
        "{}",
        link.text
    );
    let code = link
        .text
        .split("/sign-in#")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let taken = form(&base.nobody, "/sign-in", &format!("code={code}")).await;
    assert_eq!(taken.status, 303, "{}", taken.text);
    for (act, status) in [
        ("act=leave-segment&segment=hr", 303),
        ("act=join-segment&segment=crew", 303),
        ("act=join-segment&segment=No+Slug", 422),
        ("act=end-sessions", 303),
        ("act=leave", 303),
        ("act=dance", 422),
    ] {
        assert_eq!(form(&base.admin, path, act).await.status, status, "{act}");
    }
    let gone = base.admin.get(path).await;
    assert!(gone.text.contains("has left"), "{}", gone.text);
    base.end();
}

#[tokio::test]
async fn a_form_that_is_not_taken_is_shown_again_with_the_reason() {
    let base = Base::new(2).await;
    let refused = form(
        &base.admin,
        "/console/people?locale=zh-TW",
        "name=&mail=x&level=employee",
    )
    .await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("name-fault") && refused.text.contains("mail-fault"));
    assert!(refused.text.contains("<html lang=\"zh-Hant\""));
    let me = base.admin.get("/api/v1/me").await.json();
    let own = format!("/console/people/{}", me["id"].as_str().unwrap());
    let last = form(&base.admin, &own, "act=leave").await;
    assert_eq!(last.status, 422);
    assert!(
        last.text.contains("This is the last admin"),
        "{}",
        last.text
    );
    let beyond = form(&base.people, &own, "act=link").await;
    assert_eq!(beyond.status, 422, "{}", beyond.text);
    assert!(beyond.text.contains("more rights than you") && !beyond.text.contains("#li_"));
    base.end();
}

#[tokio::test]
async fn a_key_is_made_renewed_and_revoked_on_its_page() {
    let base = Base::new(3).await;
    let body = "name=crm&scope=read&scope=write&level=public&span=30d";
    let made = form(&base.admin, "/console/keys", body).await;
    assert_eq!(
        (made.status, made.header("cache-control")),
        (200, "no-store"),
        "{}",
        made.text
    );
    let secret = |text: &str| {
        let start = text.find("<code>sk_").unwrap() + 6;
        text[start..start + 67].to_owned()
    };
    let first = secret(&made.text);
    let listed = base.admin.get("/console/keys").await;
    assert!(listed.text.contains("crm") && !listed.text.contains(&first));
    let id = base.admin.get("/api/v1/keys").await.json()["items"][0]["id"].clone();
    let path = format!("/console/keys/{}", id.as_str().unwrap());
    let renewed = form(&base.admin, &path, "act=rotate").await;
    let second = secret(&renewed.text);
    assert_ne!(first, second);
    let opens = async |key: &str| base.nobody.bearer(key).get("/api/v1/me").await.status;
    assert_eq!((opens(&first).await, opens(&second).await), (200, 200));
    assert_eq!(form(&base.admin, &path, "act=revoke").await.status, 303);
    assert_eq!((opens(&first).await, opens(&second).await), (401, 401));
    let empty = form(&base.admin, "/console/keys", "name=&level=public&span=30d").await;
    assert_eq!(empty.status, 422);
    base.end();
}

#[tokio::test]
async fn the_console_shows_the_way_to_what_one_may_see_and_nothing_else() {
    let base = Base::new(4).await;
    let admin = base.admin.get("/console/people").await.text;
    assert!(admin.contains("/console/keys") && admin.contains("/console/comments"));
    let people = base.people.get("/console/people").await.text;
    assert!(!people.contains("/console/keys") && !people.contains("name=\"role\""));
    for (who, status) in [(&base.nobody, 401), (&base.employee, 403)] {
        for path in ["/console/people", "/console/keys"] {
            assert_eq!(who.get(path).await.status, status, "{path}");
            assert_eq!(form(who, path, "name=a").await.status, status, "{path}");
        }
    }
    assert_eq!(
        base.admin
            .get("/console/people/usr_00000000000000000000000000")
            .await
            .status,
        404
    );
    base.end();
}
