//! Categories and sections: create, read, list, change, move, delete.

use axum::extract::State;
use axum::http::HeaderMap;
use kb_actions::tree::{self, NewNode, NodeChange};
use kb_actions::{Error, RequestContext, browse, portals};
use kb_domain::{Action, Locale, Node, NodeId, PortalName, PublicKey, Resource};
use kb_http::route::{create, delete, get, patch};
use kb_http::{
    Answer, Api, At, Caller, Created, Deps, IfMatch, Page, Patch, Rejection, StrictJson,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

const NODES: &str = "/api/v1/portals/{portal}/sections";
const NODE: &str = "/api/v1/portals/{portal}/sections/{section}";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(NODES, list)
                .anybody()
                .doc("The whole tree of a portal; its ETag stands for every change of it")
                .answers::<Page<NodeAnswer>>(),
        )
        .with(
            create(NODES, make)
                .needs(Action::Arrange)
                .doc("Create a category, or a section below a parent")
                .takes::<NodeDraft>()
                .answers::<NodeAnswer>(),
        )
        .with(
            get(NODE, read)
                .anybody()
                .doc("A category or section")
                .answers::<NodeAnswer>(),
        )
        .with(
            patch(NODE, update)
                .needs(Action::Arrange)
                .doc("Rename or move a category or section by a merge patch; If-Match is the tree's ETag")
                .patches::<NodeDraft>()
                .answers::<NodeAnswer>(),
        )
        .with(
            delete(NODE, remove)
                .needs(Action::Arrange)
                .doc("Remove an empty category or section")
                .if_match(),
        )
}

/// What is written of a category or section.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NodeDraft {
    /// What it stands below; a category stands below nothing.
    parent: Option<NodeId>,
    /// Its name in each language.
    name: BTreeMap<Locale, String>,
    /// What it is about, in each language.
    #[serde(default)]
    description: BTreeMap<Locale, String>,
    /// Its place among its siblings. A new one without it comes last.
    position: Option<u32>,
}

/// A category or section.
#[derive(Serialize, ToSchema)]
#[schema(as = Node)]
struct NodeAnswer {
    id: NodeId,
    /// The part of its address that decides.
    key: PublicKey,
    /// What it stands below; a category stands below nothing.
    parent: Option<NodeId>,
    /// Its place among its siblings; equal ones are ordered by id.
    position: u32,
    name: BTreeMap<Locale, String>,
    description: BTreeMap<Locale, String>,
    /// The word that imports find it again by; for those who edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    external: Option<String>,
}

impl NodeAnswer {
    fn of(ctx: &RequestContext, node: &Node) -> Self {
        let external = node.external.clone();
        Self {
            id: node.id,
            key: node.key.clone(),
            parent: node.parent,
            position: node.position,
            name: node.name.clone(),
            description: node.description.clone(),
            external: external.filter(|_| ctx.viewer.may(Action::Arrange)),
        }
    }
}

/// The tree's version moves with nodes that a reader does not see, and only those who edit have a use for it.
fn versioned(ctx: &RequestContext, answer: Answer, version: u64, headers: &HeaderMap) -> Answer {
    if ctx.viewer.may(Action::Arrange) {
        answer.version(version).unless_known(headers)
    } else {
        answer
    }
}

async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(portal): At<PortalName>,
    headers: HeaderMap,
) -> Result<Answer, Rejection> {
    let portal = portals::read(&deps.kb, &ctx, portal).await?.value.id;
    let tree = browse::visible_tree(&deps.kb, &ctx, portal).await?;
    let nodes = tree.value.nodes().map(|n| NodeAnswer::of(&ctx, n));
    let answer = Answer::ok(&Page::whole(nodes.collect()));
    Ok(versioned(&ctx, answer, tree.version, &headers))
}

async fn make(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(portal): At<PortalName>,
    StrictJson(draft): StrictJson<NodeDraft>,
) -> Result<Created, Rejection> {
    let portal = portals::read(&deps.kb, &ctx, portal).await?.value.id;
    let new = NewNode {
        parent: draft.parent,
        name: draft.name,
        description: draft.description,
        position: draft.position,
        external: None,
    };
    let made = tree::create(&deps.kb, &ctx, portal, new).await?;
    let node = made.value();
    let location = format!("/api/v1/portals/{portal}/sections/{}", node.value.id);
    let body = NodeAnswer::of(&ctx, &node.value);
    let answer = Answer::created(&body, location).version(node.version);
    Ok(Created::of(made, answer))
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((portal, section)): At<(PortalName, NodeId)>,
    headers: HeaderMap,
) -> Result<Answer, Rejection> {
    let portal = portals::read(&deps.kb, &ctx, portal).await?.value.id;
    let tree = browse::visible_tree(&deps.kb, &ctx, portal).await?;
    let node = tree.value.get(section);
    let node = node.ok_or(Error::NotFound(Resource::Section))?;
    let answer = Answer::ok(&NodeAnswer::of(&ctx, node));
    Ok(versioned(&ctx, answer, tree.version, &headers))
}

async fn update(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((portal, section)): At<(PortalName, NodeId)>,
    patch: Patch<NodeDraft>,
) -> Result<Answer, Rejection> {
    let portal = portals::read(&deps.kb, &ctx, portal).await?.value.id;
    let tree = tree::read(&deps.kb, &ctx, portal).await?;
    let node = tree.value.get(section);
    let node = node.ok_or(Error::NotFound(Resource::Section))?;
    let draft = patch.onto(tree.version, &NodeAnswer::of(&ctx, node))?;
    if draft.parent.is_none() && node.parent.is_some() {
        let detail = "a section stands below a category or a section";
        return Err(kb_domain::Error::field("/parent", "required", detail).into());
    }
    let change = NodeChange {
        name: Some(draft.name),
        description: Some(draft.description),
        position: draft.position,
        parent: draft.parent,
    };
    let node = tree::update(&deps.kb, &ctx, portal, &tree, section, change).await?;
    Ok(Answer::ok(&NodeAnswer::of(&ctx, &node.value)).version(node.version))
}

async fn remove(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((portal, section)): At<(PortalName, NodeId)>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let portal = portals::read(&deps.kb, &ctx, portal).await?.value.id;
    let tree = tree::read(&deps.kb, &ctx, portal).await?;
    if_match.check(tree.version)?;
    tree::delete(&deps.kb, &ctx, portal, &tree, section).await?;
    Ok(Answer::nothing())
}
