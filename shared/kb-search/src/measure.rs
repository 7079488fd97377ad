//! Whether an engine measures as the others do: three fixed documents, whose scores are known.

use crate::error::Error;
use crate::fields::{BODY_WORDS, TITLE_WORDS};
use crate::index::{Bound, SearchIndex, UnitQuery, WeightedTerm};
use crate::part::{Part, PartId};
use kb_domain::{ArticleId, Audience, Locale, PublicKey, RevisionId};
use kb_text::document::Passage;

/// Title, text and score of the documents. The scores are those of BM25 with k1 1.2 and b 0.75 in Lucene's form, without the factor
/// (k1 + 1), worked out by hand: the third text has 51 words, which Lucene's one byte for a length holds as 50.
const DOCUMENTS: [(&str, &str, f64); 3] = [
    ("heron", "stands in the reed", 2.501_375_557),
    ("", "heron heron bittern", 7.442_237_999),
    ("bittern", "heron", 3.055_802_973),
];
/// What is asked, with its weight.
const TERMS: [(&str, &str, f32); 3] = [
    (TITLE_WORDS, "heron", 4.0),
    (BODY_WORDS, "heron", 10.0),
    (BODY_WORDS, "bittern", 20.0),
];
/// How far a score may be off, as a share of it.
const TOLERANCE: f64 = 1e-5;

/// Writes the three documents into an empty index and compares their scores. Errors: the engine measures otherwise; both scores
/// are named.
pub async fn check(index: &dyn SearchIndex) -> Result<(), Error> {
    let parts = (0..)
        .zip(DOCUMENTS)
        .map(|(n, (title, text, _))| part(n, title, text));
    index.write(parts.collect()).await?;
    index.refresh().await?;
    let term = |(field, term, weight): (&'static str, &str, f32)| WeightedTerm {
        field,
        term: term.to_owned(),
        weight,
    };
    let query = UnitQuery {
        terms: TERMS.into_iter().map(term).collect(),
        bound: Bound {
            audiences: vec![Audience::public().id()],
            ..Bound::default()
        },
        limit: DOCUMENTS.len(),
        ..UnitQuery::default()
    };
    let units = index.search(&query).await?;
    for (n, (_, _, wanted)) in (0..).zip(DOCUMENTS) {
        let id = part(n, "", "").id;
        let found = units.hits.iter().find(|h| h.id == id);
        let found = found.map_or(0.0, |h| f64::from(h.score));
        if (found - wanted).abs() > wanted * TOLERANCE {
            let fault = format!("document {n} has the score {found:.6}, it should be {wanted:.6}");
            return Err(Error::Broken(fault));
        }
    }
    Ok(())
}

fn part(n: u128, title: &str, text: &str) -> Part {
    let id = PartId {
        article: ArticleId::new(uuid::Uuid::from_u128(n + 1)),
        locale: Locale::en(),
        n: 0,
    };
    // The long one of the three.
    let filled = format!("{text} {}", "reed ".repeat(48));
    let text = if n == 2 { &filled } else { text };
    Part {
        key: Some(PublicKey::from_uuid(uuid::Uuid::from_u128(n + 1))),
        revision: Some(RevisionId::new(uuid::Uuid::from_u128(n + 1))),
        audience: Some(Audience::public().id()),
        title: title.to_owned(),
        passages: vec![Passage {
            anchor: None,
            heading: None,
            text: text.to_owned(),
        }],
        ..Part::tombstone(id, 1)
    }
}
