use super::*;
use kb_store::samples::read_back;
use kb_store::{Key, Row};
use uuid::Uuid;

fn record(kind: &str, body: &Value) -> FeedRecord {
    FeedRecord {
        sequence: "1".to_owned(),
        key: Key::new("EVT", "1"),
        row: Row {
            kind: kind.to_owned(),
            body: body.to_string(),
            ..Row::default()
        },
    }
}

fn event(what: Happened) -> Event {
    Event {
        id: EventId::new(Uuid::from_u128(1)),
        at: Timestamp(5),
        actor: Actor::Person(UserId::new(Uuid::from_u128(2))),
        version: 7,
        wakes: Vec::new(),
        expires_at: None,
        what,
    }
}

#[test]
fn what_a_newer_program_writes_is_read_as_unknown() {
    let mut body = json!(event(Happened::Unknown));
    body["kind"] = json!("future.thing");
    body["thing"] = json!({"of": "the future"});
    let read = Event::of(&record("event.2", &body)).unwrap().unwrap();
    assert_eq!(read.what, Happened::Unknown);
    assert_eq!(
        Event::of(&record("event.3", &json!({"all": "new"}))).unwrap(),
        None
    );
    assert!(Event::of(&record("event.2", &json!({}))).is_err());
}

#[test]
fn an_event_names_the_language_and_the_actor_by_id() {
    let what = Happened::TranslationPublished {
        article: ArticleId::new(Uuid::from_u128(3)),
        locale: "zh-Hans".parse().unwrap(),
        revision: RevisionId::new(Uuid::from_u128(4)),
        cause: Cause::Edit,
    };
    let event = event(what);
    let body = json!(event);
    assert_eq!(body["kind"], "translation.published");
    assert_eq!(body["locale"], "zh-Hans");
    assert!(body["actor"].as_str().unwrap().starts_with("usr_"));
    let indexes = event.indexes();
    assert!(
        indexes
            .iter()
            .any(|(name, (p, _))| *name == IndexName::Person && p.contains("usr_"))
    );
    assert_eq!(Event::of(&record("event.2", &body)).unwrap(), Some(event));
}

#[test]
fn events_of_every_version_are_read_and_written_anew() {
    let read = read_back::<Event>();
    let of = |version: u32, case: &str| {
        let kind = format!("event.{version}");
        let found = read.iter().find(|(s, _)| s.kind == kind && s.case == case);
        found.expect("there is a sample").1.clone()
    };
    // The first version said a name and no language.
    assert_eq!(
        of(1, "article-changed").what,
        Happened::Unknown,
        "it names no article"
    );
    let published = of(1, "translation-published");
    assert_eq!(published.actor, Actor::Named("command line".to_owned()));
    assert!(matches!(published.what, Happened::ArticleChanged { .. }));
    let put = of(1, "ticket-put").what;
    assert_eq!(put.subject(), "ticket:demo:01");
    let by_import = of(2, "article-created-import").what;
    let Happened::ArticleCreated { text, cause, .. } = by_import else {
        panic!("{by_import:?}");
    };
    assert_eq!(
        text.map(|t| t.locale.to_string()).as_deref(),
        Some("zh-Hans")
    );
    assert!(matches!(cause, Cause::Import(_)));
    // Of what this program writes, none is a kind that it does not know.
    for (sample, event) in read.iter().filter(|(s, _)| s.kind == "event.2") {
        let unknown = event.what == Happened::Unknown;
        assert_eq!(unknown, sample.case == "unknown", "{}", sample.case);
    }
}

#[test]
fn every_kind_of_actor_reads_back() {
    let actors = [
        Actor::Person(UserId::new(Uuid::from_u128(1))),
        Actor::Key(KeyId::new(Uuid::from_u128(1))),
        Actor::Operator,
        Actor::Nobody,
        Actor::System("index.merge".to_owned()),
        Actor::Named("Mia Chen".to_owned()),
    ];
    for actor in actors {
        let read: Actor = serde_json::from_value(json!(actor)).unwrap();
        assert_eq!(read, actor);
    }
}
