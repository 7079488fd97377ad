//! The embedded home: every engine in one data folder, owned by one process.

use crate::error::Error;
use crate::folder::DataFolder;
use crate::system::{SystemClock, SystemIds};
use kb_actions::Kb;
use kb_search::{SearchIndex, TantivyIndex};
use kb_store::{Embedded, FolderBlobs, OpenError, Options};
use std::path::Path;
use std::sync::Arc;

/// An open data folder.
pub struct Home {
    /// The folder.
    pub folder: DataFolder,
    /// The store, which is the feed as well.
    pub store: Arc<Embedded>,
    /// The base on it.
    pub kb: Kb,
    /// Whether the index was empty or of another analysis and must be built from the store.
    pub must_rebuild: bool,
}

impl Home {
    /// Opens a data folder, or makes it. Errors: not writable, newer data, or another process owns it.
    pub fn open(root: &Path, options: Options) -> Result<Self, Error> {
        let folder = DataFolder::open(root)?;
        let store = Embedded::open(folder.root(), options).map_err(|e| match e {
            OpenError::Locked => Error::Locked {
                path: root.display().to_string(),
            },
            OpenError::Unusable(cause) => Error::Engine {
                what: "the store",
                cause,
            },
        })?;
        let (index, must_rebuild) = open_index(&folder)?;
        let kb = Kb::new(
            store.clone(),
            Arc::new(FolderBlobs::new(folder.path("blobs"))),
            index,
            Arc::new(SystemClock),
            Arc::new(SystemIds),
        );
        Ok(Self {
            folder,
            store,
            kb,
            must_rebuild,
        })
    }
}

/// Opens the generation in use; one that another analysis built, or that cannot be read, is replaced by an empty one.
fn open_index(folder: &DataFolder) -> Result<(Arc<dyn SearchIndex>, bool), Error> {
    let is_new = !folder.index().join("meta.json").exists();
    match TantivyIndex::open(Some(&folder.index())) {
        Ok(index) => Ok((index, is_new)),
        Err(error) => {
            tracing::warn!(%error, "the search index is built anew");
            Ok((fresh_index(folder)?, true))
        }
    }
}

/// An empty index as the generation in use.
pub fn fresh_index(folder: &DataFolder) -> Result<Arc<dyn SearchIndex>, Error> {
    let (generation, path) = folder.next_index()?;
    let index = TantivyIndex::open(Some(&path)).map_err(|e| Error::Engine {
        what: "the search index",
        cause: e.to_string(),
    })?;
    folder.switch_index(generation)?;
    Ok(index)
}
