//! `/api/v1/segments`: which there are, and who belongs to them.

use crate::people::PersonAnswer;
use axum::extract::State;
use kb_actions::people;
use kb_domain::{Action, UserId};
use kb_http::route::{delete, get, put};
use kb_http::{Answer, Api, At, Caller, Deps, Page, Rejection};
use serde::Serialize;
use utoipa::ToSchema;

const SEGMENTS: &str = "/api/v1/segments";
const MEMBERS: &str = "/api/v1/segments/{segment}/members";
const MEMBER: &str = "/api/v1/segments/{segment}/members/{person}";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(SEGMENTS, list)
                .needs(Action::People)
                .doc("Every segment with the number of its members, by name")
                .answers::<Page<SegmentAnswer>>(),
        )
        .with(
            get(MEMBERS, members)
                .needs(Action::People)
                .doc("The members of a segment")
                .answers::<Page<PersonAnswer>>(),
        )
        .with(
            put(MEMBER, join)
                .needs(Action::People)
                .doc("Take a person into a segment, which is made where there is none; oneself with the right to grant only")
                .answers_nothing(),
        )
        .with(
            delete(MEMBER, leave)
                .needs(Action::People)
                .doc("Take a person out of a segment"),
        )
}

/// A segment.
#[derive(Serialize, ToSchema)]
#[schema(as = Segment)]
struct SegmentAnswer {
    name: String,
    members: u64,
}

async fn list(State(deps): State<Deps>, Caller(ctx): Caller) -> Result<Answer, Rejection> {
    let found = people::segments(&deps.kb, &ctx).await?.into_iter();
    let items = found.map(|(name, members)| SegmentAnswer { name, members });
    Ok(Answer::ok(&Page::whole(items.collect())))
}

async fn members(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(segment): At<String>,
) -> Result<Answer, Rejection> {
    let found = people::members(&deps.kb, &ctx, &segment).await?;
    let items = found.iter().map(PersonAnswer::of).collect();
    Ok(Answer::ok(&Page::whole(items)))
}

async fn join(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((segment, person)): At<(String, UserId)>,
) -> Result<Answer, Rejection> {
    people::set_member(&deps.kb, &ctx, &segment, person, true).await?;
    Ok(Answer::nothing())
}

async fn leave(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((segment, person)): At<(String, UserId)>,
) -> Result<Answer, Rejection> {
    people::set_member(&deps.kb, &ctx, &segment, person, false).await?;
    Ok(Answer::nothing())
}
