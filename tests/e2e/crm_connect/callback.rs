//! The way back from a consent: one answer, once, in the browser in which it began.

use super::{CONSOLE, COOKIE, Desk};
use kb_testkit::Persona;

/// What the page says of every answer that is not taken.
const REFUSED: &str = "Nothing was connected";

/// The value of a parameter.
fn value<'a>(query: &'a str, name: &str) -> &'a str {
    let found = query.split('&').find_map(|p| p.strip_prefix(name));
    found.and_then(|v| v.strip_prefix('=')).unwrap()
}

/// Answers and cookies that are not those of the consent, with what was done to each.
fn tampered(
    query: &str,
    cookie: &str,
    of_another: (&str, &str),
) -> Vec<(&'static str, String, String)> {
    let (code, state) = (value(query, "code"), value(query, "state"));
    let (their_query, their_cookie) = of_another;
    let their_state = value(their_query, "state");
    let flip = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
        String::from_utf8(bytes).unwrap()
    };
    let last = state.len() - 1;
    let queries = [
        ("nothing", String::new()),
        ("no state", format!("code={code}")),
        ("an empty state", format!("code={code}&state=")),
        ("no code", format!("state={state}")),
        ("an empty code", format!("code=&state={state}")),
        (
            "a state of another length",
            format!("code={code}&state={state}0"),
        ),
        (
            "a shorter state",
            format!("code={code}&state={}", &state[..last]),
        ),
        (
            "the first letter of the state",
            format!("code={code}&state={}", flip(state, 0)),
        ),
        (
            "the middle of the state",
            format!("code={code}&state={}", flip(state, last / 2)),
        ),
        (
            "the last letter of the state",
            format!("code={code}&state={}", flip(state, last)),
        ),
        (
            "a state in capitals",
            format!("code={code}&state={}", state.to_uppercase()),
        ),
        (
            "a state between spaces",
            format!("code={code}&state=+{state}+"),
        ),
        (
            "two states",
            format!("code={code}&state={state}&state={state}"),
        ),
        (
            "two states, ours first",
            format!("code={code}&state={state}&state={their_state}"),
        ),
        (
            "two states, ours last",
            format!("code={code}&state={their_state}&state={state}"),
        ),
        (
            "two codes",
            format!("code={code}&code={code}&state={state}"),
        ),
        (
            "a second code",
            format!("code={code}&state={state}&code=guessed"),
        ),
        ("a list of codes", format!("code[]={code}&state={state}")),
        ("a list of states", format!("code={code}&state[]={state}")),
        ("names in capitals", format!("CODE={code}&STATE={state}")),
        ("semicolons", format!("code={code};state={state}")),
        ("an error", format!("error=access_denied&state={state}x")),
        (
            "an error beside the code",
            format!("error=access_denied&code={code}&state={state}"),
        ),
        (
            "a zero in the code",
            format!("code={code}%00&state={state}"),
        ),
        (
            "a zero in the state",
            format!("code={code}&state={state}%00"),
        ),
        (
            "a line break in the state",
            format!("code={code}&state={state}%0d%0a"),
        ),
        (
            "letters that are none",
            format!("code={code}&state=%ff%fe{state}"),
        ),
        (
            "the state of another consent",
            format!("code={code}&state={their_state}"),
        ),
        (
            "a very long code",
            format!("code={}&state={state}", "c".repeat(20_000)),
        ),
        (
            "a very long state",
            format!("code={code}&state={}", "s".repeat(20_000)),
        ),
        (
            "a state that names a row",
            format!("code={code}&state=../{state}"),
        ),
        (
            "the state as a hash",
            format!("code={code}&state={}", "0".repeat(64)),
        ),
        (
            "a stranger's state",
            format!("code={code}&state=st_{}", "0".repeat(64)),
        ),
    ];
    let cookies = [
        ("no cookie", String::new()),
        ("another browser's cookie", their_cookie.to_owned()),
        ("a letter of the cookie", flip(cookie, cookie.len() - 1)),
        ("a cookie of another length", format!("{cookie}0")),
        ("the state as the cookie", state.to_owned()),
        ("a second cookie in front", format!("x; {COOKIE}={cookie}")),
        ("a cookie in capitals", cookie.to_uppercase()),
        ("a cookie in quotes", format!("\"{cookie}\"")),
    ];
    let queries = queries.map(|(what, query)| (what, query, cookie.to_owned()));
    let cookies = cookies.map(|(what, cookie)| (what, query.to_owned(), cookie));
    queries.into_iter().chain(cookies).collect()
}

#[tokio::test]
async fn case_043_a_tampered_answer_is_refused_with_one_sentence_and_the_right_one_is_good_after_all()
 {
    let desk = Desk::new(1, 0).await;
    let id = desk.make().await;
    let begun = desk.begin(&id).await;
    let other = desk.begin(&id).await;
    let query = desk.decide(&begun, "allow").await;
    let their_query = desk.decide(&other, "allow").await;
    let all = tampered(&query, &begun.cookie, (&their_query, &other.cookie));
    assert!(all.len() > 40, "{}", all.len());
    let mut texts = std::collections::BTreeSet::new();
    for (what, query, cookie) in all {
        let refused = desk.back("zendesk", &query, &cookie).await;
        assert_eq!(refused.status, 422, "{what}: {}", refused.text);
        assert!(refused.text.contains(REFUSED), "{what}: {}", refused.text);
        texts.insert(refused.text);
    }
    assert_eq!(texts.len(), 1, "the page tells nobody what was wrong");
    for vendor in ["zendesk2", "servicenow", "Zendesk", "%7Bvendor%7D"] {
        let refused = desk.back(vendor, &query, &begun.cookie).await;
        assert_eq!(refused.status, 422, "{vendor}: {}", refused.text);
    }
    assert_eq!(desk.read(&id).await["health"], "consent");
    assert_eq!(
        desk.fake.grants(),
        (0, 0),
        "no code was shown to the partner"
    );
    let back = desk.back("zendesk", &query, &begun.cookie).await;
    assert_eq!(back.status, 303, "{}", back.text);
    assert_eq!(desk.read(&id).await["health"], "ready");
    desk.end();
}

#[tokio::test]
async fn case_043_an_answer_is_good_once_and_for_ten_minutes() {
    let desk = Desk::new(2, 0).await;
    let id = desk.make().await;
    let begun = desk.begin(&id).await;
    let query = desk.decide(&begun, "allow").await;
    assert_eq!(
        desk.back("zendesk", &query, &begun.cookie).await.status,
        303
    );
    let again = desk.back("zendesk", &query, &begun.cookie).await;
    assert_eq!(again.status, 422, "{}", again.text);
    assert_eq!(desk.read(&id).await["health"], "ready", "the grant stays");
    assert_eq!(
        desk.fake.grants().0,
        1,
        "no code is shown to the partner twice"
    );
    let late = desk.begin(&id).await;
    desk.world.advance(601);
    let query = desk.decide(&late, "allow").await;
    assert_eq!(desk.back("zendesk", &query, &late.cookie).await.status, 422);
    desk.end();
}

#[tokio::test]
async fn who_says_no_there_connects_nothing() {
    let desk = Desk::new(3, 0).await;
    let id = desk.make().await;
    let begun = desk.begin(&id).await;
    let query = desk.decide(&begun, "deny").await;
    assert!(query.contains("error=access_denied"));
    let refused = desk.back("zendesk", &query, &begun.cookie).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains(REFUSED) && refused.text.contains(&format!("href=\"{CONSOLE}")));
    assert_eq!(desk.read(&id).await["health"], "consent");
    desk.consent(&id).await;
    desk.end();
}

#[tokio::test]
async fn an_answer_that_the_partner_cannot_redeem_now_is_begun_again() {
    use kb_connectors::fakes::zendesk::Weather;
    let desk = Desk::new(4, 0).await;
    let id = desk.make().await;
    let begun = desk.begin(&id).await;
    let query = desk.decide(&begun, "allow").await;
    desk.fake.set_weather(Weather::Down);
    let down = desk.back("zendesk", &query, &begun.cookie).await;
    assert_eq!(down.status, 503, "{}", down.text);
    desk.fake.set_weather(Weather::Clear);
    assert_eq!(desk.read(&id).await["health"], "consent");
    desk.consent(&id).await;
    assert_eq!(desk.read(&id).await["health"], "ready");
    desk.end();
}

#[tokio::test]
async fn only_who_configures_begins_a_consent_or_ends_one() {
    let desk = Desk::new(5, 0).await;
    let id = desk.make().await;
    let begun = desk.begin(&id).await;
    let query = desk.decide(&begun, "allow").await;
    let publisher = desk.world.session(Persona::Publisher, &[]).await;
    let refused = desk
        .back_as(&publisher, "zendesk", &query, &begun.cookie)
        .await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let stranger = desk.back_as("none", "zendesk", &query, &begun.cookie).await;
    assert!(
        stranger.status == 303 || stranger.status == 401,
        "{}",
        stranger.status
    );
    assert!(!stranger.text.contains("acme"));
    let path = format!("{CONSOLE}/{id}/connect");
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    let forged = crate::harness::form(&desk.admin, &path, &foreign, &[]).await;
    assert_eq!(forged.status, 403, "{}", forged.text);
    assert_eq!(desk.read(&id).await["health"], "consent");
    assert_eq!(
        desk.back("zendesk", &query, &begun.cookie).await.status,
        303
    );
    desk.end();
}
