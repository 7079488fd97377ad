//! What each source is called: two of one name that are not one another keep apart.

use super::entries::Opened;
use super::memory::source_names;
use crate::exit::Failure;
use kb_domain::PortalId;
use kb_import::plan::Asked;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Files that are compared at the most.
const COMPARED: usize = 50;

/// Where the sources of this base were when they were last imported.
pub(super) struct Sources {
    file: PathBuf,
    known: BTreeMap<String, PathBuf>,
    named: Option<String>,
}

/// A source's own name, and what earlier versions called it.
pub(super) type Names = (String, Vec<String>);

impl Sources {
    /// Reads what is known; `named` is the name that the command gives.
    pub fn open(file: PathBuf, named: Option<String>) -> Self {
        // A file that is not there, or was damaged, is written anew: it only keeps apart what would share a name.
        let bytes = std::fs::read(&file).unwrap_or_default();
        Self {
            known: serde_json::from_slice(&bytes).unwrap_or_default(),
            file,
            named,
        }
    }

    /// What a source is called that goes to a portal: by its file name, unless another source of that name went there, which is still
    /// where it was and holds other texts; then with the folder it stands in, too.
    pub fn name(
        &mut self,
        portal: PortalId,
        path: &Path,
        opened: &Opened,
        asked: &Asked,
    ) -> Result<Names, Failure> {
        let (plain, also) = source_names(path, self.named.as_deref());
        if self.named.is_some() {
            return Ok((plain, also));
        }
        let folders = path.ancestors().skip(1).filter_map(Path::file_name);
        let folders = folders.map(|f| f.to_string_lossy().into_owned());
        let mut name = plain.clone();
        for folder in folders.map(Some).chain([None]) {
            let key = format!("{portal} {name}");
            let other = self.known.get(&key).filter(|known| *known != path);
            if other.is_none_or(|other| is_same(other, path, opened, asked)) {
                self.remember(key, path)?;
                break;
            }
            let Some(folder) = folder else { break };
            let bare = name.trim_start_matches("import:");
            name = format!("import:{folder}/{bare}");
        }
        let also = if name == plain { also } else { Vec::new() };
        Ok((name, also))
    }

    fn remember(&mut self, key: String, path: &Path) -> Result<(), Failure> {
        if self.known.get(&key).is_some_and(|known| known == path) {
            return Ok(());
        }
        self.known.insert(key, path.to_owned());
        let text = serde_json::to_vec_pretty(&self.known).map_err(Failure::environment)?;
        let next = self.file.with_extension("next");
        std::fs::write(&next, text).map_err(Failure::environment)?;
        std::fs::rename(&next, &self.file).map_err(Failure::environment)
    }
}

/// Whether a source is the one that was there: it is gone from there, it is a later export in the same folder, or most of the files that
/// both have are equal.
fn is_same(there: &Path, path: &Path, opened: &Opened, asked: &Asked) -> bool {
    let beside = !path.is_dir() && there.parent() == path.parent();
    if beside || !there.exists() {
        return true;
    }
    let (mut common, mut equal) = (0, 0);
    let mut compare = |a: Option<&[u8]>, b: &[u8]| {
        common += usize::from(a.is_some());
        equal += usize::from(a.is_some_and(|a| a == b));
    };
    match opened {
        Opened::Files(listing) => {
            let other: HashMap<String, Vec<u8>> = if there.is_dir() {
                let names = listing.entries.iter().map(|e| &e.path);
                let read =
                    |name: &String| Some((name.clone(), std::fs::read(there.join(name)).ok()?));
                names.filter_map(read).take(COMPARED).collect()
            } else {
                match Opened::open(there, asked, false, &mut |_, _| {}) {
                    Ok(Opened::Files(other)) => {
                        let files = other.entries.into_iter();
                        files.map(|e| (e.path, e.bytes)).collect()
                    }
                    _ => return true,
                }
            };
            for entry in &listing.entries {
                compare(other.get(&entry.path).map(Vec::as_slice), &entry.bytes);
            }
        }
        Opened::Lines(..) => {
            let head = |path: &Path| -> HashSet<String> {
                let lines = std::fs::File::open(path).map(BufReader::new).ok();
                let lines = lines
                    .into_iter()
                    .flat_map(|r| r.lines().map_while(Result::ok));
                lines.take(COMPARED).collect()
            };
            let other = head(there);
            for line in head(path) {
                compare(Some(b""), if other.contains(&line) { b"" } else { b"x" });
            }
        }
        Opened::Exported(_) => return true,
    }
    common == 0 || equal * 2 >= common
}
