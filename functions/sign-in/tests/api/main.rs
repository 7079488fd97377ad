//! Every route of the function through its router, on a base in memory: how one comes in, what one sees of oneself, and how one goes out.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod account;
mod bearers;
mod setup;
mod sign_in;

use kb_testkit::{Answered, Client, Persona, World};

/// A base with people, and who asks.
struct Base {
    world: World,
    nobody: Client,
    customer: Client,
    employee: Client,
    agent: Client,
}

impl Base {
    async fn new(seed: u64) -> Self {
        let world = World::new(seed);
        let nobody = world.client(fn_sign_in::routes());
        Self {
            customer: nobody.session(&world.session(Persona::Customer, &[]).await),
            employee: nobody.session(&world.session(Persona::Employee, &[]).await),
            agent: nobody.session(&world.session(Persona::Agent, &[]).await),
            nobody,
            world,
        }
    }

    fn end(self) {
        self.world.leave_unindexed();
    }
}

fn is_html(answer: &Answered) -> bool {
    answer.header("content-type").starts_with("text/html")
}

/// Sends a form from a page of this site, or of another.
async fn send(client: &Client, path: &str, site: &str, body: &str) -> Answered {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", site),
    ];
    client.send("POST", path, &headers, body.to_owned()).await
}

/// The session in a `Set-Cookie`.
fn session(answer: &Answered) -> String {
    let (_, rest) = answer.header("set-cookie").split_once('=').unwrap();
    rest.split(';').next().unwrap().to_owned()
}
