use super::*;
use kb_actions::export::Shelf;
use kb_domain::{
    ArticleId, ArticleType, Audience, CategoryId, Comments, Kind, Lifecycle, Placement, Portal,
    PortalState, ReviewState, RevisionId, Timestamp, Tree,
};
use kb_store::repo::Stored;
use std::collections::BTreeMap;
use uuid::Uuid;

const PORTAL: u128 = 1;

fn node(n: u128, parent: Option<NodeId>, name: &str) -> Node {
    let uuid = Uuid::from_u128(n);
    Node {
        id: match parent {
            None => NodeId::Category(CategoryId::new(uuid)),
            Some(_) => NodeId::Section(SectionId::new(uuid)),
        },
        key: PublicKey::from_uuid(uuid),
        parent,
        position: 0,
        name: BTreeMap::from([(Locale::en(), name.to_owned())]),
        description: BTreeMap::new(),
        external: None,
    }
}

fn shelf(nodes: Vec<Node>) -> Shelf {
    Shelf {
        portal: Stored {
            value: Portal {
                id: PortalId::new(Uuid::from_u128(PORTAL)),
                handle: "help".to_owned(),
                name: BTreeMap::new(),
                locales: vec![Locale::en()],
                default_locale: Locale::en(),
                entry: Audience::public(),
                state: PortalState::Active,
                comments: Comments::Off,
                default: false,
            },
            version: 1,
        },
        tree: Tree::new(nodes),
        redirects: Vec::new(),
    }
}

fn article(n: u128, section: Option<NodeId>) -> Article {
    let home = section.map(|id| {
        let NodeId::Section(section) = id else {
            unreachable!("articles stand in sections")
        };
        Placement {
            portal: PortalId::new(Uuid::from_u128(PORTAL)),
            section,
            position: 0,
        }
    });
    Article {
        id: ArticleId::new(Uuid::from_u128(n)),
        key: PublicKey::from_uuid(Uuid::from_u128(n)),
        kind: Kind::Explicit,
        article_type: ArticleType::default(),
        placements: home.clone().into_iter().collect(),
        home,
        audience: Audience::public(),
        labels: Vec::new(),
        owner: None,
        source_locale: Locale::en(),
        state: ArticleState::Active,
        external: None,
        created_at: Timestamp(0),
        comments: None,
    }
}

/// Names over one category with one section below it, and the section.
fn names(category: &str, section: &str) -> (Names, NodeId) {
    let top = node(10, None, category);
    let below = node(11, Some(top.id), section);
    let id = below.id;
    let mut names = Names::default();
    names.add(&shelf(vec![top, below]));
    (names, id)
}

#[test]
fn a_title_gives_a_readable_name_and_han_is_kept() {
    let (mut names, section) = names("Account & sign-in", "重置密码");
    let stem = names.article(&article(100, Some(section)), "Reset your password?");
    assert_eq!(stem, "help/account-sign-in/重置密码/reset-your-password");
    assert!(
        names
            .article(&article(101, None), "Loose")
            .starts_with("_unplaced/")
    );
}

#[test]
fn equal_names_get_their_key_and_a_name_of_nothing_is_its_key() {
    let (mut names, section) = names("A", "B");
    let first = names.article(&article(1 << 90, Some(section)), "Reset: your password");
    let other = article(2 << 90, Some(section));
    let second = names.article(&other, "RESET your password!");
    assert_eq!(second, format!("{first}-{}", other.key));
    let third = article(3 << 90, Some(section));
    assert_eq!(
        names.article(&third, "—?!"),
        format!("help/a/b/{}", third.key)
    );
}

#[test]
fn names_are_short_and_no_device_and_no_way_out() {
    for (title, expected) in [
        ("CON", "con_"),
        ("lpt1", "lpt1_"),
        ("com10", "com10"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\\b:c*d?e\"f<g>h|i\0j. ", "a-b-c-d-e-f-g-h-i-j"),
    ] {
        assert_eq!(name(title, STEM_CHARS), expected, "{title}");
    }
    assert!(name(&"密".repeat(200), STEM_CHARS).len() <= NAME_BYTES);
    assert!(!name(&"ab ".repeat(200), 9).ends_with('-'));
    let mut nodes = vec![node(10, None, &"word ".repeat(40))];
    for n in 11..18 {
        nodes.push(node(n, Some(nodes.last().unwrap().id), &"word ".repeat(40)));
    }
    let deepest = nodes.last().unwrap().id;
    let mut names = Names::default();
    names.add(&shelf(nodes));
    let stem = names.article(&article(100, Some(deepest)), &"word ".repeat(40));
    assert!(format!("archived/{stem}.zh-Hans.html").chars().count() < 260);
}

#[test]
fn a_node_that_is_met_later_is_added_and_the_others_keep_their_folders() {
    let (mut names, section) = names("A", "B");
    let before = names
        .folder(PortalId::new(Uuid::from_u128(PORTAL)), section)
        .unwrap()
        .to_owned();
    let top = node(10, None, "Renamed");
    let below = node(11, Some(top.id), "B");
    let new = node(12, Some(top.id), "B");
    assert!(!names.knows_home_of(&article(100, Some(new.id))));
    names.add(&shelf(vec![top, below, new.clone()]));
    assert!(names.knows_home_of(&article(100, Some(new.id))));
    let portal = PortalId::new(Uuid::from_u128(PORTAL));
    assert_eq!(names.folder(portal, section).unwrap(), before);
    assert_ne!(names.folder(portal, new.id).unwrap(), before);
}

#[test]
fn each_revision_has_the_file_that_its_part_asks_for() {
    let mut article = article(100, None);
    let id = |n| RevisionId::new(Uuid::from_u128(n));
    let translation = Translation {
        article: article.id,
        locale: Locale::en(),
        title: String::new(),
        live_title: None,
        live_summary: None,
        lifecycle: Lifecycle::Published,
        review: ReviewState::None,
        live: Some(id(2)),
        working: id(3),
        number: 3,
        published_at: None,
    };
    let draft = kb_domain::TranslationDraft::default();
    let path = |article: &Article, n: u32| {
        let revision = Revision::of(
            id(n.into()),
            article.id,
            &Locale::en(),
            n,
            &draft,
            None,
            Timestamp(0),
        );
        file(article, &translation, &revision, "help/a/b/x")
    };
    assert_eq!(path(&article, 1), "history/help/a/b/x.en/1.md");
    assert_eq!(path(&article, 2), "content/help/a/b/x.en.md");
    assert_eq!(path(&article, 3), "drafts/help/a/b/x.en.md");
    article.state = ArticleState::Archived;
    assert_eq!(path(&article, 2), "archived/help/a/b/x.en.md");
}
