//! Import: one article in one language after the other, each in a transaction of its own, found again by external id.

mod folders;
mod item;
pub mod runs;
mod undo;

pub use folders::{Folder, stand};
pub use undo::{Undone, undo};

use crate::articles;
use crate::comments;
use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::translations;
use crate::votes;
use folders::section_of;
use item::Target;
use kb_domain::{
    Action, ArticleId, ArticleState, ArticleType, Audience, Body, Comment, ExternalId, Kind,
    Locale, PortalId, TranslationDraft, Vote,
};
use kb_store::repo::{Articles, Import, ItemOutcome};

/// What an export says about an article beyond one of its texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// Its id in the base that was exported; in that base it is found again by it.
    pub article: ArticleId,
    /// How it is found again in another base.
    pub external: ExternalId,
    /// The language it is written in first.
    pub source_locale: Locale,
    /// Whether it is taken out of use after this text, its last one.
    pub archive: bool,
    /// The comments on it, beside its last text.
    pub comments: Vec<Comment>,
    /// The votes on it, beside its last text.
    pub votes: Vec<Vote>,
}

/// One article in one language, ready to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What the report calls it: path or id.
    pub name: String,
    /// How a second run finds it again.
    pub external_id: String,
    /// Its language, where the source says one.
    pub locale: Option<Locale>,
    /// Category first, then sections; always at least two.
    pub folders: Vec<Folder>,
    /// The title.
    pub title: String,
    /// The summary.
    pub summary: String,
    /// The body.
    pub body: Body,
    /// The kind, where the source says one.
    pub kind: Option<Kind>,
    /// The type, where the source says one.
    pub article_type: Option<ArticleType>,
    /// Labels.
    pub labels: Vec<String>,
    /// Who may read it, where the source says so.
    pub audience: Option<Audience>,
    /// Addresses it had before, each beginning with `/` and not ending with one.
    pub redirects: Vec<String>,
    /// Its place in the section, where the source says one.
    pub position: Option<u32>,
    /// Not to be published, whatever the command says.
    pub draft: bool,
    /// What a person should look at.
    pub warnings: Vec<String>,
    /// The handle of its portal, where the source says one.
    pub portal: Option<String>,
    /// What the export says about its article, if it comes from one.
    pub origin: Option<Origin>,
}

/// What holds for every item of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The run.
    pub import: Import,
    /// Where the articles go.
    pub portal: PortalId,
    /// Who may read an article whose source does not say.
    pub audience: Option<Audience>,
    /// The language of an article whose source does not say.
    pub locale: Locale,
    /// Keep everything as drafts.
    pub draft: bool,
}

/// Stores one item: creates, updates or leaves alone. Errors: the reason for the report; nothing of the item is written.
pub async fn apply(
    kb: &Kb,
    ctx: &RequestContext,
    run: &Run,
    n: u64,
    item: &Item,
) -> Result<ItemOutcome, Error> {
    ctx.demand_in(Action::Publish, run.portal)?;
    let locale = item.locale.clone().unwrap_or_else(|| run.locale.clone());
    let section = section_of(kb, run.portal, &item.folders, &locale, &ctx.viewer).await?;
    // The tree may have grown, so the gate is read again; its time also orders this write behind that one.
    let ctx = &RequestContext::load(kb, ctx.viewer.clone()).await?;
    let draft = TranslationDraft {
        title: item.title.clone(),
        summary: item.summary.clone(),
        body: item.body.clone(),
        note: String::new(),
    }
    .tidy();
    draft.check()?;
    translations::demand_budget(&draft.body)?;
    let external = match &item.origin {
        Some(origin) => origin.external.clone(),
        None => ExternalId {
            source: run.import.source.clone(),
            id: item.external_id.clone(),
        },
    };
    let publish = !run.draft && !item.draft;
    let target = Target {
        kb,
        ctx,
        run,
        n,
        item,
        locale: &locale,
        publish,
    };
    let outcome = match found(kb, item, &external).await? {
        None => target.create(section, external.clone(), &draft).await?,
        Some(id) => target.change(id, section, &draft).await?,
    };
    let archived = item.origin.as_ref().is_some_and(|o| o.archive)
        && archive(kb, ctx, item, &external).await?;
    let brought = bring_readers(kb, ctx, item, &external).await?;
    Ok(match outcome {
        ItemOutcome::Unchanged if archived || brought => ItemOutcome::Updated,
        other => other,
    })
}

/// The article that an item is a text of: by its own id, where it was exported from here, else by its external id.
async fn found(kb: &Kb, item: &Item, external: &ExternalId) -> Result<Option<ArticleId>, Error> {
    if let Some(origin) = &item.origin
        && Articles::head(kb.store(), origin.article).await?.is_some()
    {
        return Ok(Some(origin.article));
    }
    Ok(Articles::by_external(kb.store(), external).await?)
}

/// Brings back the comments and votes that the item has beside it; answers whether any was new.
async fn bring_readers(
    kb: &Kb,
    ctx: &RequestContext,
    item: &Item,
    external: &ExternalId,
) -> Result<bool, Error> {
    let Some(origin) = &item.origin else {
        return Ok(false);
    };
    if origin.votes.is_empty() && origin.comments.is_empty() {
        return Ok(false);
    }
    let Some(id) = found(kb, item, external).await? else {
        return Ok(false);
    };
    let comments = comments::bring_back(kb, ctx, id, &origin.comments).await?;
    let votes = votes::bring_back(kb, ctx, id, &origin.votes).await?;
    Ok(comments + votes > 0)
}

/// Takes the item's article out of use; answers whether it was in use.
async fn archive(
    kb: &Kb,
    ctx: &RequestContext,
    item: &Item,
    external: &ExternalId,
) -> Result<bool, Error> {
    let ctx = &RequestContext::load(kb, ctx.viewer.clone()).await?;
    let Some(id) = found(kb, item, external).await? else {
        return Ok(false);
    };
    let whole = articles::read(kb, ctx, id).await?;
    if whole.head.value.state != ArticleState::Active {
        return Ok(false);
    }
    articles::archive(kb, ctx, whole).await?;
    Ok(true)
}
