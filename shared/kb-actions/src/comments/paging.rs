//! Pages of comments of which not all are shown.

use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{Comment, CommentId};
use kb_store::Query;
use kb_store::repo::Stored;

/// Comments that are read at once.
const AT_ONCE: usize = 100;
/// Reads for one page.
const READS_MAX: usize = 10;

/// The comments in a range, some at a time. A short page would tell how many comments are not shown, so it is filled; but not
/// from more than a thousand of them.
pub(super) struct Pages {
    query: Query,
    reads: usize,
    ended: bool,
}

impl Pages {
    pub(super) fn of(range: Query) -> Self {
        let query = Query {
            limit: AT_ONCE,
            ..range
        };
        Self {
            query,
            reads: 0,
            ended: false,
        }
    }

    /// The next ones; `None` when there are no more, or when enough were read for one page.
    pub(super) async fn next(&mut self, kb: &Kb) -> Result<Option<Vec<Stored<Comment>>>, Error> {
        if self.ended || self.reads == READS_MAX {
            return Ok(None);
        }
        self.reads += 1;
        let (found, next) = kb.store().page::<Comment>(&self.query).await?;
        self.ended = next.is_none();
        if let Some(last) = found.last() {
            self.query.from = Some(behind(last.value.id));
        }
        self.query.cursor = next;
        Ok(Some(found))
    }

    /// The first `limit` of what is shown of them, and where the next page begins.
    pub(super) fn cut<T>(
        self,
        mut shown: Vec<T>,
        limit: usize,
        id_of: impl Fn(&T) -> CommentId,
    ) -> (Vec<T>, Option<String>) {
        let first = shown.get(limit).map(|c| id_of(c).to_string());
        let rest = self.query.from.filter(|_| !self.ended);
        shown.truncate(limit);
        (shown, first.or(rest))
    }
}

/// Below every comment behind this one.
fn behind(id: CommentId) -> String {
    format!("{id}~")
}
