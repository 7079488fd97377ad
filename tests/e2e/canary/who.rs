//! Every kind of caller.

use crate::harness::client;
use kb_domain::Action;
use kb_store::repo::KeyScope;
use kb_testkit::{Client, Persona, World};
use std::collections::BTreeSet;

/// Somebody who asks.
pub(super) struct Who {
    pub name: &'static str,
    pub rights: BTreeSet<Action>,
    pub client: Client,
}

/// Every kind of caller: nobody, people by session, programs by key. What each may do is written out here, not asked of the rule.
pub(super) async fn principals(world: &World) -> Vec<Who> {
    use Action::{
        Archive, Arrange, Ask, Comment, Configure, Edit, Moderate, People, Propose, Publish, Read,
        SeeTickets, SendToReview, Suggest, Verify, Vote,
    };
    let (nobody, reader) = (client(world), [Read, Vote, Comment, Ask]);
    let agent = [&reader[..], &[SeeTickets, Suggest, Propose]].concat();
    let writes = [Edit, SendToReview, Propose, Arrange, Verify];
    let editor = [&agent[..], &writes].concat();
    let publisher = [&editor[..], &[Publish, Archive]].concat();
    let moderator = [&reader[..], &[Moderate]].concat();
    let mut all = vec![Who {
        name: "anonymous",
        rights: BTreeSet::from([Read, Vote]),
        client: nobody.clone(),
    }];
    for (name, persona, segments, rights) in [
        ("customer", Persona::Customer, &[][..], &reader[..]),
        ("employee", Persona::Employee, &[], &reader),
        ("employee of hr", Persona::Employee, &["hr"], &reader),
        ("agent", Persona::Agent, &[], &agent),
        ("moderator", Persona::Moderator, &[], &moderator),
        ("editor", Persona::Editor, &[], &editor),
        ("publisher", Persona::Publisher, &[], &publisher),
        ("admin", Persona::Admin, &[], Action::ALL),
    ] {
        let session = world.session(persona, segments).await;
        let rights = rights.iter().copied().collect();
        all.push(Who {
            name,
            rights,
            client: nobody.session(&session),
        });
    }
    let write = [&[Read][..], &writes].concat();
    let publish = [&write[..], &[Publish, Archive]].concat();
    let admin = [&publish[..], &[Configure, Moderate, Comment, People]].concat();
    for (name, scope, rights) in [
        ("key read", KeyScope::Read, &[Read][..]),
        (
            "key suggest",
            KeyScope::Suggest,
            &[Read, SeeTickets, Suggest],
        ),
        ("key write", KeyScope::Write, &write),
        ("key publish", KeyScope::Publish, &publish),
        (
            "key moderate",
            KeyScope::Moderate,
            &[Read, Moderate, Comment],
        ),
        ("key admin", KeyScope::Admin, &admin),
    ] {
        let key = world.key(&[scope]).await;
        let rights = rights.iter().copied().collect();
        all.push(Who {
            name,
            rights,
            client: nobody.bearer(&key),
        });
    }
    all
}

/// How somebody without a right is refused.
pub(super) fn refusal(who: &Who) -> u16 {
    if who.name == "anonymous" { 401 } else { 403 }
}
