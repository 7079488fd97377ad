//! `/account`: one's own name and language, and the browsers in which one is signed in.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::{Error, RequestContext, people};
use kb_domain::{FieldError, Locale};
use kb_http::route::{form, page};
use kb_http::{
    Api, Caller, Deps, Entered, Form, Interface, PageError, SessionSecret, browser_name,
    interface_languages, refused_page, see_other,
};
use kb_identity::SignedIn;
use kb_pages::{AccountPage, Field, Pick, SessionLine, Shell, Texts, session_times};
use serde::Deserialize;

const PAGE: &str = "/account";
const SESSIONS: &str = "/account/sessions";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page(PAGE, show)
                .signed_in()
                .doc("One's own account: name, language, sessions"),
        )
        .with(
            form(PAGE, change)
                .signed_in()
                .doc("Change one's own name and language"),
        )
        .with(
            form(SESSIONS, end)
                .signed_in()
                .doc("End a session of one's own, or all others"),
        )
}

/// Who is signed in by a cookie; programs and frames have no account.
async fn signed_in(deps: &Deps, secret: Option<String>) -> Result<SignedIn, Error> {
    let secret = secret.ok_or(Error::Unauthenticated)?;
    let found = deps.identity.signed_in(&secret).await?;
    found.ok_or(Error::Unauthenticated)
}

async fn show(
    State(deps): State<Deps>,
    SessionSecret(secret): SessionSecret,
    Interface(texts): Interface,
) -> Result<Response, PageError> {
    let found = signed_in(&deps, secret).await?;
    let page = built(&deps, texts, &found).await?;
    Ok(kb_http::page(page.render()))
}

async fn built(deps: &Deps, texts: Texts, found: &SignedIn) -> Result<AccountPage, Error> {
    let person = &found.person.value;
    let mut sessions = deps.identity.sessions(person).await?;
    let own = &found.session.value;
    if sessions.iter().all(|s| s.id != own.id) {
        // The list lags; this one is here.
        sessions.insert(0, own.clone());
    }
    let sessions = sessions.into_iter().map(|session| SessionLine {
        browser: browser_name(&session.browser),
        times: session_times(session.created_at, session.seen_at, texts),
        current: session.id == own.id,
        id: session.id,
    });
    let locale = person.locale.as_ref().map(Locale::as_str);
    let languages = Texts::LANGUAGES.iter().map(|(tag, name)| Pick {
        value: (*tag).to_owned(),
        text: (*name).to_owned(),
        hint: String::new(),
        chosen: locale.unwrap_or(texts.tag()) == *tag,
    });
    Ok(AccountPage {
        shell: Shell {
            person: Some(person.name.clone()),
            languages: interface_languages(texts, |tag| format!("{PAGE}?locale={tag}")),
            ..Shell::plain(texts, &texts.t("account-title"))
        },
        name: Field {
            value: person.name.clone(),
            fault: None,
        },
        mail: person.mail.clone(),
        languages: languages.collect(),
        sessions: sessions.collect(),
    })
}

#[derive(Deserialize)]
struct Own {
    name: String,
    language: Locale,
}

async fn change(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    SessionSecret(secret): SessionSecret,
    Interface(texts): Interface,
    Form { sent, entered }: Form<Own>,
) -> Result<Response, PageError> {
    let found = signed_in(&deps, secret).await?;
    let faults = match sent {
        Ok(own) => match rename(&deps, &ctx, &found, own).await {
            Ok(language) => return Ok(see_other(&format!("{PAGE}?locale={language}"), None)),
            Err(Error::Domain(kb_domain::Error::Fields(faults))) => faults,
            Err(error) => return Err(error.into()),
        },
        Err(faults) => faults,
    };
    let mut page = built(&deps, texts, &found).await?;
    page.name = name_field(texts, &entered, &faults);
    Ok(refused_page(page.render()))
}

fn name_field(texts: Texts, entered: &Entered, faults: &[FieldError]) -> Field {
    crate::setup::field(texts, entered, faults, "name")
}

async fn rename(
    deps: &Deps,
    ctx: &RequestContext,
    found: &SignedIn,
    own: Own,
) -> Result<Locale, Error> {
    let language = own.language.clone();
    let (name, locale) = (own.name, Some(own.language));
    people::change_own(&deps.kb, ctx, &found.person, &name, locale).await?;
    Ok(language)
}

#[derive(Deserialize)]
struct Ending {
    /// The session; all others when it is not said.
    #[serde(default)]
    session: String,
}

async fn end(
    State(deps): State<Deps>,
    SessionSecret(secret): SessionSecret,
    Interface(texts): Interface,
    Form { sent, .. }: Form<Ending>,
) -> Result<Response, PageError> {
    let found = signed_in(&deps, secret.clone()).await?;
    let ending = sent.map_err(|faults| Error::from(kb_domain::Error::Fields(faults)))?;
    if ending.session.is_empty() {
        let secret = secret.unwrap_or_default();
        deps.identity.end_other_sessions(&secret).await?;
    } else {
        let user = found.person.value.id;
        deps.identity.end_session(user, &ending.session).await?;
    }
    Ok(see_other(&format!("{PAGE}?locale={}", texts.tag()), None))
}
