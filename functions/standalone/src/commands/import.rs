//! `import`: plans each source and stores it item by item; every entry is named in the report.

mod places;
mod undo;
mod wave;

use crate::app::App;
use crate::cli::Import as Asked;
use crate::exit::{Exit, Failure};
use crate::import::entry::Budget;
use crate::import::exported::{Chains, Exported};
use crate::import::{archive, folder, jsonl, plan};
use crate::output::Lines;
use kb_actions::import::{Item, Run, apply, runs};
use kb_actions::{Kb, RequestContext, portals};
use kb_domain::{Audience, ImportId, Locale, Portal, PortalState};
use kb_store::repo::{Import, ImportState, ItemOutcome, Stored};
use places::{Place, Wanted};
use plan::Planned;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use wave::{Taken, Wave};

/// The options with paths that mean the same in the process that owns the data.
pub(super) fn absolute(mut options: Asked) -> Result<Asked, Failure> {
    for path in &mut options.paths {
        *path = std::fs::canonicalize(&path)
            .map_err(|e| Failure::usage(format!("cannot read {}: {e}", path.display())))?;
    }
    if let Some(audience) = &options.audience {
        audience
            .parse::<Audience>()
            .map_err(|e: kb_domain::Error| {
                Failure::usage(format!("--audience: {}", e.sentence()))
            })?;
    }
    Ok(options)
}

pub(crate) async fn run(app: &App, asked: &Asked, lines: &Lines) -> Result<(), Failure> {
    let kb = &app.kb;
    if let Some(id) = &asked.undo {
        return undo::run(app, known(kb, "--undo", id).await?, lines).await;
    }
    let resumed = match &asked.resume {
        None => None,
        Some(id) => Some(known(kb, "--resume", id).await?),
    };
    if resumed
        .as_ref()
        .is_some_and(|r| r.value.state == ImportState::Undone)
    {
        return Err(Failure::refused(
            "that import was taken back; run it again from its source",
        ));
    }
    let asked = match &resumed {
        None => asked.clone(),
        Some(import) => {
            serde_json::from_value(import.value.options.clone()).map_err(Failure::environment)?
        }
    };
    let audience = asked
        .audience
        .as_deref()
        .map(str::parse::<Audience>)
        .transpose()
        .map_err(Failure::usage)?;
    let locale = asked
        .locale
        .as_deref()
        .map_or(Ok(Locale::en()), str::parse)
        .map_err(|e: kb_domain::Error| Failure::usage(format!("--locale: {}", e.sentence())))?;
    let mut tally = Tally::default();
    if asked.dry_run {
        for path in &asked.paths {
            let mut entries = Entries::open(path, asked.draft)?;
            while let Some(planned) = entries.next()? {
                tally.dry(&planned, lines).await?;
            }
        }
        return tally.end("none", lines).await;
    }
    let wanted = Wanted {
        asked: &asked,
        audience,
        locale,
    };
    // The first source is read before the run is begun: most faults of the command line are found by then.
    let mut sources = Vec::new();
    if let Some(first) = asked.paths.first() {
        let entries = Entries::open(first, asked.draft)?;
        sources.push((wanted.places(kb, entries.shelves()).await?, entries));
    }
    let import = match resumed {
        Some(import) => import,
        None => begin(kb, &asked).await?,
    };
    let id = import.value.id;
    lines
        .fact(format!("import {id}"), json!({"import": id}))
        .await?;
    let mut filled = Vec::new();
    for path in &asked.paths {
        let (places, mut entries) = if let Some(first) = sources.pop() {
            first
        } else {
            let entries = Entries::open(path, asked.draft)?;
            (wanted.places(kb, entries.shelves()).await?, entries)
        };
        let runs = places
            .iter()
            .map(|(handle, place)| (handle.clone(), wanted.run(&import.value, path, place.id)));
        let runs: BTreeMap<String, Run> = runs.collect();
        filled.extend(places.into_values());
        let mut wave = Wave::default();
        while let Some(planned) = entries.next()? {
            if !wave.admits(&planned) {
                tally.end_of(&mut wave, lines).await?;
            }
            let run = match &planned {
                Planned::Article(item) => runs.get(item.portal.as_deref().unwrap_or_default()),
                _ => None,
            };
            wave.add(kb, run, tally.n + wave.len(), planned);
        }
        tally.end_of(&mut wave, lines).await?;
    }
    let ctx = operator(kb).await?;
    runs::finish(kb, &ctx, &import)
        .await
        .map_err(Failure::environment)?;
    if asked.activate {
        let ctx = operator(kb).await?;
        for place in filled.iter().filter(|p| p.open) {
            let found = portals::read(kb, &ctx, place.id)
                .await
                .map_err(Failure::environment)?;
            portals::activate(kb, &ctx, found)
                .await
                .map_err(Failure::refused)?;
        }
    }
    say_what_is_not_open(kb, &filled, lines).await?;
    app.catch_up().await?;
    tally.end(&id.to_string(), lines).await
}

/// A portal that nobody but staff may enter yet is the usual reason why readers find nothing after an import.
async fn say_what_is_not_open(kb: &Kb, filled: &[Place], lines: &Lines) -> Result<(), Failure> {
    let ctx = operator(kb).await?;
    let portals = portals::list(kb, &ctx)
        .await
        .map_err(Failure::environment)?;
    let filled = |portal: &Portal| filled.iter().any(|place| place.id == portal.id);
    for Stored { value: portal, .. } in portals {
        if portal.state != PortalState::Active && filled(&portal) {
            let handle = &portal.handle;
            let text = format!(
                "portal {handle} is not open: only staff see it until `import` with --activate opens it"
            );
            lines
                .fact(text, json!({"portal": handle, "open": false}))
                .await?;
        }
    }
    Ok(())
}

/// The run that an option names.
async fn known(kb: &Kb, option: &str, id: &str) -> Result<Stored<Import>, Failure> {
    let id: ImportId = id
        .parse()
        .map_err(|e| Failure::usage(format!("{option}: {e}")))?;
    let found = runs::read(kb, &operator(kb).await?, id)
        .await
        .map_err(Failure::environment)?;
    found.ok_or_else(|| {
        Failure::refused(format!("there is no import {id}; its first line named it"))
    })
}

async fn begin(kb: &Kb, asked: &Asked) -> Result<Stored<Import>, Failure> {
    runs::begin(kb, &operator(kb).await?, json!(asked))
        .await
        .map_err(Failure::environment)
}

/// The context of a command, as of now.
async fn operator(kb: &Kb) -> Result<RequestContext, Failure> {
    RequestContext::load(kb, App::operator())
        .await
        .map_err(Failure::environment)
}

/// The entries of a source, one by one; a file of lines is read as a stream.
enum Entries {
    Lines(jsonl::Lines),
    Planned(std::vec::IntoIter<Planned>),
    Exported(Box<Exported>),
}

impl Entries {
    /// `drafts_only` says that nothing will be published.
    fn open(path: &Path, drafts_only: bool) -> Result<Self, Failure> {
        let name = path.to_string_lossy();
        let listing = if name.ends_with(".jsonl") || name.ends_with(".jsonl.gz") {
            return Ok(Self::Lines(jsonl::open(path)?));
        } else if name.ends_with(".zip") {
            archive::read_zip(path, Budget::default())?
        } else if path.is_dir() {
            if let Some(export) = Exported::in_folder(path, drafts_only)? {
                return Ok(Self::Exported(Box::new(export)));
            }
            folder::read(path, Budget::default())?
        } else if name.ends_with(".tar.gz") || name.ends_with(".tgz") {
            archive::read_tar_gz(path, Budget::default())?
        } else {
            return Err(Failure::usage(format!(
                "{name} is none of: a folder, .tar.gz, .zip, .jsonl, .jsonl.gz"
            )));
        };
        Ok(match Exported::in_archive(path, listing, drafts_only)? {
            Ok(export) => Self::Exported(Box::new(export)),
            Err(listing) => Self::Planned(plan::plan(listing).into_iter()),
        })
    }

    /// The portals that the source knows, with their folders; `None` when it knows none.
    fn shelves(&self) -> Option<Vec<Chains>> {
        match self {
            Self::Exported(export) => Some(export.portals()),
            Self::Lines(_) | Self::Planned(_) => None,
        }
    }

    fn next(&mut self) -> Result<Option<Planned>, Failure> {
        match self {
            Self::Planned(planned) => Ok(planned.next()),
            Self::Exported(export) => Ok(export.next_planned()?),
            Self::Lines(lines) => Ok(lines.next_line()?.map(|(number, record)| {
                match record.and_then(plan::from_record) {
                    Ok(item) => Planned::Article(Box::new(item)),
                    Err(reason) => Planned::Failed {
                        name: format!("line {number}"),
                        reason,
                    },
                }
            })),
        }
    }
}

#[derive(Default)]
struct Tally {
    counts: BTreeMap<ItemOutcome, u64>,
    n: u64,
}

impl Tally {
    async fn report(
        &mut self,
        name: &str,
        outcome: ItemOutcome,
        reason: Option<&str>,
        warnings: &[String],
        lines: &Lines,
    ) -> Result<(), Failure> {
        *self.counts.entry(outcome).or_default() += 1;
        self.n += 1;
        let word = json!(outcome).as_str().unwrap_or_default().to_owned();
        let mut text = format!("{word} {}", printable(name));
        if let Some(reason) = reason {
            text.push_str(&format!(": {}", printable(reason)));
        }
        for warning in warnings {
            text.push_str(&format!("\n  warning: {}", printable(warning)));
        }
        let mut json = json!({"item": name, "outcome": word});
        if let Some(reason) = reason {
            json["reason"] = reason.into();
        }
        if !warnings.is_empty() {
            json["warnings"] = json!(warnings);
        }
        lines.fact(text, json).await?;
        Ok(lines.progress(self.n, None).await?)
    }

    async fn dry(&mut self, planned: &Planned, lines: &Lines) -> Result<(), Failure> {
        match planned {
            Planned::Article(item) => {
                self.report(
                    &item.name,
                    ItemOutcome::Created,
                    Some("would be stored"),
                    &item.warnings,
                    lines,
                )
                .await
            }
            Planned::Skipped { name, reason } => {
                self.report(name, ItemOutcome::Skipped, Some(reason), &[], lines)
                    .await
            }
            Planned::Failed { name, reason } => {
                self.report(name, ItemOutcome::Failed, Some(reason), &[], lines)
                    .await
            }
        }
    }

    /// Reports what a wave has brought in.
    async fn end_of(&mut self, wave: &mut Wave, lines: &Lines) -> Result<(), Failure> {
        for taken in wave.end().await? {
            let (name, warnings, stored) = match taken {
                Taken::Other(planned) => {
                    self.dry(&planned, lines).await?;
                    continue;
                }
                Taken::Article {
                    name,
                    warnings,
                    stored,
                } => (name, warnings, stored),
            };
            let (outcome, reason) = match stored {
                Ok(outcome) => (outcome, None),
                Err(reason) => (ItemOutcome::Failed, Some(reason)),
            };
            self.report(&name, outcome, reason.as_deref(), &warnings, lines)
                .await?;
        }
        Ok(())
    }

    async fn end(&self, id: &str, lines: &Lines) -> Result<(), Failure> {
        let count = |outcome| self.counts.get(&outcome).copied().unwrap_or(0);
        let (created, updated, unchanged) = (
            count(ItemOutcome::Created),
            count(ItemOutcome::Updated),
            count(ItemOutcome::Unchanged),
        );
        let (skipped, failed) = (count(ItemOutcome::Skipped), count(ItemOutcome::Failed));
        let text = format!(
            "{created} created, {updated} updated, {unchanged} unchanged, {skipped} skipped, {failed} failed"
        );
        let json = json!({"import": id, "created": created, "updated": updated, "unchanged": unchanged, "skipped": skipped, "failed": failed});
        super::end(
            lines,
            if failed > 0 {
                Exit::SomeFailed
            } else {
                Exit::Done
            },
            text,
            json,
        )
        .await
    }
}

/// What became of an item: stored, or the reason why not.
type Settled = Result<ItemOutcome, String>;

/// Stores an item. The outer error ends the run: what the store cannot do for one item it cannot do for the next.
async fn stored(kb: &Kb, run: &Run, n: u64, item: &Item) -> Result<Settled, Failure> {
    for _ in 0..5 {
        let ctx = operator(kb).await?;
        match apply(kb, &ctx, run, n, item).await {
            Ok(outcome) => return Ok(Ok(outcome)),
            // Somebody wrote the same article or tree meanwhile: what they wrote is read and the item tried again.
            Err(kb_actions::Error::Stale { .. }) => {}
            Err(error) if error.kind() == kb_domain::ErrorKind::Unavailable => {
                let id = run.import.id;
                return Err(Failure::environment(format!(
                    "{error}; what was stored stays, and `import --resume {id}` goes on"
                )));
            }
            Err(error) => return Ok(Err(error.to_string())),
        }
    }
    Ok(Err(
        "it is being changed by others; run the import again".to_owned()
    ))
}

/// Text for a terminal: control characters spelled out, so that a file name draws no second line.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}
