//! Comments: posted, changed, deleted, moderated, and who sees which.

use super::{Base, NO_ARTICLE, at, pointer};
use kb_domain::{Comments, Level};
use kb_testkit::{Answered, Client, Persona};
use serde_json::{Value, json};

async fn base(seed: u64, comments: Comments) -> (Base, String) {
    let mut base = Base::new(seed).await;
    base.world.set_comments(base.portal.id, comments).await;
    let path = format!("/api/v1/articles/{}/comments", base.article.id);
    (base, path)
}

async fn post(client: &Client, path: &str, text: &str) -> Answered {
    client.post(path, &json!({"text": text})).await
}

fn texts(list: &Answered) -> Vec<String> {
    let list = list.json();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|c| c["text"].as_str().unwrap().to_owned())
        .collect()
}

async fn moderator(base: &Base) -> Client {
    let secret = base.world.session(Persona::Moderator, &[]).await;
    base.nobody.session(&secret)
}

/// Another customer than the one of the base.
async fn stranger(base: &Base) -> Client {
    let identity = &base.world.identity;
    let person = Persona::Customer.person("Stranger", &[]);
    let person = identity.person("test", "stranger", &person).await.unwrap();
    let session = identity.open_session(person).await.unwrap();
    base.nobody.session(&session.secret)
}

/// A queue of the base's portal, once its index has caught up.
fn queue(base: &Base, queue: &str) -> String {
    base.world.catch_up();
    format!("/api/v1/comments?portal={}&queue={queue}", base.portal.id)
}

/// S030: off, on, and an article that differs from its portal.
#[tokio::test]
async fn s030_comments_are_off_until_a_portal_or_an_article_turns_them_on() {
    let (mut base, path) = base(1, Comments::Off).await;
    let refused = post(&base.customer, &path, "Hello").await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(texts(&base.customer.get(&path).await).is_empty());
    base.world.set_comments(base.portal.id, Comments::On).await;
    let posted = post(&base.customer, &path, "Hello").await;
    assert_eq!(
        (posted.status, &posted.json()["state"]),
        (201, &json!("visible"))
    );
    assert_eq!(texts(&base.nobody.get(&path).await), ["Hello"]);
    let article = format!("/api/v1/articles/{}", base.article.id);
    let read = base.editor.get(&article).await;
    let off = json!({"comments": "off"});
    let changed = at(&base.editor, "PATCH", &article, read.header("etag"), &off).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert!(texts(&base.nobody.get(&path).await).is_empty());
    let one = base.nobody.get(posted.header("location")).await;
    assert_eq!(one.status, 404);
    assert_eq!(post(&base.customer, &path, "Hello?").await.status, 409);
    base.end();
}

#[tokio::test]
async fn s030_a_comment_points_out_an_error_and_staff_comment_as_staff() {
    let (base, path) = base(2, Comments::On).await;
    let body = json!({"text": "Step 2 is wrong", "points_out_error": true});
    let posted = base.customer.post(&path, &body).await;
    assert_eq!(posted.json()["points_out_error"], true);
    assert_eq!(posted.json()["by_staff"], false);
    let answer = post(&base.editor, &path, "Mended, thank you").await;
    assert_eq!(answer.json()["by_staff"], true);
    base.end();
}

/// S055: whoever moderates need not edit, and whoever edits does not moderate.
#[tokio::test]
async fn s055_the_right_to_moderate_stands_apart_from_the_right_to_edit() {
    let (base, path) = base(3, Comments::ApproveFirst).await;
    let posted = post(&base.customer, &path, "Waits").await;
    assert_eq!(posted.json()["state"], "waiting");
    let one = posted.header("location").to_owned();
    let approve = json!({"state": "visible"});
    // To an editor it is not there yet.
    assert_eq!(base.editor.get(&one).await.status, 404);
    let listed = base.editor.get(&queue(&base, "waiting")).await;
    assert_eq!(listed.status, 403);
    let moderator = moderator(&base).await;
    let waiting = moderator.get(&queue(&base, "waiting")).await;
    assert_eq!(texts(&waiting), ["Waits"]);
    let approved = at(&moderator, "PATCH", &one, posted.header("etag"), &approve).await;
    assert_eq!(approved.status, 200, "{}", approved.text);
    assert_eq!(texts(&base.nobody.get(&path).await), ["Waits"]);
    let article = format!("/api/v1/articles/{}", base.article.id);
    let edit = at(
        &moderator,
        "PATCH",
        &article,
        "\"1\"",
        &json!({"labels": ["x"]}),
    )
    .await;
    assert_eq!(edit.status, 403);
    // The queue moves on: open, answered, hidden.
    let etag = approved.header("etag").to_owned();
    let answered = at(&moderator, "PATCH", &one, &etag, &json!({"answered": true})).await;
    let listed = moderator.get(&queue(&base, "answered")).await;
    assert_eq!(texts(&listed), ["Waits"]);
    let etag = answered.header("etag").to_owned();
    let hidden = at(
        &moderator,
        "PATCH",
        &one,
        &etag,
        &json!({"state": "hidden"}),
    )
    .await;
    assert_eq!(hidden.status, 200);
    assert!(texts(&moderator.get(&queue(&base, "waiting")).await).is_empty());
    assert_eq!(
        texts(&moderator.get(&queue(&base, "hidden")).await),
        ["Waits"]
    );
    base.end();
}

/// S097 counts what readers see, so what is hidden is in no list of theirs.
#[tokio::test]
async fn s097_a_hidden_comment_is_in_no_list_of_readers() {
    let (base, path) = base(4, Comments::On).await;
    let shown = post(&base.customer, &path, "Shown").await;
    let rude = post(&base.customer, &path, "Rude").await;
    assert_eq!(shown.status, 201);
    let moderator = moderator(&base).await;
    let one = rude.header("location").to_owned();
    let hide = json!({"state": "hidden"});
    at(&moderator, "PATCH", &one, rude.header("etag"), &hide).await;
    // Its author does not see it either.
    for client in [&base.nobody, &base.customer, &base.editor] {
        assert_eq!(texts(&client.get(&path).await), ["Shown"]);
        let absent = client.get(&one).await;
        assert_eq!(absent.status, 404);
    }
    assert_eq!(texts(&moderator.get(&path).await), ["Shown", "Rude"]);
    base.end();
}

#[tokio::test]
async fn a_comment_that_waits_is_seen_by_its_author_and_by_those_who_moderate() {
    let (base, path) = base(5, Comments::ApproveFirst).await;
    post(&base.customer, &path, "Mine").await;
    let stranger = stranger(&base).await;
    let moderator = moderator(&base).await;
    for (client, expected) in [
        (&base.customer, 1),
        (&moderator, 1),
        (&base.nobody, 0),
        (&stranger, 0),
        (&base.editor, 0),
    ] {
        assert_eq!(texts(&client.get(&path).await).len(), expected);
    }
    // Those who moderate need no approval.
    let posted = post(&moderator, &path, "Ours").await;
    assert_eq!(posted.json()["state"], "visible");
    base.end();
}

#[tokio::test]
async fn only_its_author_rewrites_a_comment_and_then_it_waits_again() {
    let (base, path) = base(6, Comments::ApproveFirst).await;
    let posted = post(&base.customer, &path, "First").await;
    let one = posted.header("location").to_owned();
    let moderator = moderator(&base).await;
    let approve = json!({"state": "visible"});
    let approved = at(&moderator, "PATCH", &one, posted.header("etag"), &approve).await;
    let etag = approved.header("etag").to_owned();
    let rewrite = json!({"text": "Second"});
    let stranger = stranger(&base).await;
    for client in [&moderator, &stranger] {
        let refused = at(client, "PATCH", &one, &etag, &rewrite).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
    }
    let approve_oneself = json!({"answered": true});
    let refused = at(&base.customer, "PATCH", &one, &etag, &approve_oneself).await;
    assert_eq!(refused.status, 403);
    let written = at(&base.customer, "PATCH", &one, &etag, &rewrite).await;
    assert_eq!(
        (written.status, &written.json()["state"]),
        (200, &json!("waiting"))
    );
    assert!(written.json()["edited_at"].is_string());
    // Two tabs: the second one is told.
    let stale = at(
        &base.customer,
        "PATCH",
        &one,
        &etag,
        &json!({"text": "Third"}),
    )
    .await;
    assert_eq!(stale.status, 412);
    base.end();
}

#[tokio::test]
async fn a_comment_is_deleted_by_its_author_or_a_moderator_and_can_be_posted_again() {
    let (base, path) = base(7, Comments::On).await;
    let posted = post(&base.customer, &path, "Oops").await;
    let one = posted.header("location").to_owned();
    let etag = posted.header("etag").to_owned();
    let stranger = stranger(&base).await;
    let refused = at(&stranger, "DELETE", &one, &etag, &json!({})).await;
    assert_eq!(refused.status, 403);
    let gone = at(&base.customer, "DELETE", &one, &etag, &json!({})).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    assert_eq!(base.customer.get(&one).await.status, 404);
    let again = post(&base.customer, &path, "Oops").await;
    assert_eq!(again.status, 201, "{}", again.text);
    let moderator = moderator(&base).await;
    let one = again.header("location").to_owned();
    let gone = at(&moderator, "DELETE", &one, again.header("etag"), &json!({})).await;
    assert_eq!(gone.status, 204);
    base.end();
}

/// Whoever may not read the article learns of no comment on it.
#[tokio::test]
async fn the_audience_of_an_article_is_that_of_its_comments() {
    let (base, _) = base(8, Comments::On).await;
    let hidden = format!("/api/v1/articles/{}/comments", base.hidden.id);
    let posted = post(&base.editor, &hidden, "Among agents").await;
    assert_eq!(posted.status, 201, "{}", posted.text);
    let absent = format!("/api/v1/articles/{NO_ARTICLE}/comments");
    for client in [&base.nobody, &base.customer] {
        let refused = client.get(&hidden).await;
        let missing = client.get(&absent).await;
        assert_eq!((refused.status, refused.text), (404, missing.text));
        let one = client.get(posted.header("location")).await;
        assert_eq!(one.status, 404);
    }
    assert_eq!(post(&base.customer, &hidden, "Let me in").await.status, 404);
    // A customer who moderates sees the queue of the portal without it.
    let identity = &base.world.identity;
    let mut person = Persona::Moderator.person("Helper", &[]);
    person.level = Level::Customer;
    let person = identity.person("test", "helper", &person).await.unwrap();
    let session = identity.open_session(person).await.unwrap();
    let helper = base.nobody.session(&session.secret);
    let open = helper.get(&queue(&base, "open")).await;
    assert_eq!(open.status, 200, "{}", open.text);
    assert!(texts(&open).is_empty());
    base.end();
}

#[tokio::test]
async fn a_text_that_is_too_long_empty_or_sent_twice_is_refused() {
    let (base, path) = base(9, Comments::On).await;
    let long = post(&base.customer, &path, &"x".repeat(100_000)).await;
    assert_eq!((long.status, pointer(&long).as_str()), (422, "/text"));
    let empty = post(&base.customer, &path, " \n\t ").await;
    assert_eq!((empty.status, pointer(&empty).as_str()), (422, "/text"));
    let unknown = json!({"text": "a", "colour": "red"});
    let unknown = base.customer.post(&path, &unknown).await;
    assert_eq!(
        (unknown.status, pointer(&unknown).as_str()),
        (400, "/colour")
    );
    let nobody = post(&base.nobody, &path, "Hello").await;
    assert_eq!(nobody.status, 401);
    assert_eq!(post(&base.customer, &path, "Once").await.status, 201);
    assert_eq!(post(&base.customer, &path, "Once").await.status, 409);
    let key = [("idempotency-key", "k-1")];
    let body = json!({"text": "Twice"});
    let first = base.customer.json("POST", &path, &key, &body).await;
    let second = base.customer.json("POST", &path, &key, &body).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.json()["id"], second.json()["id"]);
    assert_eq!(texts(&base.nobody.get(&path).await), ["Once", "Twice"]);
    base.end();
}

#[tokio::test]
async fn nobody_posts_more_than_ten_comments_in_ten_minutes() {
    let (base, path) = base(10, Comments::On).await;
    for n in 0..10 {
        let posted = post(&base.customer, &path, &format!("Number {n}")).await;
        assert_eq!(posted.status, 201, "{}", posted.text);
    }
    let refused = post(&base.customer, &path, "One more").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "2"));
    // Nor is one changed without end.
    let list = base.customer.get(&path).await.json();
    let one = format!("{path}/{}", list["items"][0]["id"].as_str().unwrap());
    let etag = base.customer.get(&one).await.header("etag").to_owned();
    let changed = at(&base.customer, "PATCH", &one, &etag, &json!({"text": "0"})).await;
    assert_eq!(changed.status, 429, "{}", changed.text);
    assert_eq!(
        post(&stranger(&base).await, &path, "Me too").await.status,
        201
    );
    base.world.advance(601);
    assert_eq!(post(&base.customer, &path, "One more").await.status, 201);
    base.end();
}

#[tokio::test]
async fn comments_are_listed_page_by_page() {
    let (base, path) = base(11, Comments::On).await;
    for n in 0..5 {
        post(&base.customer, &path, &format!("Number {n}")).await;
        base.world.advance(1);
    }
    let first = base.nobody.get(&format!("{path}?limit=3")).await;
    assert_eq!(texts(&first), ["Number 0", "Number 1", "Number 2"]);
    let next = first.json()["next"].as_str().unwrap().to_owned();
    let second = base
        .nobody
        .get(&format!("{path}?limit=3&cursor={next}"))
        .await;
    assert_eq!(texts(&second), ["Number 3", "Number 4"]);
    assert_eq!(second.json()["next"], Value::Null);
    base.end();
}

/// The pages of a list tell nothing of how many comments are not shown.
#[tokio::test]
async fn comments_that_are_not_shown_make_no_page_shorter() {
    let (base, path) = base(13, Comments::ApproveFirst).await;
    let moderator = moderator(&base).await;
    post(&base.customer, &path, "Waits").await;
    base.world.advance(1);
    post(&moderator, &path, "Shown").await;
    base.world.advance(1);
    post(&base.customer, &path, "Waits, too").await;
    let page = base.nobody.get(&format!("{path}?limit=1")).await;
    assert_eq!(texts(&page), ["Shown"]);
    assert_eq!(page.json()["next"], Value::Null);
    base.end();
}

/// Who wrote a comment is told to its author and to those who moderate.
#[tokio::test]
async fn the_id_of_an_author_is_not_for_everybody() {
    let (base, path) = base(12, Comments::On).await;
    post(&base.customer, &path, "Hello").await;
    let author =
        async |client: &Client| client.get(&path).await.json()["items"][0]["author"].clone();
    assert!(author(&base.customer).await.is_string());
    assert!(author(&moderator(&base).await).await.is_string());
    assert!(author(&base.nobody).await.is_null());
    assert!(author(&base.editor).await.is_null());
    base.end();
}
