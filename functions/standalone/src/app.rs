//! An open data folder with everything that works on it.

use crate::demo::Desk;
use crate::exit::Failure;
use crate::sweep::Sweep;
use fn_indexer::Indexer;
use kb_actions::{Kb, lexicon};
use kb_connectors::Partners;
use kb_domain::{Grant, Level, Role, Viewer, Who};
use kb_events::{Follower, Job, Jobs};
use kb_http::{Deps, PublicUrl};
use kb_identity::Identity;
use kb_runtime::feature::{self, Works};
use kb_runtime::{Config, DataFolder, home::Home};
use kb_store::{Feed, Options};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::MissedTickBehavior;

/// Events that the indexer takes at once: a batch is one durable commit of the index, however large it is.
const BATCH: usize = 1_000;
/// How long the feed stands still after it failed once, and at most.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How often the clock looks for what is due, unless something wakes it.
const TICK: Duration = Duration::from_secs(5);

/// The jobs of every function, and those of the embedded home.
pub fn jobs(works: &Works) -> Vec<Arc<dyn Job>> {
    let mut jobs = feature::jobs(&fn_jobs::FEATURES, works);
    jobs.push(Arc::new(Sweep::new(works.kb.store().table().clone())));
    jobs
}

/// Everything that commands and routes work on.
pub struct App {
    /// The base.
    pub kb: Kb,
    /// Keys, people and sessions.
    pub identity: Identity,
    indexer: Indexer,
    follower: Follower,
    jobs: Jobs,
    /// The systems that are connected.
    pub partners: Partners,
    /// The help desk inside the demo.
    pub(crate) desk: Option<Desk>,
    /// Told when an event has woken a lane.
    woken: Notify,
    /// Held while a batch is indexed: two at once would write the same lexicon.
    pumping: tokio::sync::Mutex<()>,
    home: Home,
    config: Config,
    /// Where people reach it, once it answers.
    public_url: OnceLock<String>,
}

impl App {
    /// Opens the data folder; an index that is new or of another analysis is built from the store.
    pub async fn open(config: &Config) -> Result<Self, Failure> {
        Self::open_as(config, false).await
    }

    /// The same, for the demo with the help desk inside it, which is the only system that it reaches.
    pub async fn open_as(config: &Config, demo: bool) -> Result<Self, Failure> {
        // The switch exists so that the test of durability can be shown to fail without it.
        let fsync = kb_runtime::system::environment("SIDENOTE_TEST_NO_FSYNC").is_none();
        let mut home = Home::choose(
            config,
            Options {
                fsync,
                ..Options::default()
            },
        )?;
        let desk = demo.then(|| Desk::open(&home.kb)).transpose()?;
        if let Some(desk) = &desk {
            home.fetch = desk.fetch();
        }
        let works = &Works::new(home.kb.clone(), home.fetch.clone(), home.vault.clone());
        let jobs = match &home.store {
            Some(_) => jobs(works),
            None => feature::jobs(&fn_jobs::FEATURES, works),
        };
        let app = Self {
            pumping: tokio::sync::Mutex::default(),
            jobs: feature::clock_of(jobs, works),
            woken: Notify::new(),
            partners: works.partners.clone(),
            desk,
            indexer: Indexer::new(home.kb.clone()),
            follower: feature::follower(&fn_jobs::FEATURES, works),
            identity: home.identity.clone(),
            kb: home.kb.clone(),
            home,
            config: config.clone(),
            public_url: OnceLock::new(),
        };
        let known = lexicon::load(&app.kb).await;
        if app.home.must_rebuild {
            app.reindex(&mut |_| {}).await?;
        } else if !known && app.home.store.is_some() {
            fn_indexer::renew_lexicon(&app.kb).await;
        }
        Ok(app)
    }

    /// Writes every article into the index anew and renews the lexicon.
    pub async fn reindex(&self, progress: &mut (dyn FnMut(u64) + Send)) -> Result<u64, Failure> {
        let broken = |e: kb_actions::Error| Failure::environment(e);
        #[cfg(feature = "cloud")]
        if let Some(collection) = &self.home.collection {
            let rebuild = collection.rebuild().await.map_err(Failure::environment)?;
            let filled = fn_indexer::rebuild(&self.kb, &rebuild.index(), progress).await;
            let done = match filled {
                Ok(done) => done,
                Err(error) => {
                    rebuild.abort().await.map_err(Failure::environment)?;
                    return Err(broken(error));
                }
            };
            rebuild.finish().await.map_err(Failure::environment)?;
            fn_indexer::renew_lexicon(&self.kb).await;
            return Ok(done);
        }
        let done = fn_indexer::rebuild(&self.kb, &**self.kb.index(), progress)
            .await
            .map_err(broken)?;
        fn_indexer::renew_lexicon(&self.kb).await;
        Ok(done)
    }

    /// Brings the index to the state of the store: takes events until there are none.
    pub async fn catch_up(&self) -> Result<(), Failure> {
        while self.pump().await? > 0 {}
        Ok(())
    }

    async fn pump(&self) -> Result<usize, Failure> {
        // On a stack Lambda reads the feed.
        let Some(store) = &self.home.store else {
            return Ok(0);
        };
        let _alone = self.pumping.lock().await;
        let now = self.kb.now();
        let indexed = store.pump(&self.indexer, BATCH, now).await;
        let followed = store.pump(&self.follower, BATCH, now).await;
        if !self.follower.take_woken().lanes.is_empty() {
            self.woken.notify_one();
        }
        Ok(indexed.map_err(Failure::environment)? + followed.map_err(Failure::environment)?)
    }

    /// Takes events as they come, until the task is dropped. While that fails it is tried more and more seldom.
    pub async fn follow(&self) {
        let mut pause = PAUSE_FIRST;
        loop {
            match self.pump().await {
                Ok(0) => match &self.home.store {
                    Some(store) => store.wait("indexer").await,
                    None => return,
                },
                Ok(_) => pause = PAUSE_FIRST,
                Err(error) => {
                    tracing::error!(%error, ?pause, "the feed stands still");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
            tokio::task::yield_now().await;
        }
    }

    /// Runs what is due, every few seconds, at once when an event wakes a lane, and at once what fell due while nobody looked. When `stop` says so it ends the job at
    /// hand and takes no other.
    pub async fn keep_time(&self, mut stop: watch::Receiver<bool>) {
        let stopped = stop.clone();
        let go_on = move || !*stopped.borrow();
        let mut started = false;
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // A sender that is gone is a program that ends.
                _ = stop.wait_for(|stop| *stop) => return,
                _ = ticks.tick() => {}
                () = self.woken.notified() => {}
            }
            if !started {
                match self.jobs.start().await {
                    Ok(()) => started = true,
                    Err(error) => tracing::error!(%error, "no timer of a daily job can be written"),
                }
            }
            if let Err(error) = self.jobs.run_due(&go_on).await {
                tracing::error!(%error, "the clock was interrupted; what is due waits for its next look");
            }
        }
    }

    /// Whether it works on a stack, where Lambda serves.
    pub fn is_stack(&self) -> bool {
        self.home.store.is_none()
    }

    /// What it was opened with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The engines.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The data folder.
    pub fn folder(&self) -> &DataFolder {
        &self.home.folder
    }

    /// Says where people reach it, once it answers.
    pub fn answers_at(&self, public: &PublicUrl) {
        // It begins to answer once.
        let _ = self.public_url.set(public.origin().to_owned());
    }

    /// Where people reach it, or would reach it if it answered.
    pub fn public_url(&self) -> String {
        let set = || self.config.public_url.clone();
        let would = || set().unwrap_or_else(|| PublicUrl::local(self.config.listen.port()));
        let answers = self.public_url.get().cloned();
        answers.unwrap_or_else(|| would().origin().to_owned())
    }

    /// What the HTTP functions are given.
    pub fn deps(&self, config: &Config, demo: bool) -> Result<Deps, Failure> {
        Ok(self.home.deps(config, demo)?)
    }

    /// The caller that commands act as: whoever may open the data folder may do everything.
    pub fn operator() -> Viewer {
        let grants = vec![Grant::everywhere(Role::Admin)];
        Viewer::new(Who::Operator, "command line", Level::Agent, grants)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kb_domain::Timestamp;
    use kb_events::Timer;
    use kb_runtime::config::Layers;
    use kb_store::{Condition, Key, Row, TableName, Transaction};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_start_runs_what_fell_due_meanwhile_and_a_stop_ends_the_clock() {
        let folder = tempfile::tempdir().unwrap();
        let layers = Layers {
            flags: std::collections::BTreeMap::new(),
            environment: &|_| None,
            file: None,
        };
        let config = Config::resolve(folder.path(), &layers).unwrap();
        let app = Arc::new(App::open(&config).await.unwrap());
        let over = Key::new("S", "over");
        let mut tx = Transaction::new(TableName::Main, 1);
        let row = Row {
            kind: "thing.1".to_owned(),
            body: "{}".to_owned(),
            expires_at: Some(5),
            ..Row::default()
        };
        tx.put(over.clone(), row, Condition::Absent);
        Timer::new("store.sweep", "", Timestamp(7)).put(&mut tx);
        app.kb.store().table().commit(tx).await.unwrap();

        let (stop, stopping) = watch::channel(false);
        let clock = tokio::spawn({
            let app = app.clone();
            async move { app.keep_time(stopping).await }
        });
        let on_disk = async || {
            app.kb
                .store()
                .table()
                .get(TableName::Main, &over, 0)
                .await
                .unwrap()
        };
        while on_disk().await.is_some() {
            assert!(!clock.is_finished(), "the clock ended by itself");
            tokio::task::yield_now().await;
        }
        stop.send(true).unwrap();
        clock.await.unwrap();
        // The job that was at hand ended: its timer stands at the next day, not at the end of a lease.
        let timers = app
            .kb
            .store()
            .table()
            .walk(TableName::Main, 0, 1, 1_000, None)
            .await;
        let timers: Vec<Timer> = timers
            .unwrap()
            .rows
            .iter()
            .filter(|(_, row)| row.kind == "timer.1")
            .map(|(_, row)| serde_json::from_str(&row.body).unwrap())
            .collect();
        assert!(!timers.is_empty());
        assert!(timers.iter().all(|t| t.at.0 % 86_400_000_000 == 0));
    }
}
