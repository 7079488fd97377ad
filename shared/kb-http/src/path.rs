//! What an address names: ids and languages, read from its path.

use crate::problem::Rejection;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use kb_actions::Error;
use kb_domain::{
    ArticleId, CommentId, ConnectionId, KeyId, Locale, NodeId, PortalId, PortalName, Resource,
    SectionId, SuggestionId, UserId,
};

/// The parameters of a path in their order: one value, or a tuple. A malformed id names nothing, so it is answered like one
/// that does not exist; a malformed language is told as one.
#[derive(Clone, Copy, Debug)]
pub struct At<T>(pub T);

impl<T: PathValues, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let absent = || Rejection::Action(Error::NotFound(Resource::Page));
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| absent())?;
        let mut texts = params.iter().map(|(_, text)| text);
        T::read(&mut || texts.next().ok_or_else(absent)).map(Self)
    }
}

/// A value in a path.
pub trait PathValue: Sized {
    /// Reads it. Errors: it names nothing.
    fn read(text: &str) -> Result<Self, Rejection>;
}

/// The values of a path.
pub trait PathValues: Sized {
    /// Reads them from the texts of the path, in order.
    fn read<'a>(next: &mut dyn FnMut() -> Result<&'a str, Rejection>) -> Result<Self, Rejection>;
}

impl PathValue for PortalName {
    fn read(text: &str) -> Result<Self, Rejection> {
        Ok(text.into())
    }
}

macro_rules! named {
    ($($id:ty => $resource:ident,)*) => {$(
        impl PathValue for $id {
            fn read(text: &str) -> Result<Self, Rejection> {
                text.parse().map_err(|_| Error::NotFound(Resource::$resource).into())
            }
        }
    )*};
}

named! {
    ArticleId => Article,
    PortalId => Portal,
    ConnectionId => Connection,
    NodeId => Section,
    SectionId => Section,
    SuggestionId => Suggestion,
    CommentId => Comment,
    UserId => Person,
    KeyId => Key,
    // The only numbers in addresses are those of revisions.
    u32 => Revision,
}

impl PathValue for Locale {
    fn read(text: &str) -> Result<Self, Rejection> {
        text.parse()
            .map_err(|e: kb_domain::Error| Rejection::parameter("locale", e.to_string()))
    }
}

impl PathValue for String {
    fn read(text: &str) -> Result<Self, Rejection> {
        Ok(text.to_owned())
    }
}

impl<A: PathValue> PathValues for A {
    fn read<'a>(next: &mut dyn FnMut() -> Result<&'a str, Rejection>) -> Result<Self, Rejection> {
        A::read(next()?)
    }
}

impl<A: PathValue, B: PathValue> PathValues for (A, B) {
    fn read<'a>(next: &mut dyn FnMut() -> Result<&'a str, Rejection>) -> Result<Self, Rejection> {
        Ok((A::read(next()?)?, B::read(next()?)?))
    }
}

impl<A: PathValue, B: PathValue, C: PathValue> PathValues for (A, B, C) {
    fn read<'a>(next: &mut dyn FnMut() -> Result<&'a str, Rejection>) -> Result<Self, Rejection> {
        Ok((A::read(next()?)?, B::read(next()?)?, C::read(next()?)?))
    }
}

impl<A: PathValue, B: PathValue, C: PathValue, D: PathValue> PathValues for (A, B, C, D) {
    fn read<'a>(next: &mut dyn FnMut() -> Result<&'a str, Rejection>) -> Result<Self, Rejection> {
        let (a, b, c) = <(A, B, C)>::read(next)?;
        Ok((a, b, c, D::read(next()?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: PathValues>(texts: &[&'static str]) -> Result<T, u16> {
        let mut texts = texts.iter().copied();
        let absent = || Rejection::Action(Error::NotFound(Resource::Page));
        T::read(&mut || texts.next().ok_or_else(absent)).map_err(|r| r.problem().status)
    }

    #[test]
    fn a_malformed_id_names_nothing_and_a_malformed_language_is_told() {
        const ARTICLE: &str = "art_01k9z3m8q5f7ta2v4w6x8y0b1c";
        let (id, locale) = read::<(ArticleId, Locale)>(&[ARTICLE, "zh-TW"]).unwrap();
        assert_eq!(
            (id.to_string().as_str(), locale.as_str()),
            (ARTICLE, "zh-Hant")
        );
        assert_eq!(read::<(ArticleId, Locale)>(&["art_7", "en"]), Err(404));
        assert_eq!(read::<(ArticleId, Locale)>(&[ARTICLE, "english"]), Err(400));
        assert_eq!(read::<PortalId>(&[ARTICLE]), Err(404));
        assert_eq!(read::<PortalId>(&[]), Err(404));
        assert_eq!(read::<u32>(&["seven"]), Err(404));
    }
}
