//! The types themselves.

use super::{DIGITS, SAMPLE, text};
use crate::article::ArticleType;
use crate::clock::Timestamp;
use crate::id::{NodeId, PublicKey};
use crate::locale::Locale;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

impl ToSchema for NodeId {}

impl PartialSchema for NodeId {
    fn schema() -> RefOr<Schema> {
        let pattern = format!("^(cat|sec)_{DIGITS}$");
        text(
            "The id of a category or of a section",
            &pattern,
            &format!("sec_{SAMPLE}"),
        )
    }
}

impl ToSchema for PublicKey {}

impl PartialSchema for PublicKey {
    fn schema() -> RefOr<Schema> {
        text(
            "The part of a page's address that decides which thing it shows",
            "^[0-9a-hjkmnp-tv-z]{8}$",
            "k3v9q2ha",
        )
    }
}

impl ToSchema for Locale {}

impl PartialSchema for Locale {
    fn schema() -> RefOr<Schema> {
        text(
            "A language: a BCP 47 tag of language, script and region",
            "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
            "zh-Hans",
        )
    }
}

impl ToSchema for ArticleType {}

impl PartialSchema for ArticleType {
    fn schema() -> RefOr<Schema> {
        text(
            "The type of an article, a slug",
            "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$",
            "product-guide",
        )
    }
}

impl ToSchema for Timestamp {}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A moment, as RFC 3339 writes it"))
            .examples(["2026-11-24T08:00:00Z"]);
        object.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ArticleId;

    #[test]
    fn the_sample_of_an_id_is_one() {
        let schema = serde_json::to_value(ArticleId::schema()).unwrap();
        let sample = schema["examples"][0].as_str().unwrap();
        assert!(sample.parse::<ArticleId>().is_ok(), "{schema}");
        assert!(schema["pattern"].as_str().unwrap().starts_with("^art_"));
        let node = serde_json::to_value(NodeId::schema()).unwrap();
        assert!(
            node["examples"][0]
                .as_str()
                .unwrap()
                .parse::<NodeId>()
                .is_ok()
        );
    }
}
