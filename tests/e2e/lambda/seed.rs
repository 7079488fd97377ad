//! A data folder made by the real import, of which each function and each comparison gets a copy: one process owns a folder.

use crate::harness::path_of;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kb_http::Deps;
use kb_runtime::Config;
use kb_runtime::config::Layers;
use kb_store::repo::KeyScope;
use kb_testkit::{Client, Persona};
use serde_json::Value;
use sidenote::app::App;
use sidenote::cli::Import;
use sidenote::commands;
use sidenote::control::{Request, dispatch};
use sidenote::output::{Line, Lines};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Four texts of three articles, one of them for employees.
pub const DOCS: [(&str, &str); 4] = [
    (
        "en/account/sign-in/reset.md",
        "---\ntitle: Reset your password\nredirect_from: [\"/old/C# 重置\"]\n---\nOpen the sign-in page.\n\n## Steps\n\nChoose \
         **Forgot password**; a link is mailed to you.\n",
    ),
    (
        "zh-Hans/account/sign-in/reset.md",
        "---\ntitle: 重置密码\n---\n打开登录页，点击**忘记密码**。\n",
    ),
    (
        "en/account/sign-in/codes.md",
        "---\ntitle: Recovery codes\n---\nEach code of the password sheet works once.\n",
    ),
    (
        "en/account/sign-in/fees.md",
        "---\ntitle: Porcupine fees\naudience: employees\n---\nThe porcupine pays.\n",
    ),
];

/// A filled data folder that nobody has open.
pub struct Seed {
    folder: tempfile::TempDir,
    /// What events name: `key`, `session`, `article`, `version`, `portal`, `section`, `page`,
    /// `han-page`, `style`, `icon`, and `sign-in-form`, in base64 as API Gateway hands on all
    /// that is not text or JSON.
    pub values: BTreeMap<&'static str, String>,
}

impl Seed {
    /// Imports the documents, makes a key and a session, and looks up what events name.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let docs = folder.path().join("docs");
        for (name, text) in DOCS {
            let path = docs.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let whole = ArticleWithTexts::open(&folder.path().join("data")).await;
        import(&whole.app, docs).await;
        whole.app.catch_up().await.unwrap();
        let values = values(&whole).await;
        Self { folder, values }
    }

    /// Where the copy of this name is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A copy of the data folder.
    pub fn copy(&self, name: &str) -> PathBuf {
        let copy = self.path(name);
        copy_folder(&self.folder.path().join("data"), &copy);
        copy
    }
}

/// The whole program in this process, on a data folder.
pub struct ArticleWithTexts {
    /// The open folder.
    pub app: App,
    /// What routes are given.
    pub deps: Deps,
}

impl ArticleWithTexts {
    /// Opens a data folder.
    pub async fn open(data: &Path) -> Self {
        let nothing = Layers {
            flags: BTreeMap::new(),
            environment: &|_| None,
            file: None,
        };
        let config = Config::resolve(data, &nothing).unwrap();
        let app = App::open(&config).await.unwrap();
        let deps = app.deps(&config, false).unwrap();
        Self { app, deps }
    }

    /// A client of every route.
    pub fn client(&self) -> Client {
        Client::new(commands::router(self.deps.clone()))
    }
}

async fn import(app: &App, docs: PathBuf) {
    let (lines, mut said) = Lines::channel();
    let listening = tokio::spawn(async move {
        let mut last = None;
        while let Some(line) = said.recv().await {
            last = Some(line);
        }
        last
    });
    let options = Import {
        paths: vec![docs],
        audience: Some("public".to_owned()),
        portal: Some("help".to_owned()),
        locale: None,
        encoding: None,
        source: None,
        draft: false,
        activate: true,
        dry_run: false,
        resume: None,
        undo: None,
    };
    dispatch::run(app, Request::Import(options), &lines)
        .await
        .unwrap();
    drop(lines);
    let Some(Line::End { json, .. }) = listening.await.unwrap() else {
        panic!("the import did not end")
    };
    assert_eq!(
        (&json["created"], &json["failed"]),
        (&4.into(), &0.into()),
        "{json}"
    );
}

async fn values(whole: &ArticleWithTexts) -> BTreeMap<&'static str, String> {
    let scopes = BTreeSet::from([KeyScope::Admin, KeyScope::Suggest]);
    let key = whole
        .app
        .identity
        .create_key("test", scopes, 3_600, kb_events::Actor::Operator)
        .await
        .unwrap();
    let person = whole
        .app
        .identity
        .person("test", "1", &Persona::Employee.person("Ada", &[]))
        .await
        .unwrap();
    let session = whole
        .app
        .identity
        .open_session(person, false)
        .await
        .unwrap();
    let link = whole
        .app
        .identity
        .create_link(person, "/help/zh-Hans/search?q=重置")
        .await
        .unwrap();
    let reader = whole.client();
    let client = reader.bearer(&key.secret);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let found = client.get("/api/v1/search?q=reset").await.json();
    let article = text(&found["hits"][0]["article"]);
    let head = client.get(&format!("/api/v1/articles/{article}")).await;
    let page = path_of(&head.json()["url"]);
    let found = client
        .get("/api/v1/search?q=%E9%87%8D%E7%BD%AE&locale=zh-Hans")
        .await
        .json();
    let han_page = path_of(&found["hits"][0]["url"]);
    let html = reader.get(&page).await.text;
    let asset = |ending: &str| {
        let mut texts = html.split('"');
        let found = texts.find(|t| t.starts_with("/assets/") && t.ends_with(ending));
        found.unwrap().to_owned()
    };
    let translation = client
        .get(&format!("/api/v1/articles/{article}/translations/en"))
        .await;
    BTreeMap::from([
        ("key", key.secret),
        ("session", session.secret),
        ("portal", text(&head.json()["home"]["portal"])),
        ("section", text(&head.json()["home"]["section"])),
        (
            "version",
            translation.header("etag").trim_matches('"').to_owned(),
        ),
        ("style", asset(".css")),
        ("icon", asset(".svg")),
        (
            "sign-in-form",
            STANDARD.encode(format!("code={}", link.secret)),
        ),
        ("page", page),
        ("han-page", han_page),
        ("article", article),
    ])
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
