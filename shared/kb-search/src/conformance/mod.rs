//! The suite that every engine passes: what engines differ in, as one check each. A check panics where an engine does not do what
//! the port promises. Each wants an index of its own, which is empty.

mod bounds;
mod counts;
mod ranking;
mod surfaces;
mod versions;
mod words;

use crate::fields;
use crate::index::{Bound, Count, SearchIndex, UnitQuery, Units, WeightedTerm};
use crate::part::{Part, PartId};
use kb_domain::{
    ArticleId, ArticleType, Audience, AudienceId, Kind, Locale, NodeId, PortalId, PublicKey,
    RevisionId, SectionId, Timestamp,
};
use kb_text::document::Passage;
use std::future::Future;
use std::pin::Pin;

/// A check under way.
type Running<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// One promise of the port.
#[derive(Clone, Copy)]
pub struct Check {
    /// What is promised, as an identifier.
    pub name: &'static str,
    run: for<'a> fn(&'a dyn SearchIndex) -> Running<'a>,
}

impl Check {
    /// Checks an engine by an empty index of it. Panics when it does not keep the promise.
    pub async fn run(&self, index: &dyn SearchIndex) {
        (self.run)(index).await;
    }
}

macro_rules! checks {
    ($($module:ident::$name:ident),* $(,)?) => {
        &[$(Check {
            name: stringify!($name),
            run: |index| Box::pin($module::$name(index)),
        }),*]
    };
}

/// Every promise of the port.
pub const CHECKS: &[Check] = checks![
    versions::nothing_is_visible_before_a_refresh,
    versions::a_late_write_is_a_no_op,
    versions::a_late_write_does_not_bring_back_what_is_gone,
    versions::an_equal_version_replaces_and_repeats_nothing,
    versions::one_late_part_of_a_batch_holds_up_no_other,
    versions::repeated_and_shuffled_writes_end_equal,
    versions::parts_are_known_before_they_are_visible,
    versions::only_tombstones_of_their_age_are_forgotten,
    versions::articles_come_in_pages_by_their_ids,
    versions::parts_are_loaded_in_the_order_asked,
    versions::a_large_part_comes_back_whole,
    ranking::scores_are_those_of_lucene,
    ranking::units_come_by_score_and_then_by_id,
    ranking::fields_and_weights_count_apart,
    ranking::scores_have_five_digits,
    ranking::the_limit_cuts_the_worst,
    ranking::many_terms_are_asked_at_once,
    ranking::without_terms_the_newest_come_first,
    ranking::a_count_changes_no_hit,
    ranking::a_merge_restores_the_scores_of_a_fresh_index,
    bounds::what_the_audience_does_not_admit_is_nowhere,
    bounds::a_bound_of_portals_holds_everywhere,
    bounds::a_narrowing_hides_older_units_only,
    bounds::many_narrowings_and_many_terms_go_together,
    bounds::a_crowd_of_narrowings_hides_at_least_what_they_say,
    bounds::filters_hold_together,
    bounds::a_language_has_all_its_scripts,
    bounds::labels_are_any_text,
    bounds::places_are_those_that_the_bound_admits,
    bounds::the_parts_of_a_section_are_counted_as_the_bound_admits_them,
    counts::articles_are_counted_as_far_as_anybody_pages,
    counts::an_article_counts_once_for_each_facet_value,
    counts::nothing_is_counted_unless_asked,
    counts::counting_ends_beside_facets,
    words::terms_come_sorted_with_their_frequencies,
    words::terms_of_a_bound_are_those_of_what_it_admits,
    words::han_text_is_found_by_words_and_bigrams,
    words::more_words_than_a_page_are_all_told,
    surfaces::a_search_tells_nothing_of_what_is_not_admitted,
    surfaces::a_title_hit_outranks_a_body_hit_and_the_last_paragraph_is_found,
    surfaces::words_that_stand_together_outrank_the_same_words_apart,
    surfaces::filters_of_a_search_narrow_it,
    surfaces::of_an_article_in_two_scripts_the_readers_own_is_shown,
    surfaces::one_article_is_enough_for_a_ticket_and_nothing_fits_is_said,
];

fn uuid(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

fn article(n: u128) -> ArticleId {
    ArticleId::new(uuid(n))
}

fn portal(n: u128) -> PortalId {
    PortalId::new(uuid(n))
}

fn section(n: u128) -> NodeId {
    NodeId::Section(SectionId::new(uuid(n)))
}

fn locale(tag: &str) -> Locale {
    tag.parse().expect("a locale")
}

fn audience(expression: &str) -> AudienceId {
    let audience: Audience = expression.parse().expect("an audience");
    audience.id()
}

fn passages(text: &str) -> Vec<Passage> {
    let passage = |text: &str| Passage {
        anchor: None,
        heading: None,
        text: text.to_owned(),
    };
    text.split("\n\n").map(passage).collect()
}

/// A public English part of version 10 without a title, in portal 1 and in section 0 or 1.
fn part(n: u128, text: &str) -> Part {
    Part {
        id: PartId {
            article: article(n),
            locale: Locale::en(),
            n: 0,
        },
        key: Some(PublicKey::from_uuid(uuid(n))),
        revision: Some(RevisionId::new(uuid(n))),
        version: 10,
        audience: Some(audience("public")),
        portals: vec![portal(1)],
        nodes: vec![section(n % 2)],
        kind: Kind::ALL[(n % 3) as usize],
        article_type: ArticleType::default(),
        labels: vec![format!("product:p{}", n % 2)],
        published_at: Timestamp(n as i64 * 1_000_000_000),
        title: String::new(),
        summary: String::new(),
        path: Vec::new(),
        passages: passages(text),
    }
}

/// The same as the part `k` in a language.
fn unit(n: u128, tag: &str, k: u32, text: &str) -> Part {
    let mut part = part(n, text);
    part.id.locale = locale(tag);
    part.id.n = k;
    part
}

fn term(field: &'static str, term: &str, weight: f32) -> WeightedTerm {
    WeightedTerm {
        field,
        term: term.to_owned(),
        weight,
    }
}

fn bound(audiences: &[&str]) -> Bound {
    let mut audiences: Vec<AudienceId> = audiences.iter().map(|a| audience(a)).collect();
    audiences.sort();
    Bound {
        audiences,
        ..Bound::default()
    }
}

/// A question of the public for words of the body; everything is counted.
fn ask(words: &[&str]) -> UnitQuery {
    UnitQuery {
        terms: (words.iter())
            .map(|word| term(fields::BODY_WORDS, word, 1.0))
            .collect(),
        bound: bound(&["public"]),
        limit: 100,
        count: Count::Facets,
        ..UnitQuery::default()
    }
}

async fn write(index: &dyn SearchIndex, parts: Vec<Part>) {
    index.write(parts).await.expect("the engine writes");
}

async fn refresh(index: &dyn SearchIndex) {
    index.refresh().await.expect("the engine refreshes");
}

async fn lay(index: &dyn SearchIndex, parts: Vec<Part>) {
    write(index, parts).await;
    refresh(index).await;
}

/// Merges until nothing is left of what was replaced.
async fn merge(index: &dyn SearchIndex) {
    let mut merges = 0;
    while index.merge().await.expect("the engine merges") > 0 {
        merges += 1;
        assert!(merges < 100_000, "the engine keeps what was replaced");
    }
}

async fn find(index: &dyn SearchIndex, query: &UnitQuery) -> Units {
    index.search(query).await.expect("the engine answers")
}

async fn known(index: &dyn SearchIndex, n: u128) -> Vec<(PartId, u64)> {
    let parts = index.parts(&[article(n)]).await;
    parts.expect("the engine answers")
}

async fn loaded(index: &dyn SearchIndex, ids: &[PartId]) -> Vec<Option<Part>> {
    index.load(ids).await.expect("the engine loads")
}

/// Numbers of the articles found, in order.
fn numbers(units: &Units) -> Vec<u128> {
    let numbers = units.hits.iter().map(|h| h.id.article.uuid().as_u128());
    numbers.collect()
}

/// The same, sorted.
fn sorted(units: &Units) -> Vec<u128> {
    let mut numbers = numbers(units);
    numbers.sort_unstable();
    numbers
}

fn count_of(units: &Units, name: &str, value: &str) -> u64 {
    let mut facets = units.facets.iter();
    let found = facets.find(|(n, v, _)| n == name && v == value);
    found.map_or(0, |(_, _, count)| *count)
}

/// Numbers that follow from a seed alone, each below `end`.
fn numbers_of(seed: u64, end: u64) -> impl Iterator<Item = u64> {
    let mut state = seed;
    std::iter::from_fn(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Some((z ^ (z >> 31)) % end)
    })
}
