//! A comment is sent from the page of an article.

use crate::article;
use crate::place::Place;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::browse::ArticlePage;
use kb_actions::{Error, comments};
use kb_domain::{Action, CommentDraft, CommentState};
use kb_http::route::form;
use kb_http::{Api, At, Deps, Form, PageError, field_text, refused_page, see_other};
use serde::Deserialize;

pub(crate) fn routes() -> Api {
    Api::new().with(
        form("/{portal}/{locale}/articles/{segment}/comments", post)
            .needs(Action::Comment)
            .doc("Comment on an article"),
    )
}

#[derive(Deserialize)]
struct Sent {
    text: String,
    #[serde(default)]
    points_out_error: bool,
}

async fn post(
    State(deps): State<Deps>,
    place: Place,
    At((_, _, segment)): At<(String, String, String)>,
    Form { sent, entered }: Form<Sent>,
) -> Result<Response, PageError> {
    let found = article::find(&deps, &place, &segment).await?;
    let faults = match sent {
        Err(faults) => faults,
        Ok(sent) => {
            let draft = CommentDraft {
                text: sent.text,
                points_out_error: sent.points_out_error,
            };
            match add(&deps, &place, &found, draft).await {
                Ok(state) => {
                    let sent = if state == CommentState::Waiting {
                        "?sent=1"
                    } else {
                        ""
                    };
                    return Ok(see_other(&format!("{}{sent}#comments", found.url), None));
                }
                Err(Error::Domain(kb_domain::Error::Fields(faults))) => faults,
                Err(error) => return Err(error.into()),
            }
        }
    };
    let fault = faults.first().map(|f| field_text(place.texts, f));
    let refused = fault.map(|fault| (entered.get("text").to_owned(), fault));
    let mut page = article::page(&deps, &place, found, false).await?;
    if let Some(shown) = &mut page.comments {
        shown.refused = refused;
    }
    Ok(refused_page(page.render()))
}

async fn add(
    deps: &Deps,
    place: &Place,
    found: &ArticlePage,
    draft: CommentDraft,
) -> Result<CommentState, Error> {
    let posted = comments::post(&deps.kb, &place.ctx, &found.article, &place.locale, draft).await?;
    let state = posted.value().value.state;
    match posted.commit(deps.kb.store()).await.map_err(Error::from) {
        // The form was sent twice: the comment is there.
        Ok(_) | Err(Error::Domain(kb_domain::Error::Conflict(_))) => Ok(state),
        Err(error) => Err(error),
    }
}
