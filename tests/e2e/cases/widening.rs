//! Case 11: whatever shows a text to somebody who did not see it needs the right to publish, by whatever verb. Every such change
//! is tried by every kind of caller.

use crate::harness::{client, indexer};
use kb_actions::Error;
use kb_actions::articles::{self, ArticleChange};
use kb_domain::{
    Action, Area, Article, Audience, Comments, Grant, Kind, Level, Portal, Role, SectionId, UserId,
    Viewer, Who,
};
use kb_store::repo::KeyScope;
use kb_testkit::{Client, Persona, Text, World};
use serde_json::{Value, json};

/// A change of an article that lies in the staff portal, by one request.
struct Change {
    name: &'static str,
    /// Whether somebody sees it afterwards who did not before.
    widens: bool,
    /// Whether the article has a live text.
    live: bool,
    audience: &'static str,
    archived: bool,
    method: &'static str,
    /// Behind the address of the article.
    path: &'static str,
    body: Value,
}

struct Base {
    world: World,
    staff: (Portal, SectionId),
    open: (Portal, SectionId),
}

impl Base {
    async fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        let open = world.portal("help", Audience::public()).await;
        let entry = Audience::level(Level::Employee);
        let staff = world.portal("staff", entry).await;
        for portal in [&open.0, &staff.0] {
            world.set_comments(portal.id, Comments::On).await;
        }
        Self { world, staff, open }
    }

    fn changes(&self) -> Vec<Change> {
        let home = |(portal, section): &(Portal, SectionId)| json!({"home": {"portal": portal.id, "section": section}});
        let public = json!({"audience": {"any": [{"level": "public"}]}});
        let change = |name, widens, method, path, body| Change {
            name,
            widens,
            live: true,
            audience: "public",
            archived: false,
            method,
            path,
            body,
        };
        let (outside, inside) = (home(&self.open), home(&self.staff));
        vec![
            change("moved out", true, "POST", "/move", outside.clone()),
            change("patched out", true, "PATCH", "", outside.clone()),
            Change {
                audience: "agents",
                ..change("opened", true, "PATCH", "", public)
            },
            Change {
                archived: true,
                ..change("restored", true, "POST", "/restore", Value::Null)
            },
            change("commented", true, "PATCH", "", json!({"comments": "on"})),
            change("moved within", false, "POST", "/move", inside),
            change("labelled", false, "PATCH", "", json!({"labels": ["a:b"]})),
            Change {
                live: false,
                ..change("moved unread", false, "POST", "/move", outside)
            },
        ]
    }

    async fn article(&mut self, change: &Change) -> Article {
        let texts = [Text::en("Canteen", "Soup on Mondays.")];
        let texts = if change.live { &texts[..] } else { &[] };
        let audience: Audience = change.audience.parse().unwrap();
        let place = (&self.staff.0.clone(), self.staff.1);
        let made = self
            .world
            .article(place, Kind::Explicit, "guide", audience, texts);
        let article = made.await;
        let ctx = self.world.ctx(Persona::Admin).await;
        let kb = &self.world.kb;
        let whole = articles::read(kb, &ctx, article.id).await.unwrap();
        if change.archived {
            articles::archive(kb, &ctx, whole).await.unwrap();
        } else if change.name == "commented" {
            let off = ArticleChange {
                comments: Some(Some(Comments::Off)),
                ..ArticleChange::default()
            };
            articles::update(kb, &ctx, whole, off).await.unwrap();
        }
        article
    }

    async fn end(mut self) {
        let indexer = indexer(&self.world);
        self.world.settle(&indexer).await;
    }
}

/// Everybody, and whether they may edit and whether they may publish.
async fn callers(world: &World) -> Vec<(String, Client, bool, bool)> {
    let nobody = client(world);
    let mut all = vec![("nobody".to_owned(), nobody.clone(), false, false)];
    for persona in [
        Persona::Customer,
        Persona::Employee,
        Persona::Agent,
        Persona::Moderator,
        Persona::Editor,
        Persona::Publisher,
        Persona::Admin,
    ] {
        let viewer = persona.viewer();
        let session = world.session(persona, &[]).await;
        all.push((
            format!("{persona:?}"),
            nobody.session(&session),
            viewer.may(Action::Edit),
            viewer.may(Action::Publish),
        ));
    }
    for (scope, edits, publishes) in [
        (KeyScope::Read, false, false),
        (KeyScope::Suggest, false, false),
        (KeyScope::Moderate, false, false),
        (KeyScope::Write, true, false),
        (KeyScope::Publish, true, true),
        (KeyScope::Admin, true, true),
    ] {
        let key = world.key(&[scope]).await;
        all.push((format!("{scope:?}"), nobody.bearer(&key), edits, publishes));
    }
    all
}

#[tokio::test]
async fn case_011_what_shows_an_article_to_more_readers_needs_the_right_to_publish() {
    let mut base = Base::new(11).await;
    let admin = client(&base.world).bearer(&base.world.key(&[KeyScope::Admin]).await);
    for change in base.changes() {
        for (who, caller, edits, publishes) in callers(&base.world).await {
            let article = base.article(&change).await;
            let path = format!("/api/v1/articles/{}", article.id);
            let etag = admin.get(&path).await.header("etag").to_owned();
            let target = format!("{path}{}", change.path);
            let headers = [("if-match", etag.as_str())];
            let done = caller
                .json(change.method, &target, &headers, &change.body)
                .await;
            let may = if change.widens { publishes } else { edits };
            let name = change.name;
            assert_eq!(done.status == 200, may, "{who}, {name}: {}", done.text);
        }
    }
    base.end().await;
}

#[tokio::test]
async fn case_011_what_opens_a_portal_to_more_readers_needs_the_right_to_publish() {
    let base = Base::new(12).await;
    let path = format!("/api/v1/portals/{}", base.staff.0.id);
    let admin = client(&base.world).bearer(&base.world.key(&[KeyScope::Admin]).await);
    let entry = |level: &str| json!({"entry": {"any": [{"level": level}]}});
    let comments = |mode: &str| json!({"comments": mode});
    for (widens, before, after) in [
        (true, entry("agent"), entry("employee")),
        (false, entry("employee"), entry("agent")),
        (true, comments("off"), comments("on")),
        (false, comments("on"), comments("off")),
    ] {
        for (who, caller, _, publishes) in callers(&base.world).await {
            for (client, body) in [(&admin, &before), (&caller, &after)] {
                let etag = admin.get(&path).await.header("etag").to_owned();
                let headers = [("if-match", etag.as_str())];
                let done = client.json("PATCH", &path, &headers, body).await;
                if done.status == 200 {
                    let may = !widens || publishes || std::ptr::eq(client, &raw const admin);
                    assert!(may, "{who} {body}");
                } else {
                    assert!(!std::ptr::eq(client, &raw const admin), "{}", done.text);
                }
            }
        }
    }
    base.end().await;
}

/// A person with roles in portals.
fn person(grants: &[(Role, Area)]) -> Viewer {
    let who = Who::Person(UserId::new(uuid::Uuid::from_u128(77)));
    let grants = grants.iter().map(|(role, area)| Grant {
        role: *role,
        area: *area,
    });
    Viewer::new(who, "Ada", Level::Agent, grants.collect())
}

#[tokio::test]
async fn case_011_a_move_needs_the_right_to_publish_in_both_portals() {
    let mut base = Base::new(13).await;
    let (here, there) = (Area::Portal(base.staff.0.id), Area::Portal(base.open.0.id));
    let changes = base.changes();
    let moved_out = &changes[0];
    for (grants, may) in [
        (&[(Role::Editor, Area::Everything)][..], false),
        (
            &[(Role::Editor, Area::Everything), (Role::Publisher, here)],
            false,
        ),
        (
            &[(Role::Editor, Area::Everything), (Role::Publisher, there)],
            false,
        ),
        (&[(Role::Publisher, here)], false),
        (&[(Role::Publisher, here), (Role::Publisher, there)], true),
        (&[(Role::Admin, here), (Role::Editor, there)], false),
        (&[(Role::Publisher, Area::Everything)], true),
    ] {
        let article = base.article(moved_out).await;
        let ctx = base.world.ctx_of(person(grants)).await;
        let kb = &base.world.kb;
        let whole = articles::read(kb, &ctx, article.id).await.unwrap();
        let change = ArticleChange {
            home: Some((base.open.0.id, base.open.1)),
            ..ArticleChange::default()
        };
        let done = articles::update(kb, &ctx, whole, change).await;
        assert_eq!(done.is_ok(), may, "{grants:?}");
        if let Err(error) = done {
            assert!(matches!(error, Error::Forbidden(_)), "{grants:?}: {error}");
        }
    }
    base.end().await;
}
