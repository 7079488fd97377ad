//! Room on the disk. A write that would take the last of it is refused, as long as it is so: it would fail halfway.

use crate::error::Error;
use std::path::Path;
use std::sync::Arc;

/// How much room a disk has, in bytes; `None` where it does not say.
type Free = Arc<dyn Fn() -> Option<u64> + Send + Sync>;

/// The room that writes need.
#[derive(Clone)]
pub(super) struct Room {
    free: Free,
    reserve: u64,
}

impl Room {
    /// On the disk of a folder.
    pub(super) fn in_folder(folder: &Path, reserve: u64) -> Self {
        let folder = folder.to_owned();
        let free = move || {
            let disk = rustix::fs::statvfs(&folder).ok()?;
            Some(disk.f_bavail.saturating_mul(disk.f_frsize))
        };
        Self::new(free, reserve)
    }

    /// On a disk that says how much room it has.
    pub(super) fn new(
        free: impl Fn() -> Option<u64> + Send + Sync + 'static,
        reserve: u64,
    ) -> Self {
        Self {
            free: Arc::new(free),
            reserve,
        }
    }

    /// Without a bound.
    pub(super) fn endless() -> Self {
        Self::new(|| None, 0)
    }

    /// Errors: there is not enough left to begin a write.
    pub(super) fn demand(&self) -> Result<(), Error> {
        match (self.free)() {
            Some(free) if free < self.reserve => Err(Error::unavailable(format!(
                "the disk has {free} bytes left and writes need {}: make room, and they go on by themselves",
                self.reserve
            ))),
            _ => Ok(()),
        }
    }
}
