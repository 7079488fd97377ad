//! Portals, categories and sections.

use crate::answer::node_id;
use crate::operation;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::routing::{delete, get, patch, post};
use kb_actions::structure::{self, NewNode, NewPortal, NodeChange};
use kb_actions::{Error, Scope, reading};
use kb_domain::{Audience, Locale, NodeId, PortalId, Right};
use kb_http::{Answer, Api, Caller, Deps, IfMatch, Operation, Rejection, SchemaOf, StrictJson};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

const PORTALS: &str = "/api/v1/portals";
const ACTIVATE: &str = "/api/v1/portals/{portal}/activate";
const NODES: &str = "/api/v1/portals/{portal}/sections";
const NODE: &str = "/api/v1/portals/{portal}/sections/{section}";

pub(crate) fn routes() -> Api {
    let create_portal = Operation {
        body: Some(SchemaOf::of::<PortalBody>()),
        answer: (201, None),
        ..operation(Method::POST, PORTALS, "Make a portal", Right::Grant)
    };
    let create_node = Operation {
        body: Some(SchemaOf::of::<NodeBody>()),
        answer: (201, None),
        ..operation(
            Method::POST,
            NODES,
            "Make a category, or a section below a parent",
            Right::Edit,
        )
    };
    let change_node = Operation {
        body: Some(SchemaOf::of::<NodeBody>()),
        if_match: true,
        ..operation(
            Method::PATCH,
            NODE,
            "Rename or move a category or section; If-Match is the tree's ETag",
            Right::Edit,
        )
    };
    let remove_node = Operation {
        if_match: true,
        answer: (204, None),
        ..operation(
            Method::DELETE,
            NODE,
            "Remove an empty category or section",
            Right::Publish,
        )
    };
    Api::new()
        .route(
            operation(
                Method::GET,
                PORTALS,
                "Portals that the caller may enter",
                Right::View,
            ),
            get(list_portals),
        )
        .route(create_portal, post(create_portal_handler))
        .route(
            operation(
                Method::POST,
                ACTIVATE,
                "Open a portal to its readers",
                Right::Grant,
            ),
            post(activate),
        )
        .route(
            operation(Method::GET, NODES, "The tree of a portal", Right::View),
            get(list_nodes),
        )
        .route(create_node, post(create_node_handler))
        .route(change_node, patch(change_node_handler))
        .route(remove_node, delete(remove_node_handler))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PortalBody {
    handle: String,
    #[schema(value_type = std::collections::HashMap<String, String>)]
    name: BTreeMap<Locale, String>,
    #[schema(value_type = Vec<String>)]
    locales: Vec<Locale>,
    #[schema(value_type = String)]
    default_locale: Locale,
    #[schema(value_type = Object)]
    entry: Audience,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NodeBody {
    #[schema(value_type = Option<String>)]
    parent: Option<NodeId>,
    #[schema(value_type = Option<std::collections::HashMap<String, String>>)]
    name: Option<BTreeMap<Locale, String>>,
    #[schema(value_type = Option<std::collections::HashMap<String, String>>)]
    description: Option<BTreeMap<Locale, String>>,
    position: Option<u32>,
}

fn portal_id(text: &str) -> Result<PortalId, Error> {
    text.parse().map_err(|_| Error::NotFound("portal"))
}

async fn list_portals(
    State(deps): State<Deps>,
    Caller(scope): Caller,
) -> Result<Answer, Rejection> {
    let portals = structure::portals(&deps.kb, &scope).await?;
    let items: Vec<_> = portals
        .iter()
        .map(|p| json!({"version": p.version, "portal": p.value}))
        .collect();
    Ok(Answer::ok(&json!({"items": items, "next": null})))
}

async fn create_portal_handler(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    StrictJson(body): StrictJson<PortalBody>,
) -> Result<Answer, Rejection> {
    let new = NewPortal {
        handle: body.handle,
        name: body.name,
        locales: body.locales,
        default_locale: body.default_locale,
        entry: body.entry,
    };
    let made = structure::create_portal(&deps.kb, &scope, new).await?;
    Ok(Answer::created(&made.value, format!("{PORTALS}/{}", made.value.id)).version(made.version))
}

async fn activate(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path(portal): Path<String>,
) -> Result<Answer, Rejection> {
    scope.demand(Right::Grant)?;
    let opened = structure::activate(&deps.kb, &scope, portal_id(&portal)?).await?;
    Ok(Answer::ok(&opened.value).version(opened.version))
}

async fn tree_version(deps: &Deps, scope: &Scope, portal: PortalId) -> Result<u64, Error> {
    structure::portal(&deps.kb, scope, portal).await?;
    Ok(deps
        .kb
        .portals
        .tree(portal)
        .await?
        .ok_or(Error::NotFound("portal"))?
        .version)
}

async fn list_nodes(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path(portal): Path<String>,
) -> Result<Answer, Rejection> {
    let id = portal_id(&portal)?;
    structure::portal(&deps.kb, &scope, id).await?;
    let tree = reading::visible_tree(&deps.kb, &scope, id).await?;
    let items: Vec<_> = tree.value.nodes().collect();
    let answer = Answer::ok(&json!({"items": items, "next": null}));
    // The tree's version moves with nodes that a reader does not see, and only those who edit have a use for it.
    Ok(if scope.viewer.may(Right::Edit) {
        answer.version(tree.version)
    } else {
        answer
    })
}

async fn create_node_handler(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path(portal): Path<String>,
    StrictJson(body): StrictJson<NodeBody>,
) -> Result<Answer, Rejection> {
    scope.demand(Right::Edit)?;
    let id = portal_id(&portal)?;
    structure::portal(&deps.kb, &scope, id).await?;
    let new = NewNode {
        parent: body.parent,
        name: body.name.unwrap_or_default(),
        description: body.description.unwrap_or_default(),
        position: body.position,
        external: None,
    };
    let node = structure::create_node(&deps.kb, &scope, id, new).await?;
    let version = tree_version(&deps, &scope, id).await?;
    Ok(
        Answer::created(&node, format!("/api/v1/portals/{id}/sections/{}", node.id))
            .version(version),
    )
}

async fn change_node_handler(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path((portal, section)): Path<(String, String)>,
    IfMatch(version): IfMatch,
    StrictJson(body): StrictJson<NodeBody>,
) -> Result<Answer, Rejection> {
    scope.demand(Right::Edit)?;
    let id = portal_id(&portal)?;
    let change = NodeChange {
        name: body.name,
        description: body.description,
        position: body.position,
        parent: body.parent,
    };
    let (node, version) =
        structure::update_node(&deps.kb, &scope, id, node_id(&section)?, version, change).await?;
    Ok(Answer::ok(&node).version(version))
}

async fn remove_node_handler(
    State(deps): State<Deps>,
    Caller(scope): Caller,
    Path((portal, section)): Path<(String, String)>,
    IfMatch(version): IfMatch,
) -> Result<Answer, Rejection> {
    structure::delete_node(
        &deps.kb,
        &scope,
        portal_id(&portal)?,
        node_id(&section)?,
        version,
    )
    .await?;
    Ok(Answer::nothing())
}
