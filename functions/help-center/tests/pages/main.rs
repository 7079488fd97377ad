//! The pages through their router, on a base in memory. What a reader finds by browsing needs an index, so that stands with
//! the journeys; here are articles by their address, redirects, the doors, and the pages for when something is wrong.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

mod article;
mod comments;
mod errors;
mod feedback;

use kb_domain::{Article, Audience, Kind};
use kb_testkit::{Answered, Client, Persona, Text, World};

/// A base with a portal for everybody and one for staff, each with an article, and who reads.
struct Base {
    world: World,
    article: Article,
    secret: Article,
    nobody: Client,
    employee: Client,
}

impl Base {
    async fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        let mut made = Vec::new();
        for (handle, entry, title) in [
            ("help", Audience::public(), "Heron"),
            ("staff", "employees".parse().unwrap(), "Secret"),
        ] {
            let (portal, section) = world.portal(handle, entry.clone()).await;
            let texts = [
                Text::en(title, "It stands."),
                Text::of("zh-Hans", "鹭", "鹭站着。"),
            ];
            let place = (&portal, section);
            let article = world.article(place, Kind::Explicit, "guide", entry, &texts);
            made.push(article.await);
        }
        let nobody = world.client(fn_help_center::routes());
        let employee = nobody.session(&world.session(Persona::Employee, &[]).await);
        let secret = made.remove(1);
        Self {
            article: made.remove(0),
            secret,
            nobody,
            employee,
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
