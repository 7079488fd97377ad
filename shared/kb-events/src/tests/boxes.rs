//! Boxes and the job that empties them.

use super::*;
use crate::boxes::{self, BoxHandler, Drain, Fate, Repeated, Stopped, Taken};

type Answer = Box<dyn Fn(&Taken) -> Result<Fate, Stopped> + Send + Sync>;

/// Notes which items it is handed together, and answers what the test says.
struct Handler {
    seen: Mutex<Vec<Vec<String>>>,
    answer: Answer,
    /// What somebody else writes while the first items are handled.
    meanwhile: Mutex<Option<(Arc<Embedded>, Transaction)>>,
}

impl Handler {
    fn new(answer: impl Fn(&Taken) -> Result<Fate, Stopped> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            seen: Mutex::default(),
            answer: Box::new(answer),
            meanwhile: Mutex::default(),
        })
    }

    fn pages(&self) -> Vec<usize> {
        self.seen.lock().unwrap().iter().map(Vec::len).collect()
    }
}

#[async_trait]
impl BoxHandler for Handler {
    fn handles(&self, lane: &str) -> bool {
        lane.starts_with("con:")
    }

    async fn handle(&self, _: &str, items: &[Taken], _: Timestamp) -> (Vec<Fate>, Option<Stopped>) {
        let ids = items.iter().map(|taken| taken.id.clone()).collect();
        self.seen.lock().unwrap().push(ids);
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some((engine, tx)) = meanwhile {
            engine.commit(tx).await.unwrap();
        }
        let mut fates = Vec::new();
        for taken in items {
            match (self.answer)(taken) {
                Ok(fate) => fates.push(fate),
                Err(stopped) => return (fates, Some(stopped)),
            }
        }
        (fates, None)
    }
}

fn jobs_of(engine: &Arc<Embedded>, clock: &Arc<Turned>, handler: &Arc<Handler>) -> Jobs {
    let drain = Drain::new(engine.clone(), clock.clone(), vec![handler.clone()]);
    Jobs::new(
        engine.clone(),
        clock.clone(),
        [Arc::new(drain) as Arc<dyn Job>],
    )
}

/// Puts items into a box, as an event's transaction does, and lays the timer as its follower does.
async fn fill(engine: &Embedded, clock: &Turned, ids: impl Iterator<Item = String>) {
    let ids: Vec<String> = ids.collect();
    for some in ids.chunks(90) {
        write(engine, clock, |tx| {
            for id in some {
                let now = Timestamp(i64::try_from(tx.now_us).unwrap());
                boxes::put(tx, "con:1", id, json!({"id": id}), now, Repeated::Replaces);
            }
        })
        .await;
    }
    let timer = boxes::drain_timer("con:1", clock.now());
    timer.ensure(engine, clock.now()).await.unwrap();
}

async fn waiting(engine: &Embedded) -> Vec<BoxItem> {
    let query = Query::partition(keys::box_partition("con:1"), 0);
    let page = engine.query(TableName::Main, &query).await.unwrap();
    let items = page.rows.iter();
    items
        .map(|(_, row)| serde_json::from_str(&row.body).unwrap())
        .collect()
}

#[tokio::test]
async fn a_thousand_hints_are_taken_together_and_one_that_came_twice_once() {
    let (engine, clock) = (engine(), Turned::new());
    let handler = Handler::new(|_| Ok(Fate::Done));
    let jobs = jobs_of(&engine, &clock, &handler);
    fill(&engine, &clock, (0..1_100).map(|n| format!("{n:04}"))).await;
    fill(&engine, &clock, (0..10).map(|n| format!("{n:04}"))).await;
    assert!(
        timers(&engine).await.len() <= 2,
        "the same moment has one timer"
    );
    while run(&jobs).await > 0 {}
    assert_eq!(handler.pages(), [1_000, 100]);
    assert!(waiting(&engine).await.is_empty() && timers(&engine).await.is_empty());
}

#[tokio::test]
async fn a_partner_that_does_not_answer_is_asked_once_for_a_wait_and_not_for_each_item() {
    let (engine, clock) = (engine(), Turned::new());
    let handler = Handler::new(|_| Err(Stopped::Unavailable("down".to_owned())));
    let jobs = jobs_of(&engine, &clock, &handler);
    fill(&engine, &clock, (0..200).map(|n| format!("{n:03}"))).await;
    // An hour.
    for _ in 0..60 {
        run(&jobs).await;
        clock.advance(60);
    }
    let asked = handler.pages().len();
    assert!(
        (12..=20).contains(&asked),
        "{asked}: every five minutes in the end"
    );
    assert_eq!(waiting(&engine).await.len(), 200);
}

#[tokio::test]
async fn what_fails_by_itself_holds_nobody_up_and_is_dead_in_the_end() {
    let (engine, clock) = (engine(), Turned::new());
    let handler = Handler::new(|taken| match taken.id.as_str() {
        "bad" => Ok(Fate::Failed("no".to_owned())),
        _ => Ok(Fate::Done),
    });
    let jobs = jobs_of(&engine, &clock, &handler);
    let ids = ["a", "bad", "c"].map(str::to_owned);
    fill(&engine, &clock, ids.into_iter()).await;
    run(&jobs).await;
    assert_eq!(waiting(&engine).await.len(), 1);
    for _ in 0..60 {
        clock.advance(60);
        run(&jobs).await;
    }
    assert_eq!(handler.pages().len(), ATTEMPTS_MAX as usize);
    assert!(waiting(&engine).await.is_empty() && timers(&engine).await.is_empty());
    let key = keys::dead_letter("boxes", "con:1#bad");
    let row = engine.get(TableName::Main, &key, 0).await.unwrap().unwrap();
    let body: Value = serde_json::from_str(&row.body).unwrap();
    assert_eq!(
        (&body["error"], &body["item"]["payload"]["id"]),
        (&json!("no"), &json!("bad"))
    );
}

#[tokio::test]
async fn what_came_again_while_it_was_done_is_done_again() {
    let (engine, clock) = (engine(), Turned::new());
    let handler = Handler::new(|_| Ok(Fate::Done));
    let jobs = jobs_of(&engine, &clock, &handler);
    fill(&engine, &clock, ["a", "b"].map(str::to_owned).into_iter()).await;
    let now = clock.now();
    let mut again = Transaction::new(TableName::Main, now.micros());
    let payload = json!({"again": true});
    boxes::put(&mut again, "con:1", "a", payload, now, Repeated::Replaces);
    *handler.meanwhile.lock().unwrap() = Some((engine.clone(), again));
    run(&jobs).await;
    let left = waiting(&engine).await;
    assert!(left.len() == 1 && left[0].payload["again"] == true);
    run(&jobs).await;
    assert!(waiting(&engine).await.is_empty());
}

#[tokio::test]
async fn what_comes_later_has_its_moment_and_a_busy_partner_is_left_alone() {
    let (engine, clock) = (engine(), Turned::new());
    let until = clock.now().plus_seconds(90);
    let handler = Handler::new(move |taken| match taken.id.as_str() {
        "busy" if taken.item.payload["id"] == "busy" => Ok(Fate::Later(until, json!("next"))),
        "last" => Err(Stopped::Busy(until)),
        _ => Ok(Fate::Done),
    });
    let jobs = jobs_of(&engine, &clock, &handler);
    let ids = ["a", "busy", "last"].map(str::to_owned);
    fill(&engine, &clock, ids.into_iter()).await;
    run(&jobs).await;
    let left = waiting(&engine).await;
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|item| item.attempts == 0));
    clock.advance(60);
    assert_eq!(run(&jobs).await, 0);
    clock.advance(31);
    assert_eq!(run(&jobs).await, 1);
}

#[tokio::test]
async fn a_message_that_is_there_is_refused_and_a_broken_item_holds_nobody_up() {
    let (engine, clock) = (engine(), Turned::new());
    let put = |id: &'static str| {
        let mut tx = Transaction::new(TableName::Main, clock.now().micros());
        boxes::put(
            &mut tx,
            "con:1",
            id,
            json!(1),
            clock.now(),
            Repeated::Refused,
        );
        engine.commit(tx)
    };
    put("once").await.unwrap();
    assert!(put("once").await.is_err());
    let broken = Row {
        kind: "box.1".to_owned(),
        body: "{}".to_owned(),
        ..Row::default()
    };
    let key = keys::box_item("con:1", "broken");
    write(&engine, &clock, |tx| {
        tx.put(key, broken, kb_store::Condition::Any);
        boxes::drain_timer("con:1", Timestamp(0)).put(tx);
    })
    .await;
    let handler = Handler::new(|_| Ok(Fate::Done));
    run(&jobs_of(&engine, &clock, &handler)).await;
    assert_eq!(handler.pages(), [1]);
    let key = keys::dead_letter("boxes", "con:1#broken");
    assert!(
        engine
            .get(TableName::Main, &key, 0)
            .await
            .unwrap()
            .is_some()
    );
}
