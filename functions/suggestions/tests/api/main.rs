//! Every route of the function through its router, on a base in memory: what it does, and how it refuses. What is found for a
//! ticket needs an index, so it stands with the journeys.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod act;
mod inbox;
mod sidebar;
mod suggest;
mod tickets;

use kb_testkit::{Answered, Client, Persona, World};
use serde_json::{Value, json};

/// A base with a ticket of the demo, and who asks.
struct Base {
    world: World,
    nobody: Client,
    customer: Client,
    agent: Client,
}

impl Base {
    async fn new(seed: u64) -> Self {
        Self::of(World::new(seed)).await
    }

    async fn of(world: World) -> Self {
        let nobody = world.client(fn_suggestions::routes());
        let base = Self {
            customer: nobody.session(&world.session(Persona::Customer, &[]).await),
            agent: nobody.session(&world.session(Persona::Agent, &[]).await),
            nobody,
            world,
        };
        let answer = base.agent.post("/api/v1/tickets", &ticket()).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        base
    }

    fn end(self) {
        self.world.leave_unindexed();
    }
}

fn ticket() -> Value {
    json!({"system": "demo", "id": "7", "subject": "Scanner", "description": "It does not beep."})
}

/// The field that a problem is about.
fn pointer(answer: &Answered) -> String {
    let pointer = answer.json()["errors"][0]["pointer"].clone();
    pointer.as_str().unwrap_or_default().to_owned()
}
