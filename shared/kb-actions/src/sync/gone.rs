//! What happens here when a thing is gone there.

use super::{Known, Sync, Synced, head};
use crate::error::Error;
use kb_domain::ArticleState;
use kb_domain::remote::{Absence, Counterpart, CounterpartState, Gone, Ours, decide_absence};
use kb_store::record::Stored;
use kb_store::repo::Articles;

/// An article is not there. `unlisted`: a complete listing that began after it came in does not have it either.
pub async fn gone(
    sync: Sync<'_>,
    known: &Stored<Counterpart>,
    how: Gone,
    unlisted: bool,
) -> Result<Synced, Error> {
    let ctx = &sync.context().await?;
    let mut counterpart = known.value.clone();
    counterpart.checked_at = ctx.now;
    counterpart.state = match decide_absence(&known.value, how, unlisted, ctx.now) {
        Absence::Nothing => return Ok(Synced::Same),
        Absence::Remember if matches!(counterpart.state, CounterpartState::Unseen { .. }) => {
            return Ok(Synced::Same);
        }
        Absence::Remember => CounterpartState::Unseen { at: ctx.now },
        Absence::Diverged => CounterpartState::Diverged { at: ctx.now },
        Absence::Archive | Absence::Erase => CounterpartState::Gone { at: ctx.now },
    };
    let archives = matches!(counterpart.state, CounterpartState::Gone { .. });
    let whole = match known.value.ours {
        Ours::Article(id) if archives => Articles::whole(sync.kb.store(), id).await?,
        _ => None,
    };
    let whole = whole.filter(|w| w.head.value.state == ArticleState::Active);
    let Some(whole) = whole else {
        let mut work = ctx.work();
        Known::new(Some(known)).put(&mut work, &counterpart);
        return Ok(work.silently(Synced::Same).commit(sync.kb.store()).await?);
    };
    let mut work = ctx.work_on(&whole);
    let after = whole.head.value.archive()?;
    let what = head::put(sync, ctx, &mut work, &whole, &after).await?;
    Known::new(Some(known)).put(&mut work, &counterpart);
    let written = work.happened(ctx.author(sync.kb), what, |_| Synced::Written);
    Ok(written.commit(sync.kb.store()).await?)
}
