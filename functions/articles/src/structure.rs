//! Categories and sections: create, read, list, change, move, delete.

use crate::answer::{node_id, portal_id};
use crate::operation;
use crate::portals::object;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::routing::{delete, get, patch};
use kb_actions::tree::{self, NewNode, NodeChange};
use kb_actions::{Error, RequestContext, browse, portals};
use kb_domain::{Action, Locale, Node, NodeId, PublicKey, Resource};
use kb_http::{
    Answer, Api, Caller, Created, Deps, IfMatch, Operation, Rejection, SchemaOf, StrictJson, merge,
    writable,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

const NODES: &str = "/api/v1/portals/{portal}/sections";
const NODE: &str = "/api/v1/portals/{portal}/sections/{section}";

pub(crate) fn routes() -> Api {
    let node = || Some(SchemaOf::of::<NodeAnswer>());
    let list_all = Operation {
        answer: (200, Some(SchemaOf::of::<NodeList>())),
        ..operation(
            Method::GET,
            NODES,
            "The tree of a portal, whole; its ETag stands for every change of it",
            Action::Read,
        )
    };
    let make = Operation {
        body: Some(SchemaOf::of::<NodeBody>()),
        answer: (201, node()),
        ..operation(
            Method::POST,
            NODES,
            "Make a category, or a section below a parent",
            Action::Arrange,
        )
    };
    let read = Operation {
        answer: (200, node()),
        ..operation(Method::GET, NODE, "A category or section", Action::Read)
    };
    let change = Operation {
        body: Some(SchemaOf::of::<NodePatch>()),
        if_match: true,
        answer: (200, node()),
        ..operation(
            Method::PATCH,
            NODE,
            "Rename or move a category or section by a merge patch; If-Match is the tree's ETag",
            Action::Arrange,
        )
    };
    let remove = Operation {
        if_match: true,
        answer: (204, None),
        ..operation(
            Method::DELETE,
            NODE,
            "Remove an empty category or section",
            Action::Arrange,
        )
    };
    Api::new()
        .route(list_all, get(list))
        .create(make, create)
        .route(read, get(one))
        .route(change, patch(update))
        .route(remove, delete(remove_one))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NodeBody {
    /// What it stands below; a category stands below nothing.
    #[schema(value_type = Option<String>)]
    parent: Option<NodeId>,
    /// Its name in each language.
    #[schema(value_type = HashMap<String, String>)]
    name: BTreeMap<Locale, String>,
    /// What it is about, in each language.
    #[serde(default)]
    #[schema(value_type = Option<HashMap<String, String>>)]
    description: BTreeMap<Locale, String>,
    /// Its place among its siblings; behind them when absent.
    position: Option<u32>,
}

/// A merge patch (RFC 7396): fields that are absent stay.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never made")]
struct NodePatch {
    /// Another parent, for a section.
    parent: Option<String>,
    /// Names in languages; null takes one away.
    name: Option<HashMap<String, Option<String>>>,
    /// Descriptions in languages; null takes one away.
    description: Option<HashMap<String, Option<String>>>,
    position: Option<u32>,
}

#[derive(Deserialize)]
struct Changed {
    parent: Option<NodeId>,
    name: BTreeMap<Locale, String>,
    #[serde(default)]
    description: BTreeMap<Locale, String>,
    position: u32,
}

/// A category or section.
#[derive(Serialize, ToSchema)]
#[schema(as = Node)]
struct NodeAnswer {
    #[schema(value_type = String)]
    id: NodeId,
    /// The part of its address that decides.
    #[schema(value_type = String)]
    key: PublicKey,
    /// What it stands below; a category stands below nothing.
    #[schema(value_type = Option<String>)]
    parent: Option<NodeId>,
    /// Its place among its siblings; equal ones are ordered by id.
    position: u32,
    #[schema(value_type = HashMap<String, String>)]
    name: BTreeMap<Locale, String>,
    #[schema(value_type = HashMap<String, String>)]
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

#[derive(Serialize, ToSchema)]
struct NodeList {
    items: Vec<NodeAnswer>,
    next: Option<String>,
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
    Path(portal): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Rejection> {
    let id = portal_id(&portal)?;
    portals::read(&deps.kb, &ctx, id).await?;
    let tree = browse::visible_tree(&deps.kb, &ctx, id).await?;
    let nodes = tree.value.nodes();
    let list = NodeList {
        items: nodes.map(|n| NodeAnswer::of(&ctx, n)).collect(),
        next: None,
    };
    Ok(versioned(&ctx, Answer::ok(&list), tree.version, &headers))
}

async fn create(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(portal): Path<String>,
    StrictJson(body): StrictJson<NodeBody>,
) -> Result<Created, Rejection> {
    ctx.demand(Action::Arrange)?;
    let id = portal_id(&portal)?;
    portals::read(&deps.kb, &ctx, id).await?;
    let new = NewNode {
        parent: body.parent,
        name: body.name,
        description: body.description,
        position: body.position,
        external: None,
    };
    let made = tree::create(&deps.kb, &ctx, id, new).await?;
    let node = made.value();
    let location = format!("/api/v1/portals/{id}/sections/{}", node.value.id);
    let body = NodeAnswer::of(&ctx, &node.value);
    let answer = Answer::created(&body, location).version(node.version);
    Ok(Created::of(made, answer))
}

async fn one(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((portal, section)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Answer, Rejection> {
    let id = portal_id(&portal)?;
    portals::read(&deps.kb, &ctx, id).await?;
    let tree = browse::visible_tree(&deps.kb, &ctx, id).await?;
    let node = tree.value.get(node_id(&section)?);
    let node = node.ok_or(Error::NotFound(Resource::Section))?;
    let answer = Answer::ok(&NodeAnswer::of(&ctx, node));
    Ok(versioned(&ctx, answer, tree.version, &headers))
}

async fn update(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((portal, section)): Path<(String, String)>,
    if_match: IfMatch,
    StrictJson(sent): StrictJson<Map<String, Value>>,
) -> Result<Answer, Rejection> {
    ctx.demand(Action::Arrange)?;
    let (id, section) = (portal_id(&portal)?, node_id(&section)?);
    portals::read(&deps.kb, &ctx, id).await?;
    let tree = deps.kb.tree(&ctx.gate, id).await?;
    let node = tree
        .value
        .get(section)
        .ok_or(Error::NotFound(Resource::Section))?;
    if_match.check(tree.version)?;
    let stored = serde_json::json!(NodeAnswer::of(&ctx, node));
    let mut merged = stored.clone();
    merge(&mut merged, Value::Object(sent));
    let fields = ["parent", "name", "description", "position"];
    let changed: Changed = writable(object(merged), &stored, &fields)?;
    if changed.parent.is_none() && node.parent.is_some() {
        return Err(kb_domain::Error::field(
            "/parent",
            "required",
            "a section stands below a category or a section",
        )
        .into());
    }
    let change = NodeChange {
        name: Some(changed.name),
        description: Some(changed.description),
        position: Some(changed.position),
        parent: changed.parent,
    };
    let node = tree::update(&deps.kb, &ctx, id, &tree, section, change).await?;
    Ok(Answer::ok(&NodeAnswer::of(&ctx, &node.value)).version(node.version))
}

async fn remove_one(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path((portal, section)): Path<(String, String)>,
    if_match: IfMatch,
) -> Result<Answer, Rejection> {
    let (portal, section) = (portal_id(&portal)?, node_id(&section)?);
    let tree = tree::read(&deps.kb, &ctx, portal).await?;
    if_match.check(tree.version)?;
    tree::delete(&deps.kb, &ctx, portal, &tree, section).await?;
    Ok(Answer::nothing())
}
