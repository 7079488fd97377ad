use super::*;
use crate::table::Condition;
use futures::future::join_all;

fn put(now_us: u64, key: &Key, body: &str, condition: Condition) -> Transaction {
    let mut tx = Transaction::new(TableName::Main, now_us);
    let row = Row {
        kind: "thing.1".into(),
        body: format!("\"{body}\""),
        ..Row::default()
    };
    tx.put(key.clone(), row, condition);
    tx
}

#[tokio::test]
async fn writers_that_wait_together_share_a_durable_commit() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    let before = engine.durable_commits();
    join_all((0..200).map(|n| {
        engine.commit(put(
            n + 1,
            &Key::new("P", n.to_string()),
            "x",
            Condition::Absent,
        ))
    }))
    .await;
    let used = engine.durable_commits() - before;
    assert!(used < 100, "200 transactions took {used} commits");
}

#[tokio::test]
async fn data_survives_a_reopening_and_a_second_owner_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = Key::new("P", "a");
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    engine
        .commit(put(1, &key, "kept", Condition::Absent))
        .await
        .unwrap();
    assert!(matches!(
        Embedded::open(folder.path(), Options::default()),
        Err(OpenError::Locked)
    ));
    drop(engine);
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    assert_eq!(
        engine
            .get(TableName::Main, &key, 0)
            .await
            .unwrap()
            .unwrap()
            .body,
        "\"kept\""
    );
}

/// A file that can be full.
#[derive(Debug)]
struct Disk {
    file: redb::backends::FileBackend,
    full: Arc<std::sync::atomic::AtomicBool>,
}

impl Disk {
    fn demand_room(&self) -> std::io::Result<()> {
        if self.full.load(Ordering::SeqCst) {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl redb::StorageBackend for Disk {
    fn len(&self) -> std::io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.demand_room()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.demand_room()?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.demand_room()?;
        self.file.write(offset, data)
    }
}

/// An engine on a disk that is full whenever the switch says so.
fn on_a_disk(folder: &Path) -> (Arc<Embedded>, Arc<std::sync::atomic::AtomicBool>) {
    let full = Arc::<std::sync::atomic::AtomicBool>::default();
    let open = |name: &str, durable| {
        let (path, full) = (folder.join(name), full.clone());
        let opener: Opener = Box::new(move || {
            let mut options = std::fs::File::options();
            let options = options.read(true).write(true).create(true).truncate(false);
            let file = options.open(&path).map_err(redb::StorageError::Io)?;
            Database::builder().create_with_backend(Disk {
                file: redb::backends::FileBackend::new(file)?,
                full: full.clone(),
            })
        });
        File::open(opener, durable).unwrap()
    };
    let (main, log) = (
        open("main.redb", Durable::Always),
        open("log.redb", Durable::Soon),
    );
    let engine = Embedded::start(main, log, Room::endless(), None).unwrap();
    (engine, full)
}

#[tokio::test]
async fn case_088_a_disk_that_was_full_is_written_to_again_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, full) = on_a_disk(folder.path());
    let write = async |n: u64| {
        let key = Key::new("P", n.to_string());
        engine.commit(put(n, &key, "x", Condition::Absent)).await
    };
    write(1).await.unwrap();
    for round in 0..3 {
        full.store(true, Ordering::SeqCst);
        let refused = write(100 + round).await.unwrap_err();
        assert_eq!(refused.kind(), kb_domain::ErrorKind::Unavailable);
        full.store(false, Ordering::SeqCst);
        // The keeper looks once a second.
        while engine.health().is_err() {
            tokio::task::yield_now().await;
        }
        write(2 + round).await.unwrap();
    }
    let page = engine
        .query(TableName::Main, &Query::partition("P", 0))
        .await;
    let kept: Vec<String> = page
        .unwrap()
        .rows
        .into_iter()
        .map(|(k, _)| k.sort)
        .collect();
    assert_eq!(kept, ["1", "2", "3", "4"]);
}

#[tokio::test]
async fn case_088_nothing_is_begun_on_a_disk_with_less_room_than_the_reserve() {
    let folder = tempfile::tempdir().unwrap();
    let free = Arc::new(AtomicU64::new(100));
    let told = free.clone();
    let room = Room::new(move || Some(told.load(Ordering::SeqCst)), 50);
    let file = |name: &str| {
        let path = folder.path().join(name);
        let opener: Opener = Box::new(move || Database::create(&path));
        File::open(opener, Durable::Always).unwrap()
    };
    let engine = Embedded::start(file("main.redb"), file("log.redb"), room, None).unwrap();
    let write = async |n: u64| {
        let key = Key::new("P", n.to_string());
        engine.commit(put(n, &key, "x", Condition::Absent)).await
    };
    write(1).await.unwrap();
    free.store(49, Ordering::SeqCst);
    let refused = write(2).await.unwrap_err();
    assert!(
        crate::error::chain(&refused).contains("make room"),
        "{refused:?}"
    );
    assert!(engine.health().is_err());
    let page = engine
        .query(TableName::Main, &Query::partition("P", 0))
        .await;
    assert_eq!(page.unwrap().rows.len(), 1);
    free.store(50, Ordering::SeqCst);
    write(2).await.unwrap();
    engine.health().unwrap();
}

/// What a kill would leave of the log: the file as the kernel has it.
fn logged_after_a_kill(folder: &Path, key: &Key) -> bool {
    let left = tempfile::tempdir().unwrap();
    for name in ["main.redb", "log.redb"] {
        std::fs::copy(folder.join(name), left.path().join(name)).unwrap();
    }
    let engine = Embedded::open(left.path(), Options::default()).unwrap();
    let found = futures::executor::block_on(engine.get(TableName::Log, key, 0));
    found.unwrap().is_some()
}

#[tokio::test]
async fn the_log_survives_a_kill_when_it_is_told_to_and_after_a_second_or_a_hundred_rows() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    let key = |n: u64| Key::new("L", n.to_string());
    let write = async |n: u64, at_once: bool| {
        let mut tx = put(n, &key(n), "x", Condition::Absent);
        tx.table = TableName::Log;
        tx.at_once = at_once;
        engine.commit(tx).await.unwrap();
    };
    write(1, true).await;
    assert!(logged_after_a_kill(folder.path(), &key(1)));
    for n in 2..=200 {
        write(n, false).await;
    }
    assert!(logged_after_a_kill(folder.path(), &key(100)));
    // The keeper comes once a second.
    while !logged_after_a_kill(folder.path(), &key(200)) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_check_finds_a_page_that_was_changed_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Embedded::open(folder.path(), Options::default()).unwrap();
    let body = "porcupine".repeat(30);
    for n in 1..=200 {
        let key = Key::new("P", n.to_string());
        engine
            .commit(put(n, &key, &body, Condition::Absent))
            .await
            .unwrap();
    }
    engine.check_integrity().unwrap();
    let path = folder.path().join("main.redb");
    let mut bytes = std::fs::read(&path).unwrap();
    let places: Vec<usize> = (0..bytes.len() - 9)
        .filter(|at| &bytes[*at..at + 9] == b"porcupine")
        .collect();
    assert!(places.len() > 200);
    for at in places {
        bytes[at] ^= 1;
    }
    std::os::unix::fs::FileExt::write_all_at(
        &std::fs::File::options().write(true).open(&path).unwrap(),
        &bytes,
        0,
    )
    .unwrap();
    let (file, _) = engine.check_integrity().unwrap_err();
    assert_eq!(file, "main.redb");
}
