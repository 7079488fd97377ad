//! One passage of a live text, to preview and to quote beside a ticket.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use crate::rendering::Links;
use crate::urls::{Target, placed};
use crate::{articles, translations};
use kb_domain::{ArticleId, Locale, Resource, RevisionId};
use kb_text::document;

/// A passage of a live text.
#[derive(Clone, Debug)]
pub struct PassageView {
    /// The article.
    pub article: ArticleId,
    /// The live revision that it stands in.
    pub revision: RevisionId,
    /// The article's title.
    pub title: String,
    /// Where in the page it begins; absent before the first heading.
    pub anchor: Option<String>,
    /// Its heading.
    pub heading: Option<String>,
    /// Its plain text, a line for each block.
    pub text: String,
    /// The path of the article's page.
    pub url: String,
}

/// The longest passage that is quoted, in characters; a longer one ends at a line before that.
const PASSAGE_MAX_CHARS: usize = 3_000;

/// What stands under a heading of the live text, or before the first one. Errors: the text is not for this viewer, or has
/// no such heading.
pub async fn passage(
    kb: &Kb,
    ctx: &RequestContext,
    id: ArticleId,
    locale: &Locale,
    anchor: Option<&str>,
) -> Result<PassageView, Error> {
    let whole = articles::read(kb, ctx, id).await?;
    let article = &whole.head.value;
    let view = translations::view(kb, ctx, &whole, locale, false).await?;
    let rendered = kb.page_of(&view.revision.body, &Links::default()).await?;
    let first = rendered.passages.first();
    let anchor = anchor.or_else(|| first?.anchor.as_deref());
    let under: Vec<&document::Passage> = rendered
        .passages
        .iter()
        .filter(|p| p.anchor.as_deref() == anchor)
        .collect();
    let heading = under
        .first()
        .ok_or(Error::NotFound(Resource::Passage))?
        .heading
        .clone();
    let mut text = String::new();
    for line in under.iter().flat_map(|p| p.text.lines()) {
        if !text.is_empty() && text.chars().count() + line.chars().count() > PASSAGE_MAX_CHARS {
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    let title = view.revision.title.clone();
    let target = Target {
        key: &article.key,
        title: &title,
        places: &article.places(),
    };
    let (_, url) = placed(kb, ctx, target, None, locale)
        .await?
        .ok_or(Error::NotFound(Resource::Article))?;
    Ok(PassageView {
        article: id,
        revision: view.revision.id,
        title,
        anchor: anchor.map(str::to_owned),
        heading,
        text: text.trim_end().to_owned(),
        url,
    })
}
