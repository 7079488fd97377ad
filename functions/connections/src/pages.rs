//! `/console/connections`: every connection, and the forms that make one.

use crate::connections::{CONSOLE, home, made, wanted};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::{Error, RequestContext, connections};
use kb_connectors::{CALLBACK, VENDORS, demo};
use kb_domain::remote::Health;
use kb_domain::{Action, FieldError};
use kb_http::route::{form, page};
use kb_http::{
    Api, Caller, Deps, Entered, Form, Interface, PageError, console_shell, field_text,
    refused_page, see_other,
};
use kb_pages::{
    ConnectionKind, ConnectionLine, ConnectionsPage, DemoOffer, Field, Question, Texts, date,
};
use serde::Deserialize;
use std::collections::BTreeMap;

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page(CONSOLE, show)
                .needs(Action::Configure)
                .doc("Every connection to another system, and the form that makes one"),
        )
        .with(
            form(CONSOLE, make)
                .needs(Action::Configure)
                .doc("Make a connection; its page comes next"),
        )
}

/// The key of the word for how a connection is, and of the sentence with the next step.
pub(crate) fn words(health: Health) -> (&'static str, &'static str) {
    match health {
        Health::Consent => ("health-consent", "next-consent"),
        Health::Reconnect => ("health-reconnect", "next-reconnect"),
        Health::Revoked => ("health-revoked", "next-revoked"),
        Health::Paused => ("health-paused", "next-paused"),
        Health::Ready => ("health-ready", "next-ready"),
        Health::Trial => ("health-trial", "next-trial"),
        Health::HeldDeletes => ("health-held-deletes", "next-held-deletes"),
        Health::Waiting => ("health-waiting", "next-waiting"),
        Health::PartnerSilent => ("health-partner-silent", "next-partner-silent"),
        Health::Working => ("health-working", "next-working"),
    }
}

async fn show(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
) -> Result<Response, PageError> {
    let page = built(&deps, &ctx, texts, &Entered::default(), &[]).await?;
    Ok(kb_http::page(page.render()))
}

async fn built(
    deps: &Deps,
    ctx: &RequestContext,
    texts: Texts,
    entered: &Entered,
    faults: &[FieldError],
) -> Result<ConnectionsPage, Error> {
    let (mut lines, mut connected) = (Vec::new(), false);
    for connection in connections::list(&deps.kb, ctx).await? {
        let status = connections::status(&deps.kb, ctx, connection.value.id).await?;
        let health = connections::health(&connection.value, &status, ctx.now);
        connected |= connection.value.system == demo::SYSTEM;
        let caught_up = status.progress.and_then(|p| p.caught_up_at);
        lines.push(ConnectionLine {
            url: format!("{CONSOLE}/{}?locale={}", connection.value.id, texts.tag()),
            name: connection.value.name.clone(),
            state: texts.t(words(health).0),
            needs_person: health.needs_person(),
            caught_up: caught_up.map_or_else(String::new, |at| date(at, texts)),
        });
    }
    let field = |name: &str, pointer: &str| Field {
        value: entered.get(name).to_owned(),
        fault: faults
            .iter()
            .find(|f| f.pointer == pointer)
            .map(|f| field_text(texts, f)),
    };
    let kinds = VENDORS.iter().map(|vendor| {
        let profile = vendor.profile();
        let questions = profile.questions.iter().map(|question| Question {
            key: question.key.to_owned(),
            label: format!("{} ({})", question.label, question.example),
            field: field(question.key, &format!("/answers/{}", question.key)),
        });
        let origin = home(ctx);
        let origin = origin.as_str().trim_end_matches('/');
        ConnectionKind {
            slug: profile.slug.to_owned(),
            name: profile.name.to_owned(),
            callback: format!("{origin}{CALLBACK}{}", profile.slug),
            questions: questions.collect(),
            client: field("client", "/client/id"),
            open: !faults.is_empty() || lines.is_empty(),
        }
    });
    let kinds = kinds.collect();
    let title = texts.t("connections-title");
    Ok(ConnectionsPage {
        shell: console_shell(&ctx.viewer, texts, &title, CONSOLE),
        lines,
        demo: demo_offer(deps, connected),
        kinds,
    })
}

/// The demo offers its help desk until it is connected.
fn demo_offer(deps: &Deps, connected: bool) -> Option<DemoOffer> {
    let is_offered = deps.settings.demo && !connected;
    is_offered.then(|| DemoOffer {
        desk: format!("{}/", demo::DESK),
        answers: [
            ("vendor", demo::VENDOR),
            ("subdomain", demo::SUBDOMAIN),
            ("client", demo::CLIENT),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    })
}

#[derive(Deserialize)]
struct Sent {
    vendor: String,
    client: String,
}

async fn make(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    Form { sent, entered }: Form<Sent>,
) -> Result<Response, PageError> {
    let tried = match sent {
        Ok(sent) => begin(&deps, &ctx, &sent, &entered).await,
        Err(faults) => Err(kb_domain::Error::Fields(faults).into()),
    };
    let faults = match tried {
        Ok(url) => return Ok(see_other(&url, None)),
        Err(Error::Domain(kb_domain::Error::Fields(faults))) => faults,
        Err(error) => return Err(error.into()),
    };
    let page = built(&deps, &ctx, texts, &entered, &faults).await?;
    Ok(refused_page(page.render()))
}

async fn begin(
    deps: &Deps,
    ctx: &RequestContext,
    sent: &Sent,
    entered: &Entered,
) -> Result<String, Error> {
    let vendor = VENDORS.iter().find(|v| v.profile().slug == sent.vendor);
    let questions = vendor.map_or(&[][..], |v| v.profile().questions);
    let answer = |key: &str| entered.get(key).trim().to_lowercase();
    let answers: BTreeMap<String, String> = questions
        .iter()
        .map(|q| (q.key.to_owned(), answer(q.key)))
        .collect();
    let new = wanted(&sent.vendor, answers, &sent.client, false)?;
    let made = made(deps, ctx, new, None).await?;
    Ok(format!("{CONSOLE}/{}", made.value.id))
}
