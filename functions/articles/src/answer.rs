//! Articles and their texts as JSON.

use kb_actions::translations::TranslationView;
use kb_actions::urls::{self, Target};
use kb_actions::{Error, Kb, RequestContext};
use kb_domain::{
    Action, Article, ArticleId, ArticleState, Audience, Body, ExternalId, Kind, Lifecycle, Locale,
    NodeId, Placement, PortalId, PublicKey, Resource, ReviewState, Revision, RevisionId, SectionId,
    Timestamp, Translation, UserId,
};
use kb_http::schema::{AudienceSchema, BodySchema, ExternalIdSchema, KindSchema, PlacementSchema};
use kb_store::repo::{ArticleWithTexts, Stored};
use serde::Serialize;
use utoipa::ToSchema;

/// An id of the address; one that is malformed names nothing.
pub(crate) fn article_id(text: &str) -> Result<ArticleId, Error> {
    text.parse().map_err(|_| Error::NotFound(Resource::Article))
}

/// An id of the address.
pub(crate) fn portal_id(text: &str) -> Result<PortalId, Error> {
    text.parse().map_err(|_| Error::NotFound(Resource::Portal))
}

/// An id of the address.
pub(crate) fn node_id(text: &str) -> Result<NodeId, Error> {
    text.parse().map_err(|_| Error::NotFound(Resource::Section))
}

/// An article without its texts.
#[derive(Serialize, ToSchema)]
#[schema(as = Article)]
pub(crate) struct ArticleAnswer {
    #[schema(value_type = String)]
    id: ArticleId,
    version: u64,
    /// The part of its address that decides.
    #[schema(value_type = String)]
    key: PublicKey,
    #[schema(value_type = KindSchema)]
    kind: Kind,
    r#type: String,
    home: Option<HomeAnswer>,
    /// Every section it stands in, home first.
    #[schema(value_type = Vec<PlacementSchema>)]
    placements: Vec<Placement>,
    /// Who may read it; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AudienceSchema>)]
    audience: Option<Audience>,
    labels: Vec<String>,
    /// Who answers for it; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    owner: Option<UserId>,
    /// The language it is written in first.
    #[schema(value_type = String)]
    source_locale: Locale,
    /// active or archived.
    #[schema(value_type = String)]
    state: ArticleState,
    /// Where it came from; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ExternalIdSchema>)]
    external: Option<ExternalId>,
    #[schema(value_type = String)]
    created_at: Timestamp,
    translations: Vec<TranslationLine>,
    /// The path of its page; absent where it has none.
    url: Option<String>,
}

/// The section that an article belongs to.
#[derive(Serialize, ToSchema)]
#[schema(as = Home)]
pub(crate) struct HomeAnswer {
    #[schema(value_type = String)]
    portal: PortalId,
    #[schema(value_type = String)]
    section: SectionId,
}

/// A translation in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct TranslationLine {
    #[schema(value_type = String)]
    pub locale: Locale,
    title: String,
    /// draft, scheduled or published.
    #[schema(value_type = String)]
    lifecycle: Lifecycle,
    #[schema(value_type = Option<String>)]
    live: Option<RevisionId>,
    /// For those who edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
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
            comments: _,
        } = whole.head.value.clone();
        let edits = ctx.viewer.may(Action::Edit);
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
            r#type: article_type.to_string(),
            home: home.filter(open).map(|home| HomeAnswer {
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
            url: place.map(|(_, url)| url),
            translations,
        })
    }
}

/// A translation with the text of one of its revisions.
#[derive(Serialize, ToSchema)]
#[schema(as = Translation)]
pub(crate) struct TranslationAnswer {
    #[schema(value_type = String)]
    article: ArticleId,
    #[schema(value_type = String)]
    locale: Locale,
    title: String,
    summary: String,
    #[schema(value_type = BodySchema)]
    body: Body,
    /// draft, scheduled or published.
    #[schema(value_type = String)]
    lifecycle: Lifecycle,
    #[schema(value_type = Option<String>)]
    live: Option<RevisionId>,
    /// The revision whose text this is.
    #[schema(value_type = String)]
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
    #[schema(value_type = String)]
    review: ReviewState,
    #[schema(value_type = String)]
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
}

/// A revision, which never changes.
#[derive(Serialize, ToSchema)]
#[schema(as = Revision)]
pub(crate) struct RevisionAnswer {
    #[schema(value_type = String)]
    pub id: RevisionId,
    /// From 1 in each translation.
    number: u32,
    title: String,
    summary: String,
    /// Absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BodySchema>)]
    body: Option<Body>,
    #[schema(value_type = Option<String>)]
    author: Option<UserId>,
    note: String,
    #[schema(value_type = String)]
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
