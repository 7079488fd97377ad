//! The demo, as a newcomer starts it.

use crate::harness::*;
use serde_json::{Value, json};

const DEMO: [&str; 4] = ["serve", "--demo", "--listen", "127.0.0.1:0"];

#[test]
fn the_demo_puts_the_right_article_first_and_keeps_what_is_edited() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (served, said) = Served::start_as(&data, &DEMO, &[]);
    let roles: Vec<&str> = said.iter().filter_map(|l| l["sign_in"].as_str()).collect();
    assert_eq!(
        roles,
        [
            "admin",
            "agent",
            "editor",
            "employee",
            "HR employee",
            "customer"
        ]
    );
    let admin = key(&data, "admin,suggest");
    let (mut right, mut tickets) = (0, 0);
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/tickets")).unwrap();
    for file in files {
        let file: Value =
            serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
        let path = format!(
            "/api/v1/tickets/demo/{}",
            file["ticket"]["id"].as_str().unwrap()
        );
        assert_eq!(served.get(&path, Some(&admin)).0, 200, "{path}");
        let (_, answer) = served.post(
            "/api/v1/suggestions",
            &admin,
            &json!({"ticket": file["ticket"]}),
        );
        tickets += 1;
        let first = answer["suggestions"][0]["article"].as_str();
        let found = first.map(|article| {
            let (_, article) = served.get(&format!("/api/v1/articles/{article}"), Some(&admin));
            let source = article["external"]["source"]
                .as_str()
                .unwrap()
                .replace("import:", "");
            format!("{source}/{}", article["external"]["id"].as_str().unwrap())
        });
        if found.as_deref() == file["right"].as_str() {
            right += 1;
        }
    }
    assert_eq!(tickets, 12);
    assert!(
        right >= 10,
        "{right} of {tickets} tickets have the right article first"
    );

    // What is edited stays, whatever is started again.
    let id = served
        .get("/api/v1/search?q=password&lang=en", Some(&admin))
        .1["hits"][0]["article"]
        .as_str()
        .unwrap()
        .to_owned();
    let translation = format!("/api/v1/articles/{id}/translations/en");
    let (_, etag, _) = served.ask("GET", &translation, Some(&admin), None, "");
    let draft =
        json!({"title": "Edited", "body": {"format": "markdown", "source": "Edited by hand."}})
            .to_string();
    let version = format!("If-Match: {etag}\r\n");
    assert_eq!(
        served
            .ask("PUT", &translation, Some(&admin), Some(&draft), &version)
            .0,
        200
    );
    drop(served);
    let (served, said) = Served::start_as(&data, &DEMO, &[]);
    assert!(said.iter().all(|l| l["demo"].is_null()), "{said:?}");
    let (_, kept) = served.get(&format!("{translation}?revision=working"), Some(&admin));
    assert_eq!(kept["title"], "Edited");
    drop(served);

    let refused = run(&data, &["serve", "--demo", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.status.code(), Some(4));
}
