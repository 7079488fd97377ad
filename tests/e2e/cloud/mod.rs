//! The main job on the cloud engines: each function's own program under a Runtime API, behind an HTTP API, on DynamoDB Local,
//! OpenSearch, S3Mock and moto. The programs must lie where `cargo build --workspace --all-features` puts them, and
//! `tests/engines/up` must have started the servers.

mod bad_days;
mod clock;
mod crm;
mod doctor;
mod freshness;
mod gateway;
mod journey;
mod limits;
mod mapping;
mod switch;
mod units;
mod vault;

use crate::lambda::{DOCS, Function, program};
use journey::Caller;
use kb_runtime::system::SystemIds;
use kb_store_dynamodb::{DynamoTable, Stream};
use mapping::Mapped;
use serde_json::Value;
use sidenote_tests::stack::Stack;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A running stack: functions, gateway, and the mapping of the stream, which a test pumps by hand.
struct Running {
    stack: Stack,
    data: tempfile::TempDir,
    base: String,
    stream: Stream,
    indexer: Mapped,
}

impl Running {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With some of the environment set otherwise, or besides.
    async fn start_with(other: &[(&'static str, &str)]) -> Self {
        let mut stack = Stack::create().await;
        for (name, value) in other {
            stack.environment.retain(|(n, _)| n != name);
            stack.environment.push((name, (*value).to_owned()));
        }
        let data = tempfile::tempdir().unwrap();
        let environment: Vec<(&str, &str)> = stack
            .environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let start = async |name| Function::start_with(name, data.path(), &environment).await;
        let behind = async |name| Arc::new(Mutex::new(start(name).await));
        let indexer = Mapped::new(start("fn-indexer").await);
        let suggestions = behind("fn-suggestions").await;
        let routes = vec![
            ("/api/v1/search", behind("fn-search").await),
            ("/api/v1/suggestions", suggestions.clone()),
            ("/api/v1/tickets", suggestions.clone()),
            ("/agent/", suggestions),
            ("/api/v1/", behind("fn-articles").await),
            ("/", behind("fn-help-center").await),
        ];
        let table = DynamoTable::new(stack.settings.clone(), Arc::new(SystemIds));
        Self {
            base: gateway::listen(routes).await,
            stream: Stream::open(&stack.settings, table).await.unwrap(),
            indexer,
            stack,
            data,
        }
    }

    /// Runs the program on the stack; answers the last line that it prints.
    fn sidenote(&self, arguments: &[&str]) -> Value {
        let output = Command::new(program("sidenote"))
            .env_clear()
            .envs(self.stack.environment.iter().map(|(n, v)| (n, v)))
            .env("SIDENOTE_DATA", self.data.path().join("reports"))
            .arg("--json")
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{arguments:?}: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_str(said.lines().last().unwrap()).unwrap()
    }

    async fn index(&self) {
        self.indexer.drain(&self.stream).await;
    }

    /// The whole stream from its beginning, as after a restart of the mapping.
    async fn again(&self) {
        let stream = Stream::open(&self.stack.settings, self.stream.table().clone()).await;
        self.indexer.drain(&stream.unwrap()).await;
    }

    /// Imports four texts of three articles, one of them for employees; answers a caller with a key.
    fn filled(&self) -> Caller {
        let key = self.sidenote(&[
            "key",
            "create",
            "--name",
            "test",
            "--scopes",
            "admin,suggest",
            "--expires",
            "1d",
        ]);
        let documents = self.data.path().join("docs");
        write(&documents, &DOCS);
        let import = [
            "import",
            documents.to_str().unwrap(),
            "--audience",
            "public",
            "--activate",
        ];
        let imported = self.sidenote(&import);
        assert_eq!(
            (&imported["created"], &imported["failed"]),
            (&4.into(), &0.into()),
            "{imported}"
        );
        let again = self.sidenote(&import);
        assert_eq!(
            (&again["created"], &again["unchanged"]),
            (&0.into(), &4.into()),
            "{again}"
        );
        Caller::new(&self.base, key["key"].as_str().unwrap())
    }
}

const HAN: [(&str, &str); 3] = [
    (
        "zh-Hans/account/sign-in/document.md",
        "---\ntitle: 文档\n---\n这是一个测试文档。\n",
    ),
    (
        "zh-Hant/account/sign-in/base.md",
        "---\ntitle: 知識庫\n---\n全公司共用一個知識庫。\n",
    ),
    (
        "zh-Hans/account/sign-in/order.md",
        "---\ntitle: 单据\n---\n打开ERP2025单即可查看。\n",
    ),
];

fn write(folder: &Path, documents: &[(&str, &str)]) {
    for (name, text) in documents {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn row_g05_g15_the_main_job_on_the_cloud_engines() {
    let running = Running::start().await;
    let caller = running.filled();
    running.index().await;
    journey::readers_find_what_they_may_see(&caller).await;
    journey::a_ticket_gets_its_article(&caller).await;
    let article = journey::an_edit_hides_the_old_text_at_once(&caller).await;
    // The index has not heard of the edit yet.
    assert_eq!(caller.total("turquoise").await, 0);
    running.index().await;
    journey::the_edit_is_found(&caller).await;
    journey::an_archived_article_is_gone_at_once(&caller, &article).await;
    running.index().await;
    assert_eq!(caller.total("turquoise").await, 0);

    let han = running.data.path().join("han");
    write(&han, &HAN);
    let imported = running.sidenote(&["import", han.to_str().unwrap(), "--audience", "public"]);
    assert_eq!(imported["created"], 3, "{imported}");
    running.index().await;
    journey::chinese_and_mixed_script_are_found(&caller).await;
}
