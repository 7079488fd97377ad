//! Translations and revisions: what an article says in a language, and the transitions between its states.

use crate::article::{Article, ArticleState};
use crate::clock::Timestamp;
use crate::error::{Error, FieldError};
use crate::id::{ArticleId, RevisionId, UserId};
use crate::locale::Locale;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a translation stands with its readers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Lifecycle {
    /// Never published.
    #[default]
    Draft,
    /// To be published at a time.
    Scheduled,
    /// Its live revision is what readers get.
    Published,
}

/// Where a translation stands with its reviewers; apart from its lifecycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum ReviewState {
    /// Nobody asked.
    #[default]
    None,
    /// Waiting for a reviewer.
    NeedsReview,
    /// Being reviewed.
    InReview,
    /// Approved.
    Approved,
    /// Sent back.
    Rejected,
}
/// How a body is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum BodyFormat {
    /// GitHub-flavored Markdown.
    #[default]
    Markdown,
    /// HTML; what is dangerous in it is removed when it is shown.
    Html,
    /// Plain text.
    Text,
}

/// A body as authored; export gives `source` back byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Body {
    /// How it is written.
    pub format: BodyFormat,
    /// The text.
    pub source: String,
}

/// What an author saves: the writable fields of a translation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TranslationDraft {
    /// The title, 1 to 250 characters.
    pub title: String,
    /// One or two sentences, at most 1,000 characters.
    #[serde(default)]
    pub summary: String,
    /// The body.
    pub body: Body,
    /// Why this edit was made, at most 500 characters; it is never kept from the edit before.
    #[serde(default)]
    pub note: String,
}

/// The longest title, in characters.
pub const TITLE_MAX_CHARS: usize = 250;
/// The longest body, in bytes; longer ones are media.
pub const BODY_MAX_BYTES: usize = 2_000_000;

impl TranslationDraft {
    /// The same with line breaks and control characters in the title folded to spaces and outer spaces removed.
    #[must_use]
    pub fn tidy(mut self) -> Self {
        self.title = one_line(&self.title);
        self.summary = self.summary.trim().to_owned();
        self.note = one_line(&self.note);
        self
    }

    /// Refuses texts that are too long or hold what no store keeps; all faults together.
    pub fn check(&self) -> Result<(), Error> {
        let mut faults = Vec::new();
        let mut limit = |pointer: &str, chars: usize, max: usize| {
            if chars > max {
                faults.push(FieldError {
                    pointer: pointer.to_owned(),
                    code: "too_long".to_owned(),
                    detail: format!("at most {max} characters; this has {chars}"),
                });
            }
        };
        limit("/title", self.title.chars().count(), TITLE_MAX_CHARS);
        limit("/summary", self.summary.chars().count(), 1_000);
        limit("/note", self.note.chars().count(), 500);
        if self.body.source.len() > BODY_MAX_BYTES {
            faults.push(FieldError {
                pointer: "/body/source".to_owned(),
                code: "too_long".to_owned(),
                detail: format!(
                    "at most {BODY_MAX_BYTES} bytes; this has {}",
                    self.body.source.len()
                ),
            });
        }
        if self.body.source.contains('\0') {
            faults.push(FieldError {
                pointer: "/body/source".to_owned(),
                code: "nul".to_owned(),
                detail: "a text holds no NUL character".to_owned(),
            });
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Fields(faults))
        }
    }

    /// Whether saving this after `revision` would change nothing a reader or author sees.
    pub fn same_text(&self, revision: &Revision) -> bool {
        self.title == revision.title
            && self.summary == revision.summary
            && self.body == revision.body
    }
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// One translation of an article: two pointers into its revisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// The article.
    pub article: ArticleId,
    /// The language.
    pub locale: Locale,
    /// Title of the working revision, for lists.
    pub title: String,
    /// Title of the live revision, for readers' lists; absent until published.
    pub live_title: Option<String>,
    /// Summary of the live revision, for readers' lists; absent until published.
    pub live_summary: Option<String>,
    /// Where it stands with its readers.
    pub lifecycle: Lifecycle,
    /// Where it stands with its reviewers.
    pub review: ReviewState,
    /// What readers get; absent until published.
    pub live: Option<RevisionId>,
    /// What authors edit.
    pub working: RevisionId,
    /// Number of the working revision, from 1.
    pub number: u32,
    /// When it last became live.
    pub published_at: Option<Timestamp>,
}

impl Translation {
    /// A translation whose first revision is `revision`.
    pub fn first(revision: &Revision) -> Self {
        Self {
            article: revision.article,
            locale: revision.locale.clone(),
            title: revision.title.clone(),
            live_title: None,
            live_summary: None,
            lifecycle: Lifecycle::Draft,
            review: ReviewState::None,
            live: None,
            working: revision.id,
            number: revision.number,
            published_at: None,
        }
    }

    /// The translation after `revision` became its working revision. What is live stays.
    #[must_use]
    pub fn save(&self, revision: &Revision) -> Self {
        Self {
            title: revision.title.clone(),
            working: revision.id,
            number: revision.number,
            review: ReviewState::None,
            ..self.clone()
        }
    }

    /// Makes the working revision live. `has_content` says whether its body has text or an image with alternative text.
    /// Refused, with every unmet condition named, unless there is a title, content, a home section and an audience.
    pub fn publish(
        &self,
        article: &Article,
        revision: &Revision,
        has_content: bool,
        now: Timestamp,
    ) -> Result<Self, Error> {
        if article.state != ArticleState::Active {
            return Err(Error::Conflict(
                "the article is archived; restore it first".into(),
            ));
        }
        let mut faults = Vec::new();
        let mut need = |met: bool, pointer: &str, detail: &str| {
            if !met {
                faults.push(FieldError {
                    pointer: pointer.to_owned(),
                    code: "required".to_owned(),
                    detail: detail.to_owned(),
                });
            }
        };
        need(
            !revision.title.is_empty(),
            "/title",
            "publishing needs a title",
        );
        need(
            has_content,
            "/body",
            "publishing needs a body with text, or an image with alternative text",
        );
        need(
            article.home.is_some(),
            "/home",
            "publishing needs a home section",
        );
        need(
            article.audience.check().is_ok(),
            "/audience",
            "publishing needs an audience: say who may read it",
        );
        if !faults.is_empty() {
            return Err(Error::Fields(faults));
        }
        Ok(Self {
            lifecycle: Lifecycle::Published,
            live: Some(self.working),
            live_title: Some(revision.title.clone()),
            live_summary: Some(revision.summary.clone()),
            published_at: Some(now),
            ..self.clone()
        })
    }
}

/// One immutable revision of a translation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
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
    /// The body; stored in a row of its own.
    pub body: Body,
    /// Who wrote it.
    pub author: Option<UserId>,
    /// Why.
    pub note: String,
    /// When.
    pub at: Timestamp,
    /// `sha256:` and the hash of title, summary and body.
    pub hash: String,
}

impl Revision {
    /// The revision that `draft` becomes.
    pub fn of(
        id: RevisionId,
        article: ArticleId,
        locale: &Locale,
        number: u32,
        draft: &TranslationDraft,
        author: Option<UserId>,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            article,
            locale: locale.clone(),
            number,
            title: draft.title.clone(),
            summary: draft.summary.clone(),
            body: draft.body.clone(),
            author,
            note: draft.note.clone(),
            at,
            hash: hash_of([&draft.title, &draft.summary, &draft.body.source]),
        }
    }

    /// Whether its text is the one that was saved; a disk may give back another one.
    pub fn is_intact(&self) -> bool {
        self.hash == hash_of([&self.title, &self.summary, &self.body.source])
    }
}

fn hash_of(texts: [&str; 3]) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    let digest = hasher.finalize();
    digest
        .iter()
        .fold(String::from("sha256:"), |mut text, byte| {
            use fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{ArticleType, Kind, Placement};
    use crate::audience::Audience;
    use crate::id::{PortalId, PublicKey, SectionId};
    use uuid::Uuid;

    fn draft() -> TranslationDraft {
        TranslationDraft {
            title: "Reset your password".into(),
            body: Body {
                format: BodyFormat::Markdown,
                source: "Open settings.".into(),
            },
            ..TranslationDraft::default()
        }
    }

    fn fixture() -> (Article, Revision, Translation) {
        let id = ArticleId::new(Uuid::from_u128(1));
        let revision = Revision::of(
            RevisionId::new(Uuid::from_u128(2)),
            id,
            &Locale::en(),
            1,
            &draft(),
            None,
            Timestamp(0),
        );
        let article = Article {
            id,
            key: PublicKey::from_uuid(Uuid::from_u128(3)),
            kind: Kind::Explicit,
            article_type: ArticleType::default(),
            home: Some(Placement {
                portal: PortalId::new(Uuid::from_u128(4)),
                section: SectionId::new(Uuid::from_u128(5)),
                position: 0,
            }),
            placements: vec![],
            audience: Audience::public(),
            labels: vec![],
            owner: None,
            source_locale: Locale::en(),
            state: ArticleState::Active,
            external: None,
            created_at: Timestamp(0),
            comments: None,
        };
        let translation = Translation::first(&revision);
        (article, revision, translation)
    }

    #[test]
    fn publish_moves_a_pointer_and_a_later_save_leaves_it() {
        let (article, revision, translation) = fixture();
        let live = translation
            .publish(&article, &revision, true, Timestamp(9))
            .unwrap();
        assert_eq!(live.live, Some(revision.id));
        let second = Revision {
            id: RevisionId::new(Uuid::from_u128(7)),
            number: 2,
            title: "New".into(),
            ..revision.clone()
        };
        let saved = live.save(&second);
        assert_eq!((saved.live, saved.working), (Some(revision.id), second.id));
        assert_eq!(saved.live_title.as_deref(), Some("Reset your password"));
    }

    #[test]
    fn publish_names_everything_that_is_missing() {
        let (article, revision, translation) = fixture();
        let bare = Article {
            home: None,
            audience: Audience::default(),
            ..article
        };
        let untitled = Revision {
            title: String::new(),
            ..revision
        };
        let Err(Error::Fields(faults)) = translation.publish(&bare, &untitled, false, Timestamp(9))
        else {
            panic!("published without anything");
        };
        let pointers: Vec<&str> = faults.iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(pointers, ["/title", "/body", "/home", "/audience"]);
    }

    #[test]
    fn an_archived_article_is_not_published_and_comes_back_as_it_was() {
        let (article, revision, translation) = fixture();
        let archived = article.archive().unwrap();
        assert!(archived.archive().is_err());
        assert!(matches!(
            translation.publish(&archived, &revision, true, Timestamp(9)),
            Err(Error::Conflict(_))
        ));
        assert_eq!(archived.restore().unwrap(), article);
    }

    #[test]
    fn a_title_is_one_line_and_limits_name_the_field() {
        let tidy = TranslationDraft {
            title: " a\r\nb\u{0}c ".into(),
            ..draft()
        }
        .tidy();
        assert_eq!(tidy.title, "a b c");
        let long = TranslationDraft {
            title: "密".repeat(251),
            ..draft()
        };
        let Err(Error::Fields(faults)) = long.check() else {
            panic!("accepted")
        };
        assert_eq!(faults[0].pointer, "/title");
    }

    #[test]
    fn types_are_an_open_list_of_slugs() {
        assert!(
            ArticleType::SEEDS
                .iter()
                .all(|t| t.parse::<ArticleType>().is_ok())
        );
        assert!("release-notes".parse::<ArticleType>().is_ok());
        for bad in ["", "Big", "a b", "-a", "../x"] {
            assert!(bad.parse::<ArticleType>().is_err(), "{bad}");
        }
    }
}
