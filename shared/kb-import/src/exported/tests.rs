use super::*;
use kb_domain::{
    ArticleType, Audience, CategoryId, Comments, Kind, Lifecycle, Locale, Placement, PortalState,
    PublicKey, ReviewState, RevisionId, SectionId, Timestamp, Translation,
};
use uuid::Uuid;

fn uuid() -> Uuid {
    Uuid::from_u128(7)
}

fn node(id: NodeId, parent: Option<NodeId>) -> Node {
    Node {
        id,
        key: PublicKey::from_uuid(uuid()),
        parent,
        position: 3,
        name: BTreeMap::from([
            (Locale::en(), "Account".to_owned()),
            ("zh-Hans".parse().unwrap(), "账户".to_owned()),
        ]),
        description: BTreeMap::new(),
        external: None,
    }
}

fn text(number: u32, locale: &Locale, body: &str, file: &str) -> RevisionRecord {
    let draft = TranslationDraft {
        title: format!("Title {number}"),
        body: Body {
            format: kb_domain::BodyFormat::Markdown,
            source: body.to_owned(),
        },
        ..TranslationDraft::default()
    };
    let id = RevisionId::new(Uuid::from_u128(number.into()));
    let article = ArticleId::new(uuid());
    let revision = Revision::of(id, article, locale, number, &draft, None, Timestamp(0));
    RevisionRecord::of(&revision, file.to_owned())
}

fn translation(
    locale: &Locale,
    live: Option<RevisionRecord>,
    working: RevisionRecord,
) -> TranslationRecord {
    TranslationRecord {
        version: 1,
        translation: Translation {
            article: ArticleId::new(uuid()),
            locale: locale.clone(),
            title: working.title.clone(),
            live_title: None,
            live_summary: None,
            lifecycle: Lifecycle::Draft,
            review: ReviewState::None,
            live: live.as_ref().map(|r| r.id),
            working: working.id,
            number: working.number,
            published_at: None,
        },
        live,
        working,
    }
}

/// An export with one article: Chinese live, English (its source) live with a later draft.
fn records(state: ArticleState) -> Vec<Record> {
    let portal = PortalId::new(uuid());
    let top = NodeId::Category(CategoryId::new(uuid()));
    let section = SectionId::new(uuid());
    let home = Placement {
        portal,
        section,
        position: 5,
    };
    let article = Article {
        id: ArticleId::new(uuid()),
        key: PublicKey::from_uuid(uuid()),
        kind: Kind::Tacit,
        article_type: ArticleType::default(),
        home: Some(home.clone()),
        placements: vec![home],
        audience: Audience::public(),
        labels: vec!["a:b".to_owned()],
        owner: None,
        source_locale: Locale::en(),
        state,
        external: None,
        created_at: Timestamp(0),
        comments: None,
    };
    let zh: Locale = "zh-Hans".parse().unwrap();
    let translations = vec![
        translation(
            &zh,
            Some(text(9, &zh, "三", "content/zh.md")),
            text(9, &zh, "三", "content/zh.md"),
        ),
        translation(
            &Locale::en(),
            Some(text(1, &Locale::en(), "one", "content/en.md")),
            text(2, &Locale::en(), "two", "drafts/en.md"),
        ),
    ];
    vec![
        Record::Article {
            version: 1,
            article,
            translations,
        },
        Record::Portal {
            version: 1,
            portal: Portal {
                id: portal,
                handle: "help".to_owned(),
                name: BTreeMap::new(),
                locales: vec![Locale::en()],
                default_locale: Locale::en(),
                entry: Audience::public(),
                state: PortalState::Active,
                comments: Comments::Off,
                default: false,
            },
        },
        Record::Node {
            portal,
            folder: String::new(),
            node: node(top, None),
        },
        Record::Node {
            portal,
            folder: String::new(),
            node: node(section.into(), Some(top)),
        },
        Record::Redirect {
            portal,
            path: "/old".to_owned(),
            article: ArticleId::new(uuid()),
        },
        Record::End {
            articles: 1,
            revisions: 3,
        },
    ]
}

fn export(format: u32, records: &[Record]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let manifest = Manifest {
        format,
        program: "sidenote 9".to_owned(),
        begun_at: String::new(),
    };
    write(MANIFEST, &serde_json::to_string(&manifest).unwrap());
    let mut lines: Vec<String> = records
        .iter()
        .map(|r| serde_json::to_string(r).unwrap() + "\n")
        .collect();
    // A kind that a later version added is passed over.
    lines.insert(1, "{\"record\":\"hologram\",\"x\":1}\n".to_owned());
    write(RECORDS, &lines.concat());
    write("content/zh.md", "三");
    write("content/en.md", "one");
    write("drafts/en.md", "two");
    folder
}

fn opened(folder: &Path, drafts_only: bool) -> Exported {
    Exported::in_folder(folder, drafts_only).unwrap().unwrap()
}

fn all(mut export: Exported) -> Vec<Planned> {
    std::iter::from_fn(|| export.next_planned().unwrap()).collect()
}

fn item(planned: &Planned) -> &Item {
    match planned {
        Planned::Article(item) => item,
        other => panic!("{other:?} is no article"),
    }
}

#[test]
fn the_source_language_comes_first_then_its_draft_then_the_others() {
    let folder = export(FORMAT, &records(ArticleState::Active));
    let planned = all(opened(folder.path(), false));
    let seen: Vec<(&str, bool)> = planned
        .iter()
        .map(|p| (item(p).body.source.as_str(), item(p).draft))
        .collect();
    assert_eq!(seen, [("one", false), ("two", true), ("三", false)]);
    let first = item(&planned[0]);
    assert_eq!(first.redirects, ["/old"]);
    assert_eq!(first.folders.len(), 2);
    let folder = &first.folders[1];
    assert_eq!(
        (folder.name.as_str(), &folder.language),
        ("Account", &Some(Locale::en()))
    );
    assert_eq!(folder.others[0].1, "账户");
    assert_eq!((first.kind, first.position), (Some(Kind::Tacit), Some(5)));
    assert!(planned.iter().all(|p| item(p).warnings.is_empty()));
    assert!(
        planned
            .iter()
            .all(|p| !item(p).origin.as_ref().unwrap().archive)
    );
}

#[test]
fn an_archived_article_stays_hidden_and_is_archived_after_its_last_text() {
    let folder = export(FORMAT, &records(ArticleState::Archived));
    let planned = all(opened(folder.path(), false));
    assert!(planned.iter().all(|p| item(p).draft));
    let archive: Vec<bool> = planned
        .iter()
        .map(|p| item(p).origin.as_ref().unwrap().archive)
        .collect();
    assert_eq!(archive, [false, false, true]);
}

#[test]
fn when_nothing_is_published_the_later_draft_stands_for_both() {
    let folder = export(FORMAT, &records(ArticleState::Active));
    let planned = all(opened(folder.path(), true));
    assert!(matches!(&planned[0], Planned::Skipped { .. }));
    assert_eq!(item(&planned[1]).body.source, "two");
    assert_eq!(planned.len(), 3);
}

#[test]
fn a_newer_format_is_refused_in_one_sentence() {
    let folder = export(FORMAT + 1, &records(ArticleState::Active));
    match Exported::in_folder(folder.path(), false) {
        Err(Error::Refused(sentence)) => assert!(sentence.contains("format 2"), "{sentence}"),
        _ => panic!("it must be refused"),
    }
}

#[test]
fn an_export_that_was_broken_off_is_damaged() {
    let mut records = records(ArticleState::Active);
    records.pop();
    let folder = export(FORMAT, &records);
    assert!(matches!(
        Exported::in_folder(folder.path(), false),
        Err(Error::Damaged { .. })
    ));
}

#[test]
fn a_text_that_was_changed_is_said_to_be_and_one_that_is_gone_or_outside_fails() {
    let mut records = records(ArticleState::Active);
    let folder = export(FORMAT, &records);
    std::fs::write(folder.path().join("content/en.md"), "edited").unwrap();
    std::fs::remove_file(folder.path().join("drafts/en.md")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("drafts/en.md")).unwrap();
    let planned = all(opened(folder.path(), false));
    assert_eq!(item(&planned[0]).warnings.len(), 1);
    assert!(matches!(&planned[1], Planned::Failed { reason, .. } if reason.contains("leaves")));
    if let Record::Article { translations, .. } = &mut records[0] {
        translations[0].working.file = "../../etc/passwd".to_owned();
        translations[0].live = None;
    }
    let folder = export(FORMAT, &records);
    std::fs::remove_file(folder.path().join("content/en.md")).unwrap();
    let failed = all(opened(folder.path(), false))
        .into_iter()
        .filter(|p| matches!(p, Planned::Failed { .. }));
    assert_eq!(failed.count(), 2);
}

#[test]
fn another_folder_is_no_export_and_one_that_holds_an_export_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("backup")).unwrap();
    std::fs::write(folder.path().join("backup").join(MANIFEST), "{}").unwrap();
    assert!(Exported::in_folder(folder.path(), false).unwrap().is_none());
    let read = crate::folder::read(folder.path(), Budget::default(), None);
    assert!(matches!(read, Err(Error::Refused(_))));
}
