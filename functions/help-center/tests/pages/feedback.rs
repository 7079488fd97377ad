//! Whether an article helped: the forms below it, without JavaScript.

use super::{Base, is_html};
use kb_testkit::{Answered, Client, Persona};

fn page(base: &Base) -> String {
    format!("/help/en/articles/{}-heron", base.article.key)
}

async fn send(client: &Client, base: &Base, cookie: &str, body: &str) -> Answered {
    let path = format!("{}/vote", page(base));
    let mut headers = vec![
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    if !cookie.is_empty() {
        headers.push(("cookie", cookie));
    }
    client.send("POST", &path, &headers, body.to_owned()).await
}

fn cookie(answer: &Answered) -> String {
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.unwrap_or_default().to_owned()
}

/// The line of counts that an agent sees.
async fn counts(base: &Base) -> String {
    let agent = base.world.session(Persona::Agent, &[]).await;
    let shown = base.nobody.session(&agent).get(&page(base)).await.text;
    let line = shown.lines().find(|l| l.contains(" · net "));
    line.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_reader_says_no_and_then_why() {
    let base = Base::new(1).await;
    let asked = base.nobody.get(&page(&base)).await;
    assert!(asked.text.contains("Did this help?"), "{}", asked.text);
    assert!(!asked.text.contains("name=\"reason\""));
    let no = send(&base.nobody, &base, "", "value=no").await;
    let location = format!("{}?voted=no#feedback", page(&base));
    assert_eq!((no.status, no.header("location")), (303, location.as_str()));
    let cookie = cookie(&no);
    let why = base.nobody.get(&location.replace("#feedback", "")).await;
    assert!(why.text.contains("value=\"outdated\""), "{}", why.text);
    let body = "value=no&reason=outdated&text=Since+May.";
    let sent = send(&base.nobody, &base, &cookie, body).await;
    let location = format!("{}?voted=why#feedback", page(&base));
    assert_eq!(
        (sent.status, sent.header("location")),
        (303, location.as_str())
    );
    assert_eq!(sent.header("set-cookie"), "");
    let thanked = base.nobody.get(&location.replace("#feedback", "")).await;
    assert!(thanked.text.contains("Thank you."));
    let told = "0 yes · 1 no · net -1 · It is out of date: 1";
    assert!(
        counts(&base).await.contains(told),
        "{}",
        counts(&base).await
    );
    // A no without a reason leaves the one that was given.
    send(&base.nobody, &base, &cookie, "value=no").await;
    assert!(counts(&base).await.contains(told));
    send(&base.nobody, &base, &cookie, "value=yes").await;
    let line = counts(&base).await;
    assert!(line.contains("1 yes · 0 no · net 1<"), "{line}");
    base.end();
}

#[tokio::test]
async fn a_page_shows_nobodys_own_vote_and_readers_no_counts() {
    let base = Base::new(2).await;
    let before = base.nobody.get(&page(&base)).await;
    let voted = send(&base.nobody, &base, "", "value=yes").await;
    let cookie = cookie(&voted);
    let headers = [("cookie", cookie.as_str())];
    let after = base.nobody.send("GET", &page(&base), &headers, "").await;
    assert_eq!(after.text, before.text);
    assert!(!after.text.contains(" · net "));
    assert!(counts(&base).await.contains("1 yes"));
    base.end();
}

#[tokio::test]
async fn a_forged_cookie_is_told_in_words_and_taken_away() {
    let base = Base::new(3).await;
    let forged = "sidenote_voter=vtr_00000000000000000000000000.0123";
    let answer = send(&base.nobody, &base, forged, "value=yes").await;
    assert_eq!((answer.status, is_html(&answer)), (400, true));
    assert!(answer.text.contains("voting cookie"), "{}", answer.text);
    let set = answer.header("set-cookie");
    assert!(set.starts_with("sidenote_voter=;") && set.contains("Max-Age=0"));
    assert!(counts(&base).await.contains("0 yes · 0 no"));
    base.end();
}

#[tokio::test]
async fn a_form_that_cannot_be_taken_is_shown_again_as_it_was_entered() {
    let base = Base::new(4).await;
    let long = "x".repeat(1_001);
    let body = format!("value=no&reason=unclear&text=%3Cb%3E{long}");
    let refused = send(&base.nobody, &base, "", &body).await;
    assert_eq!(refused.status, 422);
    let text = &refused.text;
    assert!(text.contains("value=\"unclear\" checked"), "{text}");
    assert!(text.contains("This is too long.") && text.contains("&#60;b&#62;xxx"));
    let odd = send(&base.nobody, &base, "", "value=maybe").await;
    assert_eq!((odd.status, odd.header("set-cookie")), (422, ""));
    assert!(counts(&base).await.contains("0 yes · 0 no"));
    base.end();
}

#[tokio::test]
async fn another_site_cannot_vote_and_what_is_hidden_is_absent() {
    let base = Base::new(5).await;
    let path = format!("{}/vote", page(&base));
    let form = ("content-type", "application/x-www-form-urlencoded");
    let headers = [form, ("sec-fetch-site", "cross-site")];
    let foreign = base.nobody.send("POST", &path, &headers, "value=yes").await;
    assert_eq!((foreign.status, is_html(&foreign)), (403, true));
    let headers = [form, ("sec-fetch-site", "same-origin")];
    let of = |key: &str| format!("/help/en/articles/{key}/vote");
    let ask = async |path: String| base.nobody.send("POST", &path, &headers, "value=yes").await;
    let hidden = ask(of(&base.secret.key.to_string())).await;
    let absent = ask(of("00000000")).await;
    assert_eq!((hidden.status, &hidden.text), (404, &absent.text));
    base.end();
}
