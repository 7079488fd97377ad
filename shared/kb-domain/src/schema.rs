//! What the types that are written as text look like in an OpenAPI document.

mod types;

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

/// The 26 characters of an id.
const DIGITS: &str = "[0-7][0-9a-hjkmnp-tv-z]{25}";
const SAMPLE: &str = "01k9z3m8q5f7ta2v4w6x8y0b1c";

fn text(about: &str, pattern: &str, sample: &str) -> RefOr<Schema> {
    let object = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(about))
        .pattern(Some(pattern))
        .examples([sample]);
    object.into()
}

/// An id with this prefix.
pub(crate) fn id(prefix: &str) -> RefOr<Schema> {
    let about = format!("An id: {prefix}_ and 26 characters");
    text(
        &about,
        &format!("^{prefix}_{DIGITS}$"),
        &format!("{prefix}_{SAMPLE}"),
    )
}
