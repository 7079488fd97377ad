//! A tombstone keeps a late write of an older version from coming back. After seven days none can be under way any more,
//! and it is taken out of the index.

use async_trait::async_trait;
use kb_actions::{Error, Kb};
use kb_domain::{ArticleId, Timestamp};
use kb_events::{Job, Ran, Timer};
use kb_search::Part;

/// The job's name.
const NAME: &str = "index.tombstones";
/// How long a tombstone stands, in seconds: seven days.
const KEPT_SECONDS: i64 = 7 * 86_400;

/// Writes the timer of the tombstones of one article. Its moment follows from their version, so the same tombstones laid
/// again have the same timer.
pub(crate) async fn remember(kb: &Kb, tombstones: &[Part]) -> Result<(), Error> {
    let Some(youngest) = tombstones.iter().max_by_key(|t| t.version) else {
        return Ok(());
    };
    let laid = Timestamp(i64::try_from(youngest.version).unwrap_or(i64::MAX));
    let article = youngest.id.article.to_string();
    let timer = Timer::new(NAME, &article, laid.plus_seconds(KEPT_SECONDS));
    Ok(timer.ensure(&**kb.store().table(), kb.now()).await?)
}

/// The job: takes the tombstones of an article that have stood long enough out of the index. Younger ones have a timer of
/// their own.
pub(crate) struct Forget {
    kb: Kb,
}

impl Forget {
    pub(crate) fn new(kb: Kb) -> Self {
        Self { kb }
    }

    async fn forget(&self, article: &str, now: Timestamp) -> Result<(), Error> {
        let article: ArticleId = article.parse()?;
        let laid_before = now.plus_seconds(-KEPT_SECONDS);
        self.kb
            .index()
            .forget(article, laid_before.micros())
            .await?;
        Ok(self.kb.index().refresh().await?)
    }
}

#[async_trait]
impl Job for Forget {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn run(&self, timer: &Timer, now: Timestamp) -> Ran {
        match self.forget(&timer.subject, now).await {
            Ok(()) => Ran::Done,
            Err(error) => error.into(),
        }
    }
}
