//! Signing in by a link, and out. The code of a link travels in a form, never in an address.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use kb_http::{
    Caller, Deps, OwnSite, Rejection, SessionSecret, clear_session_cookie, interface_locale, page,
    see_other, session_cookie,
};
use kb_pages::{Language, Shell, SignInPage, Texts};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Asked {
    locale: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Code {
    code: String,
}

/// `GET /sign-in`: the form; who is signed in sees who they are.
pub(crate) async fn form(
    Caller(ctx): Caller,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Rejection> {
    let person = ctx.viewer.user().map(|_| ctx.viewer.name.clone());
    let shell = shell(&headers, asked.locale.as_deref(), person)?;
    Ok(page(SignInPage { shell, used: false }.render()))
}

/// `POST /sign-in`: takes a link, once. A session that the browser had before ends.
pub(crate) async fn take(
    State(deps): State<Deps>,
    _: OwnSite,
    SessionSecret(before): SessionSecret,
    headers: HeaderMap,
    Form(Code { code }): Form<Code>,
) -> Result<Response, Rejection> {
    let Some((session, target)) = deps.identity.take_link(code.trim()).await? else {
        let shell = shell(&headers, None, None)?;
        return Ok(page(SignInPage { shell, used: true }.render()));
    };
    if let Some(before) = before {
        deps.identity.close_session(&before).await?;
    }
    let cookie = session_cookie(&session.secret, &deps.settings);
    Ok(see_other(&target, Some(&cookie)))
}

/// `POST /sign-out`: ends the session here and in the browser.
pub(crate) async fn leave(
    State(deps): State<Deps>,
    _: OwnSite,
    SessionSecret(secret): SessionSecret,
) -> Result<Response, Rejection> {
    if let Some(secret) = secret {
        deps.identity.close_session(&secret).await?;
    }
    Ok(see_other("/", Some(&clear_session_cookie())))
}

fn shell(
    headers: &HeaderMap,
    asked: Option<&str>,
    person: Option<String>,
) -> Result<Shell, Rejection> {
    let locale = interface_locale(asked, headers, &Texts::locales())?;
    let texts = Texts::of(&locale);
    let languages = Texts::LANGUAGES.map(|(tag, name)| Language {
        tag: tag.to_owned(),
        name: name.to_owned(),
        url: format!("/sign-in?locale={tag}"),
        current: tag == texts.tag(),
    });
    Ok(Shell {
        languages: languages.into(),
        person,
        ..Shell::plain(texts, &texts.t("sign-in-title"))
    })
}
