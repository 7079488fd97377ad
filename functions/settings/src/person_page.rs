//! `/console/people/{person}`: one person, and what can be done about them.

use crate::link::sign_in_url;
use crate::people_page::{PAGE, address, field, line};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::{Error, RequestContext, people};
use kb_domain::{Action, FieldError, PersonState, UserId};
use kb_http::route::{form, page};
use kb_http::{
    Api, At, Caller, Deps, Entered, Form, Interface, PageError, browser_name, console_shell,
    refused_page, secret_page, see_other,
};
use kb_pages::{Field, FreshLink, PersonPage, SessionLine, Texts, moment, session_times};
use serde::Deserialize;

const PERSON: &str = "/console/people/{person}";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page(PERSON, show)
                .needs(Action::People)
                .doc("A person, and what can be done about them"),
        )
        .with(form(PERSON, act).needs(Action::People).doc(
            "Make a link for a person, end their sessions, change their segments, end their access",
        ))
}

async fn show(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At(person): At<UserId>,
) -> Result<Response, PageError> {
    let page = built(&deps, &ctx, texts, person).await?;
    Ok(kb_http::page(page.render()))
}

async fn built(
    deps: &Deps,
    ctx: &RequestContext,
    texts: Texts,
    id: UserId,
) -> Result<PersonPage, Error> {
    let person = people::read(&deps.kb, ctx, id).await?;
    let sessions = deps.identity.sessions(&person.value).await?.into_iter();
    let sessions = sessions.map(|session| SessionLine {
        id: String::new(),
        browser: browser_name(&session.browser),
        times: session_times(session.created_at, session.seen_at, texts),
        current: false,
    });
    let mut shell = console_shell(&ctx.viewer, texts, &person.value.name, PAGE);
    for language in &mut shell.languages {
        language.url = format!("{PAGE}/{id}?locale={}", language.tag);
    }
    Ok(PersonPage {
        shell,
        person: line(&person, texts),
        left: person.value.state == PersonState::Left,
        link: None,
        segments: person.value.segments.iter().cloned().collect(),
        segment: Field::default(),
        sessions: sessions.collect(),
        fault: None,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    Link,
    EndSessions,
    JoinSegment,
    LeaveSegment,
    Leave,
}

#[derive(Deserialize)]
struct Sent {
    act: Act,
    #[serde(default)]
    segment: String,
}

async fn act(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At(person): At<UserId>,
    Form { sent, entered }: Form<Sent>,
) -> Result<Response, PageError> {
    let sent = sent.map_err(|faults| Error::from(kb_domain::Error::Fields(faults)))?;
    match carry_out(&deps, &ctx, texts, person, &sent).await {
        Ok(None) => Ok(see_other(&address(person, texts), None)),
        Ok(Some(link)) => {
            let mut page = built(&deps, &ctx, texts, person).await?;
            page.link = Some(link);
            Ok(secret_page(page.render()))
        }
        Err(error) => {
            let told = told(&error, texts, &entered);
            let Some((fault, segment)) = told else {
                return Err(error.into());
            };
            let mut page = built(&deps, &ctx, texts, person).await?;
            (page.fault, page.segment) = (fault, segment);
            Ok(refused_page(page.render()))
        }
    }
}

/// What is told beside the form: about the whole, and about its field; `None` for a fault that is no business of the form.
fn told(error: &Error, texts: Texts, entered: &Entered) -> Option<(Option<String>, Field)> {
    match error {
        Error::Domain(kb_domain::Error::Fields(faults)) => {
            let own = faults.iter().map(|fault| FieldError {
                pointer: "/segment".to_owned(),
                ..fault.clone()
            });
            let own: Vec<FieldError> = own.collect();
            Some((None, field(texts, entered, &own, "segment")))
        }
        Error::Domain(kb_domain::Error::Conflict(_)) => {
            Some((Some(texts.t("person-last-admin")), Field::default()))
        }
        Error::Forbidden(_) => Some((Some(texts.t("person-beyond")), Field::default())),
        _ => None,
    }
}

async fn carry_out(
    deps: &Deps,
    ctx: &RequestContext,
    texts: Texts,
    person: UserId,
    sent: &Sent,
) -> Result<Option<FreshLink>, Error> {
    let kb = &deps.kb;
    match sent.act {
        Act::Link => {
            let made = people::link(kb, ctx, &deps.identity, person).await?;
            return Ok(Some(FreshLink {
                url: sign_in_url(ctx, &made.secret),
                until: moment(ctx.now.plus_seconds(made.seconds), texts),
            }));
        }
        Act::EndSessions => people::end_sessions(kb, ctx, person).await?,
        Act::JoinSegment => people::set_member(kb, ctx, &sent.segment, person, true).await?,
        Act::LeaveSegment => people::set_member(kb, ctx, &sent.segment, person, false).await?,
        Act::Leave => {
            people::leave(kb, ctx, person).await?;
        }
    }
    Ok(None)
}
