//! The question below an article whether it helped.

use crate::place::Place;
use kb_actions::browse::ArticlePage;
use kb_actions::{Error, votes};
use kb_domain::Action;
use kb_http::Deps;
use kb_pages::{Feedback, FeedbackStep};

/// The question below an article; `None` for those who have no vote. `voted` is what was just said: `yes`, `no`, or `why` for a
/// no with its reason.
pub(crate) async fn asked(
    deps: &Deps,
    place: &Place,
    found: &ArticlePage,
    voted: Option<&str>,
) -> Result<Option<Feedback>, Error> {
    let viewer = &place.ctx.viewer;
    if !viewer.may(Action::Vote) {
        return Ok(None);
    }
    let counts = if viewer.is_staff() {
        Some(votes::counts(&deps.kb, &place.ctx, found.article.id).await?)
    } else {
        None
    };
    Ok(Some(Feedback {
        step: match voted {
            Some("no") => FeedbackStep::Why,
            Some("yes" | "why") => FeedbackStep::Done,
            _ => FeedbackStep::Asked,
        },
        counts,
        ..Feedback::new(format!("{}/vote", found.url))
    }))
}
