//! Rows of the product: what it must do, each by the pages and routes that a user meets.

use crate::harness::{client, form, indexer};
use kb_domain::{Audience, Kind, NodeId};
use kb_testkit::{Answered, Client, Persona, Text, World};
use serde_json::{Value, json};

fn titles(answer: &Answered, list: &str) -> Vec<String> {
    let list = answer.json()[list].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|hit| hit["title"].as_str().unwrap_or_default().to_owned())
        .collect()
}

async fn search(client: &Client, query: &str) -> Vec<String> {
    let query = percent_encoding::utf8_percent_encode(query, percent_encoding::NON_ALPHANUMERIC);
    titles(
        &client.get(&format!("/api/v1/search?q={query}")).await,
        "hits",
    )
}

async fn suggest(client: &Client, ticket: &Value) -> Vec<String> {
    titles(
        &client
            .post("/api/v1/suggestions", &json!({"ticket": ticket}))
            .await,
        "suggestions",
    )
}

/// A world with a public portal, and a signed-in agent.
async fn world(seed: u64) -> (World, kb_domain::Portal, kb_domain::SectionId) {
    let mut world = World::new(seed);
    let (portal, section) = world.portal("help", Audience::public()).await;
    (world, portal, section)
}

async fn agent(world: &World) -> Client {
    client(world).session(&world.session(Persona::Agent, &[]).await)
}

#[tokio::test]
async fn row_s005_a_public_article_renders_and_a_restricted_one_is_as_if_absent() {
    let (mut world, portal, section) = world(5).await;
    let place = (&portal, section);
    let open = world
        .article(
            place,
            Kind::Explicit,
            "faq",
            Audience::public(),
            &[Text::en("Opening hours", "From nine.")],
        )
        .await;
    let staff = "employees".parse().unwrap();
    let hidden = world
        .article(
            place,
            Kind::Explicit,
            "faq",
            staff,
            &[Text::en("Door code", "It is 4711.")],
        )
        .await;
    world.settle(&indexer(&world)).await;
    let nobody = client(&world);
    let home = nobody.get("/help/en/").await;
    assert!(
        home.status == 200 && home.text.contains("Category"),
        "{}",
        home.text
    );
    let page = nobody
        .get(&format!("/help/en/articles/{}-opening-hours", open.key))
        .await;
    assert!(page.status == 200 && page.text.contains("From nine."));
    let secret = nobody
        .get(&format!("/help/en/articles/{}-door-code", hidden.key))
        .await;
    let absent = nobody.get("/help/en/articles/zzzzzzzz-door-code").await;
    assert_eq!((secret.status, secret.text), (404, absent.text));
}

#[tokio::test]
async fn row_s008_panel_and_help_center_give_the_same_revision_at_the_same_moment() {
    let (mut world, portal, section) = world(8).await;
    let first = Text::en("Reset the router", "Hold the grey button for ten seconds.");
    let article = world
        .article(
            (&portal, section),
            Kind::Implicit,
            "guide",
            Audience::public(),
            &[first],
        )
        .await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let (nobody, agent) = (client(&world), agent(&world).await);
    let ticket = json!({"system": "s", "id": "1", "description": "how do I reset the router with the button"});
    for round in 0..2 {
        let answer = agent
            .post("/api/v1/suggestions", &json!({"ticket": ticket}))
            .await
            .json();
        let path = format!("/api/v1/articles/{}", article.id);
        let live = nobody.get(&path).await.json()["translations"][0]["live"].clone();
        assert_eq!(
            answer["suggestions"][0]["revision"], live,
            "round {round}: {answer}"
        );
        // Action after a publish the index lags: the old text is shown to nobody, and then both show the new one.
        let body = format!("Hold the red button for {} seconds.", 5 + round);
        let text = Text::en("Reset the router", &body);
        world.publish(article.id, &text).await.unwrap();
        let now = suggest(&agent, &ticket).await;
        assert_eq!(now, Vec::<String>::new());
        world.settle(&indexer).await;
    }
}

#[tokio::test]
async fn row_s027_a_section_lists_its_own_and_moves_with_its_articles() {
    let (mut world, portal, section) = world(27).await;
    let text = Text::en("Moved along", "It stands where its section stands.");
    let article = world
        .article(
            (&portal, section),
            Kind::Explicit,
            "faq",
            Audience::public(),
            &[text],
        )
        .await;
    let other = world.node(&portal, None, "Elsewhere").await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let client = client(&world);
    let admin = client.bearer(&world.key(&[kb_store::repo::KeyScope::Admin]).await);
    let tree = format!("/api/v1/portals/{}/sections", portal.id);
    let listed = |answer: &Answered| answer.json()["items"].as_array().unwrap().len();
    let articles = format!("{tree}/{section}/articles");
    assert_eq!(listed(&client.get(&articles).await), 1);
    let version = admin.get(&tree).await.header("etag").to_owned();
    let moved = admin
        .json(
            "PATCH",
            &format!("{tree}/{section}"),
            &[("if-match", &version)],
            &json!({"parent": other.id}),
        )
        .await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    world.settle(&indexer).await;
    assert_eq!(listed(&client.get(&articles).await), 1);
    let page = client
        .get(&format!("/help/en/articles/{}-moved-along", article.key))
        .await;
    assert!(
        page.text.contains("Elsewhere") && !page.text.contains("Category"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn row_s028_sections_stand_five_deep_and_never_below_themselves() {
    let (mut world, portal, section) = world(28).await;
    let mut ids = vec![NodeId::Section(section)];
    for name in ["Two", "Three", "Four", "Five"] {
        let node = world.node(&portal, ids.last().copied(), name).await;
        ids.push(node.id);
    }
    let Some(NodeId::Section(deepest)) = ids.last().copied() else {
        unreachable!("what stands below a section is one")
    };
    let article = world
        .article(
            (&portal, deepest),
            Kind::Explicit,
            "faq",
            Audience::public(),
            &[Text::en("Deep", "Down here.")],
        )
        .await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let client = client(&world);
    let page = client
        .get(&format!("/help/en/articles/{}-deep", article.key))
        .await;
    for name in ["Category", "Section", "Two", "Three", "Four", "Five"] {
        assert!(
            page.text.contains(&format!(">{name}</a>")),
            "{name}: {}",
            page.text
        );
    }
    let admin = client.bearer(&world.key(&[kb_store::repo::KeyScope::Admin]).await);
    let tree = format!("/api/v1/portals/{}/sections", portal.id);
    let path = format!("{tree}/{}", ids[1]);
    let version = admin.get(&tree).await.header("etag").to_owned();
    let cycle = admin
        .json(
            "PATCH",
            &path,
            &[("if-match", &version)],
            &json!({"parent": ids[4]}),
        )
        .await;
    assert!(
        [409, 422].contains(&cycle.status),
        "{} {}",
        cycle.status,
        cycle.text
    );
    world.touched();
    world.settle(&indexer).await;
}

#[tokio::test]
async fn row_s029_an_article_that_is_one_image_is_found_by_its_alternative_text() {
    let (mut world, portal, section) = world(29).await;
    let place = (&portal, section);
    let text = Text::en(
        "Figures 2026",
        "![revenue by quarter, with cormorants](chart.png)",
    );
    world
        .article(
            place,
            Kind::Explicit,
            "infographic",
            Audience::public(),
            &[text],
        )
        .await;
    let empty = world
        .article(
            place,
            Kind::Explicit,
            "infographic",
            Audience::public(),
            &[],
        )
        .await;
    let refused = world
        .publish(empty.id, &Text::en("Nothing", "![](chart.png)"))
        .await;
    assert!(refused.is_err(), "an image that says nothing is no content");
    world.settle(&indexer(&world)).await;
    assert_eq!(
        search(&client(&world), "cormorants").await,
        ["Figures 2026"]
    );
}

#[tokio::test]
async fn row_s033_browsing_from_the_root_reaches_every_published_article() {
    let (mut world, portal, section) = world(33).await;
    let mut expected = Vec::new();
    let mut place = NodeId::Section(section);
    for n in 0..30 {
        if n % 7 == 6 {
            place = world
                .node(&portal, Some(place), &format!("Part {n}"))
                .await
                .id;
        }
        let NodeId::Section(id) = place else {
            unreachable!("what stands below a section is one")
        };
        let text = Text::en(&format!("Entry {n}"), "Text.");
        let article = world
            .article(
                (&portal, id),
                Kind::Explicit,
                "faq",
                Audience::public(),
                &[text],
            )
            .await;
        expected.push(article.key.to_string());
    }
    world.settle(&indexer(&world)).await;
    let client = client(&world);
    let (mut open, mut seen) = (
        vec!["/help/en/".to_owned()],
        std::collections::BTreeSet::new(),
    );
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let page = client.get(&path).await.text;
        let links = page
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        open.extend(
            links
                .map(|link| link.replace("&#38;", "&"))
                .filter(|link| link.starts_with("/help/en/") && !link.contains("search")),
        );
    }
    for key in expected {
        assert!(
            seen.iter()
                .any(|path| path.contains(&format!("/articles/{key}"))),
            "{key}"
        );
    }
}

#[tokio::test]
async fn row_s051_every_content_type_is_made_filtered_limited_and_found() {
    const TYPES: [&str; 13] = [
        "company-history",
        "product-details",
        "product-research",
        "industry-research",
        "case-study",
        "kpi-report",
        "manual",
        "fact-sheet",
        "infographic",
        "guide",
        "marketing-graphic",
        "script",
        "white-paper",
    ];
    let (mut world, portal, section) = world(51).await;
    for (n, name) in TYPES.iter().enumerate() {
        for (audience, who) in [
            (Audience::public(), "all"),
            ("employees".parse().unwrap(), "staff"),
        ] {
            let text = Text::en(
                &format!("{name} for {who}"),
                &format!("The heronry{n} of this type."),
            );
            world
                .article((&portal, section), Kind::Explicit, name, audience, &[text])
                .await;
        }
    }
    world.settle(&indexer(&world)).await;
    let nobody = client(&world);
    let employee = nobody.session(&world.session(Persona::Employee, &[]).await);
    for (n, name) in TYPES.iter().enumerate() {
        let filtered = format!("/api/v1/search?q=type&type={name}&limit=50");
        assert_eq!(
            titles(&nobody.get(&filtered).await, "hits"),
            [format!("{name} for all")]
        );
        assert_eq!(titles(&employee.get(&filtered).await, "hits").len(), 2);
        assert_eq!(
            search(&nobody, &format!("heronry{n}")).await,
            [format!("{name} for all")]
        );
    }
}

#[tokio::test]
async fn row_s066_a_title_outranks_a_body_and_the_last_paragraph_of_a_long_article_is_found() {
    let (mut world, portal, section) = world(66).await;
    let place = (&portal, section);
    let long: String = (0..900)
        .map(|n| format!("Paragraph {n} tells of other things.\n\n"))
        .collect();
    for text in [
        Text::en("Other", "Somewhere it speaks of the bittern, once."),
        Text::en("The bittern", "All about it."),
        Text::en("Long", &format!("{long}At last the spoonbill.")),
    ] {
        world
            .article(place, Kind::Explicit, "guide", Audience::public(), &[text])
            .await;
    }
    world.settle(&indexer(&world)).await;
    let client = client(&world);
    assert_eq!(search(&client, "bittern").await, ["The bittern", "Other"]);
    assert_eq!(search(&client, "spoonbill").await, ["Long"]);
}

#[tokio::test]
async fn row_g03_a_sentence_at_the_end_of_a_megabyte_is_found_and_opened_where_it_stands() {
    let (mut world, portal, section) = world(103).await;
    let filler: String = (0..2_000)
        .map(|n| {
            format!(
                "## Part {n}\n\n{}\n\n",
                "Words that say little, one after the other. ".repeat(12)
            )
        })
        .collect();
    assert!(filler.len() > 1_000_000);
    let text = Text::en(
        "Handbook",
        &format!(
            "{filler}## Closing the kiln\n\nTurn the vermilion valve before the bell rings.\n"
        ),
    );
    let article = world
        .article(
            (&portal, section),
            Kind::Implicit,
            "manual",
            Audience::public(),
            &[text],
        )
        .await;
    world.settle(&indexer(&world)).await;
    let (nobody, agent) = (client(&world), agent(&world).await);
    let found = nobody.get("/api/v1/search?q=vermilion+valve").await.json();
    let ticket = json!({"system": "s", "id": "1", "description": "When do I turn the vermilion valve? The bell rings already."});
    let suggested = agent
        .post("/api/v1/suggestions", &json!({"ticket": ticket}))
        .await
        .json();
    for hit in [&found["hits"][0], &suggested["suggestions"][0]] {
        assert_eq!(hit["passage"]["anchor"], "closing-the-kiln", "{hit}");
        assert!(
            hit["passage"]["snippet"]
                .as_str()
                .unwrap()
                .contains("<mark>")
        );
    }
    let page = nobody
        .get(&format!("/help/en/articles/{}-handbook", article.key))
        .await;
    assert!(page.text.contains("id=\"closing-the-kiln\""));
}

#[tokio::test]
async fn row_g04_one_article_and_one_ticket_are_enough_and_each_message_counts() {
    let (mut world, portal, section) = world(104).await;
    let place = (&portal, section);
    let only = Text::en(
        "Exchange a cracked lens",
        "Send the cracked lens back; we exchange it.",
    );
    world
        .article(place, Kind::Implicit, "guide", Audience::public(), &[only])
        .await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let agent = agent(&world).await;
    let mut ticket = json!({"system": "chat", "id": "1", "description": "my lens is cracked"});
    assert_eq!(suggest(&agent, &ticket).await, ["Exchange a cracked lens"]);
    let other = Text::en(
        "Invoice by post",
        "We print the invoice and send it by post on request.",
    );
    world
        .article(place, Kind::Implicit, "guide", Audience::public(), &[other])
        .await;
    world.settle(&indexer).await;
    // The agent's own message turns the talk; phone notes and chats are tickets like any other.
    for system in ["phone", "chat", "mail"] {
        ticket["system"] = json!(system);
        ticket["messages"] = json!([
            {"author": "agent", "text": "The exchange is on its way. You also asked for the printed invoice by post: shall we print the invoice and post it?"},
            {"author": "customer", "text": "Yes, the invoice on paper by post please, print it"},
        ]);
        assert_eq!(
            suggest(&agent, &ticket).await[0],
            "Invoice by post",
            "{system}"
        );
    }
}

#[tokio::test]
async fn row_g05_chinese_is_found_from_two_characters_in_either_script_and_codes_inside_it() {
    let (mut world, portal, section) = world(105).await;
    for (locale, title, body) in [
        ("zh-Hans", "文档", "这是一个测试文档。"),
        ("zh-Hant", "說明", "知識庫裡有更多說明。"),
        ("zh-Hans", "单据", "保存ERP2025单时报错。"),
    ] {
        let text = Text::of(locale, title, body);
        world
            .article(
                (&portal, section),
                Kind::Explicit,
                "faq",
                Audience::public(),
                &[text],
            )
            .await;
    }
    world.settle(&indexer(&world)).await;
    let client = client(&world);
    for (query, title) in [
        ("测试", "文档"),
        ("測試", "文档"),
        ("知识库", "說明"),
        ("知識庫", "說明"),
        ("ERP2025", "单据"),
        ("erp2025单", "单据"),
        ("报错", "单据"),
    ] {
        assert_eq!(
            search(&client, query).await.first().map(String::as_str),
            Some(title),
            "{query}"
        );
    }
}

/// The vote of somebody who is not signed in, with the cookie that an earlier answer set.
async fn vote(client: &Client, article: &str, cookie: &str, body: Value) -> Answered {
    let path = format!("/api/v1/articles/{article}/vote");
    client
        .json("PUT", &path, &[("cookie", cookie)], &body)
        .await
}

async fn with_readable_article(seed: u64) -> (World, kb_domain::Article) {
    let (mut world, portal, section) = world(seed).await;
    let text = [Text::en("Opening hours", "From nine.")];
    let place = (&portal, section);
    let public = Audience::public();
    let article = world
        .article(place, Kind::Explicit, "faq", public, &text)
        .await;
    world.settle(&indexer(&world)).await;
    (world, article)
}

#[tokio::test]
async fn row_s095_a_change_of_mind_moves_the_net_votes_by_two() {
    let (world, article) = with_readable_article(95).await;
    let (nobody, agent) = (client(&world), agent(&world).await);
    let id = article.id.to_string();
    let net = async || {
        let counts = agent.get(&format!("/api/v1/articles/{id}/votes")).await;
        counts.json()["net"].as_i64().unwrap()
    };
    let mut cookies = Vec::new();
    for _ in 0..3 {
        let voted = vote(&nobody, &id, "", json!({"value": "yes"})).await;
        let set = voted.header("set-cookie").split(';').next();
        cookies.push(set.unwrap().to_owned());
    }
    assert_eq!(net().await, 3);
    vote(&nobody, &id, &cookies[0], json!({"value": "no"})).await;
    assert_eq!(net().await, 1);
    vote(&nobody, &id, &cookies[0], json!({"value": "yes"})).await;
    assert_eq!(net().await, 3);
}

#[tokio::test]
async fn row_s084_a_reader_says_on_the_page_why_an_article_did_not_help_and_staff_see_it() {
    let (world, article) = with_readable_article(84).await;
    let (nobody, agent) = (client(&world), agent(&world).await);
    let page = format!("/help/en/articles/{}-opening-hours", article.key);
    let site = [("sec-fetch-site", "same-origin")];
    let no = form(&nobody, &format!("{page}/vote"), &site, &[("value", "no")]).await;
    assert_eq!(no.status, 303, "{}", no.text);
    let cookie = no.header("set-cookie").split(';').next().unwrap();
    let after = no.header("location").split('#').next().unwrap();
    assert!(nobody.get(after).await.text.contains("What was wrong?"));
    let fields = [
        ("value", "no"),
        ("reason", "incomplete"),
        ("text", "And on Sundays?"),
    ];
    let headers = [site[0], ("cookie", cookie)];
    form(&nobody, &format!("{page}/vote"), &headers, &fields).await;
    let path = format!("/api/v1/articles/{}/votes", article.id);
    assert_eq!(
        agent.get(&path).await.json(),
        json!({"yes": 0, "no": 1, "net": -1, "reasons": {"incomplete": 1}})
    );
    let shown = agent.get(&page).await.text;
    assert!(shown.contains("Something is missing: 1"), "{shown}");
}
