//! A person's consent at the other system, and the way back.

use crate::connections::{CONSOLE, found, home, of_grant};
use crate::grants;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use kb_actions::{Error, RequestContext, connections};
use kb_connectors::{registration, vendor};
use kb_domain::{Action, ConnectionId};
use kb_http::route::{form, page};
use kb_http::{
    Api, At, Caller, Deps, Interface, PageError, Settings, console_shell, refused_page,
    secret_page, see_other,
};
use kb_identity::grants::{CONSENT_SECONDS, ConnectError};
use kb_pages::{ConsentPage, Texts};
use secrecy::ExposeSecret;

/// The cookie that binds a consent to the browser in which it began.
const COOKIE: &str = "sidenote_connect";
const SECURE_COOKIE: &str = "__Host-sidenote_connect";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            form("/console/connections/{connection}/connect", begin)
                .needs(Action::Configure)
                .doc("Begin a consent: the page leads to the other system"),
        )
        .with(
            page("/connect/callback/{vendor}", callback)
                .needs(Action::Configure)
                .doc("Where the other system sends the browser back"),
        )
}

async fn begin(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At(id): At<ConnectionId>,
) -> Result<Response, PageError> {
    let connection = found(&deps, &ctx, id).await?.value;
    let client = registration(&connection, &home(&ctx)).map_err(Error::from)?;
    let begun = grants(&deps).begin(id, &client, ctx.now).await;
    let begun = begun.map_err(|error| of_grant(&error))?;
    let name = vendor(&connection.vendor).map_or("", |v| v.profile().name);
    let page = consent(
        &ctx,
        texts,
        &connection.name,
        Some(deps.fetch.in_browser(&begun.authorize_url)),
        name,
        None,
    );
    // The address holds the state of the consent: no cache keeps the page.
    let mut response = secret_page(page.render());
    let cookie = cookie(
        &deps.settings,
        begun.cookie.expose_secret(),
        CONSENT_SECONDS,
    );
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

fn consent(
    ctx: &RequestContext,
    texts: Texts,
    name: &str,
    url: Option<String>,
    vendor: &str,
    fault: Option<String>,
) -> ConsentPage {
    let title = texts.t("connect-title");
    ConsentPage {
        shell: console_shell(&ctx.viewer, texts, &title, CONSOLE),
        name: name.to_owned(),
        vendor: vendor.to_owned(),
        url,
        back: CONSOLE.to_owned(),
        fault,
    }
}

async fn callback(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    Path(vendor): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    match taken(
        &deps,
        &ctx,
        &vendor,
        uri.query().unwrap_or_default(),
        &headers,
    )
    .await
    {
        Ok(id) => {
            let over = cookie(&deps.settings, "", 0);
            Ok(see_other(&format!("{CONSOLE}/{id}"), Some(&over)))
        }
        Err(Refused::Consent) => {
            let fault = Some(texts.t("connect-refused"));
            let page = consent(&ctx, texts, "", None, "", fault);
            Ok(refused_page(page.render()))
        }
        Err(Refused::Error(error)) => Err(error.into()),
    }
}

/// Why an answer to a consent was not taken.
enum Refused {
    /// It is none of this browser, is over, or nobody consented: one sentence for all of them.
    Consent,
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<ConnectError> for Refused {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Callback => Self::Consent,
            error => Self::Error(of_grant(&error)),
        }
    }
}

async fn taken(
    deps: &Deps,
    ctx: &RequestContext,
    vendor: &str,
    query: &str,
    headers: &HeaderMap,
) -> Result<ConnectionId, Refused> {
    let held = cookie_of(headers, &deps.settings).unwrap_or_default();
    let grants = grants(deps);
    let answered = grants.answered(vendor, query, &held, ctx.now).await?;
    let connection = found(deps, ctx, answered.connection).await?;
    let client = registration(&connection.value, &home(ctx)).map_err(Error::from)?;
    grants.redeem(answered, &client, ctx.now).await?;
    let granted = connections::granted(&deps.kb, ctx, &connection).await?;
    Ok(granted.value.id)
}

fn name(settings: &Settings) -> &'static str {
    if settings.secure_cookies {
        SECURE_COOKIE
    } else {
        COOKIE
    }
}

fn cookie(settings: &Settings, value: &str, seconds: i64) -> String {
    let secure = if settings.secure_cookies {
        "; Secure"
    } else {
        ""
    };
    let name = name(settings);
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

fn cookie_of(headers: &HeaderMap, settings: &Settings) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter();
    let mut pairs = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.find(|(n, _)| *n == name(settings));
    found.map(|(_, value)| value.to_owned())
}
