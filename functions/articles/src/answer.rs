//! Articles and their texts as JSON.

use kb_actions::translations::TranslationView;
use kb_actions::urls::{self, Target};
use kb_actions::{Error, Kb, RequestContext};
use kb_domain::{
    Action, Article, ArticleId, ArticleState, ArticleType, Audience, Body, Comments, ExternalId,
    Kind, Lifecycle, Locale, Placement, PortalId, PublicKey, ReviewState, Revision, RevisionId,
    SectionId, Timestamp, Translation, UserId,
};
use kb_store::repo::{ArticleWithTexts, Stored};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An article without its texts.
#[derive(Serialize, ToSchema)]
#[schema(as = Article)]
pub(crate) struct ArticleAnswer {
    id: ArticleId,
    version: u64,
    /// The part of its address that decides.
    key: PublicKey,
    kind: Kind,
    r#type: ArticleType,
    home: Option<Home>,
    /// Every section it stands in, home first.
    placements: Vec<Placement>,
    /// Who may read it; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<Audience>,
    labels: Vec<String>,
    /// Who answers for it; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<UserId>,
    /// The language it is written in first.
    source_locale: Locale,
    state: ArticleState,
    /// Where it came from; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    external: Option<ExternalId>,
    created_at: Timestamp,
    /// Whether readers may comment on it; as its portal says, when null.
    comments: Option<Comments>,
    translations: Vec<TranslationLine>,
    /// The address of its page; absent where it has none.
    url: Option<String>,
}

/// The section that an article belongs to.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Home {
    pub portal: PortalId,
    pub section: SectionId,
}

/// A translation in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct TranslationLine {
    pub locale: Locale,
    title: String,
    lifecycle: Lifecycle,
    live: Option<RevisionId>,
    /// For those who edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    working: Option<RevisionId>,
    /// For those who edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
}

impl TranslationLine {
    /// Those who do not edit get what is live and no more.
    pub fn of(ctx: &RequestContext, stored: &Stored<Translation>) -> Self {
        let t = &stored.value;
        let edits = ctx.viewer.may(Action::Edit);
        let live = t.live_title.as_ref().filter(|_| !edits);
        Self {
            locale: t.locale.clone(),
            title: live.unwrap_or(&t.title).clone(),
            lifecycle: t.lifecycle,
            live: t.live,
            working: edits.then_some(t.working),
            version: edits.then_some(stored.version),
        }
    }
}

impl ArticleAnswer {
    /// Those who do not edit get what is live, where they may enter, and no more.
    pub async fn of(
        kb: &Kb,
        ctx: &RequestContext,
        whole: &ArticleWithTexts,
    ) -> Result<Self, Error> {
        let Article {
            id,
            key,
            kind,
            article_type,
            home,
            placements,
            audience,
            labels,
            owner,
            source_locale,
            state,
            external,
            created_at,
            comments,
        } = whole.head.value.clone();
        let edits = ctx.edits(&whole.head.value);
        let staff = edits || ctx.viewer.is_staff();
        let open = |p: &Placement| edits || ctx.reaches(p.portal);
        let lines = whole.translations.iter();
        let translations: Vec<_> = lines.map(|t| TranslationLine::of(ctx, t)).collect();
        let title = translations.first().map_or("", |t| t.title.as_str());
        let head = &whole.head.value;
        let target = Target {
            key: &head.key,
            title,
            places: &head.places(),
        };
        let place = urls::placed(kb, ctx, target, None, &head.source_locale).await?;
        Ok(Self {
            id,
            version: whole.head.version,
            key,
            kind,
            r#type: article_type,
            home: home.filter(open).map(|home| Home {
                portal: home.portal,
                section: home.section,
            }),
            placements: placements.into_iter().filter(|p| open(p)).collect(),
            audience: staff.then_some(audience),
            labels,
            owner: owner.filter(|_| staff),
            source_locale,
            state,
            external: external.filter(|_| staff),
            created_at,
            comments,
            url: place.map(|(_, url)| ctx.absolute(&url)),
            translations,
        })
    }
}

/// A translation with the text of one of its revisions.
#[derive(Serialize, ToSchema)]
#[schema(as = Translation)]
pub(crate) struct TranslationAnswer {
    article: ArticleId,
    locale: Locale,
    title: String,
    summary: String,
    body: Body,
    lifecycle: Lifecycle,
    live: Option<RevisionId>,
    /// The revision whose text this is.
    revision: RevisionId,
    /// Its number.
    number: u32,
    /// For those who edit.
    #[serde(flatten)]
    authors: Option<AuthorsPart>,
}

/// What authors tell one another about a translation.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthorsPart {
    version: u64,
    /// Why this revision was made.
    note: String,
    review: ReviewState,
    working: RevisionId,
}

impl TranslationAnswer {
    /// What authors tell one another is not for readers.
    pub fn of(ctx: &RequestContext, view: &TranslationView) -> Self {
        let (t, r) = (&view.translation.value, &view.revision);
        Self {
            article: t.article,
            locale: t.locale.clone(),
            title: r.title.clone(),
            summary: r.summary.clone(),
            body: r.body.clone(),
            lifecycle: t.lifecycle,
            live: t.live,
            revision: r.id,
            number: r.number,
            authors: ctx.viewer.may(Action::Edit).then(|| AuthorsPart {
                version: view.translation.version,
                note: r.note.clone(),
                review: t.review,
                working: t.working,
            }),
        }
    }

    /// The same before another edit: a note tells of one.
    pub fn without_note(mut self) -> Self {
        if let Some(authors) = &mut self.authors {
            authors.note.clear();
        }
        self
    }
}

/// A revision, which never changes.
#[derive(Serialize, ToSchema)]
#[schema(as = Revision)]
pub(crate) struct RevisionAnswer {
    pub id: RevisionId,
    /// From 1 in each translation.
    number: u32,
    title: String,
    summary: String,
    /// Absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body>,
    author: Option<UserId>,
    note: String,
    at: Timestamp,
    /// `sha256:` and the hash of title, summary and body.
    hash: String,
}

impl RevisionAnswer {
    /// With its body, or as a line of a list.
    pub fn of(revision: Revision, with_body: bool) -> Self {
        Self {
            id: revision.id,
            number: revision.number,
            title: revision.title,
            summary: revision.summary,
            body: with_body.then_some(revision.body),
            author: revision.author,
            note: revision.note,
            at: revision.at,
            hash: revision.hash,
        }
    }
}
