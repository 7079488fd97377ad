//! Signing in by a link, and out. The code of a link travels in a form, never in an address.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use kb_http::route::form;
use kb_http::{
    Api, Caller, Counted, Deps, Form, Interface, OwnSite, PageError, SessionSecret,
    clear_session_cookie, field_text, interface_languages, local_path, query_value, refused_page,
    route, see_other, session_cookie, user_agent,
};
use kb_pages::{Shell, SignInPage, Texts};
use serde::Deserialize;

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            route::page("/sign-in", show)
                .anybody()
                .doc("The form that takes a sign-in link"),
        )
        .with(form("/sign-in", take).proof().doc("Sign in by a link"))
        .with(
            form("/sign-out", leave)
                .proof()
                // It ends what the browser has, and tries nothing.
                .counted(Counted::Never)
                .doc("Sign out"),
        )
}

#[derive(Deserialize)]
struct Code {
    code: String,
    /// Where the browser goes afterwards; where the link leads when empty.
    #[serde(default)]
    next: String,
}

/// The form; whoever is signed in sees who they are.
async fn show(
    Caller(ctx): Caller,
    Interface(texts): Interface,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let person = ctx.viewer.user().map(|_| ctx.viewer.name.clone());
    let asked = query_value(&uri, "next");
    let next = asked.or_else(|| came_from(&headers)).unwrap_or_default();
    let shell = Shell {
        person,
        ..shell(texts, &next)
    };
    let page = SignInPage {
        shell,
        next,
        used: false,
        fault: None,
    };
    Ok(kb_http::page(page.render()))
}

/// The page of ours that led here, to which one returns; none of those by which one comes in and goes out.
fn came_from(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    let (_, rest) = text(header::REFERER)?.split_once("://")?;
    let (host, _) = rest.split_once('/')?;
    let path = rest.get(host.len()..)?;
    let is_ours = Some(host) == text(header::HOST);
    let is_door = ["/sign-", "/setup"].iter().any(|d| path.starts_with(d));
    (is_ours && !is_door && path != "/").then(|| path.to_owned())
}

/// Takes a link, once. A session that the browser had before ends.
async fn take(
    State(deps): State<Deps>,
    _: OwnSite,
    SessionSecret(before): SessionSecret,
    Interface(texts): Interface,
    headers: HeaderMap,
    Form { sent, entered }: Form<Code>,
) -> Result<Response, PageError> {
    let mut page = SignInPage {
        shell: shell(texts, entered.get("next")),
        next: entered.get("next").to_owned(),
        used: false,
        fault: None,
    };
    let form = match sent {
        Ok(form) => form,
        Err(faults) => {
            page.fault = faults.first().map(|fault| field_text(texts, fault));
            return Ok(refused_page(page.render()));
        }
    };
    let taken = deps
        .identity
        .take_link(form.code.trim(), user_agent(&headers));
    let Some((session, target)) = taken.await? else {
        page.used = true;
        return Ok(kb_http::page(page.render()));
    };
    if let Some(before) = before {
        deps.identity.close_session(&before).await?;
    }
    let cookie = session_cookie(&session, &deps.settings);
    let target = local_path(&form.next).unwrap_or(&target);
    Ok(see_other(target, Some(&cookie)))
}

/// Ends the session here and in the browser, and with it the frames that hang on it.
async fn leave(
    State(deps): State<Deps>,
    _: OwnSite,
    SessionSecret(secret): SessionSecret,
) -> Result<Response, PageError> {
    if let Some(secret) = secret {
        deps.identity.close_session(&secret).await?;
    }
    Ok(see_other("/", Some(&clear_session_cookie(&deps.settings))))
}

fn shell(texts: Texts, next: &str) -> Shell {
    let here = |tag: &str| {
        let next = kb_http::query_part("next", next);
        format!("/sign-in?locale={tag}{next}")
    };
    Shell {
        languages: interface_languages(texts, here),
        ..Shell::plain(texts, &texts.t("sign-in-title"))
    }
}
