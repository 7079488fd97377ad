//! Votes: what counts, and how often.

use kb_actions::{Error, articles, votes};
use kb_domain::{
    Article, Audience, Ballot, Kind, VoteCounts, VoteReason, VoteValue, Voter, VoterId,
};
use kb_store::repo::Votes;
use kb_testkit::{Persona, Text, World};

/// A base with an article that everybody may read.
struct Base {
    world: World,
    article: Article,
}

impl Base {
    async fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        let (portal, section) = world.portal("help", Audience::public()).await;
        let text = [Text::en("Heron", "It stands.")];
        let place = (&portal, section);
        let public = Audience::public();
        let article = world
            .article(place, Kind::Explicit, "guide", public, &text)
            .await;
        Self { world, article }
    }

    async fn vote(&self, token: Option<VoterId>, ballot: Ballot) -> Result<votes::Cast, Error> {
        let ctx = self.world.ctx(Persona::Anonymous).await;
        votes::cast(&self.world.kb, &ctx, self.article.id, token, None, ballot).await
    }

    async fn vote_as(&self, token: VoterId, ballot: Ballot) -> Result<votes::Cast, Error> {
        self.vote(Some(token), ballot).await
    }

    async fn counts(&self) -> VoteCounts {
        let store = self.world.kb.store();
        Votes::counts(store, self.article.id).await.unwrap()
    }

    /// What the rows say, which the counters must agree with.
    async fn recounted(&self) -> VoteCounts {
        let mut counts = VoteCounts::default();
        let rows = Votes::on(self.world.kb.store(), self.article.id).await;
        for vote in rows.unwrap() {
            match vote.ballot.value {
                VoteValue::Yes => counts.yes += 1,
                VoteValue::No => counts.no += 1,
            }
            if let Some(reason) = vote.ballot.reason {
                *counts.reasons.entry(reason).or_default() += 1;
            }
        }
        counts
    }

    fn end(self) {
        self.world.leave_unindexed();
    }
}

fn no(reason: VoteReason) -> Ballot {
    Ballot {
        reason: Some(reason),
        ..Ballot::bare(VoteValue::No)
    }
}

fn voter(n: u128) -> VoterId {
    format!("vtr_{n:026}").parse().unwrap()
}

#[tokio::test]
async fn a_change_of_mind_moves_the_net_by_two_and_a_withdrawn_vote_by_one() {
    let base = Base::new(1).await;
    let yes = Ballot::bare(VoteValue::Yes);
    base.vote_as(voter(1), yes.clone()).await.unwrap();
    base.vote_as(voter(2), yes.clone()).await.unwrap();
    assert_eq!(base.counts().await.net(), 2);
    base.vote_as(voter(2), no(VoteReason::Outdated))
        .await
        .unwrap();
    assert_eq!(base.counts().await.net(), 0);
    // Another reason is no other vote.
    base.vote_as(voter(2), no(VoteReason::Unclear))
        .await
        .unwrap();
    let counts = base.counts().await;
    assert_eq!((counts.yes, counts.no), (1, 1));
    assert_eq!(counts.reasons, [(VoteReason::Unclear, 1)].into());
    base.vote_as(voter(2), yes).await.unwrap();
    assert_eq!(base.counts().await.net(), 2);
    let ctx = base.world.ctx(Persona::Anonymous).await;
    for _ in 0..2 {
        // A vote that is gone is not taken back again.
        let taken = votes::withdraw(&base.world.kb, &ctx, base.article.id, Some(voter(2))).await;
        taken.unwrap();
        assert_eq!(base.counts().await.net(), 1);
    }
    assert_eq!(base.recounted().await, base.counts().await);
    base.end();
}

#[tokio::test]
async fn the_same_vote_again_writes_nothing_until_the_text_is_another() {
    let mut base = Base::new(2).await;
    let first = base.vote_as(voter(1), no(VoteReason::Other)).await.unwrap();
    assert_eq!(first.new_voter, None);
    base.world.advance(60);
    let again = base.vote_as(voter(1), no(VoteReason::Other)).await.unwrap();
    assert_eq!(again.vote, first.vote);
    let text = Text::en("Heron", "It stands on one leg.");
    base.world.publish(base.article.id, &text).await.unwrap();
    let later = base.vote_as(voter(1), no(VoteReason::Other)).await.unwrap();
    assert_ne!(later.vote.revision, first.vote.revision);
    assert_eq!(base.counts().await.no, 1);
    base.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_voters_at_once_no_vote_is_lost_and_one_voter_in_many_tabs_counts_once() {
    let base = std::sync::Arc::new(Base::new(3).await);
    let mut voting = tokio::task::JoinSet::new();
    for n in 0..50_u128 {
        let base = base.clone();
        voting.spawn(async move {
            // Every fifth of them is the same one in another tab.
            let who = if n % 5 == 0 { voter(1_000) } else { voter(n) };
            let ballot = if n % 2 == 0 {
                Ballot::bare(VoteValue::Yes)
            } else {
                no(VoteReason::Incomplete)
            };
            base.vote_as(who, ballot).await.map(|_| ())
        });
    }
    while let Some(voted) = voting.join_next().await {
        voted.unwrap().unwrap();
    }
    let base = std::sync::Arc::into_inner(base).unwrap();
    let counts = base.counts().await;
    assert_eq!(counts.yes + counts.no, 41);
    assert_eq!(counts, base.recounted().await);
    base.end();
}

#[tokio::test]
async fn somebody_without_a_token_is_given_one_and_a_person_votes_as_themselves() {
    let base = Base::new(4).await;
    let yes = Ballot::bare(VoteValue::Yes);
    let first = base.vote(None, yes.clone()).await.unwrap();
    let made = first.new_voter.unwrap();
    assert_eq!(first.vote.voter, Voter::Anonymous(made));
    let again = base.vote(Some(made), yes.clone()).await.unwrap();
    assert_eq!((again.new_voter, base.counts().await.yes), (None, 1));
    let ctx = base.world.ctx(Persona::Customer).await;
    let (kb, article) = (&base.world.kb, base.article.id);
    let own = votes::cast(kb, &ctx, article, Some(made), None, yes).await;
    let own = own.unwrap();
    assert_eq!(
        own.vote.voter,
        Voter::Person(ctx.viewer.user().unwrap()),
        "a token says nothing of who is signed in"
    );
    assert_eq!(base.counts().await.yes, 2);
    base.end();
}

#[tokio::test]
async fn what_readers_do_not_get_is_not_voted_on_by_anybody() {
    let base = Base::new(5).await;
    let (kb, article) = (&base.world.kb, base.article.id);
    let publisher = base.world.ctx(Persona::Publisher).await;
    let yes = Ballot::bare(VoteValue::Yes);
    votes::cast(kb, &publisher, article, None, None, yes.clone())
        .await
        .unwrap();
    let whole = articles::read(kb, &publisher, article).await.unwrap();
    articles::archive(kb, &publisher, whole).await.unwrap();
    let publisher = base.world.ctx(Persona::Publisher).await;
    let voted = votes::cast(kb, &publisher, article, None, None, yes).await;
    assert!(matches!(voted, Err(Error::NotFound(_))), "{voted:?}");
    let own = votes::own(kb, &publisher, article, None).await;
    assert!(matches!(own, Err(Error::NotFound(_))), "{own:?}");
    // Who works on it still sees how it was received.
    let counts = votes::counts(kb, &publisher, article).await.unwrap();
    assert_eq!(counts.yes, 1);
    base.end();
}
