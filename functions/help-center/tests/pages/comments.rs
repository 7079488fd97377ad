//! Comments on the page of an article, and the page of those who moderate; no step needs JavaScript.

use super::{Base, is_html};
use kb_domain::Comments;
use kb_testkit::{Answered, Client, Persona};

/// A base whose portals take comments, the address of its public article, and a customer.
async fn base(seed: u64, comments: Comments) -> (Base, String, Client) {
    let mut base = Base::new(seed).await;
    let portal = base.article.home.as_ref().unwrap().portal;
    base.world.set_comments(portal, comments).await;
    let url = format!("/help/en/articles/{}-heron", base.article.key);
    let secret = base.world.session(Persona::Customer, &[]).await;
    let customer = base.nobody.session(&secret);
    (base, url, customer)
}

async fn moderator(base: &Base) -> Client {
    let secret = base.world.session(Persona::Moderator, &[]).await;
    base.nobody.session(&secret)
}

async fn send(client: &Client, path: &str, fields: &str) -> Answered {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    client.send("POST", path, &headers, fields.to_owned()).await
}

/// What stands between two pieces of a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split_once(after).unwrap().0
}

/// The form in which the author of the only comment changes it: its address and its version.
fn own_form(page: &str) -> (String, String) {
    let url = between(page, "Edit or delete</summary>", "<textarea");
    let version = between(url, "name=\"version\" value=\"", "\"");
    (
        between(url, "action=\"", "\"").to_owned(),
        version.to_owned(),
    )
}

#[tokio::test]
async fn a_comment_is_posted_from_the_page_and_shown_there() {
    let (base, url, customer) = base(21, Comments::On).await;
    let posted = send(&customer, &format!("{url}/comments"), "text=Where+is+it%3F").await;
    assert_eq!(
        (posted.status, posted.header("location")),
        (303, format!("{url}#comments").as_str())
    );
    let again = send(&customer, &format!("{url}/comments"), "text=Where+is+it%3F").await;
    assert_eq!(again.status, 303);
    let page = base.nobody.get(&url).await.text;
    assert_eq!(page.matches("Where is it?").count(), 1, "{page}");
    base.end();
}

/// S030: where comments are off there is no form, and a form that is sent all the same is refused.
#[tokio::test]
async fn s030_where_comments_are_off_the_page_has_no_form() {
    let (base, url, customer) = base(22, Comments::Off).await;
    assert!(!customer.get(&url).await.text.contains("id=\"comments\""));
    let refused = send(&customer, &format!("{url}/comments"), "text=Hello").await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    base.end();
}

#[tokio::test]
async fn who_is_not_signed_in_is_asked_to_sign_in() {
    let (base, url, _) = base(23, Comments::On).await;
    let page = base.nobody.get(&url).await.text;
    assert!(page.contains("Sign in to comment"));
    let refused = send(&base.nobody, &format!("{url}/comments"), "text=Hello").await;
    assert!(matches!(refused.status, 303 | 401), "{}", refused.status);
    base.end();
}

#[tokio::test]
async fn markup_in_a_comment_stays_text_and_an_address_is_a_link_that_earns_nothing() {
    let (base, url, customer) = base(24, Comments::On).await;
    let text = "text=%3Cscript%3Ealert(1)%3C%2Fscript%3E+see+https%3A%2F%2Fexample.com%2Fa.";
    send(&customer, &format!("{url}/comments"), text).await;
    let page = base.nobody.get(&url).await.text;
    let comments = between(&page, "id=\"comments\"", "</section>");
    assert!(!comments.contains("<script>"), "{comments}");
    assert!(comments.contains("<a href=\"https://example.com/a\" rel=\"nofollow ugc noopener\">"));
    base.end();
}

#[tokio::test]
async fn a_text_that_is_too_long_is_shown_again_with_the_reason() {
    let (base, url, customer) = base(25, Comments::On).await;
    let text = format!("text={}", "x".repeat(5_000));
    let refused = send(&customer, &format!("{url}/comments"), &text).await;
    assert_eq!((refused.status, is_html(&refused)), (422, true));
    assert!(refused.text.contains(&"x".repeat(5_000)));
    assert!(refused.text.contains("id=\"comment-fault\""));
    base.end();
}

#[tokio::test]
async fn ones_own_comment_is_changed_and_deleted_on_the_page() {
    let (base, url, customer) = base(26, Comments::On).await;
    send(&customer, &format!("{url}/comments"), "text=Frist").await;
    let (target, version) = own_form(&customer.get(&url).await.text);
    // Others have no such form, and its address refuses them.
    let page = base.employee.get(&url).await.text;
    assert!(!page.contains("Edit or delete"));
    let fields = format!("act=save&version={version}&text=First");
    let refused = send(&base.employee, &target, &fields).await;
    assert_eq!(refused.status, 403);
    let changed = send(&customer, &target, &fields).await;
    assert_eq!(changed.status, 303, "{}", changed.text);
    let page = base.nobody.get(&url).await.text;
    assert!(page.contains("First") && page.contains("edited") && !page.contains("Frist"));
    // Another tab, with the version before.
    let stale = send(
        &customer,
        &target,
        &format!("act=save&version={version}&text=Other"),
    )
    .await;
    assert_eq!(stale.status, 422);
    assert!(stale.text.contains("has changed since") && stale.text.contains("Other"));
    let (target, version) = own_form(&customer.get(&url).await.text);
    let gone = send(&customer, &target, &format!("act=delete&version={version}")).await;
    assert_eq!(gone.status, 303);
    assert!(
        base.nobody
            .get(&url)
            .await
            .text
            .contains("No comments yet.")
    );
    base.end();
}

/// S055: the queue, and what is decided in it.
#[tokio::test]
async fn s055_those_who_moderate_decide_on_a_page_of_their_own() {
    let (base, url, customer) = base(27, Comments::ApproveFirst).await;
    let sent = send(&customer, &format!("{url}/comments"), "text=Please+approve").await;
    assert_eq!(sent.header("location"), format!("{url}?sent=1#comments"));
    assert!(
        customer
            .get(&format!("{url}?sent=1"))
            .await
            .text
            .contains("once it has been approved")
    );
    assert!(!base.nobody.get(&url).await.text.contains("Please approve"));
    let queue = "/console/comments";
    for (client, status) in [(&customer, 403), (&base.employee, 403)] {
        assert_eq!(client.get(queue).await.status, status);
    }
    let moderator = moderator(&base).await;
    assert!(moderator.get(&url).await.text.contains("Please approve"));
    base.world.catch_up();
    let page = moderator.get(queue).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("Please approve") && page.text.contains("Heron"),
        "{}",
        page.text
    );
    let form = between(&page.text, "<form class=\"row wrap\"", "</form>");
    let target = between(form, "action=\"", "\"")
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let mut fields = String::from("act=approve");
    for name in ["version", "portal", "queue"] {
        let value = between(form, &format!("name=\"{name}\" value=\""), "\"");
        fields.push_str(&format!("&{name}={value}"));
    }
    let refused = send(&customer, &target, &fields).await;
    assert_eq!(refused.status, 403);
    let decided = send(&moderator, &target, &fields).await;
    assert_eq!(decided.status, 303, "{}", decided.text);
    assert!(base.nobody.get(&url).await.text.contains("Please approve"));
    // The same decision from another tab is told that things have moved on.
    let stale = send(&moderator, &target, &fields).await;
    assert_eq!((stale.status, is_html(&stale)), (422, true));
    assert!(stale.text.contains("has changed since"));
    let page = moderator.get(queue).await.text;
    assert!(page.contains("There are no comments here."));
    base.end();
}

#[tokio::test]
async fn a_decision_that_does_not_exist_is_refused_by_name() {
    let (base, url, customer) = base(28, Comments::ApproveFirst).await;
    send(&customer, &format!("{url}/comments"), "text=Hello").await;
    let moderator = moderator(&base).await;
    let page = moderator.get("/console/comments?queue=nowhere").await;
    assert_eq!((page.status, is_html(&page)), (400, true));
    base.world.catch_up();
    let page = moderator.get("/console/comments").await.text;
    let form = between(&page, "<form class=\"row wrap\"", "</form>");
    let target = between(form, "action=\"", "\"").to_owned();
    let refused = send(&moderator, &target, "act=burn&version=1").await;
    assert_eq!(
        (refused.status, is_html(&refused)),
        (422, true),
        "{}",
        refused.text
    );
    base.end();
}

#[tokio::test]
async fn fifty_comments_stand_on_a_page_and_the_next_ones_behind_a_link() {
    let (base, url, customer) = base(29, Comments::On).await;
    for n in 0..51 {
        if n % 10 == 0 {
            base.world.advance(601);
        }
        let text = format!("text=Number+{n}.");
        let sent = send(&customer, &format!("{url}/comments"), &text).await;
        assert_eq!(sent.status, 303);
    }
    let page = base.nobody.get(&url).await.text;
    assert!(page.contains("Number 49.") && !page.contains("Number 50."));
    let next = between(&page, "<a class=\"btn small\" href=\"", "\"").to_owned();
    let next = next.split('#').next().unwrap().to_owned();
    let page = base.nobody.get(&next).await.text;
    assert!(page.contains("Number 50.") && !page.contains("Number 49."));
    let forged = base.nobody.get(&format!("{url}?cursor=forged")).await;
    assert_eq!((forged.status, is_html(&forged)), (400, true));
    base.end();
}
