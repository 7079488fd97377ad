//! What `export` wrote: titles, bodies, languages, audiences, labels, kinds, types, folders, drafts, comments and votes come back.
//!
//! Not yet brought back: ids, earlier revisions, authors, times, and places beyond the home of an article.

mod lines;
mod readers;

use super::entry::{Budget, Entry, Listing, is_inside};
use super::error::Error;
use super::plan::Planned;
use crate::manifest::{MANIFEST, Manifest, RECORDS};
use kb_actions::export::{FORMAT, Record, RevisionRecord, TranslationRecord};
use kb_actions::import::{Folder, Item, Origin};
use kb_domain::{
    Article, ArticleId, ArticleState, Body, ExternalId, Node, NodeId, Portal, PortalId, Revision,
    TranslationDraft, Tree,
};
use lines::Lines;
use readers::Readers;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

/// External ids of articles that had none when they were exported are unique in this.
const SOURCE: &str = "export";

/// A portal with every category and section from the top down, as a chain of folders each.
pub type Chains = (Portal, Vec<Vec<Folder>>);

/// An export, opened: its portals are known, its articles come one by one.
pub struct Exported {
    files: Files,
    shown: String,
    portals: Vec<(Portal, Tree)>,
    redirects: HashMap<ArticleId, Vec<(PortalId, String)>>,
    lines: Lines,
    planned: VecDeque<Planned>,
    readers: Readers,
    drafts_only: bool,
}

/// Where the files are.
enum Files {
    Folder(PathBuf),
    Memory(BTreeMap<String, Vec<u8>>),
}

impl Exported {
    /// The export in a folder; `None` when it is none. `drafts_only` leaves out what a later draft replaces.
    pub fn in_folder(root: &Path, drafts_only: bool) -> Result<Option<Self>, Error> {
        let manifest = match std::fs::read(root.join(MANIFEST)) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::unreadable(&root.join(MANIFEST), &e)),
        };
        let root = std::fs::canonicalize(root).map_err(|e| Error::unreadable(root, &e))?;
        let shown = root.display().to_string();
        Self::open(Files::Folder(root), shown, &manifest, drafts_only).map(Some)
    }

    /// The export in an unpacked archive, or the listing back when it is none.
    pub fn in_archive(
        path: &Path,
        listing: Listing,
        drafts_only: bool,
    ) -> Result<Result<Self, Listing>, Error> {
        let is_manifest = |e: &&Entry| e.path.ends_with(MANIFEST);
        let Some(manifest) = listing.export.iter().find(is_manifest) else {
            return Ok(Err(listing));
        };
        let wrapper = manifest.path.trim_end_matches(MANIFEST).to_owned();
        let bytes = manifest.bytes.clone();
        let all = listing.entries.into_iter().chain(listing.export);
        let files = all.filter_map(|e| Some((e.path.strip_prefix(&wrapper)?.to_owned(), e.bytes)));
        let (files, shown) = (Files::Memory(files.collect()), path.display().to_string());
        Self::open(files, shown, &bytes, drafts_only).map(Ok)
    }

    fn open(
        files: Files,
        shown: String,
        manifest: &[u8],
        drafts_only: bool,
    ) -> Result<Self, Error> {
        let manifest: Manifest = serde_json::from_slice(manifest)
            .map_err(|e| Error::damaged(Path::new(&shown), &format!("{MANIFEST}: {e}")))?;
        if manifest.format > FORMAT {
            return Err(Error::Refused(format!(
                "{shown} is an export of format {}, this program reads up to {FORMAT}; import it with the {} that wrote it, or a newer one",
                manifest.format, manifest.program
            )));
        }
        let mut export = Self {
            lines: files.lines(&shown)?,
            files,
            shown,
            portals: Vec::new(),
            redirects: HashMap::new(),
            planned: VecDeque::new(),
            readers: Readers::default(),
            drafts_only,
        };
        export.read_structure()?;
        export.lines = export.files.lines(&export.shown)?;
        Ok(export)
    }

    fn read_structure(&mut self) -> Result<(), Error> {
        let (mut nodes, mut ended) = (HashMap::<PortalId, Vec<_>>::new(), false);
        while let Some(record) = self.lines.next()? {
            match record {
                Record::Portal { portal, .. } => self.portals.push((portal, Tree::default())),
                Record::Node { portal, node, .. } => nodes.entry(portal).or_default().push(node),
                Record::Redirect {
                    portal,
                    path,
                    article,
                } => {
                    let paths = self.redirects.entry(article).or_default();
                    paths.push((portal, path));
                }
                Record::End { .. } => ended = true,
                _ => {}
            }
        }
        if !ended {
            return Err(Error::damaged(
                Path::new(&self.shown),
                &format!("{RECORDS} ends before its last line"),
            ));
        }
        for (portal, tree) in &mut self.portals {
            *tree = Tree::new(nodes.remove(&portal.id).unwrap_or_default());
        }
        Ok(())
    }

    /// The portals with their folders.
    pub fn portals(&self) -> Vec<Chains> {
        let shelf = |(portal, tree): &(Portal, Tree)| {
            let top = tree.categories().into_iter().map(|n| n.id);
            let nodes = top.flat_map(|id| tree.subtree(id));
            let chains = nodes.map(|id| folders(portal, tree, id)).collect();
            (portal.clone(), chains)
        };
        self.portals.iter().map(shelf).collect()
    }

    /// What becomes of the next text; `None` at the end.
    pub fn next_planned(&mut self) -> Result<Option<Planned>, Error> {
        loop {
            if let Some(planned) = self.planned.pop_front() {
                return Ok(Some(planned));
            }
            match self.lines.next()? {
                None => return Ok(None),
                Some(Record::Article {
                    article,
                    translations,
                    ..
                }) => self.plan(&article, translations),
                Some(Record::Comment { comment }) => self.readers.add_comment(comment),
                Some(Record::Vote { vote }) => self.readers.add_vote(vote),
                Some(_) => {}
            }
        }
    }

    fn plan(&mut self, article: &Article, mut translations: Vec<TranslationRecord>) {
        // The source language makes the article, so it comes first.
        translations.sort_by_key(|t| t.translation.locale != article.source_locale);
        let archived = article.state == ArticleState::Archived;
        let mut planned = Vec::new();
        for translation in &translations {
            let working = &translation.working;
            let live = translation.live.as_ref();
            if let Some(live) = live.filter(|live| live.id != working.id || !self.drafts_only) {
                planned.push(if self.drafts_only {
                    Planned::Skipped {
                        name: live.file.clone(),
                        reason: "its later draft is taken".to_owned(),
                    }
                } else {
                    self.text(article, live, archived)
                });
            }
            if live.is_none_or(|live| live.id != working.id || self.drafts_only) {
                planned.push(self.text(article, working, true));
            }
        }
        let mut items = planned.iter_mut().filter_map(|p| match p {
            Planned::Article(item) => Some(item),
            _ => None,
        });
        if let Some(first) = items.next() {
            first.redirects = self.redirects_of(article);
        }
        let mut texts = planned.iter_mut().rev();
        if let Some(Planned::Article(item)) = texts.find(|p| matches!(p, Planned::Article(_)))
            && let Some(origin) = &mut item.origin
        {
            origin.archive = archived;
            (origin.comments, origin.votes) = self.readers.take(article.id);
        }
        if planned.is_empty() {
            planned.push(Planned::Skipped {
                name: article.id.to_string(),
                reason: "it has no text".to_owned(),
            });
        }
        self.planned.extend(planned);
    }

    fn text(&self, article: &Article, revision: &RevisionRecord, draft: bool) -> Planned {
        match self.item(article, revision, draft) {
            Ok(item) => Planned::Article(Box::new(item)),
            Err(reason) => Planned::Failed {
                name: revision.file.clone(),
                reason,
            },
        }
    }

    fn item(
        &self,
        article: &Article,
        revision: &RevisionRecord,
        draft: bool,
    ) -> Result<Item, String> {
        let home = article.home.as_ref();
        let home = home.ok_or("it stands in no section; give it one before it is exported")?;
        let shelf = self.portals.iter().find(|(p, _)| p.id == home.portal);
        let (portal, tree) = shelf.ok_or("its portal is not in the export")?;
        let bytes = self.files.read(&revision.file)?;
        let source = String::from_utf8(bytes)
            .map_err(|e| format!("not UTF-8 at byte {}", e.utf8_error().valid_up_to()))?;
        let body = Body {
            format: revision.format,
            source,
        };
        let external = article.external.clone();
        Ok(Item {
            name: revision.file.clone(),
            external_id: article.id.to_string(),
            known_as: Vec::new(),
            locale: Some(revision.locale.clone()),
            folders: folders(portal, tree, home.section.into()),
            title: revision.title.clone(),
            summary: revision.summary.clone(),
            warnings: edited(revision, &body).into_iter().collect(),
            body,
            kind: Some(article.kind),
            article_type: Some(article.article_type.clone()),
            labels: article.labels.clone(),
            audience: Some(article.audience.clone()),
            redirects: Vec::new(),
            position: Some(home.position),
            order: None,
            draft,
            pictures: false,
            notes: Vec::new(),
            portal: Some(portal.handle.clone()),
            origin: Some(Origin {
                article: article.id,
                external: external.unwrap_or_else(|| ExternalId {
                    source: SOURCE.to_owned(),
                    id: article.id.to_string(),
                }),
                source_locale: article.source_locale.clone(),
                archive: false,
                comments: Vec::new(),
                votes: Vec::new(),
            }),
        })
    }

    fn redirects_of(&self, article: &Article) -> Vec<String> {
        let home = article.home.as_ref().map(|h| h.portal);
        let all = self.redirects.get(&article.id).into_iter().flatten();
        all.filter(|(portal, _)| Some(*portal) == home)
            .map(|(_, path)| path.clone())
            .collect()
    }
}

/// From the category down to a node, with their names in every language.
fn folders(portal: &Portal, tree: &Tree, node: NodeId) -> Vec<Folder> {
    let folder = |node: &&Node| {
        let in_default = node.name.get_key_value(&portal.default_locale);
        let own = in_default.or(node.name.first_key_value());
        let (language, name) = own.unzip();
        let summary = |locale| node.description.get(locale).cloned();
        let others = node.name.iter().filter(|(l, _)| Some(*l) != language);
        Folder {
            external: node.external.clone().unwrap_or_else(|| node.id.to_string()),
            name: name.cloned().unwrap_or_default(),
            summary: language.and_then(summary),
            others: others
                .map(|(locale, name)| (locale.clone(), name.clone(), summary(locale)))
                .collect(),
            language: language.cloned(),
            position: Some(node.position),
        }
    };
    tree.path(node).iter().map(folder).collect()
}

/// A warning when the file is not what the record was made for: somebody may have meant it, or a disk did it.
fn edited(revision: &RevisionRecord, body: &Body) -> Option<String> {
    let draft = TranslationDraft {
        title: revision.title.clone(),
        summary: revision.summary.clone(),
        body: body.clone(),
        note: String::new(),
    };
    let found = Revision::of(
        revision.id,
        revision.article,
        &revision.locale,
        revision.number,
        &draft,
        None,
        revision.at,
    );
    (found.hash != revision.hash).then(|| "its text was changed after the export".to_owned())
}

impl Files {
    fn lines(&self, shown: &str) -> Result<Lines, Error> {
        let absent = || Error::damaged(Path::new(shown), &format!("it has no {RECORDS}"));
        let reader: Box<dyn BufRead + Send> = match self {
            Self::Folder(root) => {
                let file = File::open(root.join(RECORDS)).map_err(|_| absent())?;
                Box::new(BufReader::new(file))
            }
            Self::Memory(files) => {
                let bytes = files.get(RECORDS).ok_or_else(absent)?;
                Box::new(Cursor::new(bytes.clone()))
            }
        };
        Ok(Lines {
            reader,
            number: 0,
            shown: shown.to_owned(),
        })
    }

    /// Errors: a sentence for the report.
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        if !is_inside(name) {
            return Err("its path leaves the export".to_owned());
        }
        let absent = || "the file is not in the export".to_owned();
        match self {
            Self::Memory(files) => files.get(name).cloned().ok_or_else(absent),
            Self::Folder(root) => {
                let path = std::fs::canonicalize(root.join(name)).map_err(|_| absent())?;
                if !path.starts_with(root) {
                    return Err("it is a link that leaves the export".to_owned());
                }
                let limit = Budget::default().entry_bytes;
                let mut bytes = Vec::new();
                File::open(path)
                    .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
                    .map_err(|e| format!("cannot be read: {e}"))?;
                if bytes.len() as u64 > limit {
                    return Err(format!("larger than {limit} bytes"));
                }
                Ok(bytes)
            }
        }
    }
}

#[cfg(test)]
mod tests;
