//! `/setup`: the first admin of a fresh base, and its first portal. It is there while nobody is an admin.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use kb_actions::{Error, RequestContext, portals};
use kb_domain::{Audience, Comments, FieldError, Locale, PortalDraft, Resource, person};
use kb_http::route::{form, page};
use kb_http::{
    Api, Deps, Entered, Form, Interface, OwnSite, PageError, field_text, interface_languages,
    refused_page, see_other, session_cookie, user_agent,
};
use kb_identity::FirstAdmin;
use kb_pages::{Field, Pick, SetupPage, Shell, Texts};
use serde::Deserialize;
use std::collections::BTreeMap;

const PAGE: &str = "/setup";
/// The address of the first portal.
const HANDLE: &str = "help";
/// Who may enter it: the word of an audience, and the keys of its text and of what it means.
const ENTRIES: [(&str, &str, &str); 3] = [
    ("public", "entry-public", "entry-public-hint"),
    ("customers", "entry-customers", "entry-customers-hint"),
    ("employees", "entry-employees", "entry-employees-hint"),
];

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page(PAGE, show)
                .anybody()
                .doc("The form that makes the first admin; there is none once there is one"),
        )
        .with(
            form(PAGE, set_up)
                .proof()
                .doc("Make the first admin by the link of the set-up"),
        )
}

#[derive(Deserialize)]
struct Sent {
    code: String,
    name: String,
    mail: String,
    #[serde(default)]
    portal: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    entry: String,
}

async fn show(
    State(deps): State<Deps>,
    Interface(texts): Interface,
) -> Result<Response, PageError> {
    if deps.identity.has_admin().await? {
        return Err(Error::NotFound(Resource::Page).into());
    }
    let page = built(&deps, texts, &Entered::default(), &[]).await?;
    Ok(kb_http::page(page.render()))
}

/// The base has no portal yet, so the form asks for one.
async fn is_fresh(deps: &Deps) -> Result<bool, Error> {
    let gate = deps.kb.gate().await?;
    Ok(deps.kb.portals(&gate).await?.is_empty())
}

async fn built(
    deps: &Deps,
    texts: Texts,
    entered: &Entered,
    faults: &[FieldError],
) -> Result<SetupPage, Error> {
    let field = |name: &str| field(texts, entered, faults, name);
    let chosen = |name: &str, value: &str, first: bool| match entered.get(name) {
        "" => first,
        asked => asked == value,
    };
    let languages = Texts::LANGUAGES.iter().map(|(tag, name)| Pick {
        value: (*tag).to_owned(),
        text: (*name).to_owned(),
        hint: String::new(),
        chosen: chosen("language", tag, *tag == texts.tag()),
    });
    let entries = ENTRIES.iter().map(|(value, text, hint)| Pick {
        value: (*value).to_owned(),
        text: texts.t(text),
        hint: texts.t(hint),
        // Nothing is open to everybody unless somebody says so.
        chosen: chosen("entry", value, *value == "employees"),
    });
    Ok(SetupPage {
        shell: Shell {
            languages: interface_languages(texts, |tag| format!("{PAGE}?locale={tag}")),
            ..Shell::plain(texts, &texts.t("setup-title"))
        },
        code: field("code"),
        name: field("name"),
        mail: field("mail"),
        portal: is_fresh(deps).await?.then(|| field("portal")),
        languages: languages.collect(),
        entries: entries.collect(),
        used: false,
    })
}

/// A field as it was entered, with what is wrong with it.
pub(crate) fn field(texts: Texts, entered: &Entered, faults: &[FieldError], name: &str) -> Field {
    let pointer = format!("/{name}");
    let fault = faults.iter().find(|fault| fault.pointer == pointer);
    Field {
        value: entered.get(name).to_owned(),
        fault: fault.map(|fault| field_text(texts, fault)),
    }
}

async fn set_up(
    State(deps): State<Deps>,
    _: OwnSite,
    Interface(texts): Interface,
    headers: HeaderMap,
    Form { sent, entered }: Form<Sent>,
) -> Result<Response, PageError> {
    if deps.identity.has_admin().await? {
        return Err(Error::NotFound(Resource::Page).into());
    }
    let fresh = is_fresh(&deps).await?;
    let read = sent.and_then(|sent| Ok((wanted(&sent, fresh)?, sent)));
    let ((admin, draft), sent) = match read {
        Ok(read) => read,
        Err(faults) => return refused(&deps, texts, &entered, &faults).await,
    };
    let browser = user_agent(&headers);
    let made = deps
        .identity
        .set_up(sent.code.trim(), &admin, browser)
        .await;
    let session = match made.map_err(Error::from) {
        Ok(Some(session)) => session,
        Ok(None) => {
            let mut page = built(&deps, texts, &entered, &[]).await?;
            page.used = true;
            return Ok(refused_page(page.render()));
        }
        Err(Error::Domain(kb_domain::Error::Fields(faults))) => {
            return refused(&deps, texts, &entered, &faults).await;
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(draft) = draft {
        found_portal(&deps, &session.secret, draft).await?;
    }
    let cookie = session_cookie(&session, &deps.settings);
    Ok(see_other("/console/people", Some(&cookie)))
}

async fn refused(
    deps: &Deps,
    texts: Texts,
    entered: &Entered,
    faults: &[FieldError],
) -> Result<Response, PageError> {
    let page = built(deps, texts, entered, faults).await?;
    Ok(refused_page(page.render()))
}

/// What the form asks for. Errors: every field that breaks a rule.
fn wanted(sent: &Sent, fresh: bool) -> Result<(FirstAdmin, Option<PortalDraft>), Vec<FieldError>> {
    let mut faults = Vec::new();
    let mut kept = |found: Result<String, kb_domain::Error>| match found {
        Ok(text) => text,
        Err(kb_domain::Error::Fields(wrong)) => {
            faults.extend(wrong);
            String::new()
        }
        Err(_) => String::new(),
    };
    let (name, mail) = (
        kept(person::name(&sent.name)),
        kept(person::mail(&sent.mail)),
    );
    let locale: Locale = sent.language.parse().unwrap_or_else(|_| Locale::en());
    let portal = sent.portal.trim().to_owned();
    let entry = ENTRIES.iter().find(|(value, ..)| *value == sent.entry);
    let entry = entry.and_then(|(value, ..)| value.parse::<Audience>().ok());
    let wrong = |field: &str, code: &str| FieldError {
        pointer: field.to_owned(),
        code: code.to_owned(),
        detail: String::new(),
    };
    if fresh && portal.is_empty() {
        faults.push(wrong("/portal", "required"));
    }
    if portal.chars().count() > 100 || portal.chars().any(char::is_control) {
        faults.push(wrong("/portal", "too_long"));
    }
    if fresh && entry.is_none() {
        faults.push(wrong("/entry", "required"));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let draft = entry.filter(|_| fresh).map(|entry| PortalDraft {
        name: BTreeMap::from([(locale.clone(), portal)]),
        locales: vec![locale.clone()],
        default_locale: locale.clone(),
        entry,
        comments: Comments::default(),
        default: false,
    });
    Ok((FirstAdmin { name, mail, locale }, draft))
}

/// Makes the first portal as its first admin does; whoever made one meanwhile keeps theirs.
async fn found_portal(deps: &Deps, session: &str, draft: PortalDraft) -> Result<(), Error> {
    let viewer = deps.identity.session(session).await?;
    let viewer = viewer.ok_or(Error::Unauthenticated)?;
    let ctx = RequestContext::load(&deps.kb, viewer).await?;
    let made = portals::create(&deps.kb, &ctx, HANDLE.to_owned(), draft).await?;
    match made.commit(deps.kb.store()).await.map_err(Error::from) {
        Err(Error::Domain(kb_domain::Error::Conflict(_))) => Ok(()),
        made => made.map(|_| ()),
    }
}
