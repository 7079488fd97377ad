//! Both search engines on judged sets: the same documents, asked the same questions, show the same. Prints the table; the sets are
//! read where `SIDENOTE_TEST_DATA` says, and one of ours is always there.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use crate::opensearch::empty;
use kb_search::eval::parity::{Parity, Why, compare};
use kb_search::eval::{Judged, Options};
use kb_search::{SearchIndex, TantivyIndex};
use kb_search_opensearch::OpenSearchIndex;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A larger set is sampled.
const DOCUMENTS_MAX: usize = 5_000;
/// Sets of which part is rewritten, to see a merge undo it.
const REWRITTEN: [&str; 3] = ["stackfaq", "aliyun-zh-faq", OURS];
const OURS: &str = "ours";
/// Differences that are printed of each set.
const PRINTED_MAX: usize = 10;

fn read(dir: &Path) -> Judged {
    let options = Options {
        dir: dir.to_owned(),
        ..Options::default()
    };
    Judged::read(&options).unwrap()
}

/// A set of invented articles: words by chance, each several times as likely as the next one, of which every question repeats some.
fn ours(dir: &Path) -> Judged {
    let mut state = 7_u64;
    let mut chance = move |end: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % end
    };
    let han: Vec<char> = "重设密码打印机发票订单退款账户登录网络证书安装更新"
        .chars()
        .collect();
    let mut word = move || {
        let end = 1 << (1 + chance(11));
        let n = chance(end);
        if n % 5 == 0 {
            (0..2 + n % 3)
                .map(|k| han[((n * 7 + k * 3) % 26) as usize % han.len()])
                .collect()
        } else {
            format!("word{n}ing")
        }
    };
    let (mut corpus, mut queries, mut qrels) = (String::new(), String::new(), String::new());
    for n in 0..600 {
        let title: Vec<String> = (0..3 + n % 4).map(|_| word()).collect();
        let body: Vec<String> = (0..30 + n % 190).map(|_| word()).collect();
        let asked = [&title[..2], &body[..2 + n % 20]].concat().join(" ");
        let (title, body) = (title.join(" "), body.join(" "));
        corpus.push_str(&format!(
            "{{\"id\":\"d{n}\",\"title\":\"{title}\",\"body\":\"{body}\"}}\n"
        ));
        queries.push_str(&format!("{{\"id\":\"q{n}\",\"text\":\"{asked}\"}}\n"));
        qrels.push_str(&format!("q{n}\td{n}\t1\n"));
    }
    let files = [
        ("corpus.jsonl", corpus),
        ("queries.jsonl", queries),
        ("qrels.tsv", qrels),
    ];
    for (name, text) in files {
        std::fs::write(dir.join(name), text).unwrap();
    }
    read(dir)
}

/// Every judged set that `SIDENOTE_TEST_DATA` holds, and ours; of a large one a sample.
fn sets() -> Vec<Judged> {
    let data = kb_runtime::system::environment("SIDENOTE_TEST_DATA").map(PathBuf::from);
    let mut found: Vec<PathBuf> = data
        .iter()
        .flat_map(|data| std::fs::read_dir(data).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|dir| dir.join("qrels.tsv").is_file())
        .collect();
    found.sort();
    let mut sets = Vec::new();
    for dir in found {
        let set = read(&dir);
        let (documents, questions) = (set.documents(), set.questions());
        let set = set.sampled(DOCUMENTS_MAX);
        if set.documents() < documents {
            let (name, kept, asked) = (set.name(), set.documents(), set.questions());
            println!(
                "{name} is sampled: {kept} of {documents} documents, {asked} of {questions} questions"
            );
        }
        sets.push(set);
    }
    let dir = tempfile::tempdir().unwrap();
    let named = dir.path().join(OURS);
    std::fs::create_dir(&named).unwrap();
    sets.push(ours(&named));
    sets
}

struct Engines {
    tantivy: Arc<TantivyIndex>,
    opensearch: OpenSearchIndex,
}

impl Engines {
    async fn empty(set: &Judged) -> Self {
        Self {
            tantivy: TantivyIndex::open(None).unwrap(),
            opensearch: empty(&format!("parity-{}", set.name())).await,
        }
    }

    fn both(&self) -> [&dyn SearchIndex; 2] {
        [&*self.tantivy, &self.opensearch]
    }

    async fn compare(&self, set: &Judged, when: &str) -> Parity {
        let [left, right] = self.both();
        let parity = compare(set, left, right).await.unwrap();
        println!("{parity}  {when}");
        let told = parity.differences.iter().filter(|d| d.why != Why::Tie);
        for difference in told.take(PRINTED_MAX) {
            println!("    {difference}");
        }
        parity
    }
}

/// What was replaced counts in scores until it is merged away, in each engine in its own way.
async fn a_merge_brings_back(engines: &Engines, set: &Judged, fresh: &Parity) {
    // Three of ten documents, three times over.
    for version in 2..=4 {
        let chosen = move |n: usize| (n + version as usize).is_multiple_of(10) || n % 10 > 7;
        for index in engines.both() {
            set.fill_some(index, version, &chosen, &mut |_| ())
                .await
                .unwrap();
        }
    }
    engines.compare(set, "after rewrites").await;
    for index in engines.both() {
        while index.merge().await.unwrap() > 0 {}
    }
    let merged = engines.compare(set, "merged").await;
    assert!(merged.holds(), "{merged}");
    // Nothing of the rewrites is left in the figures of either.
    let (left, right) = (
        merged.ndcg10.0 - fresh.ndcg10.0,
        merged.ndcg10.1 - fresh.ndcg10.1,
    );
    assert!(left.abs() < 1e-9 && right.abs() < 1e-9, "{merged}");
}

#[tokio::test]
#[ignore = "needs a real server: tests/engines/up"]
async fn both_engines_show_the_same_when_fresh_and_after_a_merge() {
    let mut apart = Vec::new();
    for set in &sets() {
        let engines = Engines::empty(set).await;
        for index in engines.both() {
            set.fill(index, 1, &mut |_| ()).await.unwrap();
        }
        let fresh = engines.compare(set, "fresh").await;
        if !fresh.holds() {
            apart.push(fresh.set.clone());
        }
        if REWRITTEN.contains(&set.name()) {
            a_merge_brings_back(&engines, set, &fresh).await;
        }
        engines.opensearch.remove().await.unwrap();
    }
    assert_eq!(apart, Vec::<String>::new());
}
