//! Every number of the ranking, in one table. One setting for all sets; `sidenote eval` measures it.

/// How much each field counts, and how terms are chosen.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// Words of the title.
    pub title_words: f32,
    /// Stems of the title.
    pub title_stems: f32,
    /// Han bigrams of the title. They read the same characters again that the words read, so that they count less.
    pub title_bigrams: f32,
    /// Words of the body, title included.
    pub body_words: f32,
    /// Stems of the body.
    pub body_stems: f32,
    /// Han bigrams of the body, those between two words included.
    pub body_bigrams: f32,
    /// Labels and path.
    pub place: f32,
    /// How many distinct words of the question are used, and how many bigrams between them.
    pub terms_max: usize,
}

/// A question that was typed: a few words, whose form is chance.
pub const SEARCH: Weights = Weights {
    title_words: 0.4,
    title_stems: 0.4,
    title_bigrams: 0.1,
    body_words: 1.0,
    body_stems: 2.0,
    body_bigrams: 1.0,
    place: 0.5,
    terms_max: 64,
};

/// A ticket: many words, among which stems match too much.
pub const TICKET: Weights = Weights {
    title_words: 0.4,
    title_stems: 0.4,
    title_bigrams: 0.1,
    body_words: 1.0,
    body_stems: 0.5,
    body_bigrams: 1.0,
    place: 0.5,
    terms_max: 32,
};

/// A unit in the reader's own language counts this much more than one in another.
pub const OWN_LANGUAGE: f32 = 1.3;

/// A suggestion that covers a smaller share of the ticket's term weight is not shown. 0.15 would hide
/// seven of a hundred first suggestions of sumo-tickets, 0.12 hides four.
pub const FLOOR: f32 = 0.12;
/// From this share on a hit is likely.
pub const LIKELY: f32 = 0.3;
/// From this share on a hit is strong.
pub const STRONG: f32 = 0.55;
