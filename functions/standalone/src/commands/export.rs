//! `export`: everything in readable files, beside a running `serve` or alone.

use crate::app::App;
use crate::cli::Export as Asked;
use crate::exit::{Exit, Failure};
use crate::export::names::{self, Names};
use crate::export::target::{self, Target};
use crate::output::Lines;
use kb_actions::RequestContext;
use kb_actions::export::{
    Export, FORMAT, Record, RevisionRecord, Shelf, TranslationRecord, VoteRecord,
};
use kb_domain::{Article, ArticleId, ErrorKind, Resource, RevisionId, Translation};
use kb_import::manifest::{MANIFEST, Manifest};
use kb_store::repo::{ArticleWithTexts, Stored};
use serde_json::json;
use std::collections::HashMap;
use std::path::Path;

/// The options with a path that means the same in the process that owns the data.
pub(super) fn absolute(asked: &Asked) -> Result<Asked, Failure> {
    let shown = asked.path.display();
    let name = asked.path.file_name().ok_or_else(|| {
        Failure::usage(format!("{shown} names no file or folder that can be made"))
    })?;
    let folder = asked.path.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let found = std::fs::canonicalize(folder)
        .map_err(|e| Failure::usage(format!("cannot write into {}: {e}", folder.display())))?;
    Ok(Asked {
        path: found.join(name),
    })
}

pub(crate) async fn run(app: &App, asked: &Asked, lines: &Lines) -> Result<(), Failure> {
    let kb = &app.kb;
    if let Some(sentence) = target::occupied(&asked.path) {
        return Err(Failure::refused(sentence));
    }
    let ctx = RequestContext::load(kb, App::operator())
        .await
        .map_err(Failure::environment)?;
    let now = ctx.now;
    let export = Export::begin(kb, &ctx).map_err(Failure::refused)?;
    let unique = kb.ids().uuid().simple().to_string();
    let seconds = u64::try_from(now.unix_seconds()).unwrap_or(0);
    let target = Target::begin(&asked.path, &unique, seconds).map_err(|e| unwritten(asked, &e))?;
    let mut writer = Writer {
        asked,
        export,
        target,
        names: Names::default(),
        shelves: Vec::new(),
        lines,
        articles: 0,
        translations: 0,
        revisions: 0,
        failed: 0,
    };
    let manifest = Manifest {
        format: FORMAT,
        program: format!("sidenote {}", env!("CARGO_PKG_VERSION")),
        begun_at: now.to_string(),
    };
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(Failure::environment)?;
    text.push(b'\n');
    writer.file(MANIFEST, &text)?;
    writer.everything().await?;
    let (articles, revisions) = (writer.articles, writer.revisions);
    writer.record(&Record::End {
        articles,
        revisions,
    })?;
    writer.end().await
}

fn unwritten(asked: &Asked, error: &std::io::Error) -> Failure {
    Failure::environment(format!("cannot write {}: {error}", asked.path.display()))
}

struct Writer<'a> {
    asked: &'a Asked,
    export: Export<'a>,
    target: Target,
    names: Names,
    shelves: Vec<Shelf>,
    lines: &'a Lines,
    articles: u64,
    translations: u64,
    revisions: u64,
    failed: u64,
}

impl Writer<'_> {
    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.target
            .file(name, bytes)
            .map_err(|e| unwritten(self.asked, &e))
    }

    fn record(&mut self, record: &Record) -> Result<(), Failure> {
        self.target
            .record(record)
            .map_err(|e| unwritten(self.asked, &e))
    }

    async fn everything(&mut self) -> Result<(), Failure> {
        self.read_shelves().await?;
        let (mut ids, mut cursor) = (Vec::new(), None);
        loop {
            let (page, next) = self
                .export
                .ids(cursor)
                .await
                .map_err(Failure::environment)?;
            ids.extend(page);
            self.lines.progress(0, Some(ids.len() as u64)).await?;
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        let total = ids.len() as u64;
        for (done, id) in (1..).zip(ids) {
            match self.article(id, (done, total)).await? {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Unavailable => {
                    return Err(Failure::environment(error));
                }
                Err(error) => {
                    self.failed += 1;
                    let json =
                        json!({"item": id, "outcome": "failed", "reason": error.to_string()});
                    self.lines
                        .fact(format!("failed: {id}: {error}"), json)
                        .await?;
                }
            }
            self.lines.progress(done, Some(total)).await?;
        }
        self.structure()
    }

    async fn read_shelves(&mut self) -> Result<(), Failure> {
        self.shelves = self.export.shelves().await.map_err(Failure::environment)?;
        for shelf in &self.shelves {
            self.names.add(shelf);
        }
        Ok(())
    }

    /// The outer error ends the export; the inner one is this article's alone.
    async fn article(
        &mut self,
        id: ArticleId,
        (done, total): (u64, u64),
    ) -> Result<Result<(), kb_actions::Error>, Failure> {
        let whole = match self.export.article(id).await {
            Ok(Some(whole)) => whole,
            Ok(None) => return Ok(Ok(())),
            Err(error) => return Ok(Err(error)),
        };
        let article = &whole.head.value;
        if !self.names.knows_home_of(article) {
            // Its section was made after the trees were read.
            self.read_shelves().await?;
        }
        let stem = self.names.article(article, title(&whole));
        let mut translations = Vec::new();
        for translation in &whole.translations {
            let records = match self.texts(article, &translation.value, &stem).await? {
                Ok(records) => records,
                Err(error) => return Ok(Err(error)),
            };
            self.lines.progress(done - 1, Some(total)).await?;
            translations.push(with_texts(translation, &records));
        }
        let comments = match self.export.comments(id).await {
            Ok(comments) => comments,
            Err(error) => return Ok(Err(error)),
        };
        for comment in comments {
            self.record(&Record::Comment { comment })?;
        }
        let votes = match self.export.votes(id).await {
            Ok(votes) => votes,
            Err(error) => return Ok(Err(error)),
        };
        for vote in votes.into_iter().map(VoteRecord::of) {
            self.record(&Record::Vote { vote })?;
        }
        self.articles += 1;
        self.translations += translations.len() as u64;
        let record = Record::Article {
            version: whole.head.version,
            article: article.clone(),
            translations,
        };
        self.record(&record)?;
        Ok(Ok(()))
    }

    /// Writes the body of every revision of a translation, and its record.
    async fn texts(
        &mut self,
        article: &Article,
        translation: &Translation,
        stem: &str,
    ) -> Result<Result<HashMap<RevisionId, RevisionRecord>, kb_actions::Error>, Failure> {
        let revisions = match self.export.revisions(translation).await {
            Ok(revisions) => revisions,
            Err(error) => return Ok(Err(error)),
        };
        let mut records = HashMap::new();
        for bare in revisions {
            let revision = match self.export.body(&bare).await {
                Ok(revision) => revision,
                Err(error) => return Ok(Err(error)),
            };
            let name = names::file(article, translation, &revision, stem);
            self.file(&name, revision.body.source.as_bytes())?;
            let revision = RevisionRecord::of(&revision, name);
            self.revisions += 1;
            records.insert(revision.id, revision.clone());
            self.record(&Record::Revision { revision })?;
        }
        for pointer in [Some(translation.working), translation.live]
            .into_iter()
            .flatten()
        {
            if !records.contains_key(&pointer) {
                return Ok(Err(kb_actions::Error::NotFound(Resource::Revision)));
            }
        }
        Ok(Ok(records))
    }

    /// Portals, their nodes and their old addresses.
    fn structure(&mut self) -> Result<(), Failure> {
        for shelf in std::mem::take(&mut self.shelves) {
            let portal = shelf.portal.value.id;
            self.record(&Record::Portal {
                version: shelf.portal.version,
                portal: shelf.portal.value,
            })?;
            for node in shelf.tree.nodes() {
                let folder = self.names.folder(portal, node.id).unwrap_or_default();
                self.record(&Record::Node {
                    portal,
                    folder: folder.to_owned(),
                    node: node.clone(),
                })?;
            }
            for (path, article) in shelf.redirects {
                self.record(&Record::Redirect {
                    portal,
                    path,
                    article,
                })?;
            }
        }
        Ok(())
    }

    async fn end(self) -> Result<(), Failure> {
        let path = self.asked.path.display().to_string();
        self.target
            .finish()
            .map_err(|e| unwritten(self.asked, &e))?;
        let (articles, translations, revisions, failed) = (
            self.articles,
            self.translations,
            self.revisions,
            self.failed,
        );
        let text = format!(
            "{articles} articles in {translations} translations with {revisions} revisions in {path}, {failed} failed"
        );
        let json = json!({"export": path, "articles": articles, "translations": translations, "revisions": revisions, "failed": failed});
        let exit = if failed > 0 {
            Exit::SomeFailed
        } else {
            Exit::Done
        };
        super::end(self.lines, exit, text, json).await
    }
}

/// The title that names the files: of the source language, else of the first that there is.
pub(super) fn title(whole: &ArticleWithTexts) -> &str {
    let source = whole.translation(&whole.head.value.source_locale);
    source
        .or(whole.translations.first())
        .map_or("", |t| &t.value.title)
}

fn with_texts(
    translation: &Stored<Translation>,
    records: &HashMap<RevisionId, RevisionRecord>,
) -> TranslationRecord {
    let of = |id| records.get(&id).cloned();
    TranslationRecord {
        version: translation.version,
        live: translation.value.live.and_then(of),
        working: records[&translation.value.working].clone(),
        translation: translation.value.clone(),
    }
}
