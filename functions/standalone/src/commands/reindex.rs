//! `reindex`: the index anew from the table, or compared with it.

use crate::app::App;
use crate::cli::Reindex;
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use serde_json::json;

pub(crate) async fn run(app: &App, options: Reindex, lines: &Lines) -> Result<(), Failure> {
    if options.reconcile {
        return reconcile(app, lines).await;
    }
    let mut counts = Vec::new();
    let done = app.reindex(&mut |n| counts.push(n)).await?;
    lines.progress(done, Some(done)).await?;
    super::end(
        lines,
        Exit::Done,
        format!("{done} articles indexed"),
        json!({"indexed": done}),
    )
    .await
}

async fn reconcile(app: &App, lines: &Lines) -> Result<(), Failure> {
    let done = fn_indexer::reconcile(&app.kb, &mut |_| {})
        .await
        .map_err(Failure::environment)?;
    lines.progress(done.articles, Some(done.articles)).await?;
    let text = format!(
        "{} articles compared, {} differed and were written anew",
        done.articles, done.repaired
    );
    let json = json!({"compared": done.articles, "repaired": done.repaired});
    super::end(lines, Exit::Done, text, json).await
}
