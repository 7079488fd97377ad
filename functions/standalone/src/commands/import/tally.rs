//! What an import says of each entry and at its end; all of it stands in the report beside the data.

use super::wave::{Taken, Wave};
use crate::commands::{end, printable};
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_import::plan::Planned;
use kb_store::repo::ItemOutcome;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// What is counted.
#[derive(Default)]
pub(super) struct Tally {
    counts: BTreeMap<ItemOutcome, u64>,
    /// Entries so far.
    pub n: u64,
    /// Entries in all, where that is known.
    total: Option<u64>,
    warnings: u64,
    /// Articles that show pictures.
    pictures: u64,
    report: Option<(PathBuf, BufWriter<File>)>,
}

/// What is said of an entry beside its outcome.
#[derive(Clone, Copy, Default)]
pub(super) struct Remarks<'a> {
    /// Why it is so.
    pub reason: Option<&'a str>,
    /// What a person should look at.
    pub warnings: &'a [String],
    /// What a person may want to know.
    pub notes: &'a [String],
}

impl Tally {
    /// A tally that writes what it says to a file, too.
    pub fn reporting(path: &Path) -> Result<Self, Failure> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Failure::environment)?;
        }
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .map_err(Failure::environment)?;
        Ok(Self {
            report: Some((path.to_owned(), BufWriter::new(file))),
            ..Self::default()
        })
    }

    /// Expects so many more entries.
    pub fn expect(&mut self, more: Option<u64>) {
        self.total = more.map(|more| self.n + more);
    }

    /// Says what became of an entry.
    pub async fn report(
        &mut self,
        name: &str,
        outcome: ItemOutcome,
        remarks: Remarks<'_>,
        lines: &Lines,
    ) -> Result<(), Failure> {
        *self.counts.entry(outcome).or_default() += 1;
        self.n += 1;
        self.warnings += remarks.warnings.len() as u64;
        let word = json!(outcome).as_str().unwrap_or_default().to_owned();
        let mut text = format!("{word} {}", printable(name));
        let mut json = json!({"item": name, "outcome": word});
        if let Some(reason) = remarks.reason {
            text.push_str(&format!(": {}", printable(reason)));
            json["reason"] = reason.into();
        }
        for (word, list) in [("warning", remarks.warnings), ("note", remarks.notes)] {
            for one in list {
                text.push_str(&format!("\n  {word}: {}", printable(one)));
            }
            if !list.is_empty() {
                json[format!("{word}s")] = json!(list);
            }
        }
        if let Some((_, file)) = &mut self.report {
            writeln!(file, "{text}").map_err(Failure::environment)?;
        }
        let loud = outcome == ItemOutcome::Failed || !remarks.warnings.is_empty();
        lines.item(text, json, loud).await?;
        Ok(lines.progress(self.n, self.total).await?)
    }

    /// Says what would become of an entry.
    pub async fn dry(&mut self, planned: &Planned, lines: &Lines) -> Result<(), Failure> {
        let (name, outcome, remarks) = match planned {
            Planned::Article(item) => {
                self.pictures += u64::from(item.pictures);
                let remarks = Remarks {
                    reason: Some("would be stored"),
                    warnings: &item.warnings,
                    notes: &item.notes,
                };
                (&item.name, ItemOutcome::Created, remarks)
            }
            Planned::Skipped { name, reason } => (name, ItemOutcome::Skipped, because(reason)),
            Planned::Failed { name, reason } => (name, ItemOutcome::Failed, because(reason)),
        };
        self.report(name, outcome, remarks, lines).await
    }

    /// Reports what a wave has brought in.
    pub async fn end_of(&mut self, wave: &mut Wave, lines: &Lines) -> Result<(), Failure> {
        for taken in wave.end().await? {
            let (item, stored) = match taken {
                Taken::Other(planned) => {
                    self.dry(&planned, lines).await?;
                    continue;
                }
                Taken::Article { item, stored } => (item, stored),
            };
            self.pictures += u64::from(item.pictures);
            let (outcome, reason) = match stored {
                Ok(outcome) => (outcome, None),
                Err(reason) => (ItemOutcome::Failed, Some(reason)),
            };
            let remarks = Remarks {
                reason: reason.as_deref(),
                warnings: &item.warnings,
                notes: &item.notes,
            };
            self.report(&item.name, outcome, remarks, lines).await?;
        }
        Ok(())
    }

    /// Sums up. `sources` is what was read, for the sentence that nothing came in.
    pub async fn end(&mut self, id: &str, sources: &str, lines: &Lines) -> Result<(), Failure> {
        let count = |outcome| self.counts.get(&outcome).copied().unwrap_or(0);
        let (created, updated, unchanged) = (
            count(ItemOutcome::Created),
            count(ItemOutcome::Updated),
            count(ItemOutcome::Unchanged),
        );
        let (skipped, failed) = (count(ItemOutcome::Skipped), count(ItemOutcome::Failed));
        let mut text = format!(
            "{created} created, {updated} updated, {unchanged} unchanged, {skipped} skipped, {failed} failed"
        );
        let mut json = json!({
            "import": id, "created": created, "updated": updated, "unchanged": unchanged, "skipped": skipped,
            "failed": failed, "warnings": self.warnings, "pictures": self.pictures,
        });
        let nothing = created + updated + unchanged == 0;
        if self.pictures > 0 {
            let (noun, verb) = match self.pictures {
                1 => ("article", "shows"),
                _ => ("articles", "show"),
            };
            let told = format!(
                "pictures are not imported yet; {} {noun} {verb} them",
                self.pictures
            );
            text = format!("{told}\n{text}");
        }
        if nothing {
            text = format!("nothing came in: no article was found in {sources}\n{text}");
            json["nothing"] = true.into();
        }
        if let Some((path, file)) = &mut self.report {
            writeln!(file, "{text}").map_err(Failure::environment)?;
            file.flush().map_err(Failure::environment)?;
            let noun = if self.warnings == 1 {
                "warning"
            } else {
                "warnings"
            };
            text = format!(
                "{text}\n{failed} failed, {} {noun}: {}",
                self.warnings,
                path.display()
            );
            json["report"] = path.display().to_string().into();
        }
        let exit = if failed > 0 || nothing {
            Exit::SomeFailed
        } else {
            Exit::Done
        };
        end(lines, exit, text, json).await
    }
}

fn because(reason: &str) -> Remarks<'_> {
    Remarks {
        reason: Some(reason),
        ..Remarks::default()
    }
}
