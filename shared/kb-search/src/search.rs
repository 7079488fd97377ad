//! Search: units by terms, grouped by article, each with the passage to show.

use crate::error::Error;
use crate::index::{Bound, Count, Filter, SearchIndex, UnitHit, UnitQuery, Units};
use crate::lexicon::Lexicon;
use crate::part::Part;
use crate::query::{
    Facet, Hit, Relation, SearchAnswer, SearchRequest, SnippetPiece, Strength, Total,
};
use crate::terms::Terms;
use crate::weights::{LIKELY, OWN_LANGUAGE, SEARCH, STRONG, Weights};
use kb_domain::{ArticleId, Locale};
use kb_text::analysis::{self, Matcher, Tokens};
use std::collections::{HashMap, HashSet};

/// Deep paging ends here.
pub const DEEPEST: usize = 1_000;

/// Searches what the request's bound admits. A text of signs only finds nothing; an empty one lists the newest.
pub async fn search(
    index: &dyn SearchIndex,
    lexicon: &Lexicon,
    request: &SearchRequest,
) -> Result<SearchAnswer, Error> {
    let typed = !request.text.trim().is_empty();
    let terms = Terms::of_question(&request.text, lexicon, &SEARCH);
    let total = |value, relation| Total { value, relation };
    if (typed && terms.is_empty()) || request.offset >= DEEPEST {
        return Ok(SearchAnswer {
            hits: Vec::new(),
            total: total(0, Relation::Eq),
            facets: Vec::new(),
        });
    }
    let wanted = (request.offset + request.limit).min(DEEPEST);
    let query = UnitQuery {
        terms: terms.weighted(&SEARCH),
        filters: filters(request),
        bound: request.bound.clone(),
        limit: (wanted * 10).max(100),
        count: if request.facets {
            Count::Facets
        } else {
            Count::Articles
        },
    };
    let units = index.search(&query).await?;
    let ranked = rank(&units, request.locale.as_ref());
    let page: Vec<UnitHit> = ranked
        .into_iter()
        .take(wanted)
        .skip(request.offset)
        .collect();
    let hits = present(index, &terms, &request.bound, page)
        .await?
        .into_iter()
        .map(|(hit, _)| hit)
        .collect();
    let relation = if units.exact {
        Relation::Eq
    } else {
        Relation::Gte
    };
    Ok(SearchAnswer {
        hits,
        total: total(units.articles, relation),
        facets: facets_of(&units),
    })
}

/// Articles with their scores, best first, and the share of the question that the first one covers; for `eval`.
pub(crate) async fn ranked(
    index: &dyn SearchIndex,
    lexicon: &Lexicon,
    request: &SearchRequest,
) -> Result<(Vec<(ArticleId, f32)>, f32), Error> {
    let terms = Terms::of_question(&request.text, lexicon, &SEARCH);
    rank_by(
        index,
        &terms,
        &SEARCH,
        filters(request),
        request.bound.clone(),
        request.limit,
    )
    .await
}

/// Articles by these terms, and the share of them that the first one covers.
pub(crate) async fn rank_by(
    index: &dyn SearchIndex,
    terms: &Terms,
    weights: &Weights,
    filters: Vec<Filter>,
    bound: Bound,
    limit: usize,
) -> Result<(Vec<(ArticleId, f32)>, f32), Error> {
    if terms.is_empty() {
        return Ok((Vec::new(), 0.0));
    }
    let query = UnitQuery {
        terms: terms.weighted(weights),
        filters,
        bound: bound.clone(),
        limit: (limit * 10).max(100),
        count: Count::Nothing,
    };
    let ranked = rank(&index.search(&query).await?, None);
    let first = present(
        index,
        terms,
        &bound,
        ranked.iter().take(1).cloned().collect(),
    )
    .await?;
    let share = first.first().map_or(0.0, |(_, share)| *share);
    Ok((
        ranked
            .into_iter()
            .take(limit)
            .map(|hit| (hit.id.article, hit.score))
            .collect(),
        share,
    ))
}

fn filters(request: &SearchRequest) -> Vec<Filter> {
    let mut filters = Vec::new();
    filters.extend(request.portal.map(Filter::Portal));
    filters.extend(request.nodes.clone().map(Filter::Nodes));
    filters.extend(request.language.clone().map(Filter::Language));
    if !request.kinds.is_empty() {
        filters.push(Filter::Kind(
            request
                .kinds
                .iter()
                .map(|k| k.as_str().to_owned())
                .collect(),
        ));
    }
    if !request.types.is_empty() {
        filters.push(Filter::Type(
            request.types.iter().map(ToString::to_string).collect(),
        ));
    }
    if !request.labels.is_empty() {
        filters.push(Filter::Labels(request.labels.clone()));
    }
    filters
}

fn facets_of(units: &Units) -> Vec<Facet> {
    let mut facets: Vec<Facet> = Vec::new();
    for (name, value, count) in &units.facets {
        match facets.iter_mut().find(|f| f.name == *name) {
            Some(facet) => facet.values.push((value.clone(), *count)),
            None => facets.push(Facet {
                name: name.clone(),
                values: vec![(value.clone(), *count)],
            }),
        }
    }
    for facet in &mut facets {
        facet
            .values
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        facet.values.truncate(20);
    }
    facets
}

/// The best unit of each article, best first. A unit in the reader's language counts more; of one article in several
/// languages the reader's own is shown.
pub(crate) fn rank(units: &Units, locale: Option<&Locale>) -> Vec<UnitHit> {
    // 2: the reader's own locale, 1: their language in another script, 0: another language.
    let own = |hit: &UnitHit| {
        locale.map_or(0, |l| {
            u8::from(l.language() == hit.id.locale.language()) + u8::from(*l == hit.id.locale)
        })
    };
    let mut best: HashMap<_, UnitHit> = HashMap::new();
    for hit in &units.hits {
        let mut hit = hit.clone();
        if own(&hit) > 0 {
            hit.score *= OWN_LANGUAGE;
        }
        match best.get_mut(&hit.id.article) {
            None => {
                best.insert(hit.id.article, hit);
            }
            Some(known) => {
                let better = (own(&hit), hit.score) > (own(known), known.score);
                let score = known.score.max(hit.score);
                if better {
                    *known = hit;
                }
                known.score = score;
            }
        }
    }
    let mut ranked: Vec<UnitHit> = best.into_values().collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
    ranked
}

/// Loads the parts of a page of units and picks and cuts their passages. The second value is the share of the term weight
/// that the part covers. A part that was replaced since it was found, by one that the bound does not admit, is left out.
pub(crate) async fn present(
    index: &dyn SearchIndex,
    terms: &Terms,
    bound: &Bound,
    page: Vec<UnitHit>,
) -> Result<Vec<(Hit, f32)>, Error> {
    let ids: Vec<_> = page.iter().map(|u| u.id.clone()).collect();
    let parts = index.load(&ids).await?;
    let loaded = page
        .into_iter()
        .zip(parts)
        .filter_map(|(unit, part)| Some((unit, part?)))
        .filter(|(_, part)| bound.admits(part));
    let (every, wanted) = (terms.every(), terms.all());
    let matcher = Matcher::new(&every);
    Ok(loaded
        .filter_map(|(unit, part)| hit(terms, &matcher, &wanted, &unit, part))
        .collect())
}

/// `None` for a tombstone, which no search finds. `matcher` finds the terms that count, `wanted` are those that are marked.
fn hit(
    terms: &Terms,
    matcher: &Matcher<'_>,
    wanted: &HashSet<String>,
    unit: &UnitHit,
    part: Part,
) -> Option<(Hit, f32)> {
    let (key, revision) = (part.key?, part.revision?);
    let found_in = |text: &str| matcher.tokens(text);
    let mut held = terms_of(&found_in(&format!("{}\n{}", part.title, part.summary)));
    let (mut chosen, mut most) = (None, -1.0);
    let found: Vec<Tokens> = part.passages.iter().map(|p| found_in(&p.text)).collect();
    for (n, passage) in part.passages.iter().enumerate() {
        let mut in_passage = terms_of(&found[n]);
        in_passage.extend(passage.heading.iter().flat_map(|h| terms_of(&found_in(h))));
        let (share, _) = terms.coverage(&in_passage);
        if share > most && !passage.text.trim().is_empty() {
            (chosen, most) = (Some(n), share);
        }
        held.extend(in_passage);
    }
    let passage = chosen.and_then(|n| part.passages.get(n));
    let pieces = match chosen {
        Some(n) => analysis::cut_matching(&part.passages[n].text, &found[n], wanted),
        None => analysis::cut(&part.summary, wanted),
    };
    let snippet = pieces
        .into_iter()
        .map(|p| SnippetPiece {
            text: p.text,
            marked: p.marked,
        })
        .collect();
    let (share, matched) = terms.coverage(&held);
    let strength = match share {
        s if s >= STRONG => Strength::Strong,
        s if s >= LIKELY => Strength::Likely,
        _ => Strength::Weak,
    };
    let hit = Hit {
        article: part.id.article,
        key,
        anchor: passage.and_then(|p| p.anchor.clone()),
        heading: passage.and_then(|p| p.heading.clone()),
        locale: part.id.locale,
        revision,
        audience: part.audience,
        places: part.portals.into_iter().zip(part.nodes).collect(),
        kind: part.kind,
        article_type: part.article_type,
        labels: part.labels,
        title: part.title,
        snippet,
        matched,
        strength,
        score: unit.score,
    };
    Some((hit, share))
}

fn terms_of(tokens: &Tokens) -> HashSet<String> {
    let all = tokens.words.iter().chain(&tokens.second);
    all.map(|t| t.term.clone()).collect()
}
