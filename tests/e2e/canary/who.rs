//! Every kind of caller.

use crate::harness::client;
use kb_domain::{Principal, Right};
use kb_store::repo::KeyScope;
use kb_testkit::{Client, World};
use std::collections::BTreeSet;

/// Somebody who asks.
pub(super) struct Who {
    pub name: &'static str,
    pub rights: BTreeSet<Right>,
    pub client: Client,
}

/// Every kind of caller: nobody, people by session, programs by key.
pub(super) async fn principals(world: &World) -> Vec<Who> {
    use Right::{Edit, Grant, Publish, Suggest, View};
    let nobody = client(world);
    let mut all = vec![Who {
        name: "anonymous",
        rights: BTreeSet::from([View]),
        client: nobody.clone(),
    }];
    for (name, principal, segments, rights) in [
        ("customer", Principal::Customer, &[][..], &[View][..]),
        ("employee", Principal::Employee, &[], &[View]),
        ("employee of hr", Principal::Employee, &["hr"], &[View]),
        ("agent", Principal::Agent, &[], &[View, Suggest]),
        ("editor", Principal::Editor, &[], &[View, Suggest, Edit]),
        (
            "publisher",
            Principal::Publisher,
            &[],
            &[View, Suggest, Edit, Publish],
        ),
        (
            "admin",
            Principal::Admin,
            &[],
            &[View, Suggest, Edit, Publish, Grant],
        ),
    ] {
        let session = world.session(principal, segments).await;
        let rights = rights.iter().copied().collect();
        all.push(Who {
            name,
            rights,
            client: nobody.session(&session),
        });
    }
    for (name, scope, rights) in [
        ("key read", KeyScope::Read, &[View][..]),
        ("key suggest", KeyScope::Suggest, &[View, Suggest]),
        ("key write", KeyScope::Write, &[View, Edit]),
        ("key publish", KeyScope::Publish, &[View, Edit, Publish]),
        ("key admin", KeyScope::Admin, &[View, Edit, Publish, Grant]),
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
