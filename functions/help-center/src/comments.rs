//! Comments on the page of an article.

use crate::place::Place;
use kb_actions::browse::ArticlePage;
use kb_actions::comments;
use kb_domain::{Action, Comment, CommentState, access};
use kb_http::{Deps, PageError};
use kb_pages::{CommentLine, Comments, OwnComment, Texts, date};

/// Comments on one page.
const SHOWN: usize = 50;

/// The comments on an article as its page shows them; `None` where they are off.
pub(crate) async fn shown(
    deps: &Deps,
    place: &Place,
    found: &ArticlePage,
    cursor: Option<&str>,
    sent: bool,
) -> Result<Option<Comments>, PageError> {
    let (kb, ctx, article) = (&deps.kb, &place.ctx, &found.article);
    if comments::mode(kb, ctx, article).await? == kb_domain::Comments::Off {
        return Ok(None);
    }
    let name = format!("comments:{}", article.id);
    let from = match cursor {
        None => None,
        Some(cursor) => Some(deps.cursors.open(&name, cursor).await?),
    };
    let (list, next) = comments::list(kb, ctx, article, SHOWN, from).await?;
    let more = match next {
        None => None,
        Some(next) => Some(deps.cursors.seal(&name, &next).await?),
    };
    let list = list.iter().map(|c| CommentLine {
        own: access::wrote(&ctx.viewer, &c.value).then(|| OwnComment {
            url: format!("{}/comments/{}", found.url, c.value.id),
            version: c.version,
            text: c.value.text.clone(),
            fault: None,
        }),
        ..line(&c.value, place.texts)
    });
    let may = access::holds(&ctx.viewer, Action::Comment).is_ok();
    let moderates = ctx.demand_on(Action::Moderate, article).is_ok();
    Ok(Some(Comments {
        list: list.collect(),
        post: may.then(|| format!("{}/comments", found.url)),
        more: more.map(|cursor| format!("{}?cursor={cursor}#comments", found.url)),
        moderate: moderates.then(|| format!("/console/comments?locale={}", place.texts.tag())),
        refused: None,
        sent,
    }))
}

/// A comment as every page shows it.
pub(crate) fn line(comment: &Comment, texts: Texts) -> CommentLine {
    let at = comment.created_at;
    CommentLine {
        name: comment.name.clone(),
        by_staff: comment.by_staff,
        at: (at.to_string(), date(at, texts)),
        lines: comment.text.lines().map(pieces).collect(),
        waits: comment.state == CommentState::Waiting,
        hidden: comment.state == CommentState::Hidden,
        points_out_error: comment.points_out_error,
        answered: comment.answered,
        edited: comment.edited_at.is_some(),
        own: None,
    }
}

/// The words of a line; one that is an address on the web is a link, without the punctuation behind it.
fn pieces(line: &str) -> Vec<(String, bool)> {
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for word in line.split_inclusive(' ') {
        let is_address = word.starts_with("https://") || word.starts_with("http://");
        let address = if is_address {
            word.trim_end_matches([' ', '.', ',', ';', ':', '!', '?', ')'])
        } else {
            ""
        };
        if !address.is_empty() {
            pieces.push((address.to_owned(), true));
        }
        pieces.push((word[address.len()..].to_owned(), false));
    }
    pieces
}
