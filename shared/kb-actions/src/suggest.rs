//! The right articles beside a ticket, and what the agent did with them.

use crate::error::Error;
use crate::kb::{Kb, RequestContext};
use crate::lexicon;
use crate::search::{PlacedHit, place};
use kb_domain::{Action, ArticleId, Resource, SuggestionId, Ticket};
use kb_search::{Reason, SuggestRequest};
use kb_store::repo::{Shown, SuggestionAction, SuggestionRecord};

/// Version of the ranking, for the log.
const RANKER: u32 = 1;

/// What was found for a ticket.
#[derive(Clone, Debug)]
pub struct Suggestions {
    /// The id in the log; actions name it.
    pub id: SuggestionId,
    /// Key terms of the ticket.
    pub terms: Vec<String>,
    /// Articles, best first, each with its reason.
    pub suggestions: Vec<(PlacedHit, Reason)>,
}

/// Suggests articles for the whole conversation. Writes one row of the suggestion log, without the ticket's text.
pub async fn suggest(
    kb: &Kb,
    ctx: &RequestContext,
    ticket: Ticket,
    limit: usize,
    channel: &str,
) -> Result<Suggestions, Error> {
    ctx.demand(Action::Suggest)?;
    ticket.check()?;
    let (system, external, locale) = (
        ticket.system.clone(),
        ticket.id.clone(),
        ticket.locale.clone(),
    );
    let request = SuggestRequest {
        ticket,
        locale: locale.clone(),
        portal: None,
        bound: ctx.bound(),
        limit,
    };
    let lexicon = lexicon::current(kb, &ctx.gate).await;
    let answer = kb_search::suggest(&*kb.index, &lexicon, &request).await?;
    let (hits, reasons): (Vec<_>, Vec<_>) = answer.hits.into_iter().unzip();
    let placed = place(kb, ctx, hits.clone(), None, locale.as_ref()).await?;
    let suggestions: Vec<(PlacedHit, Reason)> = placed
        .into_iter()
        .filter_map(|placed| {
            let at = hits.iter().position(|h| h.article == placed.hit.article)?;
            Some((placed, reasons[at].clone()))
        })
        .collect();
    let id = SuggestionId::new(kb.ids.uuid());
    let shown = suggestions
        .iter()
        .zip(1..)
        .map(|((placed, _), rank)| Shown {
            article: placed.hit.article,
            revision: placed.hit.revision,
            anchor: placed.hit.anchor.clone(),
            rank,
            score: placed.hit.score,
        });
    let record = SuggestionRecord {
        id,
        at: ctx.now,
        viewer: ctx.viewer.name.clone(),
        channel: channel.to_owned(),
        system,
        ticket: external,
        locale,
        terms: answer.terms.clone(),
        ranker: RANKER,
        shown: shown.collect(),
        actions: Vec::new(),
    };
    kb.suggestion_log.put(&record, None, ctx.now).await?;
    Ok(Suggestions {
        id,
        terms: answer.terms,
        suggestions,
    })
}

/// What an agent did.
#[derive(Clone, Debug)]
pub struct Act {
    /// inserted, copied, opened, dismissed, helpful or undone.
    pub action: String,
    /// link, excerpt or text.
    pub mode: Option<String>,
    /// The article.
    pub article: ArticleId,
    /// Why.
    pub reason: Option<String>,
}

/// The actions an agent can take.
const ACTIONS: [&str; 6] = [
    "inserted",
    "copied",
    "opened",
    "dismissed",
    "helpful",
    "undone",
];
/// The ways an article is inserted.
const MODES: [&str; 3] = ["link", "excerpt", "text"];

/// Records an action beside the suggestion it belongs to.
pub async fn act(
    kb: &Kb,
    ctx: &RequestContext,
    id: SuggestionId,
    act: Act,
) -> Result<SuggestionRecord, Error> {
    ctx.demand(Action::Suggest)?;
    if !ACTIONS.contains(&act.action.as_str()) {
        return Err(kb_domain::Error::field(
            "/action",
            "unknown",
            format!("one of {}", ACTIONS.join(", ")),
        )
        .into());
    }
    if act
        .mode
        .as_deref()
        .is_some_and(|mode| !MODES.contains(&mode))
    {
        return Err(kb_domain::Error::field(
            "/mode",
            "unknown",
            format!("one of {}", MODES.join(", ")),
        )
        .into());
    }
    let mut attempts = 0;
    loop {
        attempts += 1;
        match add_action(kb, ctx, id, &act).await {
            // Another action was recorded meanwhile: this one comes behind it.
            Err(Error::Store(kb_store::Error::Condition { .. })) if attempts < ATTEMPTS => {}
            done => return done,
        }
    }
}

/// How often a write begins again because another one came between.
const ATTEMPTS: usize = 50;

async fn add_action(
    kb: &Kb,
    ctx: &RequestContext,
    id: SuggestionId,
    act: &Act,
) -> Result<SuggestionRecord, Error> {
    let before = kb
        .suggestion_log
        .get(id)
        .await?
        .ok_or(Error::NotFound(Resource::Suggestion))?;
    let mut record = before.value;
    if !record.shown.iter().any(|s| s.article == act.article) {
        return Err(kb_domain::Error::field(
            "/article",
            "unknown",
            "this article was not among the suggestions",
        )
        .into());
    }
    if record.actions.len() >= 200 {
        return Err(kb_domain::Error::Conflict(
            "this suggestion has 200 actions already".to_owned(),
        )
        .into());
    }
    record.actions.push(SuggestionAction {
        action: act.action.clone(),
        mode: act.mode.clone(),
        article: act.article,
        reason: act.reason.as_ref().map(|r| r.chars().take(500).collect()),
        actor: ctx.viewer.name.clone(),
        at: ctx.now,
    });
    kb.suggestion_log
        .put(&record, Some(before.version), ctx.now)
        .await?;
    Ok(record)
}
