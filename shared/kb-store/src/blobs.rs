//! The blob port: media, large bodies, the lexicon.

use crate::error::Error;
use async_trait::async_trait;

/// Named sequences of bytes. A put replaces the whole blob; it is there whole or not at all.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// The bytes; `None` when there is no such blob.
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Writes durably.
    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Error>;

    /// Removes; absent is fine.
    async fn delete(&self, name: &str) -> Result<(), Error>;
}

/// Blobs as files of a folder.
#[derive(Clone, Debug)]
pub struct FolderBlobs {
    root: std::path::PathBuf,
}

impl FolderBlobs {
    /// Blobs below `root`, which is there.
    pub fn new(root: impl Into<std::path::PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, name: &str) -> Result<std::path::PathBuf, Error> {
        let plain = |part: &str| {
            !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0'])
        };
        if name.split('/').all(plain) {
            Ok(self.root.join(name))
        } else {
            Err(Error::Unavailable(format!("\"{name}\" names no blob")))
        }
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function of map_err"
)]
fn unavailable(error: std::io::Error) -> Error {
    Error::Unavailable(error.to_string())
}

#[async_trait]
impl Blobs for FolderBlobs {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match tokio::fs::read(self.path(name)?).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Error> {
        let path = self.path(name)?;
        let written = tokio::task::spawn_blocking(move || {
            use std::io::Write;
            let folder = path.parent().unwrap_or(&path);
            std::fs::create_dir_all(folder)?;
            let next = path.with_extension("next");
            let mut file = std::fs::File::create(&next)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&next, &path)?;
            std::fs::File::open(folder)?.sync_all()
        });
        written
            .await
            .map_err(|e| Error::Unavailable(e.to_string()))?
            .map_err(unavailable)
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
        Ok(self.map().get(name).cloned())
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Error> {
        self.map().insert(name.to_owned(), bytes);
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), Error> {
        self.map().remove(name);
        Ok(())
    }
}
