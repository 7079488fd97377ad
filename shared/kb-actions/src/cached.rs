//! Sets that a program keeps between requests, as long as their counter in the gate stands still.

use crate::error::Error;
use kb_domain::{PortalId, Tree};
use kb_store::repo::Stored;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One set, with the counter that it was read at.
pub(crate) struct CachedSet<T>(Mutex<Option<(i64, Arc<T>)>>);

impl<T> Default for CachedSet<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> CachedSet<T> {
    /// The set as of this counter; `read` reads it when another one is kept.
    pub(crate) async fn get(
        &self,
        counter: i64,
        read: impl AsyncFnOnce() -> Result<T, Error>,
    ) -> Result<Arc<T>, Error> {
        if let Some((at, kept)) = &*lock(&self.0)
            && *at == counter
        {
            return Ok(kept.clone());
        }
        let value = Arc::new(read().await?);
        *lock(&self.0) = Some((counter, value.clone()));
        Ok(value)
    }
}

/// The trees of the portals, each a set of its own.
#[derive(Default)]
pub(crate) struct CachedTrees(Mutex<HashMap<PortalId, Arc<CachedSet<Stored<Tree>>>>>);

impl CachedTrees {
    /// The tree of a portal as of this counter.
    pub(crate) async fn get(
        &self,
        portal: PortalId,
        counter: i64,
        read: impl AsyncFnOnce() -> Result<Stored<Tree>, Error>,
    ) -> Result<Arc<Stored<Tree>>, Error> {
        let set = lock(&self.0).entry(portal).or_default().clone();
        set.get(counter, read).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_set_is_read_once_for_each_state_of_its_counter() {
        let set = CachedSet::default();
        let mut read = Vec::new();
        for counter in [1, 1, 2, 2, 1] {
            let get = set.get(counter, async || {
                read.push(counter);
                Ok(counter)
            });
            assert_eq!(*get.await.unwrap(), counter);
        }
        assert_eq!(read, [1, 2, 1]);
    }
}
