//! Whoever reads pages is told on a page, in their language, what went wrong: beside tickets, where one signs in, in the help center.

use crate::harness::{client, form};
use kb_domain::Audience;
use kb_testkit::{Answered, Persona, World};

/// Titles of the pages for when something is wrong, in simplified Chinese, by status.
const TITLES: [(u16, &str); 6] = [
    (400, "操作未成功"),
    (401, "登录"),
    (403, "没有权限"),
    (404, "找不到此页面"),
    (405, "操作未成功"),
    (415, "操作未成功"),
];

fn is_told(answer: &Answered, status: u16, what: &str) {
    let title = TITLES.iter().find(|(s, _)| *s == status).unwrap().1;
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    let html = answer.header("content-type").starts_with("text/html");
    assert!(html, "{what}: {}", answer.text);
    for part in ["<html lang=\"zh-Hans\"", title] {
        assert!(
            answer.text.contains(part),
            "{what} lacks {part}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn every_area_tells_on_a_page_in_the_readers_language_what_is_wrong() {
    let mut world = World::new(41);
    world.portal("help", Audience::public()).await;
    let nobody = client(&world);
    let customer = nobody.session(&world.session(Persona::Customer, &[]).await);
    let agent = nobody.session(&world.session(Persona::Agent, &[]).await);
    let chinese = [("accept-language", "zh-CN,en;q=0.5")];
    for (who, method, path, status) in [
        (&nobody, "GET", "/agent/inbox", 401),
        (&customer, "GET", "/agent/inbox", 403),
        (&customer, "GET", "/agent/inbox/7", 403),
        (&agent, "GET", "/agent/inbox/none", 404),
        (&agent, "GET", "/agent/inbox?cursor=zz", 400),
        (&agent, "POST", "/agent/inbox/none", 415),
        (&nobody, "GET", "/sign-in?colour=red", 200),
        (&nobody, "DELETE", "/sign-in", 405),
        (&nobody, "GET", "/nowhere", 404),
        (&nobody, "GET", "/problems/none", 404),
        (&nobody, "GET", "/help/zh-Hans/articles/00000000", 404),
        (&nobody, "GET", "/help/zh-Hans/search?q=a&offset=many", 400),
        (&agent, "GET", "/staff/zh-Hans/", 404),
    ] {
        let answer = who.send(method, path, &chinese, "").await;
        if status == 200 {
            assert!(answer.text.contains("<html lang=\"zh-Hans\""), "{path}");
        } else {
            is_told(&answer, status, &format!("{method} {path}"));
        }
    }
    let foreign = [("sec-fetch-site", "cross-site"), chinese[0]];
    let refused = form(&nobody, "/sign-in", &foreign, &[("code", "x")]).await;
    is_told(&refused, 403, "a sign-in from another site");
    world.touched();
    world.settle(&crate::harness::indexer(&world)).await;
}
