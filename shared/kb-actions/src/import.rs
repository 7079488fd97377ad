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
    /// What earlier runs may have called it, the likeliest first.
    pub known_as: Vec<String>,
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
    /// Its place among the names of the source: where it stands at first, when nothing says one.
    pub order: Option<u32>,
    /// Not to be published, whatever the command says.
    pub draft: bool,
    /// Whether it shows pictures.
    pub pictures: bool,
    /// What a person should look at.
    pub warnings: Vec<String>,
    /// What a person may want to know.
    pub notes: Vec<String>,
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
    /// What else the source may have been called by earlier runs.
    pub also: Vec<String>,
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
    translations::demand_budget(kb, &draft.body).await?;
    let found = find(kb, run, item).await?;
    // An article has one audience; a text of another language that names another one must not be read under it.
    let other_readers = match (&item.audience, found.id()) {
        (Some(audience), Some(id)) if item.origin.is_none() => {
            let head = Articles::head(kb.store(), id).await?;
            let head = head.map(|h| h.value).filter(|h| h.source_locale != locale);
            head.is_some_and(|h| h.audience != audience.clone().canonical())
        }
        _ => false,
    };
    let publish = !run.draft && !item.draft && !other_readers;
    let target = Target {
        kb,
        ctx,
        run,
        n,
        item,
        locale: &locale,
        publish,
    };
    let outcome = match found {
        Found::Free(external) => target.create(section, external, &draft).await?,
        Found::Article(id) => target.change(id, section, &draft).await?,
    };
    let archived =
        item.origin.as_ref().is_some_and(|o| o.archive) && archive(kb, ctx, run, item).await?;
    let brought = bring_readers(kb, ctx, run, item).await?;
    Ok(match outcome {
        ItemOutcome::Unchanged if archived || brought => ItemOutcome::Updated,
        other => other,
    })
}

/// The article that an item is a text of, or the external id that it gets.
enum Found {
    Article(ArticleId),
    Free(ExternalId),
}

impl Found {
    fn id(&self) -> Option<ArticleId> {
        match self {
            Self::Article(id) => Some(*id),
            Self::Free(_) => None,
        }
    }
}

/// The article that an item is a text of: by its own id, where it was exported from here, else by an external id that it has or
/// that an earlier run gave it. What another portal has under the same id is another source of the same name.
async fn find(kb: &Kb, run: &Run, item: &Item) -> Result<Found, Error> {
    if let Some(origin) = &item.origin {
        if Articles::head(kb.store(), origin.article).await?.is_some() {
            return Ok(Found::Article(origin.article));
        }
        let known = Articles::by_external(kb.store(), &origin.external).await?;
        return Ok(known.map_or_else(|| Found::Free(origin.external.clone()), Found::Article));
    }
    // A text that got its ending as a part of its id keeps it when the other text of its name is gone.
    let (particular, others) = item.known_as.split_at(item.known_as.len().min(1));
    let ids = particular.iter().chain([&item.external_id]).chain(others);
    let ids: Vec<&String> = ids.collect();
    let mut is_taken = false;
    for source in sources(run) {
        for id in &ids {
            let own = source == run.import.source && **id == item.external_id;
            let (found, elsewhere) = in_portal(kb, run, source.clone(), id).await?;
            if let Some(found) = found {
                return Ok(Found::Article(found));
            }
            is_taken |= own && elsewhere;
        }
    }
    let source = run.import.source.clone();
    Ok(Found::Free(ExternalId {
        source: if is_taken {
            source_in_portal(&source, run.portal)
        } else {
            source
        },
        id: item.external_id.clone(),
    }))
}

/// Whether the base has an article of the run's source and portal under this id.
pub async fn is_held(kb: &Kb, ctx: &RequestContext, run: &Run, id: &str) -> Result<bool, Error> {
    Ok(holder(kb, ctx, run, id).await?.is_some())
}

/// Title and body that the base has under an id of the run's source and portal: in the run's language, else in the first.
pub async fn held(
    kb: &Kb,
    ctx: &RequestContext,
    run: &Run,
    id: &str,
) -> Result<Option<(String, Body)>, Error> {
    let Some(article) = holder(kb, ctx, run, id).await? else {
        return Ok(None);
    };
    let whole = Articles::whole(kb.store(), article).await?;
    let Some(whole) = whole else {
        return Ok(None);
    };
    let text = whole
        .translation(&run.locale)
        .or(whole.translations.first());
    let Some(text) = text.map(|t| &t.value) else {
        return Ok(None);
    };
    let found = Articles::revision(kb.store(), article, &text.locale, text.working).await?;
    Ok(found.map(|revision| (revision.title, revision.body)))
}

async fn holder(
    kb: &Kb,
    ctx: &RequestContext,
    run: &Run,
    id: &str,
) -> Result<Option<ArticleId>, Error> {
    ctx.demand_in(Action::Publish, run.portal)?;
    for source in sources(run) {
        if let Some(found) = in_portal(kb, run, source, id).await?.0 {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What the run's source may be called, the likeliest first.
fn sources(run: &Run) -> Vec<String> {
    let own = &run.import.source;
    let mut sources = vec![own.clone()];
    sources.extend(run.also.iter().cloned());
    sources.push(source_in_portal(own, run.portal));
    sources
}

/// The article under an external id, if the run's portal is its home; and whether that of another portal is.
async fn in_portal(
    kb: &Kb,
    run: &Run,
    source: String,
    id: &str,
) -> Result<(Option<ArticleId>, bool), Error> {
    let external = ExternalId {
        source,
        id: id.to_owned(),
    };
    let Some(found) = Articles::by_external(kb.store(), &external).await? else {
        return Ok((None, false));
    };
    let head = Articles::head(kb.store(), found).await?;
    let home = head.and_then(|h| h.value.home);
    let ours = home.is_none_or(|home| home.portal == run.portal);
    Ok((ours.then_some(found), !ours))
}

/// What a source is called in a portal, where another portal has articles of another source of its name.
pub fn source_in_portal(source: &str, portal: PortalId) -> String {
    format!("{source}@{portal}")
}

/// Brings back the comments and votes that the item has beside it; answers whether any was new.
async fn bring_readers(
    kb: &Kb,
    ctx: &RequestContext,
    run: &Run,
    item: &Item,
) -> Result<bool, Error> {
    let Some(origin) = &item.origin else {
        return Ok(false);
    };
    if origin.votes.is_empty() && origin.comments.is_empty() {
        return Ok(false);
    }
    let Some(id) = find(kb, run, item).await?.id() else {
        return Ok(false);
    };
    let comments = comments::bring_back(kb, ctx, id, &origin.comments).await?;
    let votes = votes::bring_back(kb, ctx, id, &origin.votes).await?;
    Ok(comments + votes > 0)
}

/// Takes the item's article out of use; answers whether it was in use.
async fn archive(kb: &Kb, ctx: &RequestContext, run: &Run, item: &Item) -> Result<bool, Error> {
    let ctx = &RequestContext::load(kb, ctx.viewer.clone()).await?;
    let Some(id) = find(kb, run, item).await?.id() else {
        return Ok(false);
    };
    let whole = articles::read(kb, ctx, id).await?;
    if whole.head.value.state != ArticleState::Active {
        return Ok(false);
    }
    articles::archive(kb, ctx, whole).await?;
    Ok(true)
}
