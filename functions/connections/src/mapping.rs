//! What an admin says of what comes in.

use crate::connections::{answered, found};
use axum::extract::State;
use kb_actions::connections;
use kb_domain::remote::{Mapping, PlaceRule, RemoteId, Way};
use kb_domain::{Action, Audience, ConnectionId, Locale, PortalId, SectionId};
use kb_http::route::put;
use kb_http::{Answer, Api, At, Caller, Deps, Rejection, StrictJson};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

pub(crate) fn routes() -> Api {
    Api::new().with(
        put("/api/v1/connections/{connection}/mapping", map)
            .needs(Action::Configure)
            .doc("Say which languages and places of the other system come in, where, and for whom; whoever says so may publish")
            .takes::<MappingBody>()
            .answers::<crate::answers::ConnectionAnswer>(),
    )
}

/// What an admin says of what comes in. What is absent stays as it is; places that are named are replaced one by one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewConnectionMapping)]
struct MappingBody {
    /// Our locale by their language, for those that do not fold to it by themselves.
    #[serde(default)]
    languages: BTreeMap<String, Locale>,
    /// What holds for every place that says nothing else.
    everywhere: Option<RuleBody>,
    /// Places by their id there.
    #[serde(default)]
    places: BTreeMap<String, RuleBody>,
}

/// What holds for a place; what is absent is as in the place around it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewConnectionPlace)]
pub(crate) struct RuleBody {
    /// Whether its articles come in.
    pub way: Option<WayBody>,
    /// Who reads what has no rule of its own, for example `public`.
    pub audience: Option<Audience>,
    /// The portal in which it is made.
    pub portal: Option<PortalId>,
    /// The section of ours that stands for it.
    pub section: Option<SectionId>,
}

/// Whether articles come in.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WayBody {
    In,
    Off,
}

impl RuleBody {
    fn rule(self) -> PlaceRule {
        PlaceRule {
            way: self.way.map(|way| match way {
                WayBody::In => Way::In,
                WayBody::Off => Way::Off,
            }),
            audience: self.audience,
            portal: self.portal,
            section: self.section,
        }
    }
}

async fn map(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(id): At<ConnectionId>,
    StrictJson(body): StrictJson<MappingBody>,
) -> Result<Answer, Rejection> {
    let before = found(&deps, &ctx, id).await?;
    let mut mapping: Mapping = before.value.mapping.clone();
    for (language, locale) in body.languages {
        mapping.languages = mapping.languages.saying(&language, locale);
    }
    if let Some(everywhere) = body.everywhere {
        mapping.everywhere = everywhere.rule();
    }
    for (place, rule) in body.places {
        mapping.places.insert(RemoteId(place), rule.rule());
    }
    let after = connections::map(&deps.kb, &ctx, &before, mapping).await?;
    Ok(Answer::ok(&answered(&deps, &ctx, &after.value).await?))
}
