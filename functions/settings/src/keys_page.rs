//! `/console/keys`: every API key, and the form that makes one.

use crate::keys::OVERLAP_SECONDS;
use crate::people_page::field;
use crate::words::{self, LEVELS, SCOPES};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::{Error, RequestContext, api_keys};
use kb_domain::{Action, FieldError, KeyId, Level};
use kb_http::route::{form, page};
use kb_http::{
    Api, At, Caller, Deps, Entered, Form, Interface, PageError, console_shell, refused_page,
    secret_page, see_other,
};
use kb_identity::NewKey;
use kb_pages::{Field, FreshKey, KeyLine, KeysPage, Texts, date};
use kb_store::repo::{ApiKey, KeyScope};
use serde::Deserialize;
use std::collections::BTreeSet;

const PAGE: &str = "/console/keys";
/// How long a key can be good, as the form sends it, in days.
const SPANS: [(&str, i64); 3] = [("30d", 30), ("90d", 90), ("365d", 365)];

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page(PAGE, show)
                .needs(Action::Configure)
                .doc("Every API key, and the form that makes one"),
        )
        .with(
            form(PAGE, make)
                .needs(Action::Configure)
                .doc("Make an API key; the page shows its secret once"),
        )
        .with(
            form("/console/keys/{key}", act)
                .needs(Action::Configure)
                .doc("Make a new secret of a key, or take it back"),
        )
}

async fn show(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
) -> Result<Response, PageError> {
    Ok(kb_http::page(built(&deps, &ctx, texts).await?.render()))
}

async fn built(deps: &Deps, ctx: &RequestContext, texts: Texts) -> Result<KeysPage, Error> {
    let keys = api_keys::list(&deps.kb, ctx).await?;
    let title = texts.t("keys-title");
    let mut page = KeysPage {
        shell: console_shell(&ctx.viewer, texts, &title, PAGE),
        fresh: None,
        lines: keys.iter().map(|k| line(&k.value, ctx, texts)).collect(),
        name: Field::default(),
        scopes: Vec::new(),
        levels: Vec::new(),
        spans: Vec::new(),
        open: false,
        fault: None,
    };
    fill(&mut page, &Entered::default(), &[]);
    Ok(page)
}

fn line(key: &ApiKey, ctx: &RequestContext, texts: Texts) -> KeyLine {
    let prefix = key.secrets.last().map(|s| s.prefix.clone());
    KeyLine {
        url: format!("{PAGE}/{}?locale={}", key.id, texts.tag()),
        name: key.name.clone(),
        prefix: prefix.unwrap_or_default(),
        scopes: words::scopes(texts, &key.scopes),
        level: words::level(texts, key.level),
        ends: key
            .expires_at
            .map_or_else(String::new, |end| date(end, texts)),
        over: key.expires_at.is_some_and(|end| end <= ctx.now),
    }
}

/// Puts what was entered into the form, with what is wrong with it.
fn fill(page: &mut KeysPage, entered: &Entered, faults: &[FieldError]) {
    let texts = page.shell.texts;
    let chosen = |name: &str, value: &str, usual: &str| match entered.get(name) {
        "" => value == usual,
        sent => sent == value,
    };
    page.name = field(texts, entered, faults, "name");
    page.scopes = words::scope_picks(texts, |value| entered.all("scope").any(|s| s == value));
    page.levels = words::picks(
        &LEVELS,
        |l| words::level(texts, l),
        |value| chosen("level", value, "public"),
    );
    let days = |days: i64| {
        texts.t(match days {
            30 => "span-30d",
            90 => "span-90d",
            _ => "span-365d",
        })
    };
    page.spans = words::picks(&SPANS, days, |value| chosen("span", value, "90d"));
    let other = faults.iter().find(|f| f.pointer != "/name");
    page.fault = other.map(|_| texts.t("field-required"));
}

#[derive(Deserialize)]
struct Sent {
    name: String,
    level: Level,
    span: String,
}

async fn make(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    Form { sent, entered }: Form<Sent>,
) -> Result<Response, PageError> {
    let faults = match sent {
        Ok(sent) => {
            let new = wanted(&sent, &entered);
            let name = new.name.trim().to_owned();
            match api_keys::create(&ctx, &deps.identity, new).await {
                Ok(made) => {
                    let mut page = built(&deps, &ctx, texts).await?;
                    let secret = made.secret;
                    page.fresh = Some(FreshKey { name, secret });
                    return Ok(secret_page(page.render()));
                }
                Err(Error::Domain(kb_domain::Error::Fields(faults))) => faults,
                Err(error) => return Err(error.into()),
            }
        }
        Err(faults) => faults,
    };
    let mut page = built(&deps, &ctx, texts).await?;
    fill(&mut page, &entered, &faults);
    page.open = true;
    Ok(refused_page(page.render()))
}

fn wanted(sent: &Sent, entered: &Entered) -> NewKey {
    let scopes = SCOPES.into_iter();
    let scopes = scopes.filter(|(value, _)| entered.all("scope").any(|s| s == *value));
    let scopes: BTreeSet<KeyScope> = scopes.map(|(_, scope)| scope).collect();
    let days = SPANS.into_iter().find(|(value, _)| *value == sent.span);
    let days = days.map_or(90, |(_, days)| days);
    NewKey {
        level: Some(sent.level),
        ..NewKey::of(&sent.name, scopes, days * 86_400)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    Rotate,
    Revoke,
}

#[derive(Deserialize)]
struct Decision {
    act: Act,
}

async fn act(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At(id): At<KeyId>,
    Form { sent, .. }: Form<Decision>,
) -> Result<Response, PageError> {
    let decision = sent.map_err(|faults| Error::from(kb_domain::Error::Fields(faults)))?;
    match decision.act {
        Act::Revoke => {
            api_keys::revoke(&ctx, &deps.identity, id).await?;
            Ok(see_other(&format!("{PAGE}?locale={}", texts.tag()), None))
        }
        Act::Rotate => {
            let (kb, identity) = (&deps.kb, &deps.identity);
            let made = api_keys::rotate(kb, &ctx, identity, id, OVERLAP_SECONDS).await?;
            let mut page = built(&deps, &ctx, texts).await?;
            let all = api_keys::list(kb, &ctx).await?.into_iter();
            let mut own = all.filter(|k| k.value.id == id);
            page.fresh = Some(FreshKey {
                name: own.next().map_or_else(String::new, |k| k.value.name),
                secret: made.secret,
            });
            Ok(secret_page(page.render()))
        }
    }
}
