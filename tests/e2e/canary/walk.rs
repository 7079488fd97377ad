//! One caller walks: asks every address of every route, and listens.

use super::base::Base;
use super::ear::{Ear, encoded};
use super::fill::{Address, Takes, addresses, nothing, takes};
use super::who::{Who, refusal};
use crate::crawl::{Crawled, crawl};
use kb_domain::Action;
use kb_http::{Operation, Policy};
use kb_testkit::Answered;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A word of the same form as the secret ones that stands nowhere at all.
const NONCE: &str = "qxnowherezv";

/// One principal walking.
pub(super) struct Walk {
    pub base: Arc<Base>,
    pub ear: Arc<Ear>,
    pub who: Who,
    /// Things that were named to those who may see them.
    pub met: BTreeSet<usize>,
    pub asked: usize,
}

impl Walk {
    fn hides(&self, thing: usize) -> bool {
        !self.base.things[thing].seen_by.contains(&self.who.name)
    }

    /// Asks, and listens for what must not be told.
    pub async fn ask(&mut self, path: &str, said: &[&str]) -> Answered {
        let answer = self.who.client.get(path).await;
        self.listen(path, &answer, said);
        answer
    }

    fn listen(&mut self, asked: &str, answer: &Answered, said: &[&str]) {
        self.asked += 1;
        assert!(answer.status < 500, "{asked}: {}", answer.text);
        for (thing, secret) in self.ear.heard(answer, said) {
            let (who, name) = (self.who.name, self.base.things[thing].name);
            assert!(
                !self.hides(thing),
                "{asked} tells {who} \"{secret}\", which is of what is {name}: {} {:?} {}",
                answer.status,
                answer.headers.get("location"),
                answer.text
            );
            self.met.insert(thing);
        }
    }

    /// Every address of a path, with every query parameter that it takes.
    pub async fn path(&mut self, path: &str, query: &[&str]) {
        for address in addresses(&self.base.clone(), path) {
            let said: Vec<&str> = address
                .values
                .iter()
                .map(|(_, v)| v.text.as_str())
                .collect();
            let answer = self.ask(&address.path, &said).await;
            let hidden = self.hidden_in(&address);
            if !hidden.is_empty() {
                let (mut control, mut expected) = (address.path.clone(), answer.clone());
                for (what, text) in &hidden {
                    control = control.replace(text, &nothing(what, text));
                    replace(&mut expected, text, &nothing(what, text));
                }
                let control = self.who.client.get(&control).await;
                same(
                    &expected,
                    &control,
                    &format!("{} of {}", address.path, self.who.name),
                );
            }
            for name in query {
                self.parameter(&address, name, &said).await;
            }
        }
    }

    fn hidden_in(&self, address: &Address) -> Vec<(&'static str, String)> {
        let hidden = address
            .values
            .iter()
            .filter(|(_, v)| v.thing.is_some_and(|t| self.hides(t)));
        hidden.map(|(what, v)| (*what, v.text.clone())).collect()
    }

    async fn parameter(&mut self, address: &Address, name: &str, said: &[&str]) {
        let path = &address.path;
        let base = self.base.clone();
        match takes(name) {
            Takes::Plain(values) => {
                for value in values {
                    self.ask(&format!("{path}?{name}={value}"), said).await;
                }
            }
            Takes::Ids(kinds) => {
                for what in kinds {
                    for value in base.values.of(what) {
                        let more = if name == "section" {
                            "&portal=help"
                        } else {
                            ""
                        };
                        let ask = |text: &str| format!("{path}?{name}={text}{more}");
                        let mut answer = self
                            .ask(&ask(&value.text), &[&[value.text.as_str()], said].concat())
                            .await;
                        if value.thing.is_some_and(|t| self.hides(t)) {
                            let other = nothing(what, &value.text);
                            replace(&mut answer, &value.text, &other);
                            let control = self.who.client.get(&ask(&other)).await;
                            same(
                                &answer,
                                &control,
                                &format!("{} of {}", ask(&value.text), self.who.name),
                            );
                        }
                    }
                }
            }
            Takes::Words => {
                let own: Vec<usize> = address.values.iter().filter_map(|(_, v)| v.thing).collect();
                let ask = |word: &str| format!("{path}?{name}={}", encoded(word));
                let control = self.who.client.get(&ask(NONCE)).await;
                for (n, thing) in base.things.iter().enumerate() {
                    if !address.values.is_empty() && !own.contains(&n) {
                        continue;
                    }
                    for word in thing.secrets.iter().filter(|s| is_word(s)) {
                        let mut answer = self
                            .ask(&ask(word), &[&[word.as_str()], said].concat())
                            .await;
                        if self.hides(n) && word.is_ascii() {
                            replace(&mut answer, word, NONCE);
                            same(
                                &answer,
                                &control,
                                &format!("{} of {}", ask(word), self.who.name),
                            );
                        }
                    }
                }
            }
            Takes::Cursor => {
                let mut next = format!("{path}?limit=1");
                if !self.ask(&next, said).await.json()["next"].is_string() {
                    next.clone_from(path);
                }
                for _ in 0..50 {
                    let answer = self.ask(&next, said).await;
                    // A whole list may be empty; a page of one tells by that how much is not shown.
                    let is_whole = !next.contains("cursor=") && answer.json()["next"].is_null();
                    assert!(
                        is_whole || answer.json()["items"] != json!([]),
                        "{next}: a page without anything"
                    );
                    let Some(cursor) = answer.json()["next"].as_str().map(encoded) else {
                        return;
                    };
                    next = format!("{path}?limit=1&cursor={cursor}");
                }
            }
        }
    }

    /// From `robots.txt` down: whoever crawls is told what nobody in particular is told.
    pub async fn crawl(&mut self, nobodys: &Crawled) {
        let crawled = crawl(&self.who.client).await;
        let who = self.who.name;
        for ((path, answer), (_, nobodys)) in crawled.lists.iter().zip(&nobodys.lists) {
            self.listen(path, answer, &[]);
            same(answer, nobodys, &format!("{path} of {who}"));
        }
        assert_eq!(crawled.pages, nobodys.pages, "{who}");
        for page in &crawled.pages {
            let answer = self.ask(page, &[]).await;
            assert_eq!(answer.status, 200, "{page} of {who}");
        }
    }

    /// The words of hidden things in a ticket: what is suggested is what a word that stands nowhere brings up.
    pub async fn suggestions(&mut self) {
        let base = self.base.clone();
        let ask = |word: &str| json!({"limit": 20, "ticket": {"system": "canary", "id": "1", "subject": format!("The manual {word}")}});
        let path = "/api/v1/suggestions";
        let control = self.who.client.post(path, &ask(NONCE)).await;
        let may = self.who.rights.contains(&Action::Suggest);
        assert_eq!(
            control.status,
            if may { 200 } else { refusal(&self.who) },
            "{}",
            self.who.name
        );
        for (n, thing) in base.things.iter().enumerate() {
            for word in thing.secrets.iter().filter(|s| is_word(s)) {
                let answer = self.who.client.post(path, &ask(word)).await;
                self.listen(&format!("{path} with {word}"), &answer, &[word]);
                if self.hides(n) && word.is_ascii() {
                    let told = |a: &Answered| a.json()["suggestions"].clone();
                    assert_eq!(
                        told(&answer),
                        told(&control),
                        "{path} with {word} of {}",
                        self.who.name
                    );
                }
            }
        }
    }

    /// Whether they lack the right that an operation needs.
    pub fn is_refused(&self, operation: &Operation) -> bool {
        match operation.policy {
            Policy::Anybody | Policy::Proof => false,
            Policy::SignedIn => self.who.name == "anonymous",
            Policy::Holds(right) => !self.who.rights.contains(&right),
        }
    }

    /// What forms send, with forged values: refused by the guard, or answered alike for what is hidden and what never was.
    pub async fn form(&mut self, operation: &Operation) {
        let base = self.base.clone();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        let body = "text=Forged&author=agent&code=forged&value=no";
        for address in addresses(&base, operation.path) {
            let (method, path) = (operation.method.as_str(), &address.path);
            let said: Vec<&str> = address
                .values
                .iter()
                .map(|(_, v)| v.text.as_str())
                .collect();
            let mut answer = self.who.client.send(method, path, &headers, body).await;
            self.listen(path, &answer, &said);
            let asked = format!("{method} {path} of {}", self.who.name);
            if self.is_refused(operation) {
                assert_eq!(answer.status, refusal(&self.who), "{asked}");
            }
            let hidden = self.hidden_in(&address);
            if hidden.is_empty() {
                continue;
            }
            let mut control = path.clone();
            for (what, text) in &hidden {
                control = control.replace(text, &nothing(what, text));
                replace(&mut answer, text, &nothing(what, text));
            }
            let control = self.who.client.send(method, &control, &headers, body).await;
            same(&answer, &control, &asked);
        }
    }

    /// Changes that they have no right to: refused alike for what is hidden and what never was.
    pub async fn change(&mut self, operation: &Operation) {
        let base = self.base.clone();
        for address in addresses(&base, operation.path) {
            let hidden = self.hidden_in(&address);
            if hidden.is_empty() {
                continue;
            }
            let mut control = address.path.clone();
            for (what, text) in &hidden {
                control = control.replace(text, &nothing(what, text));
            }
            let (method, headers) = (operation.method.as_str(), [("if-match", "\"1\"")]);
            let mut answer = self
                .who
                .client
                .json(method, &address.path, &headers, &json!({}))
                .await;
            let said: Vec<&str> = address
                .values
                .iter()
                .map(|(_, v)| v.text.as_str())
                .collect();
            self.listen(&address.path, &answer, &said);
            let asked = format!("{method} {} of {}", address.path, self.who.name);
            assert_eq!(answer.status, refusal(&self.who), "{asked}");
            for (what, text) in &hidden {
                replace(&mut answer, text, &nothing(what, text));
            }
            let control = self
                .who
                .client
                .json(method, &control, &headers, &json!({}))
                .await;
            same(
                &answer,
                &control,
                &format!("{method} {} of {}", address.path, self.who.name),
            );
        }
    }
}

fn is_word(secret: &str) -> bool {
    secret.starts_with("qx") || !secret.is_ascii()
}

/// Puts `to` for `from` wherever an answer echoes it.
fn replace(answer: &mut Answered, from: &str, to: &str) {
    answer.text = answer.text.replace(from, to);
    for value in answer.headers.values_mut() {
        let text = String::from_utf8_lossy(value.as_bytes()).replace(from, to);
        *value = text.parse().unwrap();
    }
}

/// Two answers that must not be told apart.
fn same(one: &Answered, other: &Answered, asked: &str) {
    let bare = |answer: &Answered| {
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        headers
    };
    assert_eq!(
        (one.status, &one.text),
        (other.status, &other.text),
        "{asked}"
    );
    assert_eq!(bare(one), bare(other), "{asked}");
}
