//! The form that says whether an article helped.

use crate::article::{self, ShowQuery};
use crate::feedback;
use crate::place::Place;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::browse::ArticlePage;
use kb_actions::{Error, votes};
use kb_domain::{Action, Ballot, ErrorKind, FieldError, VoteReason, VoteValue, VoterId};
use kb_http::route::form;
use kb_http::{
    AnonymousVoter, Api, At, Deps, Entered, Form, OwnSite, PageError, ProblemKind, Rejection,
    clear_voter_cookie, field_text, malformed_page, refused_page, see_other, voter_cookie,
};
use kb_pages::{Feedback, MessagePage};
use serde::Deserialize;

pub(crate) fn routes() -> Api {
    Api::new().with(
        form("/{portal}/{locale}/articles/{segment}/vote", vote)
            .needs(Action::Vote)
            .doc("Say whether an article helped"),
    )
}

#[derive(Deserialize)]
struct Said {
    value: VoteValue,
    reason: Option<VoteReason>,
    text: Option<String>,
}

async fn vote(
    State(deps): State<Deps>,
    _: OwnSite,
    place: Place,
    At((_, _, segment)): At<(String, String, String)>,
    voter: Result<AnonymousVoter, Rejection>,
    Form { sent, entered }: Form<Said>,
) -> Result<Response, PageError> {
    let found = article::find(&deps, &place, &segment).await?;
    let token = match voter {
        Ok(AnonymousVoter(token)) => token,
        Err(rejection) if rejection.kind() == ProblemKind::Malformed => {
            return Ok(forged(&deps, &place));
        }
        Err(rejection) => return Err(rejection.into()),
    };
    let faults = match sent {
        Err(faults) => faults,
        Ok(said) => match cast(&deps, &place, &found, token, said).await {
            Ok((step, cookie)) => {
                let url = format!("{}?voted={step}#feedback", found.url);
                return Ok(see_other(&url, cookie.as_deref()));
            }
            Err(Rejection::Action(Error::Domain(kb_domain::Error::Fields(faults)))) => faults,
            Err(error) => return Err(error.into()),
        },
    };
    let feedback = refused(&deps, &place, &found, &entered, &faults).await?;
    let mut page = article::page(&deps, &place, found, &ShowQuery::default()).await?;
    page.feedback = feedback;
    Ok(refused_page(page.render()))
}

/// Casts the vote; returns what the page is told of it, and the cookie of a new voter. A no without a reason leaves the reason
/// that was given before.
async fn cast(
    deps: &Deps,
    place: &Place,
    found: &ArticlePage,
    token: Option<VoterId>,
    said: Said,
) -> Result<(&'static str, Option<String>), Rejection> {
    let ballot = Ballot {
        value: said.value,
        reason: said.reason,
        text: said.text,
    };
    let (ballot, article) = (ballot.tidy(), found.article.id);
    let bare = ballot == Ballot::bare(VoteValue::No);
    let step = match ballot.value {
        VoteValue::Yes => "yes",
        VoteValue::No if bare => "no",
        VoteValue::No => "why",
    };
    let before = match votes::own(&deps.kb, &place.ctx, article, token).await {
        Ok(vote) => Some(vote),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    if bare && before.is_some_and(|b| b.ballot.value == VoteValue::No) {
        return Ok((step, None));
    }
    let locale = Some(&found.translation.locale);
    let cast = votes::cast(&deps.kb, &place.ctx, article, token, locale, ballot).await?;
    Ok(match cast.new_voter {
        Some(voter) => (step, Some(voter_cookie(deps, voter).await?)),
        None => (step, None),
    })
}

/// The form as it was entered, with what is wrong.
async fn refused(
    deps: &Deps,
    place: &Place,
    found: &ArticlePage,
    entered: &Entered,
    faults: &[FieldError],
) -> Result<Option<Feedback>, Error> {
    let reason = VoteReason::ALL.into_iter();
    let mut reason = reason.filter(|r| r.as_str() == entered.get("reason"));
    let asked = feedback::asked(deps, place, found, Some("no")).await?;
    Ok(asked.map(|feedback| Feedback {
        reason: reason.next(),
        text: entered.get("text").to_owned(),
        fault: faults.first().map(|fault| field_text(place.texts, fault)),
        ..feedback
    }))
}

/// The page for a cookie that this installation has not signed. The browser loses it, and its next vote is counted.
fn forged(deps: &Deps, place: &Place) -> Response {
    let title = place.texts.t("refused-title");
    let home = |l: &kb_domain::Locale| format!("/{}/{l}/", place.portal.handle);
    let message = MessagePage {
        shell: place.shell(&title, home),
        text: place.texts.t("vote-forged"),
        hint: None,
        request: None,
    };
    let cookie = clear_voter_cookie(&deps.settings);
    malformed_page(message.render(), &cookie)
}
