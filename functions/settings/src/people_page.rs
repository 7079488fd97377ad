//! `/console/people`: everybody, and the form that invites somebody.

use crate::words::{self, LEVELS};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::{Error, RequestContext, people};
use kb_domain::{Action, FieldError, Grant, Level, PersonDraft, PersonState, Role, UserId};
use kb_http::route::{form, page};
use kb_http::{
    Api, Caller, Deps, Entered, Form, Interface, PageError, Param, StrictQuery, console_shell,
    field_text, refused_page, see_other,
};
use kb_pages::{Field, PeoplePage, PersonLine, Texts};
use kb_store::repo::{Person, Stored};
use serde::Deserialize;

pub(crate) const PAGE: &str = "/console/people";
/// People on one page.
const SHOWN: usize = 50;

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page(PAGE, show)
                .needs(Action::People)
                .query(&[Param("cursor", "where the page begins")])
                .doc("Everybody, and the form that invites somebody"),
        )
        .with(
            form(PAGE, invite)
                .needs(Action::People)
                .doc("Invite somebody"),
        )
}

#[derive(Deserialize)]
struct Shown {
    cursor: Option<String>,
}

async fn show(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    StrictQuery(shown): StrictQuery<Shown>,
) -> Result<Response, PageError> {
    let page = built(&deps, &ctx, texts, shown.cursor.as_deref()).await?;
    Ok(kb_http::page(page.render()))
}

async fn built(
    deps: &Deps,
    ctx: &RequestContext,
    texts: Texts,
    cursor: Option<&str>,
) -> Result<PeoplePage, PageError> {
    let list = format!("people:{}", ctx.viewer.who);
    let from = match cursor {
        None => None,
        Some(cursor) => Some(deps.cursors.open(&list, cursor).await?),
    };
    let (found, next) = people::list(&deps.kb, ctx, SHOWN, from).await?;
    let more = match next {
        None => None,
        Some(next) => Some(deps.cursors.seal(&list, &next).await?),
    };
    let title = texts.t("people-title");
    let mut page = PeoplePage {
        shell: console_shell(&ctx.viewer, texts, &title, PAGE),
        lines: found.iter().map(|p| line(p, texts)).collect(),
        more: more.map(|cursor| format!("{PAGE}?locale={}&cursor={cursor}", texts.tag())),
        name: Field::default(),
        mail: Field::default(),
        levels: Vec::new(),
        roles: Vec::new(),
        segments: Field::default(),
        open: false,
        fault: None,
    };
    fill(&mut page, ctx, &Entered::default(), &[]);
    Ok(page)
}

/// Puts what was entered into the form, with what is wrong with it.
fn fill(page: &mut PeoplePage, ctx: &RequestContext, entered: &Entered, faults: &[FieldError]) {
    let texts = page.shell.texts;
    page.name = field(texts, entered, faults, "name");
    page.mail = field(texts, entered, faults, "mail");
    page.segments = field(texts, entered, faults, "segments");
    let level = match entered.get("level") {
        "" => "employee",
        level => level,
    };
    let grants = ctx.viewer.may(Action::Grant);
    let most = if grants {
        Level::Agent
    } else {
        Level::Employee
    };
    let levels: Vec<(&str, Level)> = LEVELS
        .into_iter()
        .filter(|(_, l)| (Level::Customer..=most).contains(l))
        .collect();
    page.levels = words::picks(&levels, |l| words::level(texts, l), |value| value == level);
    let roles: Vec<(&str, Role)> = Role::ALL.into_iter().map(|r| (r.as_str(), r)).collect();
    let is_ticked = |value: &str| entered.all("role").any(|ticked| ticked == value);
    if grants {
        page.roles = words::picks(&roles, |r| words::role(texts, r), is_ticked);
    }
}

/// A field as it was entered, with what is wrong with it.
pub(crate) fn field(texts: Texts, entered: &Entered, faults: &[FieldError], name: &str) -> Field {
    let fault = faults
        .iter()
        .find(|f| f.pointer.trim_start_matches('/') == name);
    Field {
        value: entered.get(name).to_owned(),
        fault: fault.map(|fault| field_text(texts, fault)),
    }
}

/// A person in the list.
pub(crate) fn line(stored: &Stored<Person>, texts: Texts) -> PersonLine {
    let person = &stored.value;
    let segments: Vec<&str> = person.segments.iter().map(String::as_str).collect();
    PersonLine {
        url: address(person.id, texts),
        name: person.name.clone(),
        mail: person.mail.clone().unwrap_or_default(),
        level: words::level(texts, person.level),
        roles: words::roles(texts, &person.grants),
        segments: segments.join(", "),
        state: words::state(texts, person.state),
        active: person.state == PersonState::Active,
    }
}

/// The page of a person.
pub(crate) fn address(person: UserId, texts: Texts) -> String {
    format!("{PAGE}/{person}?locale={}", texts.tag())
}

#[derive(Deserialize)]
struct Invitation {
    name: String,
    mail: String,
    level: Level,
    #[serde(default)]
    segments: String,
}

async fn invite(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    Form { sent, entered }: Form<Invitation>,
) -> Result<Response, PageError> {
    let faults = match sent {
        Ok(sent) => match carry_out(&deps, &ctx, sent, &entered).await {
            Ok(person) => return Ok(see_other(&address(person, texts), None)),
            Err(Error::Domain(kb_domain::Error::Fields(faults))) => faults,
            Err(error) => return Err(error.into()),
        },
        Err(faults) => faults,
    };
    let mut page = built(&deps, &ctx, texts, None).await?;
    fill(&mut page, &ctx, &entered, &faults);
    page.open = true;
    Ok(refused_page(page.render()))
}

async fn carry_out(
    deps: &Deps,
    ctx: &RequestContext,
    sent: Invitation,
    entered: &Entered,
) -> Result<UserId, Error> {
    let roles = Role::ALL.into_iter();
    let roles = roles.filter(|role| entered.all("role").any(|r| r == role.as_str()));
    let segments = sent.segments.split([',', '，', '、']).map(str::trim);
    let draft = PersonDraft {
        name: sent.name,
        mail: sent.mail,
        level: sent.level,
        grants: roles.map(Grant::everywhere).collect(),
        segments: segments
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect(),
        locale: None,
    };
    let invited = people::invite(&deps.kb, ctx, draft)?;
    Ok(invited.commit(deps.kb.store()).await?.value.id)
}
