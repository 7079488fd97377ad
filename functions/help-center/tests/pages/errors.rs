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
    }
    base.end();
}
