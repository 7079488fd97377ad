//! `GET .../translations/{locale}/passage`: one passage of the live text, to preview and to quote beside a ticket.

use axum::extract::State;
use kb_actions::passages;
use kb_domain::{ArticleId, Locale, RevisionId};
use kb_http::route::get;
use kb_http::{Answer, Api, At, Caller, Deps, Param, Rejection, StrictQuery};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const PASSAGE: &str = "/api/v1/articles/{article}/translations/{locale}/passage";

pub(crate) fn routes() -> Api {
    let anchor = Param(
        "anchor",
        "the heading it stands under; the beginning of the text when absent",
    );
    Api::new().with(
        get(PASSAGE, read)
            .anybody()
            .doc("A passage of the live text, as plain text")
            .query(&[anchor])
            .answers::<PassageText>(),
    )
}

#[derive(Deserialize)]
struct PassageQuery {
    anchor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PassageText {
    article: ArticleId,
    revision: RevisionId,
    locale: Locale,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<String>,
    /// Plain text; a line for each block.
    text: String,
    /// The address of the article's page, at the passage.
    url: String,
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At((article, locale)): At<(ArticleId, Locale)>,
    StrictQuery(query): StrictQuery<PassageQuery>,
) -> Result<Answer, Rejection> {
    let anchor = query.anchor.as_deref();
    let found = passages::passage(&deps.kb, &ctx, article, &locale, anchor).await?;
    Ok(Answer::ok(&PassageText {
        article: found.article,
        revision: found.revision,
        locale,
        title: found.title,
        url: match &found.anchor {
            Some(anchor) => format!("{}#{anchor}", ctx.absolute(&found.url)),
            None => ctx.absolute(&found.url),
        },
        anchor: found.anchor,
        heading: found.heading,
        text: found.text,
    }))
}
