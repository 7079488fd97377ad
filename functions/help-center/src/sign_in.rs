//! Signing in by a link, and out. The code of a link travels in a form, never in an address.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_http::route::form;
use kb_http::{
    Api, Caller, Counted, Deps, Form, Interface, OwnSite, PageError, SessionSecret,
    clear_session_cookie, field_text, interface_languages, refused_page, route, see_other,
    session_cookie,
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
}

/// The form; whoever is signed in sees who they are.
async fn show(Caller(ctx): Caller, Interface(texts): Interface) -> Result<Response, PageError> {
    let person = ctx.viewer.user().map(|_| ctx.viewer.name.clone());
    let shell = Shell {
        person,
        ..shell(texts)
    };
    let page = SignInPage {
        shell,
        used: false,
        fault: None,
    };
    Ok(kb_http::page(page.render()))
}

/// Takes a link, once. A session that the browser had before ends.
async fn take(
    State(deps): State<Deps>,
    _: OwnSite,
    SessionSecret(before): SessionSecret,
    Interface(texts): Interface,
    Form { sent, .. }: Form<Code>,
) -> Result<Response, PageError> {
    let mut page = SignInPage {
        shell: shell(texts),
        used: false,
        fault: None,
    };
    let code = match sent {
        Ok(form) => form.code,
        Err(faults) => {
            page.fault = faults.first().map(|fault| field_text(texts, fault));
            return Ok(refused_page(page.render()));
        }
    };
    let Some((session, target)) = deps.identity.take_link(code.trim()).await? else {
        page.used = true;
        return Ok(kb_http::page(page.render()));
    };
    if let Some(before) = before {
        deps.identity.close_session(&before).await?;
    }
    let cookie = session_cookie(&session.secret, &deps.settings);
    Ok(see_other(&target, Some(&cookie)))
}

/// Ends the session here and in the browser.
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

fn shell(texts: Texts) -> Shell {
    Shell {
        languages: interface_languages(texts, |tag| format!("/sign-in?locale={tag}")),
        ..Shell::plain(texts, &texts.t("sign-in-title"))
    }
}
