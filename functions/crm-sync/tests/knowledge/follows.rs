//! What changes there is so here before the next poll has passed.

use crate::desk::Desk;
use kb_connectors::fakes::zendesk::{NewArticle, NewText};
use kb_domain::remote::{PlaceRule, Way};
use kb_domain::{ArticleState, Audience, Level, NodeId};
use kb_store::repo::Counterparts;

#[tokio::test]
async fn an_edit_a_draft_and_another_language_come_in() {
    let mut desk = Desk::working(11, 3).await;
    let [first, second, third] = desk.numbers[..] else {
        panic!("three were written")
    };
    desk.fake.edit_article(
        first,
        NewText::published("en-us", "Bills", "<p>Elsewhere.</p>"),
    );
    let draft = NewText {
        is_draft: true,
        ..NewText::published("en-us", "Not yet", "<p>Soon.</p>")
    };
    desk.fake.edit_article(second, draft);
    desk.minute().await;
    assert_eq!(desk.title(first).await.unwrap(), "Bills");
    let live = |whole: &kb_store::repo::ArticleWithTexts| {
        whole
            .translations
            .iter()
            .filter(|t| t.value.live.is_some())
            .count()
    };
    assert_eq!(
        live(&desk.ours(second).await.unwrap()),
        1,
        "the draft is nobody's"
    );
    assert_eq!(live(&desk.ours(third).await.unwrap()), 2);
    let published = NewText::published("en-us", "Now", "<p>Here.</p>");
    desk.fake.edit_article(second, published);
    desk.minute().await;
    assert_eq!(desk.title(second).await.unwrap(), "Now");
}

#[tokio::test]
async fn what_is_archived_is_out_of_use_and_what_is_restored_is_back_with_its_id() {
    let mut desk = Desk::working(12, 3).await;
    let number = desk.numbers[0];
    let before = desk.ours(number).await.unwrap().head.value.id;
    desk.fake.archive_article(number);
    // No change tells of it; that there are fewer does.
    desk.minute().await;
    let archived = desk.ours(number).await.unwrap().head.value;
    assert_eq!(
        (archived.id, archived.state),
        (before, ArticleState::Archived)
    );
    desk.fake.restore_article(number);
    desk.minute().await;
    let restored = desk.ours(number).await.unwrap().head.value;
    assert_eq!(
        (restored.id, restored.state),
        (before, ArticleState::Active)
    );
}

#[tokio::test]
async fn what_is_archived_beside_what_is_new_is_out_of_use_as_well() {
    let mut desk = Desk::working(17, 3).await;
    let (first, second) = (desk.numbers[0], desk.numbers[1]);
    let new = |desk: &mut Desk, title: &str| {
        let number = desk.fake.create_article(NewArticle {
            section: desk.section,
            texts: vec![NewText::published("en-us", title, "<p>New.</p>")],
            segment: None,
            labels: Vec::new(),
        });
        desk.numbers.push(number);
        number
    };
    // There are as many as before, each time.
    for (number, title) in [(first, "Fourth"), (second, "Fifth")] {
        desk.fake.archive_article(number);
        let new = new(&mut desk, title);
        desk.minute().await;
        desk.minute().await;
        let state = desk.ours(number).await.unwrap().head.value.state;
        assert_eq!(state, ArticleState::Archived, "{title}");
        assert_eq!(desk.title(new).await.unwrap(), title);
    }
    let store = desk.kb().store();
    let here = Counterparts::present(store, desk.id).await.unwrap();
    assert_eq!(here, 3);
    desk.fake.restore_article(first);
    desk.minute().await;
    let here = Counterparts::present(desk.kb().store(), desk.id).await;
    assert_eq!(here.unwrap(), 4);
}

#[tokio::test]
async fn a_section_that_is_renamed_and_moved_is_the_same_section_here() {
    let mut desk = Desk::working(13, 2).await;
    let home = desk
        .ours(desk.numbers[0])
        .await
        .unwrap()
        .head
        .value
        .home
        .unwrap();
    let other = desk.fake.create_category(&[("en-us", "Money")]);
    desk.fake.rename_section(desk.section, "en-us", "Bills");
    desk.fake.move_section(desk.section, other, None);
    desk.minute().await;
    let ctx = desk.ctx().await;
    let tree = desk.kb().tree(&ctx.gate, desk.portal).await.unwrap();
    let section = tree.value.get(NodeId::Section(home.section)).unwrap();
    let english = kb_domain::Locale::en();
    assert_eq!(section.name_in(&english, &english), "Bills");
    let parent = tree.value.get(section.parent.unwrap()).unwrap();
    assert_eq!(parent.name_in(&english, &english), "Money");
    let after = desk.ours(desk.numbers[0]).await.unwrap().head.value.home;
    assert_eq!(after, Some(home));
}

#[tokio::test]
async fn an_article_moves_with_its_section_there() {
    let mut desk = Desk::working(14, 2).await;
    let other = desk
        .fake
        .create_section(desk.category, None, &[("en-us", "Refunds")]);
    let before = desk
        .ours(desk.numbers[0])
        .await
        .unwrap()
        .head
        .value
        .home
        .unwrap();
    desk.fake.move_article(desk.numbers[0], other);
    desk.minute().await;
    let moved = desk.ours(desk.numbers[0]).await.unwrap().head.value;
    assert_ne!(moved.home.clone().unwrap().section, before.section);
    assert_eq!(moved.placements.len(), 1);
    let stayed = desk.ours(desk.numbers[1]).await.unwrap().head.value;
    assert_eq!(stayed.home.unwrap().section, before.section);
}

#[tokio::test]
async fn a_rule_about_readers_is_one_of_ours_and_an_unknown_one_is_nobody() {
    let mut desk = Desk::working(15, 1).await;
    desk.unknown_readers(1);
    desk.minute().await;
    let hidden = desk
        .ours(desk.numbers[1])
        .await
        .unwrap()
        .head
        .value
        .audience;
    assert!(
        hidden.to_string().starts_with("segment:zendesk.acme."),
        "{hidden}"
    );
    // An admin there says whom the word means: no article was touched, and all of them follow.
    let segment = desk
        .fake
        .create_segment(kb_connectors::fakes::zendesk::Segment {
            name: "Staff".to_owned(),
            user_type: "staff".to_owned(),
            ..Default::default()
        });
    desk.fake.set_readers(desk.numbers[0], Some(segment));
    desk.minute().await;
    let staff = desk
        .ours(desk.numbers[0])
        .await
        .unwrap()
        .head
        .value
        .audience;
    assert_eq!(staff, Audience::level(Level::Agent));
    desk.fake
        .change_segment(segment, |s| s.user_type = "signed_in_users".to_owned());
    desk.minute().await;
    let customers = desk
        .ours(desk.numbers[0])
        .await
        .unwrap()
        .head
        .value
        .audience;
    assert_eq!(customers, Audience::level(Level::Customer));
}

#[tokio::test]
async fn what_an_admin_says_of_a_place_holds_at_once_for_what_stands_there() {
    let mut desk = Desk::working(16, 2).await;
    let named = desk.place_ids().await;
    assert_eq!(named.len(), 2);
    let place = named.last().unwrap().clone();
    let say = |way, audience| PlaceRule {
        way,
        audience,
        ..PlaceRule::default()
    };
    let staff = Audience::level(Level::Agent);
    let rule = say(None, Some(staff.clone()));
    desk.map(|c| _ = c.mapping.places.insert(place.clone(), rule))
        .await;
    desk.run().await;
    for article in desk.articles().await {
        assert_eq!(article.head.value.audience, staff);
    }
    let rule = say(Some(Way::Off), None);
    desk.map(|c| _ = c.mapping.places.insert(place.clone(), rule))
        .await;
    desk.run().await;
    for article in desk.articles().await {
        assert_eq!(article.head.value.state, ArticleState::Archived);
    }
    desk.map(|c| c.mapping.places.clear()).await;
    desk.step(kb_actions::connections::Step::Reconcile).await;
    desk.minute().await;
    for article in desk.articles().await {
        assert_eq!(article.head.value.state, ArticleState::Active);
    }
}
