//! A help desk comes in on a stack: the README's commands as they stand, and consent on the functions' own pages.

use super::{DOCS, Running, gateway, write};
use crate::crm_outside::{Browser, Outside, PUBLIC, commands};
use crate::lambda::Function;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Mutex;

const ARTICLES: u64 = 40;

fn told(running: &Running, command: &str) -> Value {
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[0], "sidenote");
    running.sidenote(&words[1..])
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn row_s111_a_help_desk_comes_in_on_a_stack_by_the_commands_of_the_readme() {
    let outside = Outside::start("127.0.0.9", &["en-us", "zh-cn"], ARTICLES).await;
    let other = outside.environment();
    let other = other
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let running = Running::start_with(&other).await;
    let environment: Vec<(&str, &str)> = running
        .stack
        .environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let start = async |name| Function::start_with(name, running.data.path(), &environment).await;
    let behind = async |name| Arc::new(Mutex::new(start(name).await));
    let connections = behind("fn-connections").await;
    let routes = vec![
        ("/sign-in", behind("fn-sign-in").await),
        ("/console/connections", connections.clone()),
        ("/connect/", connections),
    ];
    let mut clock = start("fn-jobs").await;
    let documents = running.data.path().join("docs");
    write(&documents, &DOCS);
    let import = ["import", documents.to_str().unwrap(), "--activate"];
    running.sidenote(&[&import[..], &["--audience", "public"]].concat());

    // An admin signs in, and consents on the page that the first command names.
    let person = ["person", "add", "Mia Chen", "mia@quillhaven.example"];
    let link = running.sidenote(&[&person[..], &["--roles", "admin", "--url", PUBLIC]].concat());
    let mut browser = Browser::new(gateway::listen(routes).await);
    let commands = commands();
    assert_eq!(commands.len(), 5, "{commands:?}");
    let made = told(&running, &commands[0]);
    let [link, url] = [&link, &made].map(|told| told["url"].as_str().unwrap());
    outside.consent(&mut browser, link, url).await;
    let path = url.strip_prefix(PUBLIC).unwrap();

    told(&running, &commands[1]);
    clock.invoke(&json!({})).await.unwrap();
    let (_, _, tried) = browser.page(path).await;
    assert!(
        tried.contains(&format!("Articles that would come in</th><td>{ARTICLES}<")),
        "{tried}"
    );
    told(&running, &commands[2]);
    told(&running, &commands[3]);
    // A run has a budget of calls; what is left comes with the next.
    for _ in 0..10 {
        clock.invoke(&json!({})).await.unwrap();
        let status = running.sidenote(&["connection", "zendesk:quillgo", "status"]);
        if status["written"] == ARTICLES {
            break;
        }
    }
    let last = told(&running, &commands[4]);
    assert_eq!(
        (&last["connections"], &last["waiting"]),
        (&json!(1), &json!(0))
    );
    running.index().await;
    let caller = super::Caller::new(&running.base, "none");
    assert_eq!(caller.total("heron").await, ARTICLES);
    assert_eq!(caller.total("%E8%8B%8D%E9%B9%AD").await, ARTICLES);

    // What is archived there is gone here.
    let number = outside.fake.shown_articles()[0].number;
    outside.fake.archive_article(number);
    running.sidenote(&["connection", "zendesk:quillgo", "reconcile"]);
    clock.invoke(&json!({})).await.unwrap();
    assert_eq!(
        caller.total("heron").await,
        ARTICLES - 1,
        "at once, by the gate"
    );
}
