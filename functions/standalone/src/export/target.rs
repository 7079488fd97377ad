//! Where an export goes: a folder or a `.tar.gz`, written beside its place and put there whole, or not at all.

use flate2::Compression;
use flate2::write::GzEncoder;
use kb_import::manifest::RECORDS;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Why nothing is written to a path, as a sentence with the remedy; `None` when it is free. An empty folder is free.
pub fn occupied(path: &Path) -> Option<String> {
    let empty = std::fs::read_dir(path).map(|mut children| children.next().is_none());
    let free = match empty {
        Ok(empty) => empty && !is_archive(path),
        Err(_) => std::fs::symlink_metadata(path).is_err(),
    };
    let shown = path.display();
    (!free).then(|| {
        format!(
            "{shown} is there already and is never written over: remove it, or give another path"
        )
    })
}

/// Whether the path names an archive and not a folder.
pub fn is_archive(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".tar.gz") || name.ends_with(".tgz")
}

/// An export being written. Dropped before [`Target::finish`], it leaves nothing behind. Only its owner can read what it
/// writes, for what it holds is not for everybody.
pub struct Target {
    path: PathBuf,
    /// A folder beside `path` that holds everything until the end.
    part: PathBuf,
    records: BufWriter<File>,
    archive: Option<tar::Builder<GzEncoder<BufWriter<File>>>>,
    modified_at: u64,
}

impl Target {
    /// Begins to write what will stand at `path`, which is absolute. `unique` is a word that no other export has;
    /// `modified_at` the time of every file in an archive, in seconds since 1970.
    pub fn begin(path: &Path, unique: &str, modified_at: u64) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let part = path.with_file_name(format!(".{name}.{unique}.part"));
        DirBuilder::new().mode(0o700).create(&part)?;
        let archive = if is_archive(path) {
            let file = create(&part.join("archive"))?;
            let gzip = GzEncoder::new(BufWriter::new(file), Compression::default());
            Some(tar::Builder::new(gzip))
        } else {
            None
        };
        let records = create(&part.join(RECORDS))?;
        Ok(Self {
            path: path.to_owned(),
            records: BufWriter::new(records),
            part,
            archive,
            modified_at,
        })
    }

    /// Adds a file; folders on the way are made.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if let Some(archive) = &mut self.archive {
            return archive.append_data(
                &mut header(bytes.len() as u64, self.modified_at),
                name,
                bytes,
            );
        }
        let path = self.part.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(&self.part))?;
        std::fs::write(path, bytes)
    }

    /// Adds a line to the records.
    pub fn record(&mut self, record: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.records, record)?;
        self.records.write_all(b"\n")
    }

    /// Puts everything in its place, durably. Errors: something is there by now, or the disk does not take it.
    pub fn finish(mut self) -> io::Result<()> {
        self.records.flush()?;
        let records = self.records.get_mut();
        records.sync_all()?;
        if let Some(mut archive) = self.archive.take() {
            records.rewind()?;
            let length = records.metadata()?.len();
            archive.append_data(&mut header(length, self.modified_at), RECORDS, records)?;
            let file = archive.into_inner()?.finish()?.into_inner()?;
            file.sync_all()?;
            // A link is never made over something that is there; a rename would be. Not every file system has links.
            let whole = self.part.join("archive");
            match std::fs::hard_link(&whole, &self.path) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
                    std::fs::rename(&whole, &self.path)?;
                }
                linked => linked?,
            }
        } else {
            std::fs::rename(&self.part, &self.path)?;
        }
        let folder = self.path.parent().unwrap_or(&self.path);
        File::open(folder)?.sync_all()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // After a rename it is not there, and what cannot be removed bothers nobody but the reader of the folder.
        let _ = std::fs::remove_dir_all(&self.part);
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

fn header(length: u64, modified_at: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(length);
    header.set_mode(0o600);
    header.set_mtime(modified_at);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_before_its_end_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["out", "out.tar.gz"] {
            let path = folder.path().join(name);
            let mut target = Target::begin(&path, "1", 0).unwrap();
            target.file("content/a.md", b"text").unwrap();
            drop(target);
            assert_eq!(
                std::fs::read_dir(folder.path()).unwrap().count(),
                0,
                "{name}"
            );
        }
    }

    #[test]
    fn a_folder_and_an_archive_hold_the_same_files_and_are_for_their_owner() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let long = format!("content/{}/{}.zh-Hans.md", "节".repeat(40), "文".repeat(40));
        for name in ["out", "out.tar.gz"] {
            let path = folder.path().join(name);
            assert_eq!(occupied(&path), None);
            let mut target = Target::begin(&path, "1", 0).unwrap();
            target.file(&long, "正文".as_bytes()).unwrap();
            target
                .record(&serde_json::json!({"record": "end"}))
                .unwrap();
            target.finish().unwrap();
            assert!(
                occupied(&path).is_some(),
                "a second export must not replace it"
            );
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        let text = std::fs::read_to_string(folder.path().join("out").join(&long)).unwrap();
        assert_eq!(text, "正文");
        let file = File::open(folder.path().join("out.tar.gz")).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        let names: Vec<String> = archive
            .entries()
            .unwrap()
            .map(|e| e.unwrap().path().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, [long.as_str(), RECORDS]);
    }

    #[test]
    fn an_empty_folder_is_free_and_one_with_files_is_not() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(occupied(folder.path()), None);
        std::fs::write(folder.path().join("a"), "x").unwrap();
        assert!(occupied(folder.path()).unwrap().contains("remove it"));
        assert_eq!(occupied(&folder.path().join("new")), None);
    }
}
