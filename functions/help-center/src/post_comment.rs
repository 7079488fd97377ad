//! A comment is sent, changed and deleted from the page of an article.

use crate::article::{self, ShowQuery};
use crate::place::Place;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::browse::ArticlePage;
use kb_actions::{Error, comments};
use kb_domain::{Action, Comment, CommentDraft, CommentEdit, CommentId, CommentState};
use kb_events::Attempts;
use kb_http::route::form;
use kb_http::{Api, At, Deps, Form, PageError, field_text, refused_page, see_other};
use kb_pages::Texts;
use kb_store::repo::Stored;
use serde::Deserialize;

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            form("/{portal}/{locale}/articles/{segment}/comments", post)
                .needs(Action::Comment)
                .doc("Comment on an article"),
        )
        .with(
            form(
                "/{portal}/{locale}/articles/{segment}/comments/{comment}",
                change,
            )
            .needs(Action::Comment)
            .doc("Change or delete one's comment"),
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
    let added = match sent {
        Err(faults) => Err(kb_domain::Error::Fields(faults).into()),
        Ok(sent) => {
            let draft = CommentDraft {
                text: sent.text,
                points_out_error: sent.points_out_error,
            };
            add(&deps, &place, &found, draft).await
        }
    };
    let fault = match added {
        Ok(state) => {
            let sent = if state == CommentState::Waiting {
                "?sent=1"
            } else {
                ""
            };
            return Ok(see_other(&format!("{}{sent}#comments", found.url), None));
        }
        Err(error) => fault(place.texts, error)?,
    };
    let mut page = article::page(&deps, &place, found, &ShowQuery::default()).await?;
    if let Some(shown) = &mut page.comments {
        shown.refused = Some((entered.get("text").to_owned(), fault));
    }
    Ok(refused_page(page.render()))
}

/// Why a form was not taken, to be shown beside it. Errors: what is no fault of the form.
fn fault(texts: Texts, error: Error) -> Result<String, Error> {
    match &error {
        Error::Domain(kb_domain::Error::Fields(faults)) if !faults.is_empty() => {
            Ok(field_text(texts, &faults[0]))
        }
        Error::Domain(kb_domain::Error::Throttled(_)) => Ok(texts.t("comment-limit")),
        Error::Stale { .. } => Ok(texts.t("comment-stale")),
        _ => Err(error),
    }
}

async fn add(
    deps: &Deps,
    place: &Place,
    found: &ArticlePage,
    draft: CommentDraft,
) -> Result<CommentState, Error> {
    let (kb, ctx, article) = (&deps.kb, &place.ctx, &found.article);
    let mut attempts = Attempts::default();
    loop {
        let posted = comments::post(kb, ctx, article, &place.locale, draft.clone()).await?;
        let state = posted.value().value.state;
        match posted.commit(kb.store()).await.map_err(Error::from) {
            // The form was sent twice: the comment is there.
            Ok(_) | Err(Error::Domain(kb_domain::Error::Conflict(_))) => return Ok(state),
            Err(error) if attempts.again(error.is_stale()) => {}
            Err(error) => return Err(error),
        }
    }
}

#[derive(Deserialize)]
struct Changed {
    act: Act,
    version: u64,
    #[serde(default)]
    text: String,
    #[serde(default)]
    points_out_error: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Save,
    Delete,
}

async fn change(
    State(deps): State<Deps>,
    place: Place,
    At((_, _, segment, id)): At<(String, String, String, CommentId)>,
    Form { sent, entered }: Form<Changed>,
) -> Result<Response, PageError> {
    let found = article::find(&deps, &place, &segment).await?;
    // A form for a comment that is not there is not shown again.
    let before = comments::read(&deps.kb, &place.ctx, &found.article, id).await?;
    let written = match sent {
        Err(faults) => Err(kb_domain::Error::Fields(faults).into()),
        Ok(sent) => write(&deps, &place, &found, &before, sent).await,
    };
    let fault = match written {
        Ok(()) => return Ok(see_other(&format!("{}#comments", found.url), None)),
        Err(error) => fault(place.texts, error)?,
    };
    let target = format!("{}/comments/{id}", found.url);
    let mut page = article::page(&deps, &place, found, &ShowQuery::default()).await?;
    let shown = page.comments.iter_mut().flat_map(|c| &mut c.list);
    let own = shown.filter_map(|line| line.own.as_mut());
    for own in own.filter(|own| own.url == target) {
        own.text = entered.get("text").to_owned();
        own.fault = Some(fault.clone());
    }
    Ok(refused_page(page.render()))
}

async fn write(
    deps: &Deps,
    place: &Place,
    found: &ArticlePage,
    before: &Stored<Comment>,
    sent: Changed,
) -> Result<(), Error> {
    let (kb, ctx, article) = (&deps.kb, &place.ctx, &found.article);
    let current = before.version;
    if current != sent.version {
        return Err(Error::Stale { current });
    }
    match sent.act {
        Act::Delete => {
            let removed = comments::remove(kb, ctx, article, before)?;
            Ok(removed.commit(kb.store()).await?)
        }
        Act::Save => {
            let edit = CommentEdit {
                text: sent.text,
                points_out_error: sent.points_out_error,
                ..before.value.edit()
            };
            let changed = comments::change(kb, ctx, article, before, edit).await?;
            changed.commit(kb.store()).await?;
            Ok(())
        }
    }
}
