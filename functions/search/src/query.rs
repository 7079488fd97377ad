//! The query of a search, and what the verb takes of it.

use kb_actions::search::{self, QUESTION_MAX_CHARS, SearchParams};
use kb_actions::{RequestContext, portals};
use kb_domain::{ArticleType, Kind, Locale, NodeId, PortalId};
use kb_http::{Deps, Param, Rejection};
use serde::Deserialize;

/// Its parameters.
pub(crate) const PARAMS: [Param; 11] = [
    Param(
        "q",
        "what was typed, up to 2,000 characters; without it the newest articles are listed",
    ),
    Param("locale", "the reader's language: a preference"),
    Param("lang", "only this language"),
    Param("portal", "only this portal, by id or handle"),
    Param(
        "section",
        "only what stands in or below this category or section; needs portal",
    ),
    Param("kind", "explicit, implicit or tacit; several with commas"),
    Param("type", "only these types, with commas"),
    Param("label", "only with all of these labels, with commas"),
    Param("limit", "1 to 100, 20 by default"),
    Param("offset", "how many to skip, up to 1,000"),
    Param(
        "facets",
        "true: count kind, type, label and language over all that matches",
    ),
];

/// What a caller asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    #[serde(default)]
    q: String,
    /// The reader's language.
    pub locale: Option<Locale>,
    lang: Option<Locale>,
    portal: Option<String>,
    section: Option<NodeId>,
    kind: Option<String>,
    r#type: Option<String>,
    label: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
    /// Whether facets are counted.
    #[serde(default)]
    pub facets: bool,
}

impl SearchQuery {
    /// What the verb takes. Errors: a malformed value, a portal that the caller may not enter.
    pub async fn params(
        self,
        deps: &Deps,
        ctx: &RequestContext,
    ) -> Result<SearchParams, Rejection> {
        if self.q.chars().nth(QUESTION_MAX_CHARS).is_some() {
            return Err(Rejection::parameter("q", search::too_long().to_string()));
        }
        let offset = self.offset.unwrap_or(0);
        if offset > kb_search::DEEPEST {
            let detail = format!("0 to {}; narrow the search instead", kb_search::DEEPEST);
            return Err(Rejection::parameter("offset", detail));
        }
        Ok(SearchParams {
            portal: portal(deps, ctx, self.portal.as_deref()).await?,
            language: self.lang.as_ref().map(language),
            node: self.section,
            kinds: values("kind", self.kind.as_deref())?
                .map(kind)
                .collect::<Result<_, _>>()?,
            types: values("type", self.r#type.as_deref())?
                .map(str::parse::<ArticleType>)
                .collect::<Result<_, _>>()
                .map_err(|e| Rejection::parameter("type", e.to_string()))?,
            labels: values("label", self.label.as_deref())?
                .map(str::to_owned)
                .collect(),
            limit: kb_http::limit(self.limit)?,
            offset,
            facets: self.facets,
            locale: self.locale,
            text: self.q,
        })
    }
}

async fn portal(
    deps: &Deps,
    ctx: &RequestContext,
    wanted: Option<&str>,
) -> Result<Option<PortalId>, Rejection> {
    let Some(wanted) = wanted else {
        return Ok(None);
    };
    let found = portals::read(&deps.kb, ctx, wanted).await?;
    Ok(Some(found.value.id))
}

/// A language alone means all of its scripts.
fn language(locale: &Locale) -> String {
    match locale.script() {
        None => locale.language().to_owned(),
        Some(_) => locale.to_string(),
    }
}

fn kind(word: &str) -> Result<Kind, Rejection> {
    let found = Kind::ALL.into_iter().find(|kind| kind.as_str() == word);
    found.ok_or_else(|| Rejection::parameter("kind", "one of explicit, implicit, tacit"))
}

/// Values that one parameter may name; each is a condition that the engine has to hold.
const VALUES_MAX: usize = 50;

fn values<'a>(
    name: &str,
    text: Option<&'a str>,
) -> Result<impl Iterator<Item = &'a str>, Rejection> {
    let values = text.unwrap_or_default().split(',').map(str::trim);
    let values = values.filter(|t| !t.is_empty());
    if values.clone().nth(VALUES_MAX).is_some() {
        let detail = format!("at most {VALUES_MAX} values");
        return Err(Rejection::parameter(name, detail));
    }
    Ok(values)
}
