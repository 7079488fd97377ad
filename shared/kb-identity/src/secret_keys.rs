//! The port to the data keys of an installation: files of a data folder, or wrapped by the key of a stack.

use async_trait::async_trait;
use kb_domain::{ErrorKind, IdGen};
use kb_store::{Blobs, chain};
use secrecy::zeroize::Zeroizing;
use std::sync::Arc;

/// A data key. It is wiped when it is dropped, and prints nothing.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// The key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0[..]
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(..)")
    }
}

/// Why nothing can be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultClosed {
    /// Whoever keeps the data keys does not answer, or refuses.
    #[error("the vault is closed: its keys cannot be read: {0}")]
    Silent(String),
    /// The data key is gone.
    #[error("the vault is closed: its key {0} is gone; restore it from a backup")]
    NoKey(u32),
    /// It was sealed for another place, or is damaged.
    #[error("the vault is closed to this: it was sealed for another place, or is damaged")]
    Damaged,
}

impl VaultClosed {
    /// The stable word for it, as a connection's health shows it.
    pub const CODE: &str = "vault_closed";

    /// The kind of fault, from the closed list.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Silent(_) => ErrorKind::Unavailable,
            Self::NoKey(_) | Self::Damaged => ErrorKind::Internal,
        }
    }
}

/// Data keys by purpose and number, `keys/<purpose>/<n>`. Numbers begin with 1 and have no gap; a key that is there is never
/// replaced.
#[async_trait]
pub trait SecretKeys: Send + Sync {
    /// A data key; `None` when there is none of this number. Errors: whoever keeps them does not answer, or refuses.
    async fn key(&self, purpose: &str, number: u32) -> Result<Option<DataKey>, VaultClosed>;

    /// Makes a data key of this number, unless there is one. Answers whether it did: of two who make it at once one does.
    async fn make(&self, purpose: &str, number: u32) -> Result<bool, VaultClosed>;
}

/// Data keys that lie bare, where whoever may read them owns everything else as well: the files of a data folder.
pub struct BareKeys {
    blobs: Arc<dyn Blobs>,
    ids: Arc<dyn IdGen>,
}

impl BareKeys {
    /// The keys among these blobs, which nobody else may read; new ones come from `ids`.
    pub fn new(blobs: Arc<dyn Blobs>, ids: Arc<dyn IdGen>) -> Self {
        Self { blobs, ids }
    }
}

fn silent(error: &kb_store::Error) -> VaultClosed {
    VaultClosed::Silent(chain(error))
}

#[async_trait]
impl SecretKeys for BareKeys {
    async fn key(&self, purpose: &str, number: u32) -> Result<Option<DataKey>, VaultClosed> {
        let name = format!("{purpose}/{number}");
        let found = self.blobs.get(&name).await.map_err(|e| silent(&e))?;
        let Some(bytes) = found.map(Zeroizing::new) else {
            return Ok(None);
        };
        let short = || {
            let cause = "is not 32 bytes long; restore it from a backup";
            VaultClosed::Silent(format!("keys/{name} {cause}"))
        };
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| short())?;
        Ok(Some(DataKey::new(key)))
    }

    async fn make(&self, purpose: &str, number: u32) -> Result<bool, VaultClosed> {
        let name = format!("{purpose}/{number}");
        let key = self.ids.secret().to_vec();
        let put = self.blobs.put_new(&name, key).await;
        put.map_err(|e| silent(&e))
    }
}
