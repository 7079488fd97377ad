//! What every page needs: the portal and language of the address, the shell, and the pages for when it fails.

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kb_actions::{Error, RequestContext, browse, portals};
use kb_domain::{ErrorKind, Locale, Portal, Resource};
use kb_http::{Caller, Deps, RequestId, moved, problem_kinds};
use kb_pages::{Language, MessagePage, Shell, Texts};

/// Why a page is another one.
pub(crate) enum Instead {
    /// A page that says what is wrong.
    Failed(Error),
    /// The right address.
    Moved(String),
}

impl<E: Into<Error>> From<E> for Instead {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl IntoResponse for Instead {
    fn into_response(self) -> Response {
        match self {
            Self::Moved(url) => moved(&url),
            Self::Failed(error) => message(&error, &Locale::en(), None),
        }
    }
}

/// The portal and language that an address names.
pub(crate) struct Place {
    pub ctx: RequestContext,
    pub portal: Portal,
    pub locale: Locale,
    pub texts: Texts,
}

impl Place {
    /// Reads the first two parts of an address; `rest` is what stands behind them, for a redirect to the canonical form.
    pub async fn find(
        deps: &Deps,
        ctx: RequestContext,
        handle: &str,
        locale: &str,
        rest: &str,
    ) -> Result<Self, Instead> {
        let portal = portals::by_handle(&deps.kb, &ctx, handle).await;
        let (portal, asked): (Portal, Locale) = match (portal, locale.parse()) {
            (Ok(portal), Ok(asked)) => (portal.value, asked),
            (Err(error), _) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            // It may be an address from before an import.
            _ => {
                let path = format!("/{handle}/{locale}{rest}");
                let found = old_address(deps, &ctx, &path, "").await?;
                return Err(found.map_or(Error::NotFound(Resource::Page).into(), Instead::Moved));
            }
        };
        if !portal.locales.contains(&asked) {
            return Err(Instead::Moved(format!(
                "/{handle}/{}{rest}",
                portal.default_locale
            )));
        }
        if asked.as_str() != locale {
            return Err(Instead::Moved(format!("/{handle}/{asked}{rest}")));
        }
        let texts = Texts::of(&asked);
        Ok(Self {
            ctx,
            portal,
            locale: asked,
            texts,
        })
    }

    /// The shell of a page with this title; `url_in` gives its address in another language.
    pub fn shell(&self, title: &str, url_in: impl Fn(&Locale) -> String) -> Shell {
        let languages = self.portal.locales.iter().map(|locale| Language {
            tag: locale.to_string(),
            name: name_of(locale),
            url: url_in(locale),
            current: *locale == self.locale,
        });
        Shell {
            texts: self.texts,
            title: title.to_owned(),
            portal: self.portal.name_in(&self.locale).to_owned(),
            home: format!("/{}/{}/", self.portal.handle, self.locale),
            search: format!("/{}/{}/search", self.portal.handle, self.locale),
            query: String::new(),
            languages: languages.collect(),
            person: self.ctx.viewer.user().map(|_| self.ctx.viewer.name.clone()),
            door: true,
        }
    }
}

/// A language's name in itself.
fn name_of(locale: &Locale) -> String {
    let known = Texts::LANGUAGES
        .iter()
        .find(|(tag, _)| *tag == locale.as_str());
    known.map_or_else(|| locale.to_string(), |(_, name)| (*name).to_owned())
}

/// A page as an answer.
pub(crate) fn answer(page: &impl Template) -> Response {
    kb_http::page(page.render())
}

/// The page that says what is wrong. Absent and hidden read alike.
fn message(error: &Error, locale: &Locale, request: Option<String>) -> Response {
    let absent = !matches!(
        error.kind(),
        ErrorKind::Internal | ErrorKind::Unavailable | ErrorKind::Timeout
    );
    let (title, text) = if absent {
        ("not-found-title", "not-found-text")
    } else {
        ("error-title", "error-text")
    };
    let texts = Texts::of(locale);
    let page = MessagePage {
        shell: Shell::plain(texts, &texts.t(title)),
        text: texts.t(text),
        request: request.filter(|_| !absent),
    };
    let kind = if absent {
        ErrorKind::NotFound
    } else {
        error.kind()
    };
    kb_http::failed_page(page.render(), kind)
}

/// Files of pages; their address names their content, so they may be kept for ever.
pub(crate) async fn asset(Path((_, name)): Path<(String, String)>) -> Response {
    let Some(asset) = kb_pages::asset(&name) else {
        return message(&Error::NotFound(Resource::Page), &Locale::en(), None);
    };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.bytes).into_response()
}

/// What a problem of the API means.
pub(crate) async fn problem(Path(slug): Path<String>) -> Response {
    let Some((slug, title)) = problem_kinds().find(|(s, _)| *s == slug) else {
        return message(&Error::NotFound(Resource::Page), &Locale::en(), None);
    };
    let shell = Shell::plain(Texts::of(&Locale::en()), title);
    let text = format!(
        "An answer of type /problems/{slug} names in its field \"detail\" what is wrong with the request and what helps."
    );
    answer(&MessagePage {
        shell,
        text,
        request: None,
    })
}

/// An address that no page has: an old address of a portal leads to its article, `/search` to the first portal's.
pub(crate) async fn elsewhere(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    request: Request,
) -> Response {
    let id = request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone());
    match old_address(
        &deps,
        &ctx,
        request.uri().path(),
        request.uri().query().unwrap_or_default(),
    )
    .await
    {
        Ok(Some(url)) => moved(&url),
        Ok(None) => message(&Error::NotFound(Resource::Page), &Locale::en(), id),
        Err(error) => message(&error, &Locale::en(), id),
    }
}

async fn old_address(
    deps: &Deps,
    ctx: &RequestContext,
    path: &str,
    query: &str,
) -> Result<Option<String>, Error> {
    let path = percent_encoding::percent_decode_str(path)
        .decode_utf8_lossy()
        .into_owned();
    let portals = portals::list(&deps.kb, ctx).await?;
    if path == "/search" {
        return Ok(portals.first().map(|p| {
            format!(
                "/{}/{}/search?{query}",
                p.value.handle, p.value.default_locale
            )
        }));
    }
    for portal in portals.iter().map(|p| &p.value) {
        let inside = path
            .strip_prefix(&format!("/{}", portal.handle))
            .filter(|rest| rest.starts_with('/'));
        for path in [Some(path.as_str()), inside].into_iter().flatten() {
            let path = format!("/{}", path.trim_matches('/'));
            let Some(found) = browse::old_address(&deps.kb, portal.id, &path).await? else {
                continue;
            };
            match browse::article_page(&deps.kb, ctx, portal, found, &portal.default_locale).await {
                Ok(page) => return Ok(Some(page.url)),
                Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(None)
}
