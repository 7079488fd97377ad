//! Cases 13 and 54: what was taken back opens nothing from the next request on, at every operation, while the indexer stands still. The
//! operations come from the program's own list.

use super::base::Base;
use super::fill::addresses;
use crate::harness::client;
use kb_actions::people;
use kb_domain::{Action, UserId};
use kb_events::Actor;
use kb_http::{Api, Operation, OperationKind};
use kb_identity::NewKey;
use kb_store::repo::KeyScope;
use kb_testkit::{Answered, Client, Persona, World};
use serde_json::json;

/// How something is taken back.
#[derive(Clone, Copy, Debug)]
enum Way {
    KeyRevoked,
    SecretRenewed,
    SignedOut,
    SessionEnded,
    OthersEnded,
    SessionsEndedByAnAdmin,
    Left,
    FrameSignedOut,
    FrameLeft,
}

const WAYS: [Way; 9] = [
    Way::KeyRevoked,
    Way::SecretRenewed,
    Way::SignedOut,
    Way::SessionEnded,
    Way::OthersEnded,
    Way::SessionsEndedByAnAdmin,
    Way::Left,
    Way::FrameSignedOut,
    Way::FrameLeft,
];

/// Who asks, and what their secret hangs on.
enum Held {
    Key(String),
    Person(UserId, String),
}

async fn held(world: &World, way: Way) -> (Client, Held) {
    let nobody = client(world);
    if matches!(way, Way::KeyRevoked | Way::SecretRenewed) {
        let scopes = [KeyScope::Admin, KeyScope::Suggest].into();
        let key = NewKey::of("taken back", scopes, 86_400);
        let key = world.identity.create_key(&key, Actor::Operator).await;
        let key = key.unwrap();
        return (nobody.bearer(&key.secret), Held::Key(key.id));
    }
    let name = format!("{way:?}");
    let person = Persona::Admin.person(&name, &[]);
    let person = world.identity.person("test", &name, &person).await.unwrap();
    let session = world.identity.open_session(person).await.unwrap().secret;
    let client = if matches!(way, Way::FrameSignedOut | Way::FrameLeft) {
        let frame = world.identity.open_frame(&session).await.unwrap();
        nobody.bearer(&frame.unwrap().token)
    } else {
        nobody.session(&session)
    };
    (client, Held::Person(person, session))
}

async fn take_back(world: &World, way: Way, held: &Held) {
    let identity = &world.identity;
    let admin = world.ctx(Persona::Admin).await;
    match (way, held) {
        (Way::KeyRevoked, Held::Key(id)) => {
            let id = id.parse().unwrap();
            identity
                .revoke_key(id, Actor::Operator)
                .await
                .unwrap()
                .unwrap();
        }
        (Way::SecretRenewed, Held::Key(id)) => {
            let id = id.parse().unwrap();
            let renewed = identity.rotate_key(id, 0, Actor::Operator).await;
            renewed.unwrap().unwrap();
        }
        (Way::SignedOut | Way::FrameSignedOut, Held::Person(_, session)) => {
            identity.close_session(session).await.unwrap();
        }
        (Way::SessionEnded, Held::Person(person, session)) => {
            let own = identity.signed_in(session).await.unwrap().unwrap();
            let id = own.session.value.id;
            identity.end_session(*person, &id).await.unwrap();
        }
        (Way::OthersEnded, Held::Person(person, _)) => {
            let other = identity.open_session(*person).await.unwrap().secret;
            identity.end_other_sessions(&other).await.unwrap().unwrap();
        }
        (Way::SessionsEndedByAnAdmin, Held::Person(person, _)) => {
            people::end_sessions(&world.kb, &admin, *person)
                .await
                .unwrap();
        }
        (Way::Left | Way::FrameLeft, Held::Person(person, _)) => {
            people::leave(&world.kb, &admin, *person).await.unwrap();
        }
        _ => unreachable!("a way fits what is held"),
    }
}

async fn ask(client: &Client, operation: &Operation, path: &str) -> Answered {
    let method = operation.method.as_str();
    let own = ("sec-fetch-site", "same-origin");
    match (operation.kind, method) {
        (_, "GET") => client.get(path).await,
        (OperationKind::Page, _) => {
            let form = ("content-type", "application/x-www-form-urlencoded");
            let body = "text=Forged&name=Forged&code=forged&value=no";
            client.send(method, path, &[form, own], body).await
        }
        (OperationKind::Api, _) => {
            let headers = [("if-match", "\"1\""), own];
            client.json(method, path, &headers, &json!({})).await
        }
    }
}

/// The first address of each operation. Signing out as nobody is no request that anything hangs on.
fn operations<'a>(base: &Base, routes: &'a Api) -> Vec<(&'a Operation, String)> {
    let all = routes.operations().iter().filter(|o| o.path != "/sign-out");
    all.map(|o| (o, addresses(base, o.path).remove(0).path))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_013_what_was_taken_back_opens_nothing_at_any_operation() {
    let mut base = Base::build().await;
    // Somebody else stays an admin.
    base.world.session(Persona::Admin, &[]).await;
    let routes = sidenote::commands::routes();
    let operations = operations(&base, &routes);
    assert!(operations.len() > 100, "{}", operations.len());
    let nobody = client(&base.world);
    let mut asked = 0;
    for way in WAYS {
        let (caller, held) = held(&base.world, way).await;
        let mut opened = 0;
        for (operation, path) in operations.iter().filter(|(o, _)| o.method == "GET") {
            let own = ask(&caller, operation, path).await;
            let control = ask(&nobody, operation, path).await;
            opened += usize::from((own.status, own.text) != (control.status, control.text));
        }
        assert!(opened > 10, "{way:?} opens {opened} operations only");
        take_back(&base.world, way, &held).await;
        for (operation, path) in &operations {
            let answer = ask(&caller, operation, path).await;
            asked += 1;
            if answer.status == 401 {
                continue;
            }
            // What is for nobody's eyes and for everybody's is answered as to nobody.
            let control = ask(&nobody, operation, path).await;
            let same = (answer.status, &answer.text) == (control.status, &control.text);
            let what = format!("{way:?}: {} {path}", operation.method);
            let makes = operation.path.ends_with("/frame-pairings");
            assert!(same || makes, "{what}: {} {}", answer.status, answer.text);
        }
    }
    let frames = operations.iter().filter(|(o, _)| o.path.contains("frame"));
    assert!(frames.count() >= 6 && Action::ALL.len() > 20);
    assert!(asked > 900, "{asked}");
    base.settle().await;
}
