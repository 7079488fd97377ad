//! People, segments and keys: by the API and on pages, each function on what it says it needs.

mod keys;
mod pages;
mod people;
mod segments;

use kb_testkit::{Answered, Client, Persona, World};
use serde_json::{Value, json};

/// A base with people, and who asks.
struct Base {
    world: World,
    nobody: Client,
    employee: Client,
    agent: Client,
    admin: Client,
    /// Manages people and grants nothing.
    people: Client,
}

impl Base {
    async fn new(seed: u64) -> Self {
        let world = World::new(seed);
        let nobody = crate::harness::client(&world);
        let manager = world.person_with(&[kb_domain::Role::PeopleAdmin]).await;
        Self {
            employee: nobody.session(&world.session(Persona::Employee, &[]).await),
            agent: nobody.session(&world.session(Persona::Agent, &[]).await),
            admin: nobody.session(&world.session(Persona::Admin, &[]).await),
            people: nobody.session(&manager),
            nobody,
            world,
        }
    }

    fn end(self) {
        self.world.leave_unindexed();
    }

    /// Somebody whom the admin has invited.
    async fn invited(&self, mail: &str, more: &Value) -> Value {
        let mut draft = json!({"name": "Lin Yating", "mail": mail});
        for (name, value) in more.as_object().unwrap() {
            draft[name] = value.clone();
        }
        let made = self.admin.post("/api/v1/people", &draft).await;
        assert_eq!(made.status, 201, "{}", made.text);
        self.world.catch_up();
        made.json()
    }

    /// Who has come in by a link.
    async fn come_in(&self, link: &Answered) -> Client {
        assert_eq!(link.status, 200, "{}", link.text);
        let url = link.json()["url"].as_str().unwrap().to_owned();
        let code = url.rsplit_once('#').unwrap().1;
        let answer = form(&self.nobody, "/sign-in", &format!("code={code}")).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let (_, cookie) = answer.header("set-cookie").split_once('=').unwrap();
        self.nobody.session(cookie.split(';').next().unwrap())
    }
}

async fn form(client: &Client, path: &str, body: &str) -> Answered {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    client.send("POST", path, &headers, body.to_owned()).await
}

async fn delete(client: &Client, path: &str) -> u16 {
    client.json("DELETE", path, &[], &json!({})).await.status
}
