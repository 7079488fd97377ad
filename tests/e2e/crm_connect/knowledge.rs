//! What comes in is here on every face within one poll: search, help center, sidebar; and nobody sees what is not theirs.

use super::Desk;
use super::api::CONNECTIONS;
use kb_connectors::fakes::zendesk::{NewText, Segment};
use serde_json::json;

impl Desk {
    /// The titles that the sidebar suggests for a ticket.
    async fn suggested(&self, words: &str) -> Vec<String> {
        let ticket = json!({"ticket": {"system": "zendesk:acme", "id": "7", "subject": words, "description": words}});
        let answer = self.agent.post("/api/v1/suggestions", &ticket).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let items = answer.json()["suggestions"].as_array().unwrap().clone();
        let titles = items
            .iter()
            .map(|item| item["title"].as_str().unwrap().to_owned());
        titles.collect()
    }

    /// Whether the help center shows a title to everybody.
    async fn shows(&self, title: &str) -> bool {
        let home = self.nobody.get("/help/en/").await;
        assert_eq!(home.status, 200, "{}", home.text);
        let mut links = Vec::new();
        for rest in home.text.split("href=\"/help/en/").skip(1) {
            links.push(format!("/help/en/{}", rest.split('"').next().unwrap()));
        }
        for link in links {
            if self.nobody.get(&link).await.text.contains(title) {
                return true;
            }
        }
        false
    }
}

#[tokio::test]
async fn row_s111_an_article_there_is_found_read_and_suggested_here_within_one_poll() {
    let mut desk = Desk::new(41, 3).await;
    desk.working().await;
    let number = desk.write("Kingfisher scanner", "翠鸟扫描仪", None);
    desk.minute().await;
    assert_eq!(
        desk.found(&desk.nobody, "kingfisher").await,
        ["Kingfisher scanner"]
    );
    assert_eq!(desk.found(&desk.nobody, "翠鸟").await, ["翠鸟扫描仪"]);
    assert_eq!(
        desk.suggested("the kingfisher scanner").await[0],
        "Kingfisher scanner"
    );
    assert!(desk.shows("Kingfisher scanner").await);
    let edited = NewText::published("en-us", "Osprey scanner", "<p>It is below the account.</p>");
    desk.fake.edit_article(number, edited);
    desk.minute().await;
    assert!(desk.found(&desk.nobody, "kingfisher").await.is_empty());
    assert_eq!(desk.found(&desk.nobody, "osprey").await, ["Osprey scanner"]);
    assert_eq!(desk.suggested("osprey scanner").await[0], "Osprey scanner");
    assert!(desk.shows("Osprey scanner").await && !desk.shows("Kingfisher scanner").await);
}

#[tokio::test]
async fn what_is_archived_there_is_gone_here_and_comes_back_under_its_address() {
    let mut desk = Desk::new(42, 3).await;
    desk.working().await;
    let before = desk
        .nobody
        .get("/api/v1/search?q=heron%20invoice%201")
        .await
        .json();
    let first = before["hits"][0]["article"].clone();
    desk.fake.archive_article(desk.numbers[1]);
    desk.minute().await;
    let gone = desk.found(&desk.nobody, "heron invoice").await;
    assert_eq!(gone.len(), 2, "{gone:?}");
    assert!(!desk.shows("Heron invoice 1").await);
    assert_eq!(
        desk.suggested("heron invoice 1")
            .await
            .iter()
            .filter(|t| *t == "Heron invoice 1")
            .count(),
        0
    );
    desk.fake.restore_article(desk.numbers[1]);
    desk.minute().await;
    let back = desk
        .nobody
        .get("/api/v1/search?q=heron%20invoice%201")
        .await
        .json();
    assert_eq!(back["hits"][0]["article"], first);
}

#[tokio::test]
async fn case_022_a_restricted_segment_there_leaks_nothing_here() {
    let mut desk = Desk::new(43, 1).await;
    let staff = desk.fake.create_segment(Segment {
        name: "Staff".to_owned(),
        user_type: "staff".to_owned(),
        ..Segment::default()
    });
    let unknown = desk.fake.create_segment(Segment {
        name: "Partners".to_owned(),
        user_type: "partners".to_owned(),
        ..Segment::default()
    });
    desk.write("Bittern margin", "大麻鳽利润", Some(staff));
    desk.write("Crake rebate", "秧鸡回扣", Some(unknown));
    desk.world.advance(60);
    let id = desk.working().await;
    let customer = desk
        .nobody
        .session(&desk.world.session(kb_testkit::Persona::Customer, &[]).await);
    for caller in [&desk.nobody, &customer] {
        for words in ["bittern margin", "crake rebate", "大麻鳽", "秧鸡"] {
            let answer = caller
                .get(&format!("/api/v1/search?q={}", words.replace(' ', "%20")))
                .await;
            let leak = ["Bittern", "Crake", "大麻鳽利润", "秧鸡回扣"]
                .iter()
                .find(|w| answer.text.contains(**w));
            assert_eq!(leak, None, "{words}: {}", answer.text);
        }
        for path in [
            "/help/en/",
            "/help/zh-CN/",
            "/sitemap.xml",
            "/api/v1/completions?q=bit",
            "/api/v1/completions?q=cra",
        ] {
            let answer = caller.get(path).await;
            assert!(
                !answer.text.contains("Bittern") && !answer.text.contains("Crake"),
                "{path}"
            );
        }
    }
    assert_eq!(
        desk.found(&desk.agent, "bittern margin").await,
        ["Bittern margin"],
        "staff read it"
    );
    assert!(
        desk.suggested("crake rebate")
            .await
            .iter()
            .all(|t| t != "Crake rebate"),
        "unknown readers are nobody"
    );
    let status = desk.read(&id).await;
    assert_eq!(status["status"]["trial"]["hidden"], 1, "{status}");
    // It is opened there: everybody finds it after the next poll. It is narrowed: nobody does.
    desk.fake.set_readers(desk.numbers[1], None);
    desk.minute().await;
    assert_eq!(
        desk.found(&desk.nobody, "bittern margin").await,
        ["Bittern margin"]
    );
    desk.fake.set_readers(desk.numbers[1], Some(staff));
    desk.minute().await;
    assert!(desk.found(&desk.nobody, "bittern margin").await.is_empty());
}

#[tokio::test]
async fn when_a_quarter_vanishes_nothing_is_taken_away_until_an_admin_says_so() {
    let mut desk = Desk::new(44, 240).await;
    let id = desk.working().await;
    for number in desk.numbers.clone().into_iter().take(60) {
        desk.fake.archive_article(number);
    }
    desk.step(&id, "reconcile").await;
    desk.minute().await;
    desk.minute().await;
    let held = desk.read(&id).await;
    assert_eq!(
        (&held["health"], &held["held"]["missing"]),
        (&json!("held_deletes"), &json!(60)),
        "{held}"
    );
    let total = async |desk: &Desk| {
        let answer = desk.nobody.get("/api/v1/search?q=heron&limit=1").await;
        answer.json()["total"]["value"].as_u64().unwrap()
    };
    assert_eq!(total(&desk).await, 240);
    let path = format!("{CONNECTIONS}/{id}/steps");
    assert_eq!(
        desk.agent
            .post(&path, &json!({"step": "allow"}))
            .await
            .status,
        403
    );
    desk.step(&id, "allow").await;
    desk.minute().await;
    desk.minute().await;
    assert_eq!(total(&desk).await, 180);
    assert_eq!(desk.read(&id).await["health"], "working");
}

#[tokio::test]
async fn row_s065_each_place_says_who_reads_it_and_what_says_nothing_is_for_agents() {
    let mut desk = Desk::new(45, 1).await;
    let section = desk.section;
    let category = desk.fake.create_category(&[("en-us", "Money")]);
    desk.section = desk
        .fake
        .create_section(category, None, &[("en-us", "Refunds")]);
    desk.write("Kestrel refund", "红隼退款", None);
    desk.world.advance(60);
    let id = desk.connected().await;
    desk.step(&id, "try").await;
    desk.minute().await;
    let path = format!("{CONNECTIONS}/{id}/mapping");
    let mut places = json!({});
    places[section.to_string()] = json!({"audience": "public"});
    let body = json!({"everywhere": {"portal": desk.portal.id}, "places": places});
    let mapped = desk.admin.json("PUT", &path, &[], &body).await;
    assert_eq!(mapped.status, 200, "{}", mapped.text);
    desk.step(&id, "start").await;
    desk.minute().await;
    desk.minute().await;
    let employee = desk.world.session(kb_testkit::Persona::Employee, &[]).await;
    let employee = desk.nobody.session(&employee);
    for caller in [&desk.nobody, &employee] {
        assert_eq!(desk.found(caller, "heron").await, ["Heron invoice 0"]);
        assert!(desk.found(caller, "kestrel").await.is_empty());
    }
    assert_eq!(desk.found(&desk.agent, "kestrel").await, ["Kestrel refund"]);
    // An article's own rule is narrower than its place.
    let staff = desk.fake.create_segment(Segment {
        name: "Staff".to_owned(),
        user_type: "staff".to_owned(),
        ..Segment::default()
    });
    desk.fake.set_readers(desk.numbers[0], Some(staff));
    desk.minute().await;
    assert!(desk.found(&desk.nobody, "heron").await.is_empty());
    assert_eq!(desk.found(&desk.agent, "heron").await, ["Heron invoice 0"]);
}
