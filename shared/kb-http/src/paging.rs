//! Pages of lists: a limit, and a cursor that is bound to the list and to who asks for it.

use crate::caller::Deps;
use crate::param::Param;
use crate::problem::Rejection;
use kb_actions::RequestContext;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Entries of a page when nobody says how many.
const LIMIT: usize = 20;
/// The most entries of a page.
const LIMIT_MAX: usize = 100;

/// The query parameters of a list, for its [`crate::Route`].
pub const PAGE_PARAMS: [Param; 2] = [
    Param("limit", "1 to 100, 20 by default"),
    Param("cursor", "`next` of the page before"),
];

/// A list, or a page of one.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// Its entries, in order.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A list that is answered whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    /// Of each type of entry there is a list, so its name stands in the list's.
    fn name() -> Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let entry = Ref::from_schema_name(T::name());
        let next = SchemaType::from_iter([Type::String, Type::Null]);
        let next = ObjectBuilder::new().schema_type(next);
        let next = next.description(Some("The `cursor` of the next page; null on the last one."));
        let list = ObjectBuilder::new()
            .description(Some("A list, or a page of one."))
            .property("items", ArrayBuilder::new().items(entry))
            .required("items")
            .property("next", next)
            .required("next");
        list.into()
    }
}

/// The query of a list that takes nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// At most so many entries.
    pub limit: Option<usize>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// How many entries a caller wants. Errors: more than a page holds, or none.
pub fn limit(asked: Option<usize>) -> Result<usize, Rejection> {
    let limit = asked.unwrap_or(LIMIT);
    if (1..=LIMIT_MAX).contains(&limit) {
        Ok(limit)
    } else {
        Err(Rejection::parameter(
            "limit",
            format!("a page holds 1 to {LIMIT_MAX} entries"),
        ))
    }
}

/// The page that a caller asks for.
pub struct Paging {
    /// At most so many entries.
    pub limit: usize,
    /// Where the page before ended; `None` for the first page.
    pub from: Option<String>,
    list: String,
}

impl Paging {
    /// Reads `limit` and `cursor`. `list` names the list with everything that its query says. Errors: a limit out of range, a
    /// cursor of another list or another caller.
    pub async fn read(
        deps: &Deps,
        ctx: &RequestContext,
        list: &str,
        asked: Option<usize>,
        cursor: Option<&str>,
    ) -> Result<Self, Rejection> {
        let list = format!("{list} for {}", ctx.viewer.who);
        let limit = limit(asked)?;
        let from = match cursor {
            None => None,
            Some(cursor) => Some(deps.cursors.open(&list, cursor).await?),
        };
        Ok(Self { limit, from, list })
    }

    /// The cursor of the next page, which begins at `position`. Errors: it cannot be sealed now.
    pub async fn next(
        &self,
        deps: &Deps,
        position: Option<&str>,
    ) -> Result<Option<String>, kb_store::Error> {
        match position {
            None => Ok(None),
            Some(position) => deps.cursors.seal(&self.list, position).await.map(Some),
        }
    }

    /// A page of `items`; the next one begins at `position`. Errors: its cursor cannot be sealed now.
    pub async fn page<T>(
        &self,
        deps: &Deps,
        items: Vec<T>,
        position: Option<&str>,
    ) -> Result<Page<T>, kb_store::Error> {
        let next = self.next(deps, position).await?;
        Ok(Page { items, next })
    }

    /// This page of a list that is short enough to be read whole; `key` orders it and tells entries apart. The second value is
    /// where the next page begins.
    pub fn cut<T>(&self, items: Vec<T>, key: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
        let mut keyed: Vec<(String, T)> = items.into_iter().map(|i| (key(&i), i)).collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        let from = self.from.as_deref().unwrap_or_default();
        let mut rest = keyed.into_iter().skip_while(|(key, _)| key.as_str() < from);
        let page = rest
            .by_ref()
            .take(self.limit)
            .map(|(_, item)| item)
            .collect();
        (page, rest.next().map(|(key, _)| key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_beyond_a_page_is_refused_by_name() {
        assert_eq!(limit(None).unwrap(), 20);
        assert_eq!(limit(Some(100)).unwrap(), 100);
        for bad in [0, 101] {
            let problem = limit(Some(bad)).unwrap_err().problem();
            assert_eq!(
                (problem.status, problem.errors[0].pointer.as_str()),
                (400, "/limit")
            );
        }
    }

    #[test]
    fn a_short_list_is_cut_into_pages_that_miss_and_repeat_nothing() {
        let items = || vec!["d", "a", "c", "b", "e"];
        let (mut seen, mut from) = (Vec::new(), None);
        loop {
            let paging = Paging {
                limit: 2,
                from,
                list: String::new(),
            };
            let (page, next) = paging.cut(items(), |i| (*i).to_owned());
            assert!(page.len() <= 2);
            seen.extend(page);
            from = next;
            if from.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    }
}
