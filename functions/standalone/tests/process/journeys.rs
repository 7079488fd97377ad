//! Import beside a running `serve`, a ticket, a suggestion, an action, a restart; bad input; a second owner.

use crate::harness::*;
use serde_json::json;

#[test]
fn a_ticket_gets_its_article_and_a_restart_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let corpus = write_corpus(folder.path(), 20);
    let served = Served::start(&data);
    let output = run(
        &data,
        &["import", &corpus, "--audience", "public", "--activate"],
    );
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let end = last_line(&output);
    assert_eq!(
        (end["created"].as_u64(), end["failed"].as_u64()),
        (Some(23), Some(0))
    );
    for (question, title) in [
        ("reset password", "Reset your password"),
        ("%E9%87%8D%E7%BD%AE%E5%AF%86%E7%A0%81", "重置密码"),
        ("%E7%9F%A5%E8%AF%86%E5%BA%93", "重置密码"),
        ("%E6%B5%8B%E8%AF%95", "重置密码"),
    ] {
        let (status, found) = served.get(
            &format!("/api/v1/search?q={}", question.replace(' ', "%20")),
            None,
        );
        assert_eq!(
            (status, found["hits"][0]["title"].as_str()),
            (200, Some(title)),
            "{question}: {found}"
        );
        assert!(found["hits"][0]["strength"].is_null());
    }
    // What only agents may read is absent for everybody else: no hit, no count, no facet.
    let (_, found) = served.get("/api/v1/search?q=porcupine&facets=true", None);
    assert_eq!(
        (
            found["hits"].as_array().unwrap().len(),
            found["total"]["value"].as_u64(),
            found["facets"].as_object().unwrap().len()
        ),
        (0, Some(0), 0)
    );
    let agent = key(&data, "read,suggest");
    let (_, found) = served.get("/api/v1/search?q=porcupine", Some(&agent));
    assert_eq!(found["hits"][0]["title"], "Refund exceptions");
    let hidden = found["hits"][0]["article"].as_str().unwrap().to_owned();
    let absent = served.get("/api/v1/articles/art_00000000000000000000000000", None);
    assert_eq!(
        served.get(&format!("/api/v1/articles/{hidden}"), None),
        absent
    );
    assert_eq!(absent.0, 404);

    let ticket = json!({"system": "demo", "id": "1", "subject": "help!!", "description": "Hi, I forgot my password and need to reset it\n> old quote about unicorn3\nBest regards\nAda", "recipients": ["a@example.com"]});
    assert_eq!(served.post("/api/v1/tickets", &agent, &ticket).0, 201);
    let (status, answer) = served.post("/api/v1/suggestions", &agent, &json!({"ticket": ticket}));
    assert_eq!(
        (status, answer["suggestions"][0]["title"].as_str()),
        (200, Some("Reset your password")),
        "{answer}"
    );
    let action = json!({"action": "inserted", "mode": "link", "article": answer["suggestions"][0]["article"]});
    let path = format!(
        "/api/v1/suggestions/{}/actions",
        answer["id"].as_str().unwrap()
    );
    assert_eq!(served.post(&path, &agent, &action).0, 204);
    let (_, nothing) = served.post("/api/v1/suggestions", &agent, &json!({"ticket": {"system": "demo", "id": "2", "description": "Which horse wins the gymkhana dressage tournament on Saturday?"}}));
    assert_eq!(nothing["suggestions"], json!([]));

    let again = last_line(&run(&data, &["import", &corpus, "--audience", "public"]));
    assert_eq!(
        (again["created"].as_u64(), again["unchanged"].as_u64()),
        (Some(0), Some(23))
    );
    drop(served);
    let served = Served::start(&data);
    assert_eq!(
        served.get("/api/v1/search?q=forgot", None).1["hits"][0]["title"],
        "Reset your password"
    );
    assert_eq!(served.get("/api/v1/tickets/demo/1", Some(&agent)).0, 200);
}

#[test]
fn an_import_says_that_its_portal_is_not_open_and_staff_work_with_it_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let corpus = write_corpus(folder.path(), 0);
    let served = Served::start(&data);
    let said = |arguments: &[&str]| {
        let output = run(
            &data,
            &[&["import", &corpus, "--audience", "public"], arguments].concat(),
        );
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(said(&[]).contains(r#"{"portal":"help","open":false}"#));
    let path = "/api/v1/search?q=forgot";
    assert_eq!(served.get(path, None).1["total"]["value"], 0);
    let agent = key(&data, "read,suggest");
    let ticket =
        json!({"ticket": {"system": "demo", "id": "1", "subject": "I forgot my password"}});
    let (_, answer) = served.post("/api/v1/suggestions", &agent, &ticket);
    assert_eq!(answer["suggestions"][0]["title"], "Reset your password");
    assert!(!said(&["--activate"]).contains(r#""open""#));
    assert_eq!(
        served.get(path, None).1["hits"][0]["title"],
        "Reset your password"
    );
}

#[test]
fn writes_over_http_obey_versions_and_archiving_hides_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let corpus = write_corpus(folder.path(), 0);
    let served = Served::start(&data);
    run(
        &data,
        &["import", &corpus, "--audience", "public", "--activate"],
    );
    let admin = key(&data, "admin");
    let id = served.get("/api/v1/search?q=forgot", None).1["hits"][0]["article"]
        .as_str()
        .unwrap()
        .to_owned();
    let translation = format!("/api/v1/articles/{id}/translations/en");
    let (_, etag, _) = served.ask("GET", &translation, Some(&admin), None, "");
    let draft = json!({"title": "Reset your password", "body": {"format": "markdown", "source": "Press the turquoise button.\n\n## Lost phone\n\nCall us."}}).to_string();
    assert_eq!(
        served
            .ask("PUT", &translation, Some(&admin), Some(&draft), "")
            .0,
        428
    );
    assert_eq!(
        served
            .ask(
                "PUT",
                &translation,
                Some(&admin),
                Some(&draft),
                "If-Match: \"7\"\r\n"
            )
            .0,
        412
    );
    assert_eq!(
        served
            .ask(
                "PUT",
                &translation,
                None,
                Some(&draft),
                &format!("If-Match: {etag}\r\n")
            )
            .0,
        401
    );
    let (status, saved, _) = served.ask(
        "PUT",
        &translation,
        Some(&admin),
        Some(&draft),
        &format!("If-Match: {etag}\r\n"),
    );
    assert_eq!(status, 200);
    assert_eq!(
        served
            .ask(
                "PUT",
                &translation,
                Some(&admin),
                Some(&draft),
                &format!("If-Match: {saved}\r\n")
            )
            .1,
        saved
    );
    // Readers keep what is live until it is published; then the old text is gone at once, though the index may lag.
    assert_eq!(served.get(&translation, None).1["body"]["format"], "text");
    assert_eq!(
        served
            .ask(
                "POST",
                &format!("{translation}/publish"),
                Some(&admin),
                None,
                &format!("If-Match: {saved}\r\n")
            )
            .0,
        200
    );
    assert_eq!(
        served.get("/api/v1/search?q=mailed", None).1["total"]["value"],
        0
    );
    while served.get("/api/v1/search?q=turquoise", None).1["total"]["value"] != 1 {}
    let (_, head, _) = served.ask(
        "GET",
        &format!("/api/v1/articles/{id}"),
        Some(&admin),
        None,
        "",
    );
    assert_eq!(
        served
            .ask(
                "POST",
                &format!("/api/v1/articles/{id}/archive"),
                Some(&admin),
                None,
                &format!("If-Match: {head}\r\n")
            )
            .0,
        200
    );
    assert_eq!(
        served.get("/api/v1/search?q=turquoise", None).1["total"]["value"],
        0
    );
    assert_eq!(served.get(&format!("/api/v1/articles/{id}"), None).0, 404);
}

#[test]
fn bad_input_gets_its_problem() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(&folder.path().join("data"));
    let agent = key(&folder.path().join("data"), "suggest");
    let deep = "[".repeat(5_000);
    let long = "word ".repeat(10_000);
    for (body, status) in [
        (
            "{\"ticket\":{\"system\":\"a\",\"id\":\"1\",\"id\":\"2\"}}",
            400,
        ),
        ("{\"ticket\":{\"system\":\"a\",\"id\":\"\\ud800\"}}", 400),
        ("{\"ticket\":{\"system\":\"a\",\"id\":7}}", 400),
        ("{\"ticket\":{\"system\":\"a\\u0000\",\"id\":\"1\"}}", 422),
        ("{\"tickets\":{}}", 400),
        (deep.as_str(), 400),
        ("", 400),
    ] {
        let (found, _, problem) =
            served.ask("POST", "/api/v1/suggestions", Some(&agent), Some(body), "");
        assert_eq!(found, status, "{problem}");
        assert!(problem["type"].as_str().unwrap().starts_with("/problems/"));
    }
    let ticket = json!({"ticket": {"system": "a", "id": "1", "description": long}});
    assert_eq!(served.post("/api/v1/suggestions", &agent, &ticket).0, 200);
    assert_eq!(
        served
            .get(
                "/api/v1/search?q=title:%22a%22%20AND%20(b%20OR%20*)%5E9~",
                None
            )
            .0,
        200
    );
    assert_eq!(served.get("/api/v1/search?q=", None).0, 200);
    assert_eq!(served.get("/api/v1/search?locale=klingon-x", None).0, 400);
    assert_eq!(served.get("/api/v1/search?nonsense=1", None).0, 400);
    assert_eq!(served.get("/api/v1/articles/art_7", None).0, 404);
    assert_eq!(
        served.ask("DELETE", "/api/v1/search", None, None, "").0,
        405
    );
    let big = format!(
        "{{\"ticket\":{{\"system\":\"a\",\"id\":\"1\",\"description\":\"{}\"}}}}",
        "x".repeat(1_500_000)
    );
    assert_eq!(
        served
            .ask("POST", "/api/v1/suggestions", Some(&agent), Some(&big), "")
            .0,
        413
    );
}

#[test]
fn a_reader_browses_from_the_start_page_to_an_article() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let docs = folder.path().join("docs/account/sign-in");
    std::fs::create_dir_all(&docs).unwrap();
    let reset = "---\ntitle: Reset your password\nredirect_from: [/old/reset]\n---\n## Steps\n\n**注意：**您 see [codes](codes.md#lost) and [gone](gone.md).\n<script>alert(1)</script>\n";
    std::fs::write(docs.join("reset.md"), reset).unwrap();
    std::fs::write(
        docs.join("codes.md"),
        "# Codes\n\n## Lost {#lost}\n\nCall us.\n",
    )
    .unwrap();
    std::fs::write(
        docs.join("secret.md"),
        "---\ntitle: Porcupine fees\naudience: agents\n---\nThe porcupine pays.\n",
    )
    .unwrap();
    let served = Served::start(&data);
    run(
        &data,
        &[
            "import",
            folder.path().join("docs").to_str().unwrap(),
            "--audience",
            "public",
            "--activate",
        ],
    );
    let page = |path: &str| served.page(path);
    let link = |html: &str, part: &str| {
        html.split("href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .find(|url| url.contains(part))
            .unwrap_or_else(|| panic!("no link to {part} in {html}"))
    };
    let (status, _, home) = page("/help/en/");
    assert_eq!(status, 200);
    let (_, _, section) = page(&link(&home, "/sections/"));
    assert!(section.contains("Reset your password") && !section.contains("Porcupine"));
    let url = link(&section, "reset-your-password");
    let (status, _, article) = page(&url);
    assert_eq!(status, 200);
    let foreign = article.replace("<script type=\"module\" src=\"/assets/", "");
    assert!(
        article.contains("<strong>注意：</strong>您")
            && !foreign.contains("<script")
            && !article.contains(".md")
    );
    assert!(page(&link(&article, "-codes")).2.contains("id=\"h-lost\""));
    // A wrong slug, an alias of the language and an old address lead to the one address.
    let public = &url.rsplit('/').next().unwrap()[..8];
    for other in [
        format!("/help/en/articles/{public}-wrong"),
        format!("/help/en-US/articles/{public}-reset-your-password"),
        "/old/reset".to_owned(),
    ] {
        let (status, location, _) = page(&other);
        assert_eq!((status, location.as_str()), (301, url.as_str()), "{other}");
    }
    assert!(
        page("/help/zh-TW/search?q=porcupine")
            .1
            .ends_with("/help/zh-Hant/search?q=porcupine")
    );
    let (_, _, found) = page("/help/zh-Hant/search?q=porcupine");
    assert!(found.contains("找不到結果") && !found.contains("Porcupine"));
    // What one may not see reads like what never was.
    let admin = key(&data, "admin");
    let found = served.get("/api/v1/search?q=porcupine", Some(&admin)).1;
    let hidden = found["hits"][0]["url"].as_str().unwrap();
    let hidden = &hidden[hidden.find("/help/").unwrap()..];
    let (_, slug) = hidden.split_once('-').unwrap();
    let absent = page(&format!("/help/en/articles/00000000-{slug}"));
    assert_eq!((page(hidden).0, page(hidden).2), (404, absent.2));
}

#[test]
fn a_second_owner_and_newer_data_are_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let served = Served::start(&data);
    assert_eq!(
        command(&data, &["serve", "--listen", "127.0.0.1:0"])
            .output()
            .unwrap()
            .status
            .code(),
        Some(3)
    );
    let other = folder.path().join("other");
    assert_eq!(
        command(&other, &["serve", "--listen", &served.address])
            .output()
            .unwrap()
            .status
            .code(),
        Some(3)
    );
    // The process that serves the data answers for it, with what it was started with.
    let output = run(&data, &["doctor"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(last_line(&output)["running"], json!(true), "{said}");
    let listen = r#"{"key":"listen","value":"127.0.0.1:0","source":"flag"}"#;
    let log = r#"{"key":"log","value":"info","source":"default"}"#;
    assert!(said.contains(listen) && said.contains(log), "{said}");
    drop(served);
    // What is looked at is not made.
    let nothing = folder.path().join("typo");
    let output = run(&nothing, &["doctor"]);
    assert_eq!((output.status.code(), nothing.exists()), (Some(3), false));
    std::fs::write(data.join("FORMAT"), "99\n").unwrap();
    let output = run(&data, &["doctor"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(last_line(&output)["error"].as_str().unwrap().contains("99"));
    assert_eq!(
        run(&data, &["import", "/nowhere", "--audience", "public"])
            .status
            .code(),
        Some(2)
    );
}
