//! The steps of the main job, over HTTP at a base address, so that a stack that is deployed can be asked the same.

use crate::harness::path_of;
use serde_json::{Value, json};

/// Somebody with a key, and nobody.
pub struct Caller {
    http: reqwest::Client,
    base: String,
    key: String,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub retry_after: u64,
    pub text: String,
    etag: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }
}

impl Caller {
    pub fn new(base: &str, key: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            base: base.to_owned(),
            key: key.to_owned(),
        }
    }

    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        signed: bool,
        etag: &str,
        body: Option<&Value>,
    ) -> Answer {
        let method: reqwest::Method = method.parse().unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if signed {
            request = request.header("authorization", format!("Bearer {}", self.key));
        }
        if !etag.is_empty() {
            request = request.header("if-match", etag);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value.map_or(String::new(), |v| v.to_str().unwrap().to_owned())
        };
        Answer {
            status: answer.status().as_u16(),
            retry_after: header("retry-after").parse().unwrap_or(0),
            etag: header("etag"),
            text: answer.text().await.unwrap(),
        }
    }

    /// Gives an article another English text and publishes it.
    pub async fn edit(&self, article: &str, source: &str) {
        let path = format!("/api/v1/articles/{article}/translations/en");
        let before = self.ask("GET", &path, true, "", None).await;
        let draft = json!({"title": "Reset your password", "body": {"format": "markdown", "source": source}});
        let late = self.ask("PUT", &path, true, "\"7\"", Some(&draft)).await;
        assert_eq!(late.status, 412, "{}", late.text);
        let saved = self
            .ask("PUT", &path, true, &before.etag, Some(&draft))
            .await;
        assert_eq!(saved.status, 200, "{}", saved.text);
        let publish = format!("{path}/publish");
        let published = self.ask("POST", &publish, true, &saved.etag, None).await;
        assert_eq!(published.status, 200, "{}", published.text);
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, false, "", None).await
    }

    /// How many articles anybody finds.
    pub async fn total(&self, question: &str) -> u64 {
        let found = self.get(&format!("/api/v1/search?q={question}")).await;
        assert_eq!(found.status, 200, "{}", found.text);
        found.json()["total"]["value"].as_u64().unwrap()
    }
}

pub async fn readers_find_what_they_may_see(caller: &Caller) {
    for (question, title) in [
        ("reset+password", "Reset your password"),
        ("%E9%87%8D%E7%BD%AE%E5%AF%86%E7%A0%81", "重置密码"),
        ("%E9%87%8D%E7%BD%AE+%E5%AF%86%E7%A2%BC", "重置密码"),
    ] {
        let found = caller
            .get(&format!("/api/v1/search?q={question}"))
            .await
            .json();
        assert_eq!(found["hits"][0]["title"], title, "{found}");
        let page = path_of(&found["hits"][0]["url"]);
        let page = caller.get(&page).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains(title) && page.text.contains("<html"));
    }
    let hidden = caller
        .get("/api/v1/search?q=porcupine&facets=true")
        .await
        .json();
    assert_eq!(
        (&hidden["hits"], &hidden["total"]["value"]),
        (&json!([]), &json!(0))
    );
    let seen = caller
        .ask("GET", "/api/v1/search?q=porcupine", true, "", None)
        .await
        .json();
    assert_eq!(seen["hits"][0]["title"], "Porcupine fees");
    let article = seen["hits"][0]["article"].as_str().unwrap();
    let absent = caller
        .get("/api/v1/articles/art_00000000000000000000000000")
        .await;
    let theirs = caller.get(&format!("/api/v1/articles/{article}")).await;
    assert_eq!((theirs.status, absent.status), (404, 404));
    let home = caller.get("/help/en/").await;
    assert!(
        home.status == 200 && home.text.contains("account"),
        "{}",
        home.text
    );
}

pub async fn a_ticket_gets_its_article(caller: &Caller) {
    let ticket = json!({
        "system": "demo", "id": "1", "subject": "help!!",
        "description": "Hi, I forgot my password and need to reset it\n> an old quote\nBest regards\nAda",
        "recipients": ["a@example.com"],
    });
    let put = caller
        .ask("POST", "/api/v1/tickets", true, "", Some(&ticket))
        .await;
    assert_eq!(put.status, 201, "{}", put.text);
    let read = caller
        .ask("GET", "/api/v1/tickets/demo/1", true, "", None)
        .await;
    assert_eq!(read.status, 200);
    let asked = json!({"ticket": ticket});
    let answer = caller
        .ask("POST", "/api/v1/suggestions", true, "", Some(&asked))
        .await;
    let answer = answer.json();
    assert_eq!(
        answer["suggestions"][0]["title"], "Reset your password",
        "{answer}"
    );
    let article = &answer["suggestions"][0]["article"];
    let action = json!({"action": "inserted", "mode": "link", "article": article});
    let path = format!(
        "/api/v1/suggestions/{}/actions",
        answer["id"].as_str().unwrap()
    );
    let done = caller.ask("POST", &path, true, "", Some(&action)).await;
    assert_eq!(done.status, 204, "{}", done.text);
    let nothing = json!({"ticket": {"system": "demo", "id": "2", "description": "Which horse wins the gymkhana dressage tournament?"}});
    let nothing = caller
        .ask("POST", "/api/v1/suggestions", true, "", Some(&nothing))
        .await;
    assert_eq!(nothing.json()["suggestions"], json!([]));
}

/// Answers the article.
pub async fn an_edit_hides_the_old_text_at_once(caller: &Caller) -> String {
    assert_eq!(caller.total("mailed").await, 1);
    let found = caller.get("/api/v1/search?q=mailed").await.json();
    let article = found["hits"][0]["article"].as_str().unwrap().to_owned();
    caller.edit(&article, "Press the turquoise button.").await;
    assert_eq!(caller.total("mailed").await, 0);
    article
}

pub async fn the_edit_is_found(caller: &Caller) {
    assert_eq!(caller.total("turquoise").await, 1);
    assert_eq!(caller.total("mailed").await, 0);
}

pub async fn an_archived_article_is_gone_at_once(caller: &Caller, article: &str) {
    let path = format!("/api/v1/articles/{article}");
    let head = caller.ask("GET", &path, true, "", None).await;
    let archived = caller
        .ask("POST", &format!("{path}/archive"), true, &head.etag, None)
        .await;
    assert_eq!(archived.status, 200, "{}", archived.text);
    assert_eq!(caller.total("turquoise").await, 0);
    assert_eq!(caller.get(&path).await.status, 404);
}

/// Row G-05, as on the embedded engines: two characters, the middle of a sentence, both scripts, codes between Han characters.
pub async fn chinese_and_mixed_script_are_found(caller: &Caller) {
    for (question, title) in [
        ("%E6%B5%8B%E8%AF%95", "文档"),            // 测试 in 这是一个测试文档
        ("%E7%9F%A5%E8%AF%86%E5%BA%93", "知識庫"), // 知识库
        ("%E7%9F%A5%E8%AD%98%E5%BA%AB", "知識庫"), // 知識庫
        ("ERP2025%E5%8D%95", "单据"),              // ERP2025单
        ("erp2025", "单据"),
    ] {
        let found = caller
            .get(&format!("/api/v1/search?q={question}"))
            .await
            .json();
        assert_eq!(found["hits"][0]["title"], title, "{question}: {found}");
    }
}
