//! How often somebody may do something, where several processes of a function count in one table.

use super::journey::Caller;
use super::{Running, gateway};
use crate::lambda::Function;
use kb_domain::Clock;
use kb_runtime::SystemClock;
use std::sync::Arc;
use tokio::sync::Mutex;

const HOUR_SECONDS: i64 = 3_600;
/// What both may let through together, and what each is asked: less than a process would let through by itself.
const LIMIT: usize = 60;
const ASKED_EACH: usize = 45;

fn hour() -> i64 {
    SystemClock.now().unix_seconds().div_euclid(HOUR_SECONDS)
}

/// How many requests one process lets through.
async fn passed(caller: &Caller) -> usize {
    let mut passed = 0;
    for _ in 0..ASKED_EACH {
        let answer = caller.ask("GET", "/api/v1/portals", true, "", None).await;
        match answer.status {
            200 => passed += 1,
            429 => assert!((1..=3_600).contains(&answer.retry_after)),
            other => panic!("{other}: {}", answer.text),
        }
    }
    passed
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn case_095_two_processes_together_let_through_what_one_would() {
    let limits = format!("key={LIMIT}/h");
    let running = Running::start_with(&[("SIDENOTE_RATE_LIMITS", &limits)]).await;
    let environment = running.stack.environment.iter();
    let environment: Vec<(&str, &str)> = environment.map(|(n, v)| (*n, v.as_str())).collect();
    // Another process of the function that the stack has behind its gateway.
    let second = Function::start_with("fn-articles", running.data.path(), &environment).await;
    let second = gateway::listen(vec![("/", Arc::new(Mutex::new(second)))]).await;
    loop {
        let begun = hour();
        let made = running.sidenote(&["key", "create", "--name", "two", "--scopes", "read"]);
        let key = made["key"].as_str().unwrap();
        let (one, two) = (Caller::new(&running.base, key), Caller::new(&second, key));
        // At the same time, so that leases of both are under way.
        let (one, two) = tokio::join!(passed(&one), passed(&two));
        // A window that has ended meanwhile proves nothing.
        if hour() == begun {
            assert_eq!(one + two, LIMIT, "{one} and {two}");
            assert!(one > 0 && two > 0, "{one} and {two}");
            return;
        }
    }
}
