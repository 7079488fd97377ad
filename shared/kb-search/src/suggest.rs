//! Suggestions: articles for a ticket by its key terms, above a floor, each with its reason.

use crate::error::Error;
use crate::index::{Count, Filter, SearchIndex, UnitQuery};
use crate::lexicon::Lexicon;
use crate::query::{Hit, Reason, SuggestAnswer, SuggestRequest};
use crate::search::{present, rank, rank_by};
use crate::terms::Terms;
use crate::weights::{FLOOR, TICKET};
use kb_domain::ArticleId;

/// Words named in a reason.
const REASON_WORDS: usize = 5;

/// Articles for a ticket. Nothing fits when no article covers enough of what it says.
pub async fn suggest(
    index: &dyn SearchIndex,
    lexicon: &Lexicon,
    request: &SuggestRequest,
) -> Result<SuggestAnswer, Error> {
    let (terms, ranked) = candidates(index, lexicon, request).await?;
    let above = ranked.into_iter().filter(|(_, share)| *share >= FLOOR);
    let hits = above.map(|(hit, _)| {
        let reason = Reason {
            terms: telling(&hit.matched),
            heading: hit.heading.clone(),
        };
        (hit, reason)
    });
    Ok(SuggestAnswer {
        terms: terms.written(),
        hits: hits.collect(),
    })
}

/// The words to name in a reason: one that stands inside another of them says nothing more.
fn telling(matched: &[String]) -> Vec<String> {
    let inside = |word: &String| {
        matched
            .iter()
            .any(|other| other.len() > word.len() && other.contains(word.as_str()))
    };
    let words = matched.iter().filter(|word| !inside(word));
    words.take(REASON_WORDS).cloned().collect()
}

/// Articles with their scores, best first, and the share of the ticket that the first one covers; no floor; for `eval`.
pub(crate) async fn ranked(
    index: &dyn SearchIndex,
    lexicon: &Lexicon,
    request: &SuggestRequest,
    language: Option<String>,
) -> Result<(Vec<(ArticleId, f32)>, f32), Error> {
    let terms = Terms::of_ticket(&request.ticket, lexicon, &TICKET);
    let filters = language.map(Filter::Language).into_iter().collect();
    rank_by(
        index,
        &terms,
        &TICKET,
        filters,
        request.bound.clone(),
        request.limit,
    )
    .await
}

/// Hits with the share of the ticket's term weight that each covers.
async fn candidates(
    index: &dyn SearchIndex,
    lexicon: &Lexicon,
    request: &SuggestRequest,
) -> Result<(Terms, Vec<(Hit, f32)>), Error> {
    let terms = Terms::of_ticket(&request.ticket, lexicon, &TICKET);
    if terms.is_empty() {
        return Ok((terms, Vec::new()));
    }
    let query = UnitQuery {
        terms: terms.weighted(&TICKET),
        filters: request.portal.map(Filter::Portal).into_iter().collect(),
        bound: request.bound.clone(),
        limit: (request.limit * 10).max(100),
        count: Count::Nothing,
    };
    let units = index.search(&query).await?;
    let page = rank(&units, request.locale.as_ref())
        .into_iter()
        .take(request.limit)
        .collect();
    let hits = present(index, &terms, &request.bound, page).await?;
    Ok((terms, hits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_no_piece_of_a_word_that_it_names() {
        let matched = ["单", "2107", "E-2107", "E", "save"].map(str::to_owned);
        assert_eq!(telling(&matched), ["单", "E-2107", "save"]);
    }
}
