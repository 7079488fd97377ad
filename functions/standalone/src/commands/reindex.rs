//! `reindex`: the index anew from the table.

use crate::app::App;
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use serde_json::json;

pub(super) async fn run(app: &App, lines: &Lines) -> Result<(), Failure> {
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
