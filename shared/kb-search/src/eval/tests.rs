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

#[test]
fn a_sample_is_the_same_each_time_and_keeps_what_is_judged_for_its_questions() {
    let dir = tempfile::tempdir().unwrap();
    let document = |n: usize| format!("{{\"id\":\"d{n}\",\"body\":\"heron {n}\"}}\n");
    let question = |n: usize| format!("{{\"id\":\"q{n}\",\"text\":\"heron {n}\"}}\n");
    // Three documents for each question.
    let judged = |n: usize| (0..3).map(move |k| format!("q{n}\td{}\t1\n", 3 * n + k));
    for (name, text) in [
        ("corpus.jsonl", (0..90).map(document).collect::<String>()),
        ("queries.jsonl", (0..30).map(question).collect()),
        ("qrels.tsv", (0..30).flat_map(judged).collect()),
    ] {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let read = || {
        let options = Options {
            dir: dir.path().to_owned(),
            ..Options::default()
        };
        Judged::read(&options).unwrap()
    };
    let whole = read().sampled(90);
    assert_eq!((whole.documents(), whole.questions()), (90, 30));
    let (sample, again) = (read().sampled(40), read().sampled(40));
    assert_eq!((sample.documents(), sample.questions()), (40, 6));
    assert_eq!(sample.names(), again.names());
    let kept = sample.names();
    for n in (0..30).filter(|n| kept.1.contains(&format!("q{n}"))) {
        for k in 0..3 {
            assert!(kept.0.contains(&format!("d{}", 3 * n + k)), "q{n}");
        }
    }
}
