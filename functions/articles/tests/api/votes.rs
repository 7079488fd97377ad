//! Votes: the caller's own, and how many there are.

use super::{Base, NO_ARTICLE, pointer};
use kb_http::VOTER_COOKIE;
use kb_store::repo::KeyScope;
use kb_testkit::{Answered, Client, Persona};
use serde_json::{Value, json};

fn path(base: &Base) -> String {
    format!("/api/v1/articles/{}/vote", base.article.id)
}

async fn put(client: &Client, path: &str, body: &Value) -> Answered {
    client.json("PUT", path, &[], body).await
}

/// The cookie of an answer, as a browser sends it back.
fn cookie(answer: &Answered) -> String {
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.unwrap_or_default().to_owned()
}

async fn counts(base: &Base) -> Value {
    let path = format!("{}s", path(base));
    base.editor.get(&path).await.json()
}

#[tokio::test]
async fn a_vote_is_cast_read_changed_and_taken_back() {
    let base = Base::new(1).await;
    let (path, customer) = (path(&base), &base.customer);
    assert_eq!(customer.get(&path).await.status, 404);
    let yes = put(customer, &path, &json!({"value": "yes"})).await;
    assert_eq!(
        (yes.status, yes.header("set-cookie")),
        (200, ""),
        "{}",
        yes.text
    );
    assert_eq!(yes.json()["locale"], "en");
    assert_eq!(
        counts(&base).await,
        json!({"yes": 1, "no": 0, "net": 1, "reasons": {}})
    );
    let body = json!({"value": "no", "reason": "outdated", "text": " Since May.\r\n", "locale": "zh-Hans"});
    let no = put(customer, &path, &body).await.json();
    assert_eq!(
        [&no["reason"], &no["text"], &no["locale"]],
        ["outdated", "Since May.", "zh-Hans"]
    );
    assert_eq!(customer.get(&path).await.json(), no);
    // The same vote again writes nothing.
    assert_eq!(put(customer, &path, &body).await.json(), no);
    assert_eq!(
        counts(&base).await,
        json!({"yes": 0, "no": 1, "net": -1, "reasons": {"outdated": 1}})
    );
    for _ in 0..2 {
        let taken = customer.send("DELETE", &path, &[], "").await;
        assert_eq!((taken.status, taken.text.as_str()), (204, ""));
    }
    assert_eq!(counts(&base).await["net"], 0);
    assert_eq!(customer.get(&path).await.status, 404);
    base.end();
}

#[tokio::test]
async fn who_is_not_signed_in_is_known_by_a_signed_cookie() {
    let base = Base::new(2).await;
    let (path, nobody) = (path(&base), &base.nobody);
    let yes = json!({"value": "yes"});
    let first = put(nobody, &path, &yes).await;
    let set = first.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"] {
        assert!(set.contains(part), "{set}");
    }
    let cookie = cookie(&first);
    let headers = [("cookie", cookie.as_str())];
    let again = nobody.json("PUT", &path, &headers, &yes).await;
    assert_eq!((again.status, again.header("set-cookie")), (200, ""));
    let own = nobody.send("GET", &path, &headers, "").await;
    assert_eq!(own.json()["value"], "yes");
    assert_eq!(nobody.get(&path).await.status, 404);
    assert_eq!(counts(&base).await["yes"], 1);
    // Another browser is another voter.
    put(nobody, &path, &json!({"value": "no"})).await;
    assert_eq!(counts(&base).await["net"], 0);
    nobody.send("DELETE", &path, &headers, "").await;
    assert_eq!(counts(&base).await["net"], -1);
    base.end();
}

#[tokio::test]
async fn a_forged_cookie_is_refused_by_its_name_and_nothing_is_counted() {
    let base = Base::new(3).await;
    let (path, nobody) = (path(&base), &base.nobody);
    let yes = json!({"value": "yes"});
    let good = cookie(&put(nobody, &path, &yes).await);
    let (name, signature) = good.split_once('.').unwrap();
    let other = "vtr_00000000000000000000000000";
    for forged in [
        format!("{VOTER_COOKIE}={other}.{signature}"),
        format!("{name}.{}", signature.replace(char::is_numeric, "z")),
        name.to_owned(),
        format!("{VOTER_COOKIE}=x"),
    ] {
        for method in ["PUT", "GET", "DELETE"] {
            let headers = [("cookie", forged.as_str())];
            let answer = nobody.json(method, &path, &headers, &yes).await;
            assert_eq!(
                (answer.status, pointer(&answer).as_str()),
                (400, "/sidenote_voter"),
                "{method} {forged}"
            );
        }
    }
    assert_eq!(counts(&base).await["yes"], 1);
    // Who is signed in is asked for no cookie.
    let session = base.world.session(Persona::Customer, &["a"]).await;
    let both = format!("{}={session}; {VOTER_COOKIE}=x", kb_http::SESSION_COOKIE);
    let headers = [("cookie", both.as_str()), ("sec-fetch-site", "same-origin")];
    let voted = nobody.json("PUT", &path, &headers, &yes).await;
    assert_eq!(voted.status, 200, "{}", voted.text);
    base.end();
}

#[tokio::test]
async fn what_is_hidden_or_malformed_is_absent() {
    let base = Base::new(4).await;
    let of = |id: &str| format!("/api/v1/articles/{id}/vote");
    let yes = json!({"value": "yes"});
    for method in ["PUT", "GET", "DELETE"] {
        let absent = base.customer.json(method, &of(NO_ARTICLE), &[], &yes).await;
        assert_eq!(absent.status, 404);
        for id in [base.hidden.id.to_string(), "art_7".to_owned()] {
            let answer = base.customer.json(method, &of(&id), &[], &yes).await;
            assert_eq!(
                (answer.status, &answer.text),
                (404, &absent.text),
                "{method} {id}"
            );
        }
    }
    let hidden = format!("{}s", of(&base.hidden.id.to_string()));
    assert_eq!(base.customer.get(&hidden).await.status, 404);
    assert_eq!(base.editor.get(&hidden).await.json()["yes"], 0);
    base.end();
}

#[tokio::test]
async fn a_program_has_no_vote_and_only_staff_see_the_counts() {
    let base = Base::new(5).await;
    let path = path(&base);
    let key = base.world.key(&[KeyScope::Admin, KeyScope::Suggest]).await;
    let program = base.nobody.bearer(&key);
    let yes = json!({"value": "yes"});
    for method in ["PUT", "GET", "DELETE"] {
        let answer = program.json(method, &path, &[], &yes).await;
        assert_eq!(answer.status, 403, "{method}");
    }
    let counts = format!("{path}s");
    for (client, status) in [
        (&base.nobody, 401),
        (&base.customer, 403),
        (&base.editor, 200),
        (&program, 200),
    ] {
        assert_eq!(client.get(&counts).await.status, status);
    }
    base.end();
}

#[tokio::test]
async fn a_vote_that_says_too_much_or_nothing_is_refused_with_its_fields() {
    let base = Base::new(6).await;
    let path = path(&base);
    let long = "字".repeat(1_001);
    for (body, status, field) in [
        (json!({}), 400, "/value"),
        (json!({"value": "no", "stars": 5}), 400, "/stars"),
        (json!({"value": "yes", "reason": "other"}), 422, "/reason"),
        (json!({"value": "yes", "text": "well"}), 422, "/text"),
        (json!({"value": "no", "text": long}), 422, "/text"),
        (json!({"value": "yes", "locale": "fr"}), 422, "/locale"),
    ] {
        let answer = put(&base.customer, &path, &body).await;
        assert_eq!(
            (answer.status, pointer(&answer).as_str()),
            (status, field),
            "{body}"
        );
    }
    for body in [
        json!({"value": "maybe"}),
        json!({"value": "no", "reason": "ugly"}),
        json!({"value": "yes", "locale": "x y"}),
    ] {
        let answer = put(&base.customer, &path, &body).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    assert_eq!(counts(&base).await["net"], 0);
    base.end();
}
