//! Votes: whether an article helped. A vote writes no event: nobody follows it, its counters are read.

use crate::articles;
use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{
    Action, ArticleId, ArticleState, Ballot, Locale, Resource, RevisionId, Vote, VoteCounts, Voter,
    VoterId, Who, access,
};
use kb_events::{Attempts, Prepared, Work};
use kb_store::repo::{ArticleWithTexts, Articles, CountMoves, Stored, Votes};
use std::collections::BTreeMap;

/// Votes that are brought in by one transaction: their rows, and at most eight counters of each of eight names.
const BROUGHT_AT_ONCE: usize = 30;

/// A vote that was cast.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The vote as it is now.
    pub vote: Vote,
    /// The voter that was made for somebody who is not signed in and had none: their next vote must bring it.
    pub new_voter: Option<VoterId>,
}

/// Casts a vote on what readers get of an article in `locale`, or in the language it was written in first; the last vote of a
/// voter is the one that counts. The same vote again writes nothing. `token` is the voter that somebody who is not signed in
/// has proven to be.
pub async fn cast(
    kb: &Kb,
    ctx: &RequestContext,
    article: ArticleId,
    token: Option<VoterId>,
    locale: Option<&Locale>,
    ballot: Ballot,
) -> Result<Cast, Error> {
    let known = voter(ctx, token)?;
    let whole = read_live(kb, ctx, article).await?;
    let ballot = ballot.tidy();
    ballot.check()?;
    let (locale, revision) = live_text(&whole, locale)?;
    let new_voter = known.is_none().then(|| VoterId::new(kb.ids().uuid()));
    let voter = known.or(new_voter.map(Voter::Anonymous));
    let vote = Vote {
        article,
        voter: voter.ok_or(Error::Unauthenticated)?,
        ballot,
        locale,
        revision,
        at: ctx.now,
    };
    let mut attempts = Attempts::default();
    loop {
        let before = Votes::of(kb.store(), article, vote.voter).await?;
        let cast = prepare(ctx, before.as_ref(), &vote);
        match cast.commit(kb.store()).await.map_err(Error::from) {
            Err(error) if attempts.again(error.is_stale()) => {}
            done => return done.map(|vote| Cast { vote, new_voter }),
        }
    }
}

fn prepare(ctx: &RequestContext, before: Option<&Stored<Vote>>, vote: &Vote) -> Prepared<Vote> {
    if let Some(same) = before.filter(|b| b.value.says_what(vote)) {
        return Prepared::nothing(same.value.clone());
    }
    let (mut work, mut moves) = (ctx.work(), CountMoves::default());
    moves.cast(&mut work, before, vote);
    moves.end(&mut work);
    work.silently(vote.clone())
}

/// Takes the caller's vote back; without one nothing is written.
pub async fn withdraw(
    kb: &Kb,
    ctx: &RequestContext,
    article: ArticleId,
    token: Option<VoterId>,
) -> Result<(), Error> {
    let known = voter(ctx, token)?;
    read_live(kb, ctx, article).await?;
    let Some(voter) = known else {
        return Ok(());
    };
    let mut attempts = Attempts::default();
    loop {
        let Some(before) = Votes::of(kb.store(), article, voter).await? else {
            return Ok(());
        };
        let (mut work, mut moves) = (ctx.work(), CountMoves::default());
        moves.withdraw(&mut work, &before);
        moves.end(&mut work);
        let done = work.silently(()).commit(kb.store()).await;
        match done.map_err(Error::from) {
            Err(error) if attempts.again(error.is_stale()) => {}
            done => return done,
        }
    }
}

/// The caller's own vote. Errors: they have none; the article is absent, or not live.
pub async fn own(
    kb: &Kb,
    ctx: &RequestContext,
    article: ArticleId,
    token: Option<VoterId>,
) -> Result<Vote, Error> {
    let known = voter(ctx, token)?;
    read_live(kb, ctx, article).await?;
    let absent = || Error::NotFound(Resource::Vote);
    let voter = known.ok_or_else(absent)?;
    let found = Votes::of(kb.store(), article, voter).await?;
    Ok(found.ok_or_else(absent)?.value)
}

/// How readers voted on an article; for staff.
pub async fn counts(
    kb: &Kb,
    ctx: &RequestContext,
    article: ArticleId,
) -> Result<VoteCounts, Error> {
    articles::read(kb, ctx, article).await?;
    access::may_see_votes(&ctx.viewer)?;
    Ok(Votes::counts(kb.store(), article).await?)
}

/// A page of the articles that somebody voted on, each with its counts, from behind `cursor`; for those who see figures. The
/// second value is where to go on. It walks through the base and belongs in no request.
pub async fn counted(
    kb: &Kb,
    ctx: &RequestContext,
    cursor: Option<String>,
) -> Result<(Vec<(ArticleWithTexts, VoteCounts)>, Option<String>), Error> {
    ctx.demand(Action::Analyze)?;
    let (ids, next) = Articles::page(kb.store(), cursor).await?;
    let mut found = Vec::new();
    for id in ids {
        let counts = Votes::counts(kb.store(), id).await?;
        if counts.is_empty() {
            continue;
        }
        if let Some(whole) = Articles::whole(kb.store(), id).await? {
            found.push((whole, counts));
        }
    }
    Ok((found, next))
}

/// Brings votes of an export back to the article that they were cast on there. Of two votes of one voter the later one counts.
/// Answers how many were written.
pub(crate) async fn bring_back(
    kb: &Kb,
    ctx: &RequestContext,
    article: ArticleId,
    votes: &[Vote],
) -> Result<usize, Error> {
    let mut latest: BTreeMap<Voter, Vote> = BTreeMap::new();
    for vote in votes {
        vote.ballot.check()?;
        let vote = Vote {
            article,
            ..vote.clone()
        };
        if latest.get(&vote.voter).is_none_or(|v| v.at < vote.at) {
            latest.insert(vote.voter, vote);
        }
    }
    let latest: Vec<Vote> = latest.into_values().collect();
    let mut written = 0;
    for some in latest.chunks(BROUGHT_AT_ONCE) {
        let mut attempts = Attempts::default();
        loop {
            match bring_some(kb, ctx.work(), article, some).await {
                Err(error) if attempts.again(error.is_stale()) => {}
                done => break written += done?,
            }
        }
    }
    Ok(written)
}

async fn bring_some(
    kb: &Kb,
    mut work: Work,
    article: ArticleId,
    votes: &[Vote],
) -> Result<usize, Error> {
    let voters = votes.iter().map(|v| v.voter);
    let there = Votes::of_many(kb.store(), article, voters).await?;
    let (mut moves, mut written) = (CountMoves::default(), 0);
    for vote in votes {
        let before = there.iter().find(|b| b.value.voter == vote.voter);
        if before.is_none_or(|b| b.value.at < vote.at) {
            moves.cast(&mut work, before, vote);
            written += 1;
        }
    }
    if written > 0 {
        moves.end(&mut work);
        work.silently(()).commit(kb.store()).await?;
    }
    Ok(written)
}

/// Who the caller votes as; `None` for somebody who is not signed in and brings no token. Programs have no opinion.
fn voter(ctx: &RequestContext, token: Option<VoterId>) -> Result<Option<Voter>, Error> {
    ctx.demand(Action::Vote)?;
    match ctx.viewer.who {
        Who::Person(id) | Who::Frame(id) => Ok(Some(Voter::Person(id))),
        Who::Nobody => Ok(token.map(Voter::Anonymous)),
        Who::Key(_) | Who::Operator | Who::Connection(_) => Err(Error::Forbidden(Action::Vote)),
    }
}

/// An article that readers get: in use, and live in some language.
async fn read_live(
    kb: &Kb,
    ctx: &RequestContext,
    article: ArticleId,
) -> Result<ArticleWithTexts, Error> {
    let whole = articles::read(kb, ctx, article).await?;
    let live = whole.translations.iter().any(|t| t.value.live.is_some());
    if whole.head.value.state == ArticleState::Active && live {
        Ok(whole)
    } else {
        Err(Error::NotFound(Resource::Article))
    }
}

/// The language that is voted on, with its live revision. Errors: it is not live in the one that was asked for.
fn live_text(
    whole: &ArticleWithTexts,
    locale: Option<&Locale>,
) -> Result<(Locale, RevisionId), Error> {
    let texts = whole.translations.iter().map(|t| &t.value);
    let mut live = texts.filter_map(|t| Some((&t.locale, t.live?)));
    let source = &whole.head.value.source_locale;
    let found = match locale {
        Some(locale) => live.find(|(l, _)| *l == locale),
        None => live
            .clone()
            .find(|(l, _)| *l == source)
            .or_else(|| live.next()),
    };
    let unknown = || {
        let detail = "the article is not live in this language; leave it out or choose another";
        kb_domain::Error::field("/locale", "unknown", detail)
    };
    let (locale, revision) = found.ok_or_else(unknown)?;
    Ok((locale.clone(), revision))
}
