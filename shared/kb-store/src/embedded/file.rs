//! A database file. After a fault of the disk redb refuses everything until the file is opened again: this opens it again, at
//! once or, as long as that fails, every second. A file that need not wait for the disk is made durable every second.

use super::OpenError;
use crate::error::{Error, chain};
use redb::{Database, DatabaseError, Durability};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often a file is looked after, as long as there is something to do.
const EVERY: Duration = Duration::from_secs(1);
/// Rows that may wait for that.
const WAITING_MAX: u64 = 100;

/// Opens or makes a file.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>;

/// When a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durable {
    /// Always.
    Always,
    /// Every second, after a hundred rows, and when a transaction asks for it.
    Soon,
    /// Never before the end.
    Never,
}

struct State {
    database: Result<Database, String>,
    /// How often it was opened again.
    opened: u64,
}

/// The file, and what looks after it.
pub(super) struct File {
    open: Opener,
    state: RwLock<State>,
    durable: Durable,
    /// Rows that do not survive a kill yet.
    waiting: AtomicU64,
    keeper: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl File {
    /// Opens or makes the file. Errors: another process holds it, or it cannot be used.
    pub(super) fn open(open: Opener, durable: Durable) -> Result<Arc<Self>, OpenError> {
        let database = open().map_err(|e| match e {
            DatabaseError::DatabaseAlreadyOpen => OpenError::Locked,
            other => OpenError::Unusable(other.to_string()),
        })?;
        let state = State {
            database: Ok(database),
            opened: 0,
        };
        let file = Arc::new(Self {
            open,
            state: RwLock::new(state),
            durable,
            waiting: AtomicU64::new(0),
            keeper: Mutex::new(None),
        });
        let (call, called) = channel();
        let kept = file.clone();
        let thread = std::thread::Builder::new()
            .name("store-keeper".to_owned())
            .spawn(move || kept.keep(&called))
            .map_err(|e| OpenError::Unusable(e.to_string()))?;
        *lock(&file.keeper) = Some((call, thread));
        Ok(file)
    }

    /// Works on the database. A fault of the disk opens it again; what failed stays failed.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let database = state.database.as_ref();
        let database = database.map_err(|closed| Error::unavailable(closed.clone()))?;
        let (done, opened) = (work(database), state.opened);
        drop(state);
        if let Err(Error::Unavailable(fault)) = &done {
            tracing::error!(
                error = chain(&**fault),
                "the store cannot go on; it is opened again"
            );
            self.mend(opened);
        }
        done
    }

    /// Whether it can be used. Errors: why not.
    pub(super) fn health(&self) -> Result<(), Error> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let closed = state.database.as_ref().err();
        closed.map_or(Ok(()), |closed| Err(Error::unavailable(closed.clone())))
    }

    /// Whether every page is as it was written; an index of the file's own that does not fit is made anew. Errors: it is damaged.
    pub(super) fn check(&self) -> Result<bool, Error> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let database = state.database.as_mut();
        let database = database.map_err(|closed| Error::unavailable(closed.clone()))?;
        database.check_integrity().map_err(Error::unavailable)
    }

    /// Whether a commit of so many rows waits for the disk; `at_once` when one of them asks for it.
    pub(super) fn waits(&self, rows: u64, at_once: bool) -> bool {
        match self.durable {
            Durable::Always => true,
            Durable::Never => false,
            Durable::Soon => at_once || self.waiting.load(Ordering::Relaxed) + rows >= WAITING_MAX,
        }
    }

    /// Says that so many rows were committed, and whether they waited.
    pub(super) fn committed(&self, rows: u64, waited: bool) {
        if waited {
            self.waiting.store(0, Ordering::Relaxed);
        } else if self.durable == Durable::Soon
            && self.waiting.fetch_add(rows, Ordering::Relaxed) == 0
        {
            self.call();
        }
    }

    /// Opens the file again, unless somebody has done so since it was opened for the `opened`th time.
    fn mend(&self, opened: u64) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.opened != opened {
            return;
        }
        // The old one goes first: it holds the file.
        state.database = Err("the store is being opened again".to_owned());
        state.database = (self.open)().map_err(|e| e.to_string());
        match &state.database {
            Ok(_) => {
                state.opened += 1;
                tracing::info!("the store is open again");
            }
            Err(_) => self.call(),
        }
    }

    fn call(&self) {
        if let Some((call, _)) = &*lock(&self.keeper) {
            // A keeper that is gone was told to go.
            let _ = call.send(());
        }
    }

    /// The keeper: looks after the file every second while there is something to do.
    fn keep(&self, called: &Receiver<()>) {
        loop {
            if called.recv().is_err() {
                return;
            }
            loop {
                match called.recv_timeout(EVERY) {
                    Ok(()) => continue,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                let (closed, opened) = {
                    let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
                    (state.database.is_err(), state.opened)
                };
                if closed {
                    self.mend(opened);
                } else if self.waiting.swap(0, Ordering::Relaxed) > 0 {
                    // What fails here is told by the next commit.
                    let _ = self.with(|database| settle(database).map_err(Error::unavailable));
                } else {
                    break;
                }
            }
        }
    }

    /// Ends the keeper, which holds the file as well.
    pub(super) fn leave(&self) {
        let keeper = lock(&self.keeper).take();
        if let Some((call, thread)) = keeper {
            drop(call);
            // One that panicked has nothing left to look after.
            let _ = thread.join();
        }
    }
}

/// Makes durable what was committed without waiting for the disk.
fn settle(database: &Database) -> Result<(), redb::Error> {
    let mut commit = database.begin_write()?;
    commit.set_durability(Durability::Immediate)?;
    Ok(commit.commit()?)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
