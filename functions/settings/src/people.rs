//! `/api/v1/people`: invite, read, change, put out, and the links by which they come in.

use crate::link::sign_in_url;
use axum::extract::State;
use kb_actions::people;
use kb_domain::{
    Action, Grant, Level, Locale, PersonDraft, PersonEdit, PersonState, Timestamp, UserId,
};
use kb_http::route::{create, delete, get, patch, post};
use kb_http::{
    Answer, Api, At, Caller, Created, Deps, Page, PageQuery, Paging, Patch, Rejection, StrictJson,
    StrictQuery,
};
use kb_store::repo::{Person, Session, Stored};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

const PEOPLE: &str = "/api/v1/people";
const PERSON: &str = "/api/v1/people/{person}";
const LINK: &str = "/api/v1/people/{person}/link";
const SESSIONS: &str = "/api/v1/people/{person}/sessions";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(PEOPLE, list)
                .needs(Action::People)
                .doc("People, in the order in which they came; somebody new may be missing for a moment")
                .lists::<PersonAnswer>(),
        )
        .with(
            create(PEOPLE, invite)
                .needs(Action::People)
                .doc("Invite somebody; roles and a place with the agents need the right to grant as well")
                .takes::<PersonDraft>()
                .answers::<PersonAnswer>(),
        )
        .with(
            get(PERSON, read)
                .needs(Action::People)
                .doc("A person")
                .answers::<PersonAnswer>(),
        )
        .with(
            patch(PERSON, update)
                .needs(Action::People)
                .doc("Change a person by a merge patch; roles and level need the right to grant as well")
                .patches::<PersonEdit>()
                .answers::<PersonAnswer>(),
        )
        .with(
            delete(PERSON, leave)
                .needs(Action::People)
                .doc("End a person's access: sessions, frames and links are over at once; what they wrote stays"),
        )
        .with(
            post(LINK, link)
                .needs(Action::People)
                .doc("Make a link by which a person signs in once; an older one is over")
                .answers::<LinkAnswer>(),
        )
        .with(
            get(SESSIONS, sessions)
                .needs(Action::People)
                .doc("The browsers in which a person is signed in, the newest first")
                .answers::<Page<PersonSession>>(),
        )
        .with(
            delete(SESSIONS, end_sessions)
                .needs(Action::People)
                .doc("End every session and frame of a person"),
        )
}

/// A person, for those who manage people.
#[derive(Serialize, ToSchema)]
#[schema(as = Person)]
pub(crate) struct PersonAnswer {
    id: UserId,
    version: u64,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<String>,
    state: PersonState,
    level: Level,
    grants: Vec<Grant>,
    segments: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
}

impl PersonAnswer {
    pub(crate) fn of(stored: &Stored<Person>) -> Self {
        let person = stored.value.clone();
        Self {
            id: person.id,
            version: stored.version,
            name: person.name,
            mail: person.mail,
            state: person.state,
            level: person.level,
            grants: person.grants,
            segments: person.segments,
            locale: person.locale,
        }
    }
}

fn answer(person: &Stored<Person>) -> Answer {
    Answer::ok(&PersonAnswer::of(person)).version(person.version)
}

async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictQuery(query): StrictQuery<PageQuery>,
) -> Result<Answer, Rejection> {
    let paging = Paging::read(&deps, &ctx, "people", query.limit, query.cursor.as_deref()).await?;
    let (found, next) = people::list(&deps.kb, &ctx, paging.limit, paging.from.clone()).await?;
    let items = found.iter().map(PersonAnswer::of).collect();
    Ok(Answer::ok(
        &paging.page(&deps, items, next.as_deref()).await?,
    ))
}

async fn invite(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    StrictJson(draft): StrictJson<PersonDraft>,
) -> Result<Created, Rejection> {
    let invited = people::invite(&deps.kb, &ctx, draft)?;
    let body = PersonAnswer::of(invited.value());
    let location = format!("{PEOPLE}/{}", body.id);
    let answer = Answer::created(&body, location).version(body.version);
    Ok(Created::of(invited, answer))
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(person): At<UserId>,
) -> Result<Answer, Rejection> {
    Ok(answer(&people::read(&deps.kb, &ctx, person).await?))
}

async fn update(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(person): At<UserId>,
    patch: Patch<PersonEdit>,
) -> Result<Answer, Rejection> {
    let before = people::read(&deps.kb, &ctx, person).await?;
    let edit = patch.onto(before.version, &PersonAnswer::of(&before))?;
    let after = people::change(&deps.kb, &ctx, &before, edit).await?;
    Ok(answer(&after))
}

async fn leave(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(person): At<UserId>,
) -> Result<Answer, Rejection> {
    people::leave(&deps.kb, &ctx, person).await?;
    Ok(Answer::nothing())
}

/// A link that signs somebody in.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInLink)]
struct LinkAnswer {
    /// The whole address; it is told this once.
    url: String,
    /// How long it is good.
    expires_in_seconds: i64,
}

async fn link(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(person): At<UserId>,
) -> Result<Answer, Rejection> {
    let made = people::link(&deps.kb, &ctx, &deps.identity, person).await?;
    Ok(Answer::ok(&LinkAnswer {
        url: sign_in_url(&deps.settings, &made.secret),
        expires_in_seconds: made.seconds,
    }))
}

/// A browser in which a person is signed in.
#[derive(Serialize, ToSchema)]
struct PersonSession {
    /// What the browser says it is.
    browser: String,
    created_at: Timestamp,
    /// When it was last used, to half an hour.
    seen_at: Timestamp,
    /// When it ends, used or not.
    expires_at: Timestamp,
}

impl From<Session> for PersonSession {
    fn from(session: Session) -> Self {
        Self {
            browser: session.browser,
            created_at: session.created_at,
            seen_at: session.seen_at,
            expires_at: session.expires_at,
        }
    }
}

async fn sessions(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(person): At<UserId>,
) -> Result<Answer, Rejection> {
    let person = people::read(&deps.kb, &ctx, person).await?;
    let found = deps.identity.sessions(&person.value).await?;
    let items: Vec<PersonSession> = found.into_iter().map(Into::into).collect();
    Ok(Answer::ok(&Page::whole(items)))
}

async fn end_sessions(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(person): At<UserId>,
) -> Result<Answer, Rejection> {
    people::end_sessions(&deps.kb, &ctx, person).await?;
    Ok(Answer::nothing())
}
