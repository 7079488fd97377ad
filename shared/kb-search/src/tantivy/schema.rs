//! The schema: analysed text fields, and columns for what is filtered, counted and bounded.

use super::counts::BETWEEN;
use crate::fields;
use crate::part::Part;
use ::tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use ::tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};
use ::tantivy::{Index, TantivyDocument, schema::NumericOptions};
use kb_domain::ArticleId;

/// Column of the version.
pub(super) const VERSION: &str = "version";
/// Column of the time of publishing, in microseconds.
pub(super) const PUBLISHED: &str = "published";
/// Column of a hash of the article's id, for grouping.
pub(super) const GROUP: &str = "group";
/// Columns of the two halves of the article's id, and of the part's number: a hit is named without its stored document.
pub(super) const ARTICLE_HIGH: &str = "article_high";
/// The lower half.
pub(super) const ARTICLE_LOW: &str = "article_low";
/// Which part of the article.
pub(super) const PART: &str = "part";
/// Column of the language's tag.
pub(super) const LOCALE: &str = "locale";
/// Column of the audience id; absent on a tombstone.
pub(super) const AUDIENCE: &str = "audience";
/// Column of facet values, `name:value`.
pub(super) const FACET: &str = "facet";
/// Column of all facet values of a document as one, for counting.
pub(super) const FACETS: &str = "facets";
/// Column of portals and sections.
pub(super) const WHERE: &str = "where";

/// Columns of the number of terms in each text field, in the order of [`fields::TEXT`].
pub(super) const LENGTHS: [&str; 5] = [
    "title_words_length",
    "title_second_length",
    "body_words_length",
    "body_second_length",
    "place_words_length",
];

/// The name of the tokenizer that splits at spaces only; the terms are made by kb-text.
const SPACES: &str = "spaces";

pub(super) struct Fields {
    pub id: Field,
    pub article: Field,
    pub stored: Field,
    pub text: [Field; 5],
    pub lengths: [Field; 5],
    pub version: Field,
    pub published: Field,
    pub group: Field,
    pub article_high: Field,
    pub article_low: Field,
    pub part: Field,
    pub locale: Field,
    pub audience: Field,
    pub facet: Field,
    pub facets: Field,
    pub r#where: Field,
}

pub(super) fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(SPACES)
        .set_index_option(IndexRecordOption::WithFreqs)
        .set_fieldnorms(true);
    let text = TextOptions::default().set_indexing_options(indexing);
    let number = NumericOptions::default().set_fast();
    let column = TextOptions::default().set_fast("raw");
    let fields = Fields {
        id: schema.add_text_field("id", STRING),
        article: schema.add_text_field("article", STRING),
        stored: schema.add_bytes_field("stored", BytesOptions::default().set_stored()),
        text: fields::TEXT.map(|name| schema.add_text_field(name, text.clone())),
        lengths: LENGTHS.map(|name| schema.add_u64_field(name, number.clone())),
        version: schema.add_u64_field(VERSION, number.clone()),
        published: schema.add_i64_field(PUBLISHED, number.clone()),
        group: schema.add_u64_field(GROUP, number.clone()),
        article_high: schema.add_u64_field(ARTICLE_HIGH, number.clone()),
        article_low: schema.add_u64_field(ARTICLE_LOW, number.clone()),
        part: schema.add_u64_field(PART, number),
        locale: schema.add_text_field(LOCALE, column.clone()),
        audience: schema.add_text_field(AUDIENCE, column.clone()),
        facet: schema.add_text_field(FACET, column.clone()),
        facets: schema.add_text_field(FACETS, column.clone()),
        r#where: schema.add_text_field(WHERE, column),
    };
    (schema.build(), fields)
}

pub(super) fn register(index: &Index) {
    index
        .tokenizers()
        .register(SPACES, TextAnalyzer::from(Spaces));
}

/// A stable number of an id.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    })
}

pub(super) fn group_of(article: ArticleId) -> u64 {
    hash(&article.to_string())
}

pub(super) fn document(fields: &Fields, part: &Part) -> Result<TantivyDocument, serde_json::Error> {
    let mut document = TantivyDocument::new();
    document.add_text(fields.id, part.id.to_string());
    document.add_text(fields.article, part.id.article.to_string());
    document.add_bytes(fields.stored, &serde_json::to_vec(part)?);
    document.add_u64(fields.version, part.version);
    document.add_i64(fields.published, part.published_at.0);
    document.add_u64(fields.group, group_of(part.id.article));
    let (high, low) = part.id.article.uuid().as_u64_pair();
    document.add_u64(fields.article_high, high);
    document.add_u64(fields.article_low, low);
    document.add_u64(fields.part, u64::from(part.id.n));
    document.add_text(fields.locale, part.id.locale.as_str());
    // A tombstone has its sentinels too: what counts documents by their fields counts it as this engine does.
    let named = fields.text.iter().zip(&fields.lengths);
    for ((field, length), (_, text)) in named.zip(fields::texts(part)) {
        document.add_u64(*length, text.split_ascii_whitespace().count() as u64);
        document.add_text(*field, text);
    }
    let Some(audience) = part.audience else {
        return Ok(document);
    };
    document.add_text(fields.audience, audience.to_string());
    let mut facets = vec![
        format!("kind:{}", part.kind.as_str()),
        format!("type:{}", part.article_type),
        format!("language:{}", part.id.locale),
    ];
    facets.extend(part.labels.iter().map(|label| format!("label:{label}")));
    document.add_text(fields.facets, facets.join(BETWEEN));
    for facet in facets {
        document.add_text(fields.facet, facet);
    }
    for portal in &part.portals {
        document.add_text(fields.r#where, portal.to_string());
    }
    for node in &part.nodes {
        document.add_text(fields.r#where, node.to_string());
    }
    Ok(document)
}

#[derive(Clone)]
struct Spaces;

struct SpacesStream<'a> {
    rest: std::str::SplitAsciiWhitespace<'a>,
    token: Token,
}

impl Tokenizer for Spaces {
    type TokenStream<'a> = SpacesStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> SpacesStream<'a> {
        SpacesStream {
            rest: text.split_ascii_whitespace(),
            token: Token::default(),
        }
    }
}

impl TokenStream for SpacesStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(term) = self.rest.next() else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(term);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
