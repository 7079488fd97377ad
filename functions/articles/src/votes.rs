//! Votes on an article: the caller's own, and how many there are.

use axum::extract::State;
use kb_actions::votes;
use kb_domain::{
    Action, ArticleId, Ballot, Locale, RevisionId, Timestamp, Vote, VoteCounts, VoteReason,
    VoteValue,
};
use kb_http::route::{delete, get, put};
use kb_http::{AnonymousVoter, Answer, Api, At, Caller, Deps, Rejection, StrictJson, voter_cookie};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

const VOTE: &str = "/api/v1/articles/{article}/vote";
const VOTES: &str = "/api/v1/articles/{article}/votes";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            get(VOTE, read)
                .needs(Action::Vote)
                .doc("The caller's own vote on an article")
                .answers::<VoteAnswer>(),
        )
        .with(
            put(VOTE, cast)
                .needs(Action::Vote)
                .doc("Say whether an article helped, or change one's mind. Who is not signed in is known by the cookie sidenote_voter, which the first vote sets")
                .takes::<VoteBody>()
                .answers::<VoteAnswer>(),
        )
        .with(
            delete(VOTE, withdraw)
                .needs(Action::Vote)
                .doc("Take one's vote back"),
        )
        .with(
            get(VOTES, counts)
                .signed_in()
                .doc("How readers voted on an article; for staff")
                .answers::<VoteCountsAnswer>(),
        )
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VoteBody {
    value: VoteValue,
    /// Why not; only with no.
    reason: Option<VoteReason>,
    /// Why not, in the voter's own words: at most 1,000 characters, only with no.
    text: Option<String>,
    /// The language that was read; the one that the article was written in first, when absent.
    locale: Option<Locale>,
}

/// A vote.
#[derive(Serialize, ToSchema)]
#[schema(as = Vote)]
struct VoteAnswer {
    article: ArticleId,
    value: VoteValue,
    reason: Option<VoteReason>,
    text: Option<String>,
    /// The language that was read.
    locale: Locale,
    /// The revision that was read.
    revision: RevisionId,
    at: Timestamp,
}

impl VoteAnswer {
    fn of(vote: Vote) -> Self {
        Self {
            article: vote.article,
            value: vote.ballot.value,
            reason: vote.ballot.reason,
            text: vote.ballot.text,
            locale: vote.locale,
            revision: vote.revision,
            at: vote.at,
        }
    }
}

/// How readers voted.
#[derive(Serialize, ToSchema)]
#[schema(as = VoteCounts)]
struct VoteCountsAnswer {
    yes: u64,
    no: u64,
    /// Yes minus no.
    net: i64,
    /// Votes of no by the reason that was given; a reason that nobody gave is absent.
    reasons: BTreeMap<&'static str, u64>,
}

impl VoteCountsAnswer {
    fn of(counts: &VoteCounts) -> Self {
        let reasons = counts.reasons.iter();
        Self {
            yes: counts.yes,
            no: counts.no,
            net: counts.net(),
            reasons: reasons.map(|(r, n)| (r.as_str(), *n)).collect(),
        }
    }
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    AnonymousVoter(token): AnonymousVoter,
    At(article): At<ArticleId>,
) -> Result<Answer, Rejection> {
    let vote = votes::own(&deps.kb, &ctx, article, token).await?;
    Ok(Answer::ok(&VoteAnswer::of(vote)))
}

async fn cast(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    AnonymousVoter(token): AnonymousVoter,
    At(article): At<ArticleId>,
    StrictJson(body): StrictJson<VoteBody>,
) -> Result<Answer, Rejection> {
    let ballot = Ballot {
        value: body.value,
        reason: body.reason,
        text: body.text,
    };
    let locale = body.locale.as_ref();
    let cast = votes::cast(&deps.kb, &ctx, article, token, locale, ballot).await?;
    let cookie = match cast.new_voter {
        Some(voter) => Some(voter_cookie(&deps, voter).await?),
        None => None,
    };
    Ok(Answer::ok(&VoteAnswer::of(cast.vote)).cookie(cookie))
}

async fn withdraw(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    AnonymousVoter(token): AnonymousVoter,
    At(article): At<ArticleId>,
) -> Result<Answer, Rejection> {
    votes::withdraw(&deps.kb, &ctx, article, token).await?;
    Ok(Answer::nothing())
}

async fn counts(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    At(article): At<ArticleId>,
) -> Result<Answer, Rejection> {
    let counts = votes::counts(&deps.kb, &ctx, article).await?;
    Ok(Answer::ok(&VoteCountsAnswer::of(&counts)))
}
