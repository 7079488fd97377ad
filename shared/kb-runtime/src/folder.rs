//! The data folder: what lies where, which format it has, and that one process owns it.

use crate::error::Error;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The format this program writes. A newer one is refused. An older one is raised to this when the folder is opened, and its rows
/// are upgraded when they are next written: each version of a record is read for as long as a sample of it is kept.
///
/// It counts up with every new version of a record, because a program that knows only the earlier one cannot read the row.
///
/// | format | what it brought |
/// |---|---|
/// | 1 | the first |
/// | 2 | `person.2` with grants in place of a kind of person; `event.2` with the id of the actor and what happened |
/// | 3 | tickets over sixteen partitions; a mark of the gate, without which nothing is seen to change there |
/// | 4 | `person.3` with mail, state and number; `session.2` with when and how it began; `api-key.2` with several secrets |
pub const FORMAT: u32 = 4;

/// The mode of folders that hold what people wrote: the owner's alone.
const OWN: u32 = 0o700;

/// A data folder.
#[derive(Clone, Debug)]
pub struct DataFolder {
    root: PathBuf,
    /// The format it had when it was opened.
    found: u32,
}

impl DataFolder {
    /// Where the data is when no flag says so: `SIDENOTE_DATA`, else below `XDG_DATA_HOME`, else below the home folder.
    pub fn default_path(demo: bool, environment: &dyn Fn(&str) -> Option<String>) -> PathBuf {
        if let Some(path) = environment("SIDENOTE_DATA") {
            return PathBuf::from(path);
        }
        let base = environment("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(|| environment("HOME").map(|home| Path::new(&home).join(".local/share")))
            .unwrap_or_else(|| PathBuf::from("."));
        base.join(if demo { "sidenote-demo" } else { "sidenote" })
    }

    /// Whether there is a data folder, as far as can be told without touching it.
    pub fn is_one(root: &Path) -> bool {
        root.join("FORMAT").is_file()
    }

    /// Makes the folder if it is not there, and checks its format. Errors: not writable, or written by a newer program.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let io = |e: std::io::Error| Error::Folder {
            path: root.display().to_string(),
            cause: e.to_string(),
        };
        for part in ["", "index", "blobs", "keys", "imports"] {
            let made = fs::DirBuilder::new()
                .recursive(true)
                .mode(OWN)
                .create(root.join(part));
            made.map_err(io)?;
        }
        fs::set_permissions(root.join("keys"), fs::Permissions::from_mode(OWN)).map_err(io)?;
        let found = format_of(root)?;
        let folder = Self {
            root: root.to_owned(),
            found: found.unwrap_or(FORMAT),
        };
        if found.is_none() {
            folder.write_format().map_err(io)?;
        }
        Ok(folder)
    }

    /// What others on this machine may do with the folder, as the digits of its mode; `None` when they may do nothing. Errors: it
    /// cannot be looked at.
    pub fn open_to_others(&self) -> std::io::Result<Option<String>> {
        let mode = fs::metadata(&self.root)?.permissions().mode() & 0o777;
        Ok((mode & 0o077 != 0).then(|| format!("{mode:04o}")))
    }

    /// Says on disk that this program writes here from now on, so that an older one refuses the folder. Whoever calls it owns the
    /// folder: an older program that has it open is not to be locked out of its own data. Errors: not writable.
    pub fn raise_format(&self) -> Result<(), Error> {
        if self.found == FORMAT {
            return Ok(());
        }
        self.write_format().map_err(|e| Error::Folder {
            path: self.root.display().to_string(),
            cause: e.to_string(),
        })?;
        tracing::info!(
            from = self.found,
            to = FORMAT,
            "the data folder's format is raised"
        );
        Ok(())
    }

    /// The format the folder had when it was opened.
    pub fn found_format(&self) -> u32 {
        self.found
    }

    fn write_format(&self) -> std::io::Result<()> {
        write_durably(&self.root.join("FORMAT"), format!("{FORMAT}\n").as_bytes())
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file or folder below it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The socket by which other commands reach the process that owns the folder.
    pub fn socket(&self) -> PathBuf {
        self.path("control.sock")
    }

    /// The folder of the index generation in use; generation 1 when there is none yet.
    pub fn index(&self) -> PathBuf {
        let current = fs::read_to_string(self.path("index/current")).unwrap_or_default();
        let generation: u32 = current.trim().parse().unwrap_or(1);
        self.path(&format!("index/{generation}"))
    }

    /// Errors: the store is gone, and what was made with it is there.
    #[cfg(any(test, feature = "embedded"))]
    pub(crate) fn demand_store(&self) -> Result<(), Error> {
        let holds = |name: &str| fs::metadata(self.path(name)).is_ok_and(|file| file.len() > 0);
        let indexed = self.index().join("meta.json").exists() || holds("index/current");
        if holds("main.redb") || !(indexed || holds("log.redb")) {
            return Ok(());
        }
        Err(Error::Folder {
            path: self.path("main.redb").display().to_string(),
            cause: "it is missing or empty, and the folder holds what was made with it: restore it from a backup, or give another --data folder".to_owned(),
        })
    }

    /// A folder for the next generation, emptied. Errors: not writable.
    pub fn next_index(&self) -> Result<(u32, PathBuf), Error> {
        let current = fs::read_to_string(self.path("index/current")).unwrap_or_default();
        let generation = current.trim().parse::<u32>().unwrap_or(1) + 1;
        let path = self.path(&format!("index/{generation}"));
        let io = |e: std::io::Error| Error::Folder {
            path: path.display().to_string(),
            cause: e.to_string(),
        };
        if path.exists() {
            fs::remove_dir_all(&path).map_err(io)?;
        }
        fs::create_dir_all(&path).map_err(io)?;
        Ok((generation, path))
    }

    /// Makes a generation the one in use, and removes the others. Errors: not writable.
    pub fn switch_index(&self, generation: u32) -> Result<(), Error> {
        let current = self.path("index/current");
        let io = |e: std::io::Error| Error::Folder {
            path: current.display().to_string(),
            cause: e.to_string(),
        };
        write_durably(&current, format!("{generation}\n").as_bytes()).map_err(io)?;
        for child in fs::read_dir(self.path("index")).map_err(io)?.flatten() {
            let name = child.file_name().to_string_lossy().into_owned();
            if name.parse::<u32>().is_ok_and(|n| n != generation) {
                // One that cannot be removed costs space and nothing else; the next switch tries again.
                let _ = fs::remove_dir_all(child.path());
            }
        }
        Ok(())
    }

    /// A secret of this installation, made on first use and readable by its owner only. Errors: not writable.
    pub fn secret(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        let path = self.path("keys").join(name);
        let io = |e: std::io::Error| Error::Folder {
            path: path.display().to_string(),
            cause: e.to_string(),
        };
        match fs::read(&path) {
            Ok(bytes) => bytes.try_into().map_err(|_| Error::Folder {
                path: path.display().to_string(),
                cause: "it is not 32 bytes long; restore it from a backup".to_owned(),
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                write_durably(&path, &fresh).map_err(io)?;
                Ok(fresh)
            }
            Err(e) => Err(io(e)),
        }
    }
}

/// The format of a folder; `None` for one that was just made. Errors: it cannot be read, or a newer program wrote it.
fn format_of(root: &Path) -> Result<Option<u32>, Error> {
    let path = root.join("FORMAT");
    let fault = |cause: String| Error::Folder {
        path: path.display().to_string(),
        cause,
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(fault(e.to_string())),
    };
    let found: u32 = text
        .trim()
        .parse()
        .map_err(|_| fault("it does not hold a number".to_owned()))?;
    if found > FORMAT {
        return Err(Error::Newer {
            path: root.display().to_string(),
            found,
            known: FORMAT,
        });
    }
    Ok(Some(found))
}

/// Writes a file so that after a crash it is there whole or not at all. Readable by its owner only.
fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let next = path.with_extension("next");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&next)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&next, path)?;
    path.parent()
        .map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_once_and_newer_data_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("data");
        DataFolder::open(&path).unwrap();
        DataFolder::open(&path).unwrap();
        fs::write(path.join("FORMAT"), "99\n").unwrap();
        assert!(matches!(
            DataFolder::open(&path),
            Err(Error::Newer { found: 99, .. })
        ));
    }

    #[test]
    fn a_folder_is_its_owners_alone_and_one_that_others_may_read_is_named() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/data");
        let folder = DataFolder::open(&path).unwrap();
        for part in ["", "index", "blobs", "keys", "imports"] {
            let mode = fs::metadata(path.join(part)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{part}");
        }
        assert_eq!(folder.open_to_others().unwrap(), None);
        for (mode, told) in [(0o755, "0755"), (0o710, "0710"), (0o704, "0704")] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let found = DataFolder::open(&path).unwrap().open_to_others().unwrap();
            assert_eq!(found.as_deref(), Some(told));
        }
    }

    #[test]
    fn an_older_folder_is_opened_and_its_format_is_raised_by_whoever_owns_it() {
        let root = tempfile::tempdir().unwrap();
        let format = || fs::read_to_string(root.path().join("FORMAT")).unwrap();
        fs::write(root.path().join("FORMAT"), "1\n").unwrap();
        let folder = DataFolder::open(root.path()).unwrap();
        assert_eq!((folder.found_format(), format().as_str()), (1, "1\n"));
        folder.raise_format().unwrap();
        assert_eq!(format(), format!("{FORMAT}\n"));
        // The program that wrote format 1 refuses what is above it.
        let written: u32 = format().trim().parse().unwrap();
        assert!(written > 1);
        assert_eq!(
            DataFolder::open(root.path()).unwrap().found_format(),
            FORMAT
        );
    }

    #[test]
    fn a_format_that_is_no_number_is_named() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("FORMAT"), "new\n").unwrap();
        let refused = DataFolder::open(root.path()).unwrap_err().to_string();
        assert!(
            refused.contains("FORMAT") && refused.contains("number"),
            "{refused}"
        );
    }

    #[test]
    fn a_secret_is_made_once_and_is_the_owners_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(root.path()).unwrap();
        assert_eq!(folder.secret("cursor", [1; 32]).unwrap(), [1; 32]);
        assert_eq!(folder.secret("cursor", [2; 32]).unwrap(), [1; 32]);
        let mode = fs::metadata(folder.path("keys/cursor"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_store_that_is_gone_is_not_made_anew_beside_what_was_made_with_it() {
        for (left, is_refused) in [
            (&[][..], false),
            (&["log.redb"], true),
            (&["index/current"], true),
            (&["index/1/meta.json"], true),
            (&["log.redb", "main.redb"], false),
        ] {
            let root = tempfile::tempdir().unwrap();
            let folder = DataFolder::open(root.path()).unwrap();
            fs::create_dir_all(folder.path("index/1")).unwrap();
            for name in left {
                fs::write(folder.path(name), "1").unwrap();
            }
            assert_eq!(folder.demand_store().is_err(), is_refused, "{left:?}");
            if is_refused {
                fs::write(folder.path("main.redb"), "").unwrap();
                let told = folder.demand_store().unwrap_err().to_string();
                assert!(
                    told.contains("main.redb") && told.contains("backup"),
                    "{told}"
                );
            }
        }
    }

    #[test]
    fn a_switch_of_generations_removes_the_old_one() {
        let root = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(root.path()).unwrap();
        fs::create_dir_all(folder.index()).unwrap();
        let (generation, path) = folder.next_index().unwrap();
        assert_eq!(generation, 2);
        folder.switch_index(generation).unwrap();
        assert_eq!(folder.index(), path);
        assert!(!folder.path("index/1").exists());
    }

    #[test]
    fn the_default_folder_follows_the_environment() {
        let path = |demo, pairs: &[(&str, &str)]| {
            let pairs: Vec<(String, String)> = pairs
                .iter()
                .map(|(k, v)| ((*k).into(), (*v).into()))
                .collect();
            DataFolder::default_path(demo, &move |name| {
                pairs
                    .iter()
                    .find(|(k, _)| k == name)
                    .map(|(_, v)| v.clone())
            })
        };
        assert_eq!(
            path(false, &[("SIDENOTE_DATA", "/d"), ("HOME", "/h")]),
            Path::new("/d")
        );
        assert_eq!(
            path(true, &[("XDG_DATA_HOME", "/x")]),
            Path::new("/x/sidenote-demo")
        );
        assert_eq!(
            path(false, &[("HOME", "/h")]),
            Path::new("/h/.local/share/sidenote")
        );
    }
}
