//! The blob port: media, large bodies, the lexicon.

use crate::error::Error;
use crate::table::Key;
use async_trait::async_trait;
use std::io::ErrorKind::{IsADirectory, NotFound};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Named sequences of bytes. A put replaces the whole blob; it is there whole or not at all.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// The bytes; `None` when there is no such blob.
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Writes durably.
    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Error>;

    /// Writes durably, unless there is such a blob; answers whether it did.
    async fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<bool, Error>;

    /// Removes; absent is fine.
    async fn delete(&self, name: &str) -> Result<(), Error>;
}

/// Blobs as files of a folder.
#[derive(Clone, Debug)]
pub struct FolderBlobs {
    root: PathBuf,
}

impl FolderBlobs {
    /// Blobs below `root`, which is there.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, name: &str) -> Result<PathBuf, Error> {
        check_name(name)?;
        Ok(self.root.join(name))
    }
}

/// Errors: the name is no path of plain parts.
pub fn check_name(name: &str) -> Result<(), Error> {
    let plain = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0'])
    };
    if name.split('/').all(plain) {
        return Ok(());
    }
    Err(Error::Limit {
        key: Key::new("blob", name),
        rule: "the name of a blob is a path of plain parts".to_owned(),
    })
}

/// Writes a file beside its place, durably, before `place` puts it there.
async fn write(
    path: PathBuf,
    bytes: Vec<u8>,
    place: fn(&Path, &Path) -> std::io::Result<bool>,
) -> Result<bool, Error> {
    let written = tokio::task::spawn_blocking(move || {
        let folder = path.parent().unwrap_or(&path);
        std::fs::create_dir_all(folder)?;
        // Of two writers of one blob each has a file of its own; one that is left over goes with a dropped writer.
        let mut next = tempfile::NamedTempFile::new_in(folder)?;
        next.write_all(&bytes)?;
        next.as_file().sync_all()?;
        let next = next.into_temp_path();
        let placed = place(&next, &path)?;
        std::fs::File::open(folder)?.sync_all()?;
        Ok(placed)
    });
    written
        .await
        .map_err(Error::unavailable)?
        .map_err(unavailable)
}

fn unavailable(error: std::io::Error) -> Error {
    Error::unavailable(error)
}

#[async_trait]
impl Blobs for FolderBlobs {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match tokio::fs::read(self.path(name)?).await {
            Ok(bytes) => Ok(Some(bytes)),
            // A name that is the folder of others is no blob.
            Err(error) if [NotFound, IsADirectory].contains(&error.kind()) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Error> {
        let rename = |next: &Path, path: &Path| std::fs::rename(next, path).map(|()| true);
        write(self.path(name)?, bytes, rename).await.map(drop)
    }

    async fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<bool, Error> {
        let link = |next: &Path, path: &Path| match std::fs::hard_link(next, path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        };
        write(self.path(name)?, bytes, link).await
    }

    async fn delete(&self, name: &str) -> Result<(), Error> {
        match tokio::fs::remove_file(self.path(name)?).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unavailable(error)),
            _ => Ok(()),
        }
    }
}

/// Blobs in memory.
#[derive(Debug, Default)]
pub struct MemoryBlobs(std::sync::Mutex<std::collections::BTreeMap<String, Vec<u8>>>);

impl MemoryBlobs {
    fn map(&self) -> std::sync::MutexGuard<'_, std::collections::BTreeMap<String, Vec<u8>>> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        check_name(name)?;
        Ok(self.map().get(name).cloned())
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Error> {
        check_name(name)?;
        self.map().insert(name.to_owned(), bytes);
        Ok(())
    }

    async fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<bool, Error> {
        check_name(name)?;
        let mut map = self.map();
        let absent = !map.contains_key(name);
        map.entry(name.to_owned()).or_insert(bytes);
        Ok(absent)
    }

    async fn delete(&self, name: &str) -> Result<(), Error> {
        check_name(name)?;
        self.map().remove(name);
        Ok(())
    }
}
