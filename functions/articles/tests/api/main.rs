//! Every route of the function through its router, on a base in memory: what it does, and how it refuses.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod articles;
mod comments;
mod passage;
mod portals;
mod revisions;
mod structure;
mod translations;
mod votes;

use kb_domain::{Article, Audience, Kind, Portal, SectionId};
use kb_testkit::{Answered, Client, Persona, Text, World};
use serde_json::Value;

/// An id of each sort that names nothing.
const NO_ARTICLE: &str = "art_00000000000000000000000000";
const NO_PORTAL: &str = "prt_00000000000000000000000000";
const NO_SECTION: &str = "sec_00000000000000000000000000";

/// A base with an open portal, an article in it that everybody may read and one for agents, and who asks for them.
struct Base {
    world: World,
    portal: Portal,
    section: SectionId,
    article: Article,
    hidden: Article,
    nobody: Client,
    customer: Client,
    editor: Client,
    publisher: Client,
    admin: Client,
}

impl Base {
    async fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        let (portal, section) = world.portal("help", Audience::public()).await;
        let texts = [
            Text::en("Heron", "The heron stands.\n\n## Where\n\nIn the water."),
            Text::of("zh-Hans", "鹭", "鹭站着。"),
        ];
        let place = (&portal, section);
        let public = Audience::public();
        let article = world
            .article(place, Kind::Explicit, "guide", public, &texts)
            .await;
        let agents = "agents".parse().unwrap();
        let secret = [Text::en("Secret", "Nobody reads this.")];
        let hidden = world
            .article(place, Kind::Explicit, "guide", agents, &secret)
            .await;
        let nobody = world.client(fn_articles::routes());
        let mut clients = Vec::new();
        for persona in [
            Persona::Customer,
            Persona::Editor,
            Persona::Publisher,
            Persona::Admin,
        ] {
            clients.push(nobody.session(&world.session(persona, &[]).await));
        }
        let mut clients = clients.into_iter();
        let mut next = || clients.next().unwrap();
        Self {
            customer: next(),
            editor: next(),
            publisher: next(),
            admin: next(),
            nobody,
            world,
            portal,
            section,
            article,
            hidden,
        }
    }

    fn end(self) {
        self.world.leave_unindexed();
    }
}

/// Asks with `If-Match`.
async fn at(client: &Client, method: &str, path: &str, etag: &str, body: &Value) -> Answered {
    client.json(method, path, &[("if-match", etag)], body).await
}

/// The field that a problem is about.
fn pointer(answer: &Answered) -> String {
    let pointer = answer.json()["errors"][0]["pointer"].clone();
    pointer.as_str().unwrap_or_default().to_owned()
}
