//! The home of a program: every engine in one data folder, owned by one process; or the engines of a stack on AWS.

use crate::config::Config;
use crate::deps::deps;
use crate::error::Error;
use crate::folder::DataFolder;
use crate::system::{SystemClock, SystemIds};
use kb_actions::Kb;
use kb_domain::{Clock, IdGen};
use kb_fetch::{Allowed, Fetch, Outside};
use kb_http::{Deps, Health};
use kb_identity::Identity;
use kb_identity::secret_keys::BareKeys;
use kb_identity::vault::Vault;
use kb_search::{SearchIndex, TantivyIndex};
use kb_store::{Embedded, FolderBlobs, OpenError, Options};
use std::path::Path;
use std::sync::Arc;

/// An open home.
pub struct Home {
    /// The data folder. Of a stack it keeps no more than the reports of imports.
    pub folder: DataFolder,
    /// The store, which is the feed as well; `None` on a stack, where Lambda reads the feed.
    pub store: Option<Arc<Embedded>>,
    /// The base on it.
    pub kb: Kb,
    /// Keys, people and sessions.
    pub identity: Identity,
    /// What keeps the secrets of partners.
    pub vault: Vault,
    /// The way to partners outside; nothing is opened before it is used.
    pub fetch: Arc<dyn Fetch>,
    /// Whether the index was empty or of another analysis and must be built from the store.
    pub must_rebuild: bool,
    /// The collection of a stack, which is built anew beside itself.
    #[cfg(feature = "aws")]
    pub collection: Option<kb_search_opensearch::OpenSearchIndex>,
    /// What the environment says of the stack.
    #[cfg(feature = "aws")]
    pub(crate) stack: Option<crate::aws::Stack>,
}

impl Home {
    /// The home that the environment names: a stack, else the data folder. Errors: as [`Home::open`], and a stack that is named
    /// in part or by a program that was built without the cloud.
    pub fn choose(config: &Config, options: Options) -> Result<Self, Error> {
        #[cfg(feature = "aws")]
        if let Some(stack) = crate::aws::Stack::of(&crate::system::environment)? {
            return Ok(Self::on_stack(&config.data, stack)?.reaching(config));
        }
        #[cfg(not(feature = "aws"))]
        if crate::system::environment("SIDENOTE_TABLE_MAIN").is_some() {
            return Err(Error::NoCloud);
        }
        Ok(Self::open(&config.data, options)?.reaching(config))
    }

    /// The same, which may also ask the servers inside that the configuration names.
    #[must_use]
    pub fn reaching(mut self, config: &Config) -> Self {
        self.fetch = Arc::new(Outside::new(config.fetch_allow.clone()));
        self
    }

    /// Opens a data folder, or makes it. Errors: not writable, newer data, or another process owns it.
    pub fn open(root: &Path, options: Options) -> Result<Self, Error> {
        let folder = DataFolder::open(root)?;
        let store = open_store(&folder, options)?;
        let (index, must_rebuild) = open_index(&folder)?;
        Ok(Self::of(folder, store, index, must_rebuild))
    }

    /// Opens a data folder for a program that cannot build an index: one that is missing or does not fit is left as it is.
    /// Errors: as [`Home::open`], and no usable index.
    pub fn open_indexed(root: &Path, options: Options) -> Result<Self, Error> {
        let folder = DataFolder::open(root)?;
        let unindexed = || Error::Unindexed {
            path: root.display().to_string(),
        };
        if !is_built(&folder) {
            return Err(unindexed());
        }
        let store = open_store(&folder, options)?;
        let index = TantivyIndex::open(Some(&folder.index())).map_err(|error| {
            tracing::warn!(%error, "the search index cannot be used");
            unindexed()
        })?;
        Ok(Self::of(folder, store, index, false))
    }

    /// What the HTTP functions are given; `demo` says whether the demo's pages are served. Errors: the folder's secret cannot be read.
    pub fn deps(&self, config: &Config, demo: bool) -> Result<Deps, Error> {
        let secret = self.folder.secret("cursor", self.kb.ids().secret())?;
        let health: Arc<dyn Health> = match &self.store {
            Some(store) => Arc::new(Local(store.clone())),
            None => Arc::new(()),
        };
        let secret = Arc::new(secret);
        Ok(deps(
            &self.kb,
            &self.identity,
            secret,
            (self.fetch.clone(), self.vault.clone()),
            config,
            (demo, health),
        ))
    }

    /// A stack as the home of a command; the folder keeps the reports of imports.
    #[cfg(feature = "aws")]
    fn on_stack(root: &Path, stack: crate::aws::Stack) -> Result<Self, Error> {
        let cloud = crate::aws::Cloud::open(&stack)?;
        Ok(Self {
            folder: DataFolder::open(root)?,
            vault: cloud.vault(),
            store: None,
            kb: cloud.kb,
            identity: cloud.identity,
            fetch: cloud.fetch,
            must_rebuild: false,
            collection: Some(cloud.index),
            stack: Some(stack),
        })
    }

    fn of(
        folder: DataFolder,
        store: Arc<Embedded>,
        index: Arc<dyn SearchIndex>,
        must_rebuild: bool,
    ) -> Self {
        let (clock, ids): (Arc<dyn Clock>, Arc<dyn IdGen>) =
            (Arc::new(SystemClock), Arc::new(SystemIds));
        let blobs = Arc::new(FolderBlobs::new(folder.path("blobs")));
        let kb = Kb::new(store.clone(), blobs, index, clock.clone(), ids.clone());
        let keys = Arc::new(FolderBlobs::new(folder.path("keys")));
        let keys = Arc::new(BareKeys::new(keys, ids.clone()));
        Self {
            vault: Vault::new(keys, clock.clone(), ids.clone()),
            identity: Identity::new(kb.store().clone(), clock, ids).noting_use(true),
            fetch: Arc::new(Outside::new(Allowed::default())),
            kb,
            folder,
            store: Some(store),
            must_rebuild,
            #[cfg(feature = "aws")]
            collection: None,
            #[cfg(feature = "aws")]
            stack: None,
        }
    }
}

/// What a store in a folder knows of itself.
struct Local(Arc<Embedded>);

impl Health for Local {
    fn writes(&self) -> Result<(), String> {
        self.0.health().map_err(|error| kb_store::chain(&error))
    }

    fn events_waiting(&self) -> Option<u64> {
        self.0.pending("indexer").ok()
    }
}

/// Opens the store, which one process owns, and only then raises the format of the folder. One that is gone is not made anew
/// beside what was made with it.
fn open_store(folder: &DataFolder, options: Options) -> Result<Arc<Embedded>, Error> {
    folder.demand_store()?;
    let store = Embedded::open(folder.root(), options).map_err(|e| match e {
        OpenError::Locked => Error::Locked {
            path: folder.root().display().to_string(),
        },
        OpenError::Unusable(cause) => Error::Engine {
            what: "the store",
            cause: if cause.contains("orrupt") {
                format!("{cause}: restore the folder from a backup")
            } else {
                cause
            },
        },
    })?;
    folder.raise_format()?;
    Ok(store)
}

fn is_built(folder: &DataFolder) -> bool {
    folder.index().join("meta.json").exists()
}

/// Opens the generation in use; one that another analysis built, or that cannot be read, is replaced by an empty one. That one
/// stays to be built until something is durable in it: who opened it first may be a command that builds nothing, or may have ended.
fn open_index(folder: &DataFolder) -> Result<(Arc<dyn SearchIndex>, bool), Error> {
    match TantivyIndex::open(Some(&folder.index())) {
        Ok(index) => {
            let must_rebuild = !index.was_built();
            Ok((index, must_rebuild))
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Layers;
    use kb_domain::{ArticleId, Locale};
    use kb_fetch::{FetchError, Limits};
    use kb_search::{Part, PartId};
    use std::collections::BTreeMap;
    use std::time::Duration;

    #[tokio::test]
    async fn an_index_is_to_be_built_until_something_is_durable_in_it() {
        let root = tempfile::tempdir().unwrap();
        let open = || Home::open(root.path(), Options::default()).unwrap();
        assert!(open().must_rebuild);
        let home = open();
        assert!(home.must_rebuild);
        let id = PartId {
            article: ArticleId::new(home.kb.ids().uuid()),
            locale: Locale::en(),
            n: 0,
        };
        home.kb
            .index()
            .write(vec![Part::tombstone(id, 1)])
            .await
            .unwrap();
        home.kb.index().refresh().await.unwrap();
        drop(home);
        assert!(!open().must_rebuild);
    }

    #[tokio::test]
    async fn the_keys_of_the_vault_lie_beside_older_ones_and_are_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let home = Home::open(root.path(), Options::default()).unwrap();
        let cursor = home.folder.secret("cursor", [1; 32]).unwrap();
        home.vault.ready().await.unwrap();
        assert_eq!(home.vault.rotate().await.unwrap(), 2);
        for name in ["keys/vault/1", "keys/vault/2"] {
            let file = std::fs::metadata(root.path().join(name)).unwrap();
            let mode = file.permissions().mode();
            assert_eq!((file.len(), mode & 0o777), (32, 0o600), "{name}");
        }
        assert_eq!(home.folder.secret("cursor", [2; 32]).unwrap(), cursor);
    }

    #[tokio::test]
    async fn a_server_inside_is_asked_where_the_configuration_names_it() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inside = server.local_addr().unwrap().to_string();
        let root = tempfile::tempdir().unwrap();
        let layers = Layers {
            flags: BTreeMap::from([("fetch-allow", inside.clone())]),
            environment: &|_| None,
            file: None,
        };
        let config = Config::resolve(root.path(), &layers).unwrap();
        let home = Home::open(root.path(), Options::default()).unwrap();
        let ask = async |home: &Home| {
            let request = http::Request::get(format!("http://{inside}/"));
            let limits = Limits {
                total: Duration::from_secs(30),
                bytes: 1000,
            };
            let fetch = home.deps(&config, false).unwrap().fetch;
            fetch
                .send(request.body(bytes::Bytes::new()).unwrap(), limits)
                .await
        };
        let refused = ask(&home).await;
        assert!(
            matches!(refused, Err(FetchError::Forbidden(_))),
            "{refused:?}"
        );
        let home = home.reaching(&config);
        let was_asked = tokio::select! {
            accepted = server.accept() => accepted.is_ok(),
            _ = ask(&home) => false,
        };
        assert!(was_asked);
    }
}
