//! Case 5: no answer tells which words stand in texts that its reader may not see. Case 34: a question has a limit, and long runs
//! of Han text are answered.

use crate::harness::{client, indexer};
use kb_domain::{Audience, Kind, Level, Portal, SectionId};
use kb_store::repo::KeyScope;
use kb_testkit::{Client, Persona, Text, World};
use serde_json::{Value, json};

/// Words that only hidden texts hold, and as many that none holds.
const PROBES: usize = 500;

fn hidden(n: usize) -> String {
    format!("qhid{n}word")
}

fn unheard(n: usize) -> String {
    format!("qnon{n}word")
}

/// A word of a public text.
fn rare(n: usize) -> String {
    format!("pebble{n}q")
}

async fn article(
    world: &mut World,
    place: (&Portal, SectionId),
    audience: Audience,
    text: &str,
) -> kb_domain::ArticleId {
    let texts = [Text::en("Notes", text)];
    let made = world.article(place, Kind::Explicit, "guide", audience, &texts);
    made.await.id
}

/// Sixty-three rare public words and a common one; words of texts for staff, for agents and for a segment, of a draft, an
/// archived and a superseded text.
async fn world() -> World {
    let mut world = World::new(5);
    let (portal, section) = world.portal("help", Audience::public()).await;
    let place = (&portal, section);
    for n in 0..63 {
        let text = format!("common {} stone", rare(n));
        article(&mut world, place, Audience::public(), &text).await;
    }
    let words = |from: usize| -> Vec<String> { (from..PROBES).step_by(5).map(hidden).collect() };
    let segment: Audience = "segment:hr".parse().unwrap();
    let employees = Audience::level(Level::Employee);
    article(&mut world, place, employees, &words(0).join(" ")).await;
    article(&mut world, place, segment, &words(1).join(" ")).await;
    let gone = words(2).join(" ");
    let gone = article(&mut world, place, Audience::public(), &gone).await;
    let old = words(3).join(" ");
    let old = article(&mut world, place, Audience::public(), &old).await;
    world
        .publish(old, &Text::en("Notes", "Nothing."))
        .await
        .unwrap();
    let ctx = world.ctx(Persona::Admin).await;
    let whole = kb_actions::articles::read(&world.kb, &ctx, gone).await;
    kb_actions::articles::archive(&world.kb, &ctx, whole.unwrap())
        .await
        .unwrap();
    let draft = Text::en("Notes", &words(4).join(" ")).draft();
    let whole = kb_actions::articles::read(&world.kb, &ctx, old)
        .await
        .unwrap();
    let locale = "zh-Hans".parse().unwrap();
    kb_actions::translations::save(&world.kb, &ctx, &whole, &locale, None, draft)
        .await
        .unwrap();
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    world
}

/// What one surface after the other answers to a word beside words that everybody knows.
async fn told(reader: &Client, agent: &Client, n: usize, word: &str) -> String {
    let rares: Vec<String> = (0..63).map(rare).collect();
    let question = match n % 4 {
        0 => format!("{} common {word}", rares.join(" ")),
        1 => format!("{word} {} common", rares.join(" ")),
        2 => format!("common {word} {}", rare(n % 63)),
        _ => format!("{word} {}", rare(n % 63)),
    };
    let encoded = question.replace(' ', "+");
    let told = match n / 4 % 3 {
        0 => {
            reader
                .get(&format!("/api/v1/search?q={encoded}&limit=5"))
                .await
                .text
        }
        1 => {
            reader
                .get(&format!("/help/en/search?q={encoded}"))
                .await
                .text
        }
        _ => {
            let ticket = json!({"system": "crm", "id": "1", "description": question});
            let asked = json!({"ticket": ticket});
            let mut suggested: Value = agent.post("/api/v1/suggestions", &asked).await.json();
            assert!(suggested["suggestions"].is_array(), "{suggested}");
            suggested["id"] = Value::Null;
            suggested.to_string()
        }
    };
    told.replace(word, "WORD")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_005_a_thousand_probes_tell_no_hidden_word_from_one_that_does_not_exist() {
    let world = world().await;
    let reader = client(&world);
    let agent = reader.bearer(&world.key(&[KeyScope::Suggest]).await);
    // A word of every sort is indexed, or was: whoever oversees everything finds those that are.
    let admin = reader.bearer(&world.key(&[KeyScope::Write]).await);
    for n in [0, 1] {
        let path = format!("/api/v1/search?q={}", hidden(n));
        let hits = match n {
            0 => agent.get(&path).await.json(),
            _ => admin.get(&path).await.json(),
        };
        assert_eq!(hits["total"]["value"], 1, "{hits}");
    }
    for n in 0..PROBES {
        // What employees may see is for the suggest key to find.
        if n % 5 == 0 {
            let asked = [hidden(n), unheard(n)].map(|w| format!("/api/v1/search?q={w}&limit=5"));
            let [found, none] = &asked;
            assert_eq!(reader.get(found).await.text, reader.get(none).await.text);
            continue;
        }
        let known = told(&reader, &agent, n, &hidden(n)).await;
        let unknown = told(&reader, &agent, n, &unheard(n)).await;
        assert_eq!(known, unknown, "{}", hidden(n));
    }
}

#[tokio::test]
async fn case_034_a_question_is_two_thousand_characters_at_most() {
    let world = world().await;
    let reader = client(&world);
    for (length, status) in [(2_000, 200), (2_001, 400), (20_000, 400)] {
        let question = "a".repeat(length);
        let answer = reader.get(&format!("/api/v1/search?q={question}")).await;
        assert_eq!(answer.status, status, "{length}");
        if status == 400 {
            let problem = answer.json();
            assert_eq!(problem["errors"][0]["pointer"], "/q");
            assert!(
                problem["detail"].as_str().unwrap().contains("2000"),
                "{problem}"
            );
        }
        let page = reader.get(&format!("/help/en/search?q={question}")).await;
        assert_eq!(page.status, status, "{length}");
    }
    let labels = vec!["a"; 51].join(",");
    for name in ["label", "type", "kind"] {
        let answer = reader.get(&format!("/api/v1/search?{name}={labels}")).await;
        assert_eq!(answer.status, 400, "{name}");
    }
}

#[tokio::test]
async fn case_034_a_ticket_of_a_quarter_of_a_megabyte_of_han_is_answered_and_its_words_are_short() {
    let world = world().await;
    let agent = client(&world).bearer(&world.key(&[KeyScope::Suggest]).await);
    let run: String = "測試網路硬碟".chars().cycle().take(83_000).collect();
    let text = format!("記憶體{run}記憶體");
    for text in [text, "x-1".repeat(80_000), "\"\n".repeat(60_000)] {
        let ticket = json!({"system": "crm", "id": "9", "subject": "", "description": text});
        let answer = agent
            .post("/api/v1/suggestions", &json!({"ticket": ticket}))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        for word in answer.json()["terms"].as_array().unwrap() {
            assert!(word.as_str().unwrap().chars().count() <= 64);
        }
        let kept = agent.post("/api/v1/tickets", &ticket).await;
        assert!([200, 201].contains(&kept.status), "{}", kept.text);
    }
    // What does not fit is refused by its field, not by the row that it would not fit into.
    for text in ["\"".repeat(240_000), "\u{1}".repeat(100_000)] {
        let ticket = json!({"system": "crm", "id": "9", "subject": "", "description": text});
        let refused = agent.post("/api/v1/tickets", &ticket).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert_eq!(refused.json()["errors"][0]["pointer"], "/description");
    }
    let tags: Vec<String> = (0..100)
        .map(|n| format!("{n}{}", "t".repeat(9_000)))
        .collect();
    let ticket = json!({"system": "crm", "id": "9", "tags": tags});
    let refused = agent.post("/api/v1/tickets", &ticket).await;
    assert_eq!(
        refused.json()["errors"][0]["pointer"],
        "/tags",
        "{}",
        refused.text
    );
}
