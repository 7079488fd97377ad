//! Documents a second until they can be found, over what the index and the table alone allow.

use crate::Fault;
use crate::bare::{self, Bare, BareWriter};
use crate::corpus::Corpus;
use crate::report::Line;
use crate::server;
use kb_runtime::system::monotonic;
use std::path::Path;

/// Articles whose rows the reference puts into one durable commit; about as many as the import keeps in flight.
const GROUP: usize = 64;

/// Imports the corpus into `data`, then writes the same documents and rows without the product.
pub(crate) fn measure(
    program: &Path,
    folder: &Path,
    data: &Path,
    corpus: &Corpus,
) -> Result<Vec<Line>, Fault> {
    let file = folder.join("corpus.jsonl");
    corpus.write(&file)?;
    let clock = monotonic();
    let count = corpus.articles.len();
    let source = file.to_string_lossy();
    let start = clock();
    let report = server::run(
        program,
        data,
        &["import", &source, "--audience", "public", "--activate"],
    )?;
    let ours = count as f64 / (clock() - start).as_secs_f64();

    let bare = Bare::open(&index(data))?;
    let parts = bare.parts()?;
    let void = (parts.len() != count || report["created"] != count).then(|| {
        format!(
            "{} of {count} articles are in the index, the report says {}",
            parts.len(),
            report["created"]
        )
    });
    let fresh = folder.join("bare-index");
    std::fs::create_dir(&fresh)?;
    let mut writer = BareWriter::create(&fresh, &bare)?;
    let documents: Result<Vec<_>, Fault> = parts.iter().map(|p| writer.document(p)).collect();
    let documents = documents?;
    let start = clock();
    writer.add(documents)?;
    writer.commit()?;
    let indexing = (clock() - start).as_secs_f64();

    let rows = bare::rows(&data.join("main.redb"))?;
    let group = rows.len() * GROUP / count;
    let start = clock();
    bare::put(&folder.join("bare.redb"), &rows, group)?;
    let putting = (clock() - start).as_secs_f64();
    let reference = count as f64 / (indexing + putting);
    Ok(vec![
        Line::more("import until searchable", "doc/s", ours, reference)
            .bar(0.6 / 1.5)
            .void(void),
    ])
}

/// The index in use.
pub(crate) fn index(data: &Path) -> std::path::PathBuf {
    let current = std::fs::read_to_string(data.join("index/current")).unwrap_or_default();
    let generation = current.trim();
    data.join("index").join(if generation.is_empty() {
        "1"
    } else {
        generation
    })
}
