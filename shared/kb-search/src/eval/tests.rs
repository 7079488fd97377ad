use super::*;
use crate::tantivy::TantivyIndex;
use std::path::Path;

const CORPUS: &str = r#"{"id":"a","title":"Reset a password","body":"Choose a new password."}
{"id":"b","title":"Printer","body":"The printer prints nothing."}
"#;
const QUERIES: &str = r#"{"id":"q1","text":"password"}
{"id":"q2","text":"printer"}
{"id":"q3","text":"password printer prints nothing"}
{"id":"q4","text":"a horse rides","out_of_scope":true}
{"id":"zd1","text":"which unicorn","out_of_scope":true}
"#;
/// The judgment of q3 is wrong on purpose: the halves have different figures.
const QRELS: &str = "q1\ta\t1\nq2\tb\t1\nq3\ta\t1\n";

async fn report(dir: &Path, half: Option<Half>) -> Report {
    let options = Options {
        dir: dir.to_owned(),
        half,
        relevant_from: 1,
        ..Options::default()
    };
    let index = TantivyIndex::open(None).unwrap();
    run(&options, &*index, &|| Duration::ZERO, &mut |_, _| ())
        .await
        .unwrap()
}

#[tokio::test]
async fn the_halves_are_apart_and_make_up_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("corpus.jsonl", CORPUS),
        ("queries.jsonl", QUERIES),
        ("qrels.tsv", QRELS),
    ] {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let whole = report(dir.path(), None).await;
    let tune = report(dir.path(), Some(Half::Tune)).await;
    let rest = report(dir.path(), Some(Half::Report)).await;
    let queries = |r: &Report| r.figures.queries;
    assert_eq!((queries(&whole), queries(&tune), queries(&rest)), (3, 1, 2));
    let first = |r: &Report| r.figures.p1 * r.figures.queries as f64;
    assert_eq!((first(&whole), first(&tune), first(&rest)), (2.0, 1.0, 1.0));
    let shown = whole.shown[0];
    assert_eq!((shown.fitting, shown.others), (1.0, Some(0.0)));
    assert!(whole.shown.len() > 1);
    assert_eq!(tune.shown[0].others, Some(0.0));
    std::fs::write(
        dir.path().join("queries.jsonl"),
        r#"{"id":"q1","text":"password"}"#,
    )
    .unwrap();
    let fitting = report(dir.path(), None).await;
    assert_eq!(
        (fitting.shown[0].fitting, fitting.shown[0].others),
        (1.0, None)
    );
    assert_eq!(whole.auroc, Some(1.0));
}
