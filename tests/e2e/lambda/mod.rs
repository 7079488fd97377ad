//! Each function's own program under a Runtime API, beside the whole program in this process on the same data.
//! The programs must lie where `cargo build --workspace --all-features` puts them.

mod function;
mod gateway;
mod runtime_api;
mod seed;

pub use function::Function;
#[cfg(feature = "cloud")]
pub use gateway::told;
#[cfg(feature = "cloud")]
pub use seed::DOCS;

pub use function::program;
use gateway::{Told, directly, event, filled};
use seed::{ArticleWithTexts, Seed};
use serde_json::{Value, json};
use std::process::Command;

/// An event by its file, and the address that its client sent.
type Case<'a> = (&'a str, &'a str);

/// Sends each event to the function and its request to the whole program, and holds the answers equal.
async fn agree(seed: &Seed, name: &str, cases: &[Case<'_>]) -> Vec<Told> {
    let mut function = Function::start(name, &seed.copy(name)).await;
    let whole = ArticleWithTexts::open(&seed.copy("whole")).await;
    let mut answers = Vec::new();
    for (file, address) in cases {
        let event = event(file, &seed.values);
        let told = function.ask(&event).await;
        let directly = directly(&whole.client(), &event, &filled(address, &seed.values)).await;
        assert_eq!(unnamed(&told), unnamed(&directly), "{file}");
        answers.push(told);
    }
    answers
}

/// What addresses begin with: under the gateway its name, in this process the default of `public-url`.
const BASES: [&str; 2] = ["https://help.example.com", "http://localhost:8600"];

/// The answer without the id of a suggestion and the secret of a session, which are others each time, without the seconds that
/// are left of a limit, and without what hangs on the home: the address it is reached by, and that only `serve` compresses.
fn unnamed(told: &Told) -> Told {
    let mut told = told.clone();
    for base in BASES {
        told.text = told.text.replace(base, "");
    }
    for name in ["content-length", "ratelimit"] {
        told.headers.remove(name);
    }
    if let Some(vary) = told.headers.get_mut("vary") {
        *vary = vary.replace(", accept-encoding", "");
    }
    if let Ok(Value::Object(mut body)) = serde_json::from_str(&told.text)
        && body.contains_key("suggestions")
    {
        assert!(
            body["id"].as_str().is_some_and(|id| id.starts_with("sgn_")),
            "{body:?}"
        );
        body.remove("id");
        told.text = Value::Object(body).to_string();
    }
    for cookie in &mut told.cookies {
        if let Some((name, rest)) = cookie.split_once("=se_") {
            *cookie = format!("{name}={}", rest.split_once(';').unwrap().1);
        }
    }
    told
}

fn statuses(answers: &[Told]) -> Vec<u16> {
    answers.iter().map(|told| told.status).collect()
}

#[tokio::test]
async fn the_search_function_answers_as_the_whole_program_does() {
    let seed = Seed::new().await;
    let cases = [
        ("search", "/api/v1/search?q=reset+password&limit=5"),
        (
            "search-han",
            "/api/v1/search?q=%E9%87%8D%E7%BD%AE%20%E5%AF%86%E7%A0%81&locale=zh-Hans",
        ),
        ("search-signed-in", "/api/v1/search?q=porcupine"),
        ("search-nobody", "/api/v1/search?q=porcupine"),
        ("search-head", "/api/v1/search?q=reset"),
        ("search-malformed", "/api/v1/search?nonsense=1"),
        ("search-delete", "/api/v1/search"),
        ("health", "/health"),
    ];
    let answers = agree(&seed, "fn-search", &cases).await;
    assert_eq!(statuses(&answers), [200, 200, 200, 200, 200, 400, 405, 200]);
    let titles = |n: usize| answers[n].json()["hits"][0]["title"].clone();
    assert_eq!(titles(0), "Reset your password");
    assert_eq!(titles(1), "重置密码");
    assert_eq!(titles(2), "Porcupine fees");
    assert_eq!(answers[3].json()["hits"], json!([]));
    assert_eq!(answers[4].text, "");
    assert_eq!(
        answers[5].headers["content-type"],
        "application/problem+json"
    );
}

#[tokio::test]
async fn the_suggestions_function_answers_as_the_whole_program_does() {
    let seed = Seed::new().await;
    let address = "/api/v1/suggestions";
    let cases = [
        ("suggestion", address),
        ("suggestion-base64", address),
        ("suggestion-twice", address),
        ("suggestion-broken", address),
        ("suggestion-nobody", address),
        (
            "page-sidebar",
            "/agent/ticket?system=crm&id=4711&locale=zh-TW",
        ),
    ];
    let answers = agree(&seed, "fn-suggestions", &cases).await;
    assert_eq!(statuses(&answers), [200, 200, 400, 400, 401, 200]);
    assert_eq!(answers[0].json()["suggestions"][0]["title"], "重置密码");
    assert_ne!(answers[0].json()["id"], answers[1].json()["id"]);
    assert!(
        answers[2].json()["detail"]
            .as_str()
            .unwrap()
            .contains("twice")
    );
    assert_eq!(answers[4].headers["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn the_articles_function_answers_as_the_whole_program_does() {
    let seed = Seed::new().await;
    let article = "/api/v1/articles/{{article}}";
    let translation = "/api/v1/articles/{{article}}/translations/en";
    let list = "/api/v1/portals/{{portal}}/sections/{{section}}/articles?limit=1";
    let cases = [
        ("article", article),
        ("translation", translation),
        ("article-list", list),
        (
            "article-absent",
            "/api/v1/articles/art_00000000000000000000000000",
        ),
        ("translation-save-unconditionally", translation),
    ];
    let answers = agree(&seed, "fn-articles", &cases).await;
    assert_eq!(statuses(&answers), [200, 200, 200, 404, 428]);
    assert_eq!(answers[1].version(), seed.values["version"]);
    assert!(answers[2].json()["next"].is_string());
}

#[tokio::test]
async fn the_help_center_function_answers_as_the_whole_program_does() {
    let mut seed = Seed::new().await;
    let han = seed.values["han-page"].clone();
    assert!(!han.is_ascii());
    let encoded = han.chars().map(|c| {
        let mut bytes = [0; 4];
        let bytes = c.encode_utf8(&mut bytes).bytes();
        if c.is_ascii() {
            c.to_string()
        } else {
            bytes.map(|b| format!("%{b:02X}")).collect()
        }
    });
    seed.values.insert("han-page-encoded", encoded.collect());
    let wrong = format!("{}-wrong", han.rsplit_once('-').unwrap().0);
    seed.values.insert("han-page-wrong", wrong);
    let cases = [
        ("page-home", "/help/en/"),
        ("page-article", "{{page}}"),
        ("page-han", "{{han-page-encoded}}"),
        ("page-han-encoded", "{{han-page-encoded}}"),
        (
            "page-search",
            "/help/zh-Hans/search?q=%E9%87%8D%E7%BD%AE&from=a%26b",
        ),
        ("page-old-address", "/old/C%23%20%E9%87%8D%E7%BD%AE"),
        ("page-language", "/help/en-US/"),
        ("page-wrong-slug", "{{han-page-wrong}}"),
        ("page-head", "{{page}}"),
        ("page-absent", "/help/en/articles/100%25-gone"),
        ("asset", "{{style}}"),
        ("icon", "{{icon}}"),
    ];
    let answers = agree(&seed, "fn-help-center", &cases).await;
    assert_eq!(
        statuses(&answers),
        [200, 200, 200, 200, 200, 301, 301, 301, 200, 404, 200, 200]
    );
    assert!(answers[1].text.contains("<strong>Forgot password</strong>"));
    assert!(answers[2].text.contains("重置密码"));
    assert_eq!(answers[2], answers[3]);
    assert_eq!(answers[5].headers["location"], seed.values["page"]);
    assert_eq!(
        answers[7].headers["location"],
        seed.values["han-page-encoded"]
    );
    assert_eq!(
        answers[10].headers["content-type"],
        "text/css; charset=utf-8"
    );
    assert_eq!(answers[11].headers["content-type"], "image/svg+xml");
}

#[tokio::test]
async fn the_functions_for_people_answer_as_the_whole_program_does() {
    let seed = Seed::new().await;
    let cases = [
        ("page-signed-in", "/sign-in?locale=zh-TW"),
        ("page-setup", "/setup?locale=zh-TW"),
    ];
    let answers = agree(&seed, "fn-sign-in", &cases).await;
    assert_eq!(statuses(&answers), [200, 200]);
    assert!(answers[0].text.contains("Ada"));
    assert!(answers[1].text.contains("<html lang=\"zh-Hant\""));
    let answers = agree(&seed, "fn-settings", &[("people", "/api/v1/people")]).await;
    assert_eq!(statuses(&answers), [200]);
    assert_eq!(answers[0].json()["items"][0]["name"], "Ada");
}

#[tokio::test]
async fn a_cookie_that_a_function_sets_signs_in() {
    let mut seed = Seed::new().await;
    let cases = [("sign-in-foreign", "/sign-in"), ("sign-in", "/sign-in")];
    let answers = agree(&seed, "fn-sign-in", &cases).await;
    assert_eq!(statuses(&answers), [403, 303]);
    let target = "/help/zh-Hans/search?q=%E9%87%8D%E7%BD%AE";
    assert_eq!(answers[1].headers["location"], target);
    let [cookie] = answers[1].cookies.as_slice() else {
        panic!("{:?}", answers[1].cookies)
    };
    let secret = cookie
        .strip_prefix("sidenote_session=")
        .unwrap()
        .split(';')
        .next();
    seed.values.insert("session", secret.unwrap().to_owned());
    // Another function takes it, on the data that the first one left.
    let data = seed.path("fn-sign-in");
    let mut search = Function::start("fn-search", &data).await;
    let found = search.ask(&event("search-signed-in", &seed.values)).await;
    assert_eq!(found.json()["hits"][0]["title"], "Porcupine fees");
}

#[tokio::test]
async fn a_function_alone_says_what_it_does_not_serve() {
    let seed = Seed::new().await;
    for name in ["fn-articles", "fn-search", "fn-suggestions"] {
        let mut function = Function::start(name, &seed.copy(name)).await;
        let told = function.ask(&event("nowhere", &seed.values)).await;
        assert_eq!(
            (told.status, &told.json()["type"]),
            (404, &json!("/problems/not-found")),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_a_function_writes_is_there_for_the_next_invocation_and_for_the_index() {
    let mut seed = Seed::new().await;
    let data = seed.copy("articles");
    let mut function = Function::start("fn-articles", &data).await;
    let save = event("translation-save", &seed.values);
    let saved = function.ask(&save).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let read = function.ask(&event("translation", &seed.values)).await;
    assert_eq!((read.version(), &read.text), (saved.version(), &saved.text));
    assert_eq!(
        read.json()["body"]["source"],
        "Press the turquoise button. 点击绿松石按钮。"
    );
    // The same event once more is made for a version that is gone.
    let mut late = save;
    late["body"] = late["body"]
        .as_str()
        .unwrap()
        .replace("turquoise", "purple")
        .into();
    let stale = function.ask(&late).await;
    assert_eq!(
        (stale.status, stale.json()["current_version"].to_string()),
        (412, saved.version().to_owned())
    );
    seed.values.insert("saved", saved.version().to_owned());
    let published = function
        .ask(&event("translation-publish", &seed.values))
        .await;
    assert_eq!(published.status, 200, "{}", published.text);
    function.stop();

    // The event rows that it wrote are taken by whoever opens the folder next.
    let whole = ArticleWithTexts::open(&data).await;
    whole.app.catch_up().await.unwrap();
    let found = whole
        .client()
        .get("/api/v1/search?q=turquoise")
        .await
        .json();
    assert_eq!(found["hits"][0]["title"], "Reset your password", "{found}");
}

#[tokio::test]
async fn a_megabyte_goes_both_ways_and_more_is_refused() {
    let seed = Seed::new().await;
    let mut function = Function::start("fn-articles", &seed.copy("articles")).await;
    let save = |source: &str| {
        let draft = json!({"title": "Long", "body": {"format": "text", "source": source}});
        let mut save = event("translation-save", &seed.values);
        save["body"] = draft.to_string().into();
        save
    };
    let long = "知识".repeat(166_000);
    let saved = function.ask(&save(&long)).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let read = function.ask(&event("translation", &seed.values)).await;
    assert_eq!(read.json()["body"]["source"], long);
    let refused = function.ask(&save(&"知识".repeat(200_000))).await;
    assert_eq!(
        (refused.status, &refused.json()["type"]),
        (413, &json!("/problems/too-large"))
    );
}

#[tokio::test]
async fn a_function_that_cannot_start_says_why() {
    let seed = Seed::new().await;
    let data = seed.copy("locked");
    let mut owner = Function::start("fn-articles", &data).await;
    owner.ask(&event("health", &seed.values)).await;
    let empty = tempfile::tempdir().unwrap();
    for (name, function) in [
        (
            "is in use by another process",
            Function::start("fn-search", &data).await,
        ),
        (
            "run sidenote reindex",
            Function::start("fn-search", empty.path()).await,
        ),
        (
            "secure-cookies",
            Function::start_with("fn-search", &data, &[("SIDENOTE_SECURE_COOKIES", "maybe")]).await,
        ),
    ] {
        let (code, told, log) = function.ended().await;
        assert_eq!(code, Some(3), "{log:?}");
        let told = told.unwrap();
        assert_eq!(told["errorType"], "Runtime.InitError");
        assert!(
            told["errorMessage"].as_str().unwrap().contains(name),
            "{told}"
        );
        assert!(
            log.last().is_some_and(|line| line.contains(name)),
            "{log:?}"
        );
    }
    let by_hand = Command::new(program("fn-search"))
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(by_hand.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&by_hand.stderr).contains("run sidenote serve"));
}
