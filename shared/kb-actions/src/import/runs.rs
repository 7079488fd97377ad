//! Runs of `import`: begun, found again, ended.

use crate::context::RequestContext;
use crate::error::Error;
use crate::kb::Kb;
use kb_domain::{Action, ImportId};
use kb_events::{Change, Happened, Work};
use kb_store::keys;
use kb_store::repo::{Import, ImportItem, ImportState, Stored, import_items};
use serde_json::Value;

/// Begins a run; `options` are kept so that it can be resumed.
pub async fn begin(kb: &Kb, ctx: &RequestContext, options: Value) -> Result<Stored<Import>, Error> {
    ctx.demand(Action::Publish)?;
    let import = Import {
        id: ImportId::new(kb.ids().uuid()),
        source: String::new(),
        options,
        started_at: ctx.now,
        state: ImportState::Running,
    };
    let mut work = ctx.work();
    work.insert(&import);
    end(kb, ctx, work, import, Change::Created).await
}

/// One run; `None` when there is no such run.
pub async fn read(
    kb: &Kb,
    ctx: &RequestContext,
    id: ImportId,
) -> Result<Option<Stored<Import>>, Error> {
    ctx.demand(Action::Publish)?;
    Ok(kb.store().get(&keys::import(id)).await?)
}

/// Every item of a run that wrote something, by number.
pub async fn items(
    kb: &Kb,
    ctx: &RequestContext,
    id: ImportId,
) -> Result<Vec<Stored<ImportItem>>, Error> {
    ctx.demand(Action::Publish)?;
    Ok(import_items(kb.store(), id).await?)
}

/// Says that every item of a run was seen.
pub async fn finish(
    kb: &Kb,
    ctx: &RequestContext,
    import: &Stored<Import>,
) -> Result<Stored<Import>, Error> {
    close(kb, ctx, import, (ImportState::Done, Change::Finished)).await
}

/// Says that a run was taken back.
pub async fn finish_undo(
    kb: &Kb,
    ctx: &RequestContext,
    import: &Stored<Import>,
) -> Result<Stored<Import>, Error> {
    close(kb, ctx, import, (ImportState::Undone, Change::Undone)).await
}

async fn close(
    kb: &Kb,
    ctx: &RequestContext,
    import: &Stored<Import>,
    (state, change): (ImportState, Change),
) -> Result<Stored<Import>, Error> {
    ctx.demand(Action::Publish)?;
    let ended = Import {
        state,
        ..import.value.clone()
    };
    let mut work = ctx.work();
    work.replace(import, &ended);
    end(kb, ctx, work, ended, change).await
}

async fn end(
    kb: &Kb,
    ctx: &RequestContext,
    work: Work,
    value: Import,
    change: Change,
) -> Result<Stored<Import>, Error> {
    let import = value.id;
    let changed = Happened::ImportChanged { import, change };
    let written = work.happened(ctx.author(kb), changed, |version| Stored { value, version });
    Ok(written.commit(kb.store()).await?)
}
