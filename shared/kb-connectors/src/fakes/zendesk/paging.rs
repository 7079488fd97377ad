//! Pages of both kinds: by cursor, where `page[size]` is asked for, and by number.

use super::answer::{Answer, good, refuse};
use super::{Asked, FakeZendesk, Lie};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Parameters of every list.
pub(super) const PAGING: [&str; 5] = [
    "page[size]",
    "page[after]",
    "page[before]",
    "per_page",
    "page",
];
/// Things on a page when nobody says how many.
const USUAL: usize = 30;
/// The most that a page holds.
const MOST: usize = 100;
/// The last page that there is by number.
const LAST_PAGE: usize = 100;

impl FakeZendesk {
    /// A page of things, each with the number by which they are sorted.
    pub(super) fn paged(
        &self,
        asked: &Asked,
        name: &str,
        things: Vec<(u64, Value)>,
    ) -> Result<Answer, Answer> {
        let number = |name: &str| asked.parameter(name).map(str::parse::<usize>).transpose();
        let wrong = |_| refuse(400, "InvalidParameter", "a page is a number");
        if asked.parameter("page[size]").is_some() {
            let size = number("page[size]").map_err(wrong)?.unwrap_or(USUAL);
            return self.by_cursor(asked, name, things, size);
        }
        let size = number("per_page")
            .map_err(wrong)?
            .unwrap_or(USUAL)
            .clamp(1, MOST);
        let page = number("page").map_err(wrong)?.unwrap_or(1).max(1);
        if page > LAST_PAGE {
            return Err(refuse(
                400,
                "InvalidPaginationDepth",
                "use cursor pagination",
            ));
        }
        let count = things.len() + usize::from(self.lies(Lie::MoreCounted));
        let pages = count.div_ceil(size).max(1);
        let found: Vec<Value> = things
            .into_iter()
            .skip((page - 1) * size)
            .take(size)
            .map(|(_, v)| v)
            .collect();
        let link = |page: usize| self.link(asked, &[("page", page.to_string())]);
        Ok(good(json!({
            name: found,
            "count": count,
            "page": page,
            "page_count": pages,
            "per_page": size,
            "next_page": (page < pages).then(|| link(page + 1)),
            "previous_page": (page > 1).then(|| link(page - 1)),
        })))
    }

    fn by_cursor(
        &self,
        asked: &Asked,
        name: &str,
        things: Vec<(u64, Value)>,
        size: usize,
    ) -> Result<Answer, Answer> {
        if !(1..=MOST).contains(&size) {
            return Err(refuse(
                400,
                "InvalidPaginationParameter",
                "page[size] is 1 to 100",
            ));
        }
        let after = match asked.parameter("page[after]") {
            None => 0,
            Some(cursor) => read_cursor(cursor)
                .ok_or_else(|| refuse(400, "InvalidCursor", "the cursor is not one of ours"))?,
        };
        let mut left = things
            .into_iter()
            .filter(|(number, _)| *number > after)
            .peekable();
        let is_empty = self.lies(Lie::EmptyPage) && asked.parameter("page[after]").is_none();
        let size = if is_empty { 0 } else { size };
        let found: Vec<(u64, Value)> = left.by_ref().take(size).collect();
        let has_more = left.peek().is_some();
        let last = found.last().map_or(after, |(number, _)| *number);
        let cursor = if self.lies(Lie::SamePageAgain) {
            after
        } else {
            last
        };
        let has_more = has_more || self.lies(Lie::SamePageAgain);
        let cursor = URL_SAFE_NO_PAD.encode(format!("v1-{cursor}"));
        let mut next = self.link(asked, &[("page[after]", cursor.clone())]);
        if self.lies(Lie::PageElsewhere) {
            next = next.replace(&self.host(), "elsewhere.example");
        }
        let found: Vec<Value> = found.into_iter().map(|(_, value)| value).collect();
        Ok(good(json!({
            name: found,
            "meta": {"has_more": has_more, "after_cursor": cursor, "before_cursor": null},
            "links": {"next": has_more.then_some(next), "prev": null},
        })))
    }

    /// The address that was asked, with other parameters.
    fn link(&self, asked: &Asked, other: &[(&str, String)]) -> String {
        let kept = asked
            .query
            .iter()
            .filter(|(name, _)| other.iter().all(|(o, _)| o != name));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept);
        query.extend_pairs(other);
        let query = query.finish();
        self.address(&format!("{}?{query}", asked.path))
    }
}

fn read_cursor(cursor: &str) -> Option<u64> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.strip_prefix("v1-")?.parse().ok()
}
