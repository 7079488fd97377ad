//! Export: everything that is content, as records and bodies. Where they lie as files is the caller's affair.
//!
//! What consistency it has: the articles are those that are there when it begins. Each is read as it is at one moment, with
//! every revision up to the one its authors see; revisions and bodies never change. Two articles may be read at two moments.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{
    Action, Article, ArticleId, Ballot, BodyFormat, Comment, Locale, Node, Portal, PortalId,
    Resource, Revision, RevisionId, Timestamp, Translation, Tree, UserId, Vote, VoteReason,
    VoteValue, Voter,
};
use kb_store::keys;
use kb_store::repo::{ArticleWithTexts, Articles, Portals, Stored, Votes};
use serde::{Deserialize, Serialize};

/// The number of the form that records have. A reader refuses a larger one.
pub const FORMAT: u32 = 1;

/// One line of `records.jsonl`. A kind of record that a reader does not know is none of its business.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A portal.
    Portal {
        /// Version of its row.
        version: u64,
        /// The portal.
        portal: Portal,
    },
    /// A category or section.
    Node {
        /// The portal it belongs to.
        portal: PortalId,
        /// The folder that its articles lie in, below `content`, `drafts`, `archived` and `history`.
        folder: String,
        /// The node.
        node: Node,
    },
    /// An article with its translations.
    Article {
        /// Version of its head.
        version: u64,
        /// The head.
        article: Article,
        /// The translations, by locale.
        translations: Vec<TranslationRecord>,
    },
    /// A revision; live and working ones stand here as well.
    Revision {
        /// The revision.
        revision: RevisionRecord,
    },
    /// A comment on an article. It stands before its article.
    Comment {
        /// The comment.
        comment: Comment,
    },
    /// A vote on an article. It stands before its article.
    Vote {
        /// The vote.
        vote: VoteRecord,
    },
    /// An old address.
    Redirect {
        /// The portal.
        portal: PortalId,
        /// The address, beginning with a slash.
        path: String,
        /// The article that is there now.
        article: ArticleId,
    },
    /// The last line: an export without it was broken off.
    End {
        /// Articles in it.
        articles: u64,
        /// Revisions in it.
        revisions: u64,
    },
    /// A kind that a later version added.
    #[serde(other)]
    Other,
}

/// A translation with the texts its two pointers lead to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TranslationRecord {
    /// Version of its row.
    pub version: u64,
    /// The translation.
    pub translation: Translation,
    /// What readers get; absent until published.
    pub live: Option<RevisionRecord>,
    /// What authors edit.
    pub working: RevisionRecord,
}

/// A revision whose body lies in a file of its own, byte for byte as authored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionRecord {
    /// The id.
    pub id: RevisionId,
    /// The article.
    pub article: ArticleId,
    /// The language.
    pub locale: Locale,
    /// Counted from 1 in each translation.
    pub number: u32,
    /// The title.
    pub title: String,
    /// The summary.
    pub summary: String,
    /// How the body is written.
    pub format: BodyFormat,
    /// Who wrote it.
    pub author: Option<UserId>,
    /// Why.
    pub note: String,
    /// When.
    pub at: Timestamp,
    /// `sha256:` and the hash of title, summary and body.
    pub hash: String,
    /// Path of the file that holds the body, from the root of the export.
    pub file: String,
}

impl RevisionRecord {
    /// The record of a revision whose body lies in `file`.
    pub fn of(revision: &Revision, file: String) -> Self {
        Self {
            id: revision.id,
            article: revision.article,
            locale: revision.locale.clone(),
            number: revision.number,
            title: revision.title.clone(),
            summary: revision.summary.clone(),
            format: revision.body.format,
            author: revision.author,
            note: revision.note.clone(),
            at: revision.at,
            hash: revision.hash.clone(),
            file,
        }
    }
}

/// A vote on an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteRecord {
    /// The article.
    pub article: ArticleId,
    /// The id of a person, or of a browser in which nobody was signed in.
    pub voter: Voter,
    /// Whether it helped.
    pub value: VoteValue,
    /// Why not.
    pub reason: Option<VoteReason>,
    /// Why not, in their own words.
    pub text: Option<String>,
    /// The language that was read.
    pub locale: Locale,
    /// The revision that was read.
    pub revision: RevisionId,
    /// When.
    pub at: Timestamp,
}

impl VoteRecord {
    /// The record of a vote.
    pub fn of(vote: Vote) -> Self {
        Self {
            article: vote.article,
            voter: vote.voter,
            value: vote.ballot.value,
            reason: vote.ballot.reason,
            text: vote.ballot.text,
            locale: vote.locale,
            revision: vote.revision,
            at: vote.at,
        }
    }

    /// The vote of a record.
    pub fn vote(self) -> Vote {
        Vote {
            article: self.article,
            voter: self.voter,
            ballot: Ballot {
                value: self.value,
                reason: self.reason,
                text: self.text,
            },
            locale: self.locale,
            revision: self.revision,
            at: self.at,
        }
    }
}

/// A portal with its tree and its old addresses.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// The portal.
    pub portal: Stored<Portal>,
    /// Its tree.
    pub tree: Tree,
    /// Old addresses with the article that is there now, by address.
    pub redirects: Vec<(String, ArticleId)>,
}

/// Reads everything, whoever may see it.
pub struct Export<'a> {
    kb: &'a Kb,
}

impl<'a> Export<'a> {
    /// Errors: the caller does not administer the base.
    pub fn begin(kb: &'a Kb, ctx: &RequestContext) -> Result<Self, Error> {
        ctx.demand(Action::Export)?;
        Ok(Self { kb })
    }

    /// Every portal as it is now, by handle.
    pub async fn shelves(&self) -> Result<Vec<Shelf>, Error> {
        let mut shelves = Vec::new();
        for portal in Portals::list(self.kb.store()).await? {
            let id = portal.value.id;
            let tree = Portals::tree(self.kb.store(), id).await?.map(|t| t.value);
            shelves.push(Shelf {
                redirects: Portals::redirects(self.kb.store(), id).await?,
                tree: tree.unwrap_or_default(),
                portal,
            });
        }
        shelves.sort_by(|a, b| a.portal.value.handle.cmp(&b.portal.value.handle));
        Ok(shelves)
    }

    /// A page of the ids of all articles, from behind `cursor`; the second value is where to go on.
    pub async fn ids(
        &self,
        cursor: Option<String>,
    ) -> Result<(Vec<ArticleId>, Option<String>), Error> {
        Ok(Articles::page(self.kb.store(), cursor).await?)
    }

    /// An article as it is now, in whatever state; `None` when it is gone.
    pub async fn article(&self, id: ArticleId) -> Result<Option<ArticleWithTexts>, Error> {
        Ok(Articles::whole(self.kb.store(), id).await?)
    }

    /// The revisions of a translation up to its working one, without their bodies, oldest first. What was saved after the
    /// translation was read is left out, so that pointers and revisions agree.
    pub async fn revisions(&self, translation: &Translation) -> Result<Vec<Revision>, Error> {
        let (mut revisions, mut cursor) = (Vec::new(), None);
        loop {
            let (store, locale) = (self.kb.store(), &translation.locale);
            let (page, next) =
                Articles::revisions(store, translation.article, locale, 500, cursor).await?;
            revisions.extend(page.into_iter().filter(|r| r.number <= translation.number));
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        revisions.sort_by_key(|r| r.number);
        Ok(revisions)
    }

    /// Every comment on an article, oldest first.
    pub async fn comments(&self, id: ArticleId) -> Result<Vec<Comment>, Error> {
        let found = self.kb.store().all(&keys::comment_partition(id)).await?;
        Ok(found.into_iter().map(|c| c.value).collect())
    }

    /// Every vote on an article.
    pub async fn votes(&self, id: ArticleId) -> Result<Vec<Vote>, Error> {
        Ok(Votes::on(self.kb.store(), id).await?)
    }

    /// A revision with its body. Errors: it is not there, though it is never removed.
    pub async fn body(&self, revision: &Revision) -> Result<Revision, Error> {
        let store = self.kb.store();
        let found =
            Articles::revision(store, revision.article, &revision.locale, revision.id).await?;
        found.ok_or(Error::NotFound(Resource::Revision))
    }
}
