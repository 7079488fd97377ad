//! Votes on articles, and the counters that move with them.

use crate::error::Error;
use crate::keys;
use crate::record::{Keyed, Record, Stored};
use crate::store::{Store, TIMELESS};
use crate::table::{Key, Op, Query, Transaction};
use kb_domain::{
    ArticleId, Ballot, Locale, RevisionId, Timestamp, Vote, VoteCounts, VoteReason, VoteValue,
    Voter,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A vote as stored.
#[derive(Serialize, Deserialize)]
pub struct VoteForm {
    article: ArticleId,
    voter: Voter,
    value: VoteValue,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<VoteReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    locale: Locale,
    revision: RevisionId,
    at: Timestamp,
}

impl Record for Vote {
    type Form = VoteForm;
    const KIND: &'static str = "vote";

    fn form(&self) -> VoteForm {
        VoteForm {
            article: self.article,
            voter: self.voter,
            value: self.ballot.value,
            reason: self.ballot.reason,
            text: self.ballot.text.clone(),
            locale: self.locale.clone(),
            revision: self.revision,
            at: self.at,
        }
    }

    fn of(form: VoteForm) -> Self {
        Self {
            article: form.article,
            voter: form.voter,
            ballot: Ballot {
                value: form.value,
                reason: form.reason,
                text: form.text,
            },
            locale: form.locale,
            revision: form.revision,
            at: form.at,
        }
    }
}

impl Keyed for Vote {
    fn key(&self) -> Key {
        keys::vote(self.article, self.voter)
    }
}

/// Reads and changes of votes.
pub struct Votes;

impl Votes {
    /// The vote of a voter; `None` when they have none.
    pub async fn of(
        store: &Store,
        article: ArticleId,
        voter: Voter,
    ) -> Result<Option<Stored<Vote>>, Error> {
        store.get(&keys::vote(article, voter)).await
    }

    /// Those of these voters' votes that are there.
    pub async fn of_many(
        store: &Store,
        article: ArticleId,
        voters: impl Iterator<Item = Voter>,
    ) -> Result<Vec<Stored<Vote>>, Error> {
        let keys: Vec<Key> = voters.map(|v| keys::vote(article, v)).collect();
        store.get_many(&keys).await
    }

    /// Every vote on an article.
    pub async fn on(store: &Store, article: ArticleId) -> Result<Vec<Vote>, Error> {
        let votes = store.all::<Vote>(&keys::vote_partition(article)).await?;
        Ok(votes.into_iter().map(|v| v.value).collect())
    }

    /// What the counters of an article say.
    pub async fn counts(store: &Store, article: ArticleId) -> Result<VoteCounts, Error> {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        let query = Query::partition(keys::count_partition(article), TIMELESS);
        for (key, row) in store.rows(query).await? {
            let (what, _) = key.sort.split_once('#').unwrap_or((&key.sort, ""));
            *sums.entry(what.to_owned()).or_default() += row.n;
        }
        let sum = |what: &str| u64::try_from(sums.get(what).copied().unwrap_or(0)).unwrap_or(0);
        let reasons = VoteReason::ALL.map(|reason| (reason, sum(reason.as_str())));
        Ok(VoteCounts {
            yes: sum(VoteValue::Yes.as_str()),
            no: sum(VoteValue::No.as_str()),
            reasons: reasons.into_iter().filter(|(_, n)| *n > 0).collect(),
        })
    }
}

/// What a transaction with votes does to the counters. Two votes may move the same one, and a transaction names each row once.
#[derive(Default)]
pub struct CountMoves(BTreeMap<Key, i64>);

impl CountMoves {
    /// Adds a vote over the one that was read, or adds it where none was.
    pub fn cast(&mut self, tx: &mut Transaction, before: Option<&Stored<Vote>>, after: &Vote) {
        tx.replace_or_insert(before, after);
        if let Some(before) = before {
            self.count(&before.value, -1);
        }
        self.count(after, 1);
    }

    /// Takes a vote back.
    pub fn withdraw(&mut self, tx: &mut Transaction, before: &Stored<Vote>) {
        tx.remove(before);
        self.count(&before.value, -1);
    }

    /// Moves the counters by the difference.
    pub fn end(self, tx: &mut Transaction) {
        let moved = self.0.into_iter().filter(|(_, by)| *by != 0);
        for (key, by) in moved {
            tx.push(Op::Add(key, by));
        }
    }

    fn count(&mut self, vote: &Vote, by: i64) {
        for what in vote.ballot.counted() {
            let key = keys::count(vote.article, what, vote.voter);
            *self.0.entry(key).or_default() += by;
        }
    }
}
