//! The right articles beside a ticket, and what the agent did with them.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::lexicon;
use crate::search::{PlacedHit, place};
use kb_domain::{
    Action, ArticleId, Channel, InsertMode, KeyId, Resource, SuggestionAction, SuggestionId,
    Ticket, UserId, Who,
};
use kb_events::{Attempts, Work};
use kb_search::{Reason, SuggestRequest};
use kb_store::TableName;
use kb_store::keys;
use kb_store::repo::{ActionTaken, Shown, Suggestion};

/// Version of the ranking, for the log.
const RANKER: u32 = 1;
/// The most that is recorded of what was done with one answer.
const ACTIONS_MAX: usize = 200;
/// The longest reason, in characters.
const REASON_MAX_CHARS: usize = 500;

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
    channel: Channel,
) -> Result<Suggestions, Error> {
    ctx.demand_for(Action::Suggest, &ticket.system)?;
    ticket.check_asked()?;
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
    let lexicons = lexicon::current(kb, &ctx.gate).await;
    let lexicon = lexicons.for_viewer(ctx.viewer.oversees());
    let answer = kb_search::suggest(&**kb.index(), lexicon, &request).await?;
    let suggestions = place(kb, ctx, answer.hits, None, locale.as_ref()).await?;
    let id = SuggestionId::new(kb.ids().uuid());
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
    let entry = Suggestion {
        id,
        at: ctx.now,
        viewer: ctx.viewer.who.to_string(),
        channel,
        system,
        ticket: external,
        locale,
        terms: answer.terms.clone(),
        ranker: RANKER,
        shown: shown.collect(),
        actions: Vec::new(),
    };
    let mut work = Work::on(TableName::Log, ctx.now);
    work.insert(&entry);
    work.silently(()).commit(kb.store()).await?;
    Ok(Suggestions {
        id,
        terms: answer.terms,
        suggestions,
    })
}

/// What an agent did.
#[derive(Clone, Debug)]
pub struct Act {
    /// What it was.
    pub action: SuggestionAction,
    /// How, for inserted.
    pub mode: Option<InsertMode>,
    /// The article.
    pub article: ArticleId,
    /// Why.
    pub reason: Option<String>,
}

/// Records an action of who asked beside the suggestion it belongs to. Two that are recorded at once both stay.
pub async fn act(
    kb: &Kb,
    ctx: &RequestContext,
    id: SuggestionId,
    act: Act,
) -> Result<Suggestion, Error> {
    ctx.demand(Action::Suggest)?;
    let mut attempts = Attempts::default();
    loop {
        match add_action(kb, ctx, id, &act).await {
            Err(error) if attempts.again(error.is_stale()) => {}
            done => return done,
        }
    }
}

/// Whether the viewer is who asked. Rows of before hold a name, which no id looks like.
fn is_askers(ctx: &RequestContext, suggestion: &Suggestion) -> bool {
    let (asker, viewer) = (&suggestion.viewer, &ctx.viewer);
    let is_id = asker.parse::<UserId>().is_ok() || asker.parse::<KeyId>().is_ok();
    let is_name =
        !is_id && *asker != Who::Nobody.to_string() && *asker != Who::Operator.to_string();
    *asker == viewer.who.to_string() || is_name && *asker == viewer.name
}

async fn add_action(
    kb: &Kb,
    ctx: &RequestContext,
    id: SuggestionId,
    act: &Act,
) -> Result<Suggestion, Error> {
    let absent = || Error::NotFound(Resource::Suggestion);
    let key = keys::suggestion(id.made_at().ok_or_else(absent)?, id);
    let found = kb.store().get::<Suggestion>(&key).await?;
    let before = found
        .filter(|s| is_askers(ctx, &s.value))
        .ok_or_else(absent)?;
    let mut after = before.value.clone();
    if !after.shown.iter().any(|s| s.article == act.article) {
        let detail = "this article was not among the suggestions";
        return Err(kb_domain::Error::field("/article", "unknown", detail).into());
    }
    if after.actions.len() >= ACTIONS_MAX {
        let detail = format!("this suggestion has {ACTIONS_MAX} actions already");
        return Err(kb_domain::Error::Conflict(detail).into());
    }
    let reason = act.reason.as_ref();
    after.actions.push(ActionTaken {
        action: act.action,
        mode: act.mode,
        article: act.article,
        reason: reason.map(|r| r.chars().take(REASON_MAX_CHARS).collect()),
        actor: ctx.viewer.who.to_string(),
        at: ctx.now,
    });
    let mut work = Work::on(TableName::Log, ctx.now);
    work.replace(&before, &after);
    // What somebody did by hand is not lost when the process ends; that something was shown may be, within a second.
    work.at_once = true;
    work.silently(()).commit(kb.store()).await?;
    Ok(after)
}
