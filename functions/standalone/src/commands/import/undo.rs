//! `import --undo`: takes an import back, item by item, and names what it leaves alone.

use super::operator;
use super::tally::{Remarks, Tally};
use crate::app::App;
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_actions::Kb;
use kb_actions::import::{Undone, runs, undo};
use kb_domain::{ArticleId, ImportId};
use kb_store::repo::{Import, ImportItem, ItemOutcome, Stored};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

pub(super) async fn run(app: &App, import: Stored<Import>, lines: &Lines) -> Result<(), Failure> {
    let kb = &app.kb;
    let id = import.value.id;
    let items = runs::items(kb, &operator(kb).await?, id)
        .await
        .map_err(Failure::environment)?;
    let versions: BTreeSet<u64> = items.iter().map(|i| i.version).collect();
    // An article that the import made goes as a whole, and its other texts with it.
    let (makers, others): (Vec<_>, Vec<_>) = items
        .iter()
        .rev()
        .partition(|i| i.value.head_before.is_none());
    let mut made: HashMap<ArticleId, Undone> = HashMap::new();
    let mut tally = Tally::default();
    tally.expect(Some(items.len() as u64));
    let (mut undone, mut left) = (0_u64, 0_u64);
    for item in makers.into_iter().chain(others) {
        let article = item.value.article;
        let outcome = match made.get(&article) {
            Some(known) => *known,
            None => back(kb, id, item, &versions).await?,
        };
        if item.value.head_before.is_none() {
            made.insert(article, outcome);
        }
        let (outcome, reason) = match outcome {
            Undone::Done => (ItemOutcome::Undone, None),
            Undone::Already => (ItemOutcome::Unchanged, Some("nothing is left to take back")),
            Undone::ChangedSince => (ItemOutcome::Skipped, Some("it was changed since")),
        };
        undone += u64::from(outcome == ItemOutcome::Undone);
        left += u64::from(outcome == ItemOutcome::Skipped);
        let name = &item.value.name;
        let remarks = Remarks {
            reason,
            ..Remarks::default()
        };
        tally.report(name, outcome, remarks, lines).await?;
    }
    runs::finish_undo(kb, &operator(kb).await?, &import)
        .await
        .map_err(Failure::environment)?;
    app.catch_up().await?;
    let text = format!("{undone} undone, {left} changed since and left alone");
    let json = json!({"import": id, "undone": undone, "skipped": left});
    super::super::end(lines, Exit::Done, text, json).await
}

/// Takes one item back; read and tried again when somebody writes meanwhile.
async fn back(
    kb: &Kb,
    import: ImportId,
    item: &Stored<ImportItem>,
    versions: &BTreeSet<u64>,
) -> Result<Undone, Failure> {
    loop {
        match undo(kb, &operator(kb).await?, import, item, versions).await {
            Err(kb_actions::Error::Stale { .. }) => {}
            other => return other.map_err(Failure::environment),
        }
    }
}
