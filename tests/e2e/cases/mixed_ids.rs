//! Case 8: a request that names something one may use and something one may not writes nothing.

use crate::harness::{indexer, rows};
use kb_actions::articles::{self, ArticleChange, NewArticle};
use kb_actions::tree::{self, NewNode, NodeChange};
use kb_domain::{
    Area, Audience, Grant, Kind, Level, Locale, NodeId, Portal, Role, SectionId, UserId, Viewer,
    Who,
};
use kb_testkit::{Text, World};
use std::collections::BTreeMap;

type Place = (Portal, SectionId);

/// Whoever publishes in one portal, and nothing elsewhere.
fn publisher(portal: &Portal) -> Viewer {
    let who = Who::Person(UserId::new(uuid::Uuid::from_u128(8)));
    let grant = Grant {
        role: Role::Publisher,
        area: Area::Portal(portal.id),
    };
    Viewer::new(who, "Ada", Level::Agent, vec![grant])
}

fn new(portal: &Portal, section: SectionId) -> NewArticle {
    NewArticle {
        kind: Kind::Explicit,
        article_type: "guide".parse().unwrap(),
        section,
        portal: portal.id,
        position: None,
        audience: Audience::public(),
        labels: Vec::new(),
        owner: None,
        source_locale: Locale::en(),
        external: None,
        comments: None,
    }
}

/// Tries everything that names both portals; answers what was taken.
async fn tried(
    world: &World,
    own: &Place,
    other: &Place,
    article: kb_domain::ArticleId,
) -> Vec<&'static str> {
    let kb = &world.kb;
    let ctx = world.ctx_of(publisher(&own.0)).await;
    let mut taken = Vec::new();
    let mut note = |what, is_taken: bool| {
        if is_taken {
            taken.push(what);
        }
    };
    for (what, portal, section) in [
        ("an article of ours in a section of theirs", &own.0, other.1),
        ("an article of theirs in a section of ours", &other.0, own.1),
    ] {
        let made = articles::create(kb, &ctx, new(portal, section)).await;
        note(what, made.is_ok());
    }
    let whole = articles::read(kb, &ctx, article).await.unwrap();
    for (what, home) in [
        ("ours moved to them", (other.0.id, other.1)),
        ("ours moved into their section", (own.0.id, other.1)),
    ] {
        let change = ArticleChange {
            home: Some(home),
            labels: Some(vec!["changed".to_owned()]),
            ..ArticleChange::default()
        };
        let done = articles::update(kb, &ctx, whole.clone(), change).await;
        note(what, done.is_ok());
    }
    let name = BTreeMap::from([(Locale::en(), "Ours".to_owned())]);
    let below = NewNode {
        parent: Some(NodeId::Section(other.1)),
        name: name.clone(),
        ..NewNode::default()
    };
    let made = tree::create(kb, &ctx, own.0.id, below.clone()).await;
    note("a section of ours below one of theirs", made.is_ok());
    let made = tree::create(kb, &ctx, other.0.id, below).await;
    note("a section in their portal", made.is_ok());
    let ours = tree::read(kb, &ctx, own.0.id).await.unwrap();
    let below = NodeChange {
        name: Some(name),
        parent: Some(NodeId::Section(other.1)),
        ..NodeChange::default()
    };
    let section = NodeId::Section(own.1);
    let moved = tree::update(kb, &ctx, own.0.id, &ours, section, below.clone()).await;
    note("our section below theirs", moved.is_ok());
    let section = NodeId::Section(other.1);
    let moved = tree::update(kb, &ctx, own.0.id, &ours, section, below).await;
    note("their section by our portal", moved.is_ok());
    taken
}

#[tokio::test]
async fn case_008_a_request_with_one_id_too_many_writes_nothing() {
    let mut world = World::new(8);
    let own = world.portal("help", Audience::public()).await;
    let other = world.portal("staff", Audience::level(Level::Agent)).await;
    let text = [Text::en("Canteen", "Soup on Mondays.")];
    let place = (&own.0.clone(), own.1);
    let article = world
        .article(place, Kind::Explicit, "guide", Audience::public(), &text)
        .await;
    let indexer = indexer(&world);
    world.settle(&indexer).await;
    let before = rows(&world).await;
    let taken = tried(&world, &own, &other, article.id).await;
    assert!(taken.is_empty(), "{taken:?}");
    assert_eq!(rows(&world).await, before);

    world.settle(&indexer).await;
}
