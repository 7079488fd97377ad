//! `/console/connections/{connection}`: how it is, what can be done, and what comes in.

use crate::connections::{CONSOLE, Word, found, revoked};
use crate::pages::words;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::connections::Status;
use kb_actions::sync::Report;
use kb_actions::{Error, RequestContext, connections, portals};
use kb_domain::remote::{Connection, Health, PlaceRule, RemoteId, Use, UseState, Way};
use kb_domain::{Action, Audience, ConnectionId, ErrorKind, Level};
use kb_http::route::{form, page};
use kb_http::{
    Api, At, Caller, Deps, Entered, Form, Interface, PageError, console_shell, refused_page,
    see_other,
};
use kb_pages::{
    ConnectionAct, ConnectionMappingForm, ConnectionPage, ConnectionPlace, Fact, Pick, Texts,
    moment,
};
use serde::Deserialize;

/// Who may read, as the form sends it.
const READERS: [(&str, &str, Level); 4] = [
    ("agents", "reader-agents", Level::Agent),
    ("employees", "reader-employees", Level::Employee),
    ("customers", "reader-customers", Level::Customer),
    ("public", "reader-public", Level::Public),
];

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page("/console/connections/{connection}", show)
                .needs(Action::Configure)
                .doc("A connection: how it is doing, what can be done, and what comes in"),
        )
        .with(
            form("/console/connections/{connection}", step)
                .needs(Action::Configure)
                .doc("Try a connection, start it, stop it, let it go on, or compare everything"),
        )
        .with(
            form("/console/connections/{connection}/revoke", revoke)
                .needs(Action::Configure)
                .doc("Take a connection back"),
        )
        .with(
            form("/console/connections/{connection}/mapping", map)
                .needs(Action::Configure)
                .doc("Say which places come in, where, and for whom"),
        )
}

async fn show(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At(id): At<ConnectionId>,
) -> Result<Response, PageError> {
    let page = built(&deps, &ctx, texts, id, None).await?;
    Ok(kb_http::page(page.render()))
}

async fn built(
    deps: &Deps,
    ctx: &RequestContext,
    texts: Texts,
    id: ConnectionId,
    fault: Option<String>,
) -> Result<ConnectionPage, Error> {
    let connection = found(deps, ctx, id).await?.value;
    let status = connections::status(&deps.kb, ctx, id).await?;
    let health = connections::health(&connection, &status, ctx.now);
    let stumble = status.progress.as_ref().and_then(|p| p.stumble.as_ref());
    let report = status.report.as_ref();
    let url = format!("{CONSOLE}/{id}");
    let mut page = ConnectionPage {
        shell: console_shell(&ctx.viewer, texts, &connection.name, CONSOLE),
        back: format!("{CONSOLE}?locale={}", texts.tag()),
        state: texts.t(words(health).1),
        needs_person: health.needs_person(),
        last_error: stumble.map_or_else(String::new, |s| s.what.clone()),
        acts: acts(texts, &connection, health, &url),
        facts: facts(texts, &connection, &status),
        trial: report.map_or_else(Vec::new, |r| trial(texts, r)),
        trial_goes_on: report.is_some_and(|r| r.ended_at.is_none()),
        mapping: ConnectionMappingForm {
            url: format!("{url}/mapping?locale={}", texts.tag()),
            portals: Vec::new(),
            audiences: Vec::new(),
            places: report.map_or_else(Vec::new, |r| places(texts, &connection, r)),
        },
        fault,
    };
    let everywhere = &connection.mapping.everywhere;
    page.mapping.portals.push(Pick {
        value: String::new(),
        text: texts.t("mapping-portal-none"),
        hint: String::new(),
        chosen: everywhere.portal.is_none(),
    });
    for portal in portals::list(&deps.kb, ctx).await? {
        page.mapping.portals.push(Pick {
            value: portal.value.id.to_string(),
            text: portal.value.handle.clone(),
            hint: String::new(),
            chosen: everywhere.portal == Some(portal.value.id),
        });
    }
    let said = everywhere.audience.clone();
    let said = said.unwrap_or_else(|| Audience::level(Level::Agent));
    for (value, key, level) in READERS {
        page.mapping.audiences.push(Pick {
            value: value.to_owned(),
            text: texts.t(key),
            hint: String::new(),
            chosen: said == Audience::level(level),
        });
    }
    if page.mapping.audiences.iter().all(|pick| !pick.chosen) {
        // What was said by the API and is no level alone stays unless another one is chosen.
        page.mapping.audiences.push(Pick {
            value: String::new(),
            text: said.to_string(),
            hint: String::new(),
            chosen: true,
        });
    }
    Ok(page)
}

fn acts(texts: Texts, connection: &Connection, health: Health, url: &str) -> Vec<ConnectionAct> {
    let act = |path: &str, value: &str, key: &str, primary| ConnectionAct {
        url: format!("{url}{path}?locale={}", texts.tag()),
        value: value.to_owned(),
        text: texts.t(key),
        hint: String::new(),
        primary,
    };
    let step = |value: &str, key: &str, primary| act("", value, key, primary);
    let connect = || act("/connect", "", "act-connect", true);
    let mut acts = match health {
        Health::Consent | Health::Reconnect | Health::Revoked => vec![connect()],
        Health::Paused => vec![step("resume", "act-resume", true)],
        Health::Ready => vec![step("try", "act-try", true)],
        Health::Trial => {
            let can_start = connection.mapping.everywhere.portal.is_some();
            vec![
                step("start", "act-start", can_start),
                step("try", "act-try", !can_start),
            ]
        }
        Health::HeldDeletes => vec![
            step("allow", "act-allow", true),
            step("reconcile", "act-reconcile", false),
            step("pause", "act-pause", false),
        ],
        Health::Waiting | Health::PartnerSilent | Health::Working => {
            vec![
                step("reconcile", "act-reconcile", false),
                step("pause", "act-pause", false),
            ]
        }
    };
    if health != Health::Revoked {
        acts.push(ConnectionAct {
            hint: texts.t("act-revoke-hint"),
            ..act("/revoke", "", "act-revoke", false)
        });
    }
    acts
}

fn fact(texts: Texts, key: &str, value: String) -> Fact {
    Fact {
        name: texts.t(key),
        value,
    }
}

fn facts(texts: Texts, connection: &Connection, status: &Status) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(UseState::Held { missing, of, .. }) = connection.uses.get(&Use::KnowledgeIn) {
        facts.push(fact(texts, "fact-missing", format!("{missing} / {of}")));
    }
    if let Some(progress) = &status.progress {
        let caught_up = progress.caught_up_at.map(|at| moment(at, texts));
        facts.extend(caught_up.map(|at| fact(texts, "fact-caught-up", at)));
        facts.push(fact(texts, "fact-seen", progress.seen.to_string()));
        facts.push(fact(texts, "fact-written", status.written().to_string()));
        facts.push(fact(texts, "fact-failed", progress.failed.to_string()));
    }
    if let Some(listing) = &status.listing {
        facts.push(fact(texts, "fact-listed", listing.listed.to_string()));
    }
    let waits_until = status.progress.as_ref().and_then(|p| p.waits_until);
    if let Some(until) = waits_until {
        facts.push(fact(texts, "fact-waits-until", moment(until, texts)));
    }
    if status.waiting > 0 {
        facts.push(fact(texts, "fact-waiting", status.waiting.to_string()));
    }
    facts
}

fn trial(texts: Texts, report: &Report) -> Vec<Fact> {
    let counted = |of: &std::collections::BTreeMap<String, u64>| {
        let each = of.iter().map(|(language, n)| format!("{language}: {n}"));
        each.collect::<Vec<_>>().join(", ")
    };
    let mut facts = vec![
        fact(texts, "trial-articles", report.articles.to_string()),
        fact(texts, "trial-texts", counted(&report.texts)),
        fact(texts, "trial-labels", report.labels.len().to_string()),
        fact(texts, "trial-pictures", report.pictures.to_string()),
    ];
    for (key, n) in [
        ("trial-hidden", report.hidden),
        ("trial-drafts", report.drafts),
        ("trial-off", report.off),
        ("trial-unreadable", report.unreadable),
    ] {
        if n > 0 {
            facts.push(fact(texts, key, n.to_string()));
        }
    }
    if !report.left_out.is_empty() {
        facts.push(fact(texts, "trial-left-out", counted(&report.left_out)));
    }
    facts
}

/// The name of the field of a place.
fn field_of(place: &RemoteId) -> String {
    format!("place-{place}")
}

fn places(texts: Texts, connection: &Connection, report: &Report) -> Vec<ConnectionPlace> {
    let name = |id: &RemoteId| report.names.iter().find(|p| p.id == *id);
    report
        .names
        .iter()
        .map(|place| {
            let parent = place.parent.as_ref().and_then(name);
            let within = parent.map_or_else(String::new, |p| format!("{} / ", p.name));
            let said = connection.mapping.places.get(&place.id).and_then(|r| r.way);
            let way = |value: &str, key: &str, way: Option<Way>| Pick {
                value: value.to_owned(),
                text: texts.t(key),
                hint: String::new(),
                chosen: said == way,
            };
            let count = report.places.get(&place.id).copied().unwrap_or_default();
            ConnectionPlace {
                key: field_of(&place.id),
                name: format!("{within}{}", place.name),
                articles: count.to_string(),
                ways: vec![
                    way("", "mapping-as-above", None),
                    way("in", "mapping-in", Some(Way::In)),
                    way("off", "mapping-off", Some(Way::Off)),
                ],
            }
        })
        .collect()
}

#[derive(Deserialize)]
struct Sent {
    step: Word,
}

async fn step(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At(id): At<ConnectionId>,
    Form { sent, .. }: Form<Sent>,
) -> Result<Response, PageError> {
    let Ok(sent) = sent else {
        return Ok(see_other(&format!("{CONSOLE}/{id}"), None));
    };
    let before = found(&deps, &ctx, id).await?;
    let done = connections::step(&deps.kb, &ctx, &before, sent.step.into()).await;
    after(&deps, &ctx, texts, id, done.map(drop)).await
}

async fn revoke(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At(id): At<ConnectionId>,
) -> Result<Response, PageError> {
    let done = revoked(&deps, &ctx, id).await;
    after(&deps, &ctx, texts, id, done.map(drop)).await
}

/// Back to the page, with what was refused in words.
async fn after(
    deps: &Deps,
    ctx: &RequestContext,
    texts: Texts,
    id: ConnectionId,
    done: Result<(), Error>,
) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(see_other(
            &format!("{CONSOLE}/{id}?locale={}", texts.tag()),
            None,
        )),
        Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Invalid) => {
            let page = built(deps, ctx, texts, id, Some(error.to_string())).await?;
            Ok(refused_page(page.render()))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
struct SentMapping {
    portal: String,
    audience: String,
}

async fn map(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At(id): At<ConnectionId>,
    Form { sent, entered }: Form<SentMapping>,
) -> Result<Response, PageError> {
    let done = match sent {
        Ok(sent) => mapped(&deps, &ctx, id, &sent, &entered).await,
        Err(faults) => Err(kb_domain::Error::Fields(faults).into()),
    };
    after(&deps, &ctx, texts, id, done).await
}

async fn mapped(
    deps: &Deps,
    ctx: &RequestContext,
    id: ConnectionId,
    sent: &SentMapping,
    entered: &Entered,
) -> Result<(), Error> {
    let before = found(deps, ctx, id).await?;
    let mut mapping = before.value.mapping.clone();
    mapping.everywhere.portal = match sent.portal.as_str() {
        "" => None,
        portal => Some(portal.parse()?),
    };
    let level = READERS.iter().find(|(value, ..)| *value == sent.audience);
    if let Some((.., level)) = level {
        mapping.everywhere.audience = Some(Audience::level(*level));
    }
    let report = connections::report(&deps.kb, id).await?.unwrap_or_default();
    for place in &report.names {
        let way = match entered.get(&field_of(&place.id)) {
            "in" => Some(Way::In),
            "off" => Some(Way::Off),
            _ => None,
        };
        let rule = mapping.places.entry(place.id.clone()).or_default();
        rule.way = way;
    }
    mapping
        .places
        .retain(|_, rule| *rule != PlaceRule::default());
    connections::map(&deps.kb, ctx, &before, mapping).await?;
    Ok(())
}
