//! The pages for when something is wrong.

use super::{Base, is_html};

#[tokio::test]
async fn a_page_that_is_not_there_is_told_in_the_language_and_shell_of_its_portal() {
    let base = Base::new(1).await;
    let absent = base.nobody.get("/help/zh-Hans/articles/00000000").await;
    assert_eq!((absent.status, is_html(&absent)), (404, true));
    assert!(absent.text.contains("<html lang=\"zh-Hans\""));
    assert!(absent.text.contains("Portal help"), "{}", absent.text);
    assert!(absent.text.contains("href=\"/help/zh-Hans/\""));
    // A portal that one may not enter lends no shell.
    let hidden = base.nobody.get("/staff/zh-Hans/articles/00000000").await;
    assert!(!hidden.text.contains("Portal staff") && hidden.text.contains("Sidenote"));
    assert!(hidden.text.contains("<html lang=\"zh-Hans\""));
    let entered = base.employee.get("/staff/zh-Hans/articles/00000000").await;
    assert!(entered.text.contains("Portal staff"));
    base.end();
}

#[tokio::test]
async fn outside_of_portals_the_browsers_language_is_spoken() {
    let base = Base::new(2).await;
    for path in [
        "/no/such/page/at/all",
        "/problems/none",
        "/assets/0/none.css",
    ] {
        let headers = [("accept-language", "zh-HK,en")];
        let answer = base.nobody.send("GET", path, &headers, "").await;
        assert_eq!((answer.status, is_html(&answer)), (404, true), "{path}");
        assert!(answer.text.contains("<html lang=\"zh-Hant\""), "{path}");
    }
    base.end();
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_told_on_a_page() {
    let base = Base::new(3).await;
    let asked = "/help/zh-Hans/search?q=a&offset=many";
    let answer = base.nobody.get(asked).await;
    assert_eq!((answer.status, is_html(&answer)), (400, true));
    assert!(answer.text.contains("<html lang=\"zh-Hans\""));
    let bearer = base.nobody.bearer("nonsense").get("/help/en/").await;
    assert_eq!((bearer.status, is_html(&bearer)), (401, true));
    let method = base.nobody.send("DELETE", "/help/en/", &[], "").await;
    assert_eq!((method.status, is_html(&method)), (405, true));
    base.end();
}

#[tokio::test]
async fn every_problem_of_the_api_has_its_page() {
    let base = Base::new(4).await;
    for kind in kb_http::ProblemKind::ALL {
        let page = base.nobody.get(&format!("/problems/{}", kind.slug())).await;
        assert_eq!(page.status, 200, "{kind:?}");
        assert!(page.text.contains(kind.title()), "{kind:?}");
        let opening: String = kind.meaning().chars().take(30).collect();
        assert!(page.text.contains(&opening), "{kind:?}");
    }
    base.end();
}

#[tokio::test]
async fn a_dead_address_offers_a_search_for_its_words_and_to_sign_in() {
    let base = Base::new(5).await;
    let absent = base
        .nobody
        .get("/help/en/articles/00000000-reset-your-password")
        .await;
    assert!(
        absent.text.contains("value=\"reset your password\""),
        "{}",
        absent.text
    );
    // Hidden or absent, who is not signed in is told the same.
    let hint = "If you work here or are a customer, sign in";
    let hidden = base.nobody.get("/staff/en/").await;
    assert!(absent.text.contains(hint) && hidden.text.contains(hint));
    let employee = base.employee.get("/help/en/articles/00000000-x").await;
    assert!(employee.status == 404 && !employee.text.contains(hint));
    base.end();
}

#[tokio::test]
async fn the_address_alone_leads_to_the_oldest_portal_or_to_the_default_in_the_readers_language() {
    use kb_domain::{Audience, PortalDraft};
    let mut base = Base::new(6).await;
    // "big" stands before "help" in the alphabet and is younger.
    let (big, _) = base.world.portal("big", Audience::public()).await;
    let leads = async |headers: &[(&str, &str)]| {
        let answer = base.nobody.send("GET", "/", headers, "").await;
        answer.header("location").to_owned()
    };
    assert_eq!(leads(&[]).await, "/help/en/");
    assert_eq!(
        leads(&[("accept-language", "zh-TW,en")]).await,
        "/help/zh-Hant/"
    );
    let ctx = base.world.ctx(kb_testkit::Persona::Admin).await;
    let kb = &base.world.deps().kb;
    for (handle, wanted) in [("big", "/big/en/"), ("help", "/help/en/")] {
        let before = kb_actions::portals::read(kb, &ctx, handle).await.unwrap();
        let draft = PortalDraft {
            default: true,
            ..before.value.draft()
        };
        kb_actions::portals::update(kb, &ctx, before, draft)
            .await
            .unwrap();
        assert_eq!(leads(&[]).await, wanted);
    }
    // One that is the default stays it until another is.
    let before = kb_actions::portals::read(kb, &ctx, "help").await.unwrap();
    assert!(before.value.default);
    assert!(
        !kb_actions::portals::read(kb, &ctx, big.id)
            .await
            .unwrap()
            .value
            .default
    );
    let draft = PortalDraft {
        default: false,
        ..before.value.draft()
    };
    assert!(
        kb_actions::portals::update(kb, &ctx, before, draft)
            .await
            .is_err()
    );
    base.end();
}
