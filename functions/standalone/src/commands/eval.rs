//! `eval`: search measured on a judged set.

use crate::cli::Eval;
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_runtime::scratch::Scratch;
use kb_search::eval::{Fault, Figures, Half, Options, Surface, run as evaluate};
use serde_json::json;

pub(super) async fn run(options: Eval, lines: &Lines) -> Result<(), Failure> {
    let surface = options.surface.as_deref().map(|s| {
        if s == "search" {
            Surface::Search
        } else {
            Surface::Suggestion
        }
    });
    let tickets = surface == Some(Surface::Suggestion);
    let half = options.half.as_deref().map(|h| {
        if h == "tune" {
            Half::Tune
        } else {
            Half::Report
        }
    });
    let scratch = scratch(&options).await?;
    let options = Options {
        dir: options.dir,
        surface,
        corpus: options.corpus,
        queries: options.queries,
        qrels: options.qrels,
        half,
        relevant_from: options.relevant_from,
        run: options.run,
    };
    let mut steps = Vec::new();
    let report = evaluate(
        &options,
        &*scratch.index,
        &kb_runtime::system::monotonic(),
        &mut |done, total| steps.push((done, total)),
    )
    .await;
    // Taken away first, whether there is a report or not.
    let removed = scratch.remove().await;
    let report = report.map_err(|fault| match fault {
        Fault::Engine(_) => Failure::environment(fault),
        _ => Failure::usage(fault),
    })?;
    removed.map_err(Failure::environment)?;
    let figures = |f: &Figures| {
        format!(
            "nDCG@10 {:.3}  MRR@10 {:.3}  Recall@10 {:.3}  P@1 {:.3}  queries {}",
            f.ndcg10, f.mrr10, f.recall10, f.p1, f.queries
        )
    };
    let mut text = format!("{}: {}", report.set, figures(&report.figures));
    if let Some(auroc) = report.auroc {
        text.push_str(&format!("\n  nothing fits: AUROC {auroc:.3}"));
    }
    // Only suggestions have a floor.
    let floors = report.auroc.is_some() || tickets;
    for (n, shown) in report.shown.iter().enumerate().filter(|_| floors) {
        text.push_str(&format!(
            "\n  above {:.2}{}: {:.3} of the queries that a document fits",
            shown.floor,
            if n == 0 { " (the floor)" } else { "" },
            shown.fitting
        ));
        if let Some(others) = shown.others {
            text.push_str(&format!(", {others:.3} of the others"));
        }
    }
    for group in &report.groups {
        text.push_str(&format!(
            "\n  {} -> {}: {}",
            group.from,
            group.to,
            figures(&group.figures)
        ));
    }
    let took = report.latency_us;
    text.push_str(&format!(
        "\n  latency: p50 {} us, p95 {} us, p99 {} us",
        took.p50, took.p95, took.p99
    ));
    super::end(lines, Exit::Done, text, json!(report)).await
}

/// The index of the engine that was asked for.
async fn scratch(options: &Eval) -> Result<Scratch, Failure> {
    if options.engine == "tantivy" {
        return Scratch::in_memory().map_err(Failure::environment);
    }
    let given = options.opensearch.clone();
    let address = given.or_else(|| kb_runtime::system::environment("SIDENOTE_OPENSEARCH"));
    let address = address.ok_or_else(|| {
        Failure::usage("--engine opensearch needs an address: --opensearch http://127.0.0.1:9200")
    })?;
    Scratch::on_server(&address)
        .await
        .map_err(Failure::environment)
}
