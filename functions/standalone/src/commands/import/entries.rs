//! The entries of a source: opened, planned by what the base knows of it, and taken one by one.

use super::memory;
use crate::exit::Failure;
use kb_actions::Kb;
use kb_actions::import::Run;
use kb_import::archive::{self, Reading};
use kb_import::entry::{Budget, Entry, Listing, is_article};
use kb_import::exported::{Chains, Exported};
use kb_import::plan::{self, Asked, Planned};
use kb_import::{Error, folder, jsonl};
use std::collections::HashMap;
use std::path::Path;

/// A source that was read, as far as it is before anything is planned.
pub(super) enum Opened {
    /// A file of lines.
    Lines(jsonl::Lines, u64),
    /// Files of a folder or an archive.
    Files(Box<Listing>),
    /// What `export` wrote.
    Exported(Box<Exported>),
}

impl Opened {
    /// Opens a source. `drafts_only` says that nothing will be published; `progress` is told how much of an archive was read.
    pub fn open(
        path: &Path,
        asked: &Asked,
        drafts_only: bool,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Self, Failure> {
        let name = path.to_string_lossy().to_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|end| name.ends_with(end));
        let encoding = asked.encoding;
        let reading = Reading {
            budget: Budget::default(),
            encoding,
            progress,
        };
        let listing = if path.is_dir() {
            if let Some(export) = Exported::in_folder(path, drafts_only)? {
                return Ok(Self::Exported(Box::new(export)));
            }
            folder::read(path, Budget::default(), encoding)?
        } else if ends(&[".jsonl", ".jsonl.gz"]) {
            return Ok(Self::Lines(jsonl::open(path)?, jsonl::count(path)?));
        } else if ends(&[".zip"]) {
            archive::read_zip(path, reading)?
        } else if ends(&[".tar.gz", ".tgz"]) {
            archive::read_tar_gz(path, reading)?
        } else if is_article(&name) {
            one_file(path)?
        } else {
            return Err(Failure::usage(format!(
                "{} is none of: a folder, .tar.gz, .zip, .jsonl, .jsonl.gz, .md, .html, .txt",
                path.display()
            )));
        };
        Ok(match Exported::in_archive(path, listing, drafts_only)? {
            Ok(export) => Self::Exported(Box::new(export)),
            Err(listing) => Self::Files(Box::new(listing)),
        })
    }

    /// The portals that the source knows, with their folders; `None` when it knows none.
    pub fn shelves(&self) -> Option<Vec<Chains>> {
        match self {
            Self::Exported(export) => Some(export.portals()),
            Self::Lines(..) | Self::Files(_) => None,
        }
    }

    /// Plans what was read; `run` is that of the portal it goes to, where there is one already.
    pub async fn plan(self, kb: &Kb, run: Option<&Run>, asked: &Asked) -> Result<Entries, Failure> {
        let listing = match self {
            Self::Lines(lines, count) => {
                return Ok(Entries::Lines {
                    lines,
                    count,
                    seen: HashMap::new(),
                    asked: asked.clone(),
                });
            }
            Self::Exported(export) => return Ok(Entries::Exported(export)),
            Self::Files(listing) => listing,
        };
        let mut asked = asked.clone();
        if let Some(run) = run {
            asked.wrapper = memory::wrapper(kb, run, &plan::article_paths(&listing)).await?;
        }
        let draft = aside(move || plan::draft(*listing, &asked)).await?;
        let known = match run {
            Some(run) => memory::known(kb, run, draft.shared()).await?,
            None => HashMap::new(),
        };
        let planned = aside(move || draft.finish(&known)).await?;
        Ok(Entries::Planned(planned.into_iter()))
    }
}

/// Does what takes long beside the threads that answer, for a server may be running.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(Failure::environment)
}

/// One text alone is a source of one file, as it would be found in its folder.
fn one_file(path: &Path) -> Result<Listing, Failure> {
    let bytes = std::fs::read(path).map_err(|e| Failure::from(Error::unreadable(path, &e)))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    let entry = Entry {
        path: name.unwrap_or_default(),
        bytes,
    };
    let listing = Listing {
        entries: vec![entry],
        ..Listing::default()
    };
    Ok(listing.finish())
}

/// The entries of a source, one by one; a file of lines is read as a stream.
pub(super) enum Entries {
    Lines {
        lines: jsonl::Lines,
        count: u64,
        /// The line of every id, in each language.
        seen: HashMap<(String, Option<String>), u64>,
        asked: Asked,
    },
    Planned(std::vec::IntoIter<Planned>),
    Exported(Box<Exported>),
}

impl Entries {
    /// How many there are, where that is known.
    pub fn total(&self) -> Option<u64> {
        match self {
            Self::Lines { count, .. } => Some(*count),
            Self::Planned(planned) => Some(planned.len() as u64),
            Self::Exported(_) => None,
        }
    }

    pub fn next(&mut self) -> Result<Option<Planned>, Failure> {
        match self {
            Self::Planned(planned) => Ok(planned.next()),
            Self::Exported(export) => Ok(export.next_planned()?),
            Self::Lines {
                lines, seen, asked, ..
            } => {
                let Some((number, record)) = lines.next_line()? else {
                    return Ok(None);
                };
                let failed = |reason| Planned::Failed {
                    name: format!("line {number}"),
                    reason,
                };
                Ok(Some(match record {
                    Err(reason) => failed(reason),
                    Ok(record) => {
                        let item = plan::from_record(record, asked);
                        let locale = item.locale.as_ref().map(ToString::to_string);
                        let first = *seen
                            .entry((item.external_id.clone(), locale))
                            .or_insert(number);
                        if first == number {
                            Planned::Article(Box::new(item))
                        } else {
                            failed(format!(
                                "id: \"{}\" is that of line {first}, too; give each article its own",
                                item.external_id
                            ))
                        }
                    }
                }))
            }
        }
    }
}
