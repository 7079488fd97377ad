//! From an article in one language to the units that are indexed. The indexer and `eval` use this one function.

use kb_domain::{
    ArticleId, ArticleType, AudienceId, Kind, Locale, NodeId, PortalId, PublicKey, RevisionId,
    Timestamp,
};
use kb_text::document::{Passage, word_count};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A live translation, as the indexer read it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The article.
    pub article: ArticleId,
    /// What its page's address begins with.
    pub key: PublicKey,
    /// Its language.
    pub locale: Locale,
    /// The live revision.
    pub revision: RevisionId,
    /// Version of the row that said so; a later write wins.
    pub version: u64,
    /// Who may see it.
    pub audience: AudienceId,
    /// Portals it stands in, one for each of `nodes`.
    pub portals: Vec<PortalId>,
    /// Sections it stands in; categories and subtrees are expanded at query time.
    pub nodes: Vec<NodeId>,
    /// Sort of knowledge.
    pub kind: Kind,
    /// Type.
    pub article_type: ArticleType,
    /// Labels.
    pub labels: Vec<String>,
    /// When it last became live.
    pub published_at: Timestamp,
    /// Title.
    pub title: String,
    /// Summary.
    pub summary: String,
    /// Names from the category down, for ranking only.
    pub path: Vec<String>,
    /// Its text in order.
    pub passages: Vec<Passage>,
    /// Question and answer pairs as passages of their own (type `faq` only): heading = question.
    pub faq: Vec<Passage>,
}

/// Which part of which article in which language.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartId {
    /// The article.
    pub article: ArticleId,
    /// Its language.
    pub locale: Locale,
    /// From 0.
    pub n: u32,
}

impl fmt::Display for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}#{}", self.article, self.locale, self.n)
    }
}

impl FromStr for PartId {
    type Err = kb_domain::Error;

    /// Reads what [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut pieces = text.splitn(3, '#');
        let mut next = || pieces.next().unwrap_or_default();
        let (article, locale, n) = (next().parse()?, next().parse()?, next().parse());
        let malformed = |_| kb_domain::Error::Malformed {
            what: "part",
            detail: "a part has an article, a language and a number".to_owned(),
        };
        let n = n.map_err(malformed)?;
        Ok(Self { article, locale, n })
    }
}

/// A unit of the collection `parts`: a whole article in one language, a stretch of a long one, or a question with its
/// answer. A tombstone is a part without text and audience; it keeps the version so that a late write does not come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which.
    pub id: PartId,
    /// What the address of the article's page begins with; `None` on a tombstone.
    pub key: Option<PublicKey>,
    /// The live revision; `None` on a tombstone.
    pub revision: Option<RevisionId>,
    /// Version; older writes are no-ops.
    pub version: u64,
    /// Who may see it; `None` on a tombstone.
    pub audience: Option<AudienceId>,
    /// Portals it stands in, one for each of `nodes`.
    pub portals: Vec<PortalId>,
    /// Sections it stands in.
    pub nodes: Vec<NodeId>,
    /// Sort of knowledge.
    pub kind: Kind,
    /// Type.
    pub article_type: ArticleType,
    /// Labels.
    pub labels: Vec<String>,
    /// When it last became live.
    pub published_at: Timestamp,
    /// Title.
    pub title: String,
    /// Summary.
    pub summary: String,
    /// Names from the category down.
    pub path: Vec<String>,
    /// Its passages.
    pub passages: Vec<Passage>,
}

impl Part {
    /// The part that stands where one was: without text and audience, it keeps the version.
    #[must_use]
    pub fn tombstone(id: PartId, version: u64) -> Self {
        Self {
            id,
            key: None,
            revision: None,
            version,
            audience: None,
            portals: Vec::new(),
            nodes: Vec::new(),
            kind: Kind::default(),
            article_type: ArticleType::default(),
            labels: Vec::new(),
            published_at: Timestamp::default(),
            title: String::new(),
            summary: String::new(),
            path: Vec::new(),
            passages: Vec::new(),
        }
    }

    /// Whether it only keeps a version.
    pub fn is_tombstone(&self) -> bool {
        self.audience.is_none()
    }

    /// Its whole text.
    pub fn body(&self) -> String {
        let mut body = String::new();
        for passage in &self.passages {
            for text in passage
                .heading
                .iter()
                .chain([&passage.text])
                .filter(|t| !t.is_empty())
            {
                body.push_str(text);
                body.push('\n');
            }
        }
        body
    }
}

/// A whole article up to this many words is one part.
const PART_MAX_WORDS: usize = 1_200;

/// The parts of an article in one language: the whole of it up to 1,200 words, else stretches of about equal size that end
/// where a passage ends; and each question of a FAQ with its answer.
pub fn parts_of(source: &Source) -> Vec<Part> {
    let sizes: Vec<usize> = source
        .passages
        .iter()
        .map(|p| word_count(&p.text))
        .collect();
    let words: usize = sizes.iter().sum();
    let stretches = words.div_ceil(PART_MAX_WORDS).max(1);
    let target = words.div_ceil(stretches);
    let mut groups: Vec<Vec<Passage>> = vec![Vec::new()];
    let mut filled = 0;
    for (passage, size) in source.passages.iter().zip(sizes) {
        if filled > 0 && filled + size / 2 > target && groups.len() < stretches {
            groups.push(Vec::new());
            filled = 0;
        }
        filled += size;
        if let Some(group) = groups.last_mut() {
            group.push(passage.clone());
        }
    }
    groups.extend(source.faq.iter().map(|pair| vec![pair.clone()]));
    groups
        .into_iter()
        .zip(0..)
        .map(|(passages, n)| part(source, n, passages))
        .collect()
}

fn part(source: &Source, n: u32, passages: Vec<Passage>) -> Part {
    Part {
        id: PartId {
            article: source.article,
            locale: source.locale.clone(),
            n,
        },
        key: Some(source.key.clone()),
        revision: Some(source.revision),
        version: source.version,
        audience: Some(source.audience),
        portals: source.portals.clone(),
        nodes: source.nodes.clone(),
        kind: source.kind,
        article_type: source.article_type.clone(),
        labels: source.labels.clone(),
        published_at: source.published_at,
        title: source.title.clone(),
        summary: source.summary.clone(),
        path: source.path.clone(),
        passages,
    }
}
