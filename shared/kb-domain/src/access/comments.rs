//! Who may see and change what readers say of an article: its comments, and how they voted.

use super::action::Action;
use super::rule::{Denied, area_of, may};
use super::viewer::Viewer;
use crate::article::Article;
use crate::comment::{Comment, CommentState};

/// Whether `viewer` may see a comment on an article that they may read.
pub fn shows(viewer: &Viewer, article: &Article, comment: &Comment) -> bool {
    match comment.state {
        CommentState::Visible => true,
        CommentState::Waiting => wrote(viewer, comment) || moderates(viewer, article),
        CommentState::Hidden => moderates(viewer, article),
    }
}

/// Whether `viewer` wrote a comment.
pub fn wrote(viewer: &Viewer, comment: &Comment) -> bool {
    comment.author.is_some() && comment.author == viewer.user()
}

/// Errors: `viewer` did not write the comment.
pub fn may_rewrite(viewer: &Viewer, comment: &Comment) -> Result<(), Denied> {
    if wrote(viewer, comment) {
        Ok(())
    } else {
        Err(Denied::Lacks(Action::Moderate))
    }
}

/// Whether `viewer` decides about the comments on an article.
pub fn moderates(viewer: &Viewer, article: &Article) -> bool {
    may(viewer, Action::Moderate, area_of(article)).is_ok()
}

/// Errors: how readers voted is for staff.
pub fn may_see_votes(viewer: &Viewer) -> Result<(), Denied> {
    if viewer.is_staff() {
        Ok(())
    } else {
        Err(Denied::Lacks(Action::Analyze))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Area, Grant, Role, Who};
    use crate::article::{ArticleState, ArticleType, Kind, Placement};
    use crate::audience::{Audience, Level};
    use crate::clock::Timestamp;
    use crate::id::{ArticleId, CommentId, PortalId, PublicKey, SectionId, UserId};
    use crate::locale::Locale;
    use uuid::Uuid;

    fn person(n: u128, level: Level, roles: &[Role]) -> Viewer {
        let who = Who::Person(UserId::new(Uuid::from_u128(n)));
        let area = Area::Portal(portal());
        let grants = roles.iter().map(|role| Grant { role: *role, area });
        Viewer::new(who, "Ada", level, grants.collect())
    }

    fn portal() -> PortalId {
        PortalId::new(Uuid::from_u128(3))
    }

    fn article(portal: PortalId) -> Article {
        let home = Placement {
            portal,
            section: SectionId::of_nothing(),
            position: 1,
        };
        Article {
            id: ArticleId::of_nothing(),
            key: PublicKey::from_uuid(Uuid::nil()),
            kind: Kind::default(),
            article_type: ArticleType::default(),
            home: Some(home.clone()),
            placements: vec![home],
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

    fn comment(state: CommentState) -> Comment {
        Comment {
            id: CommentId::of_nothing(),
            article: ArticleId::of_nothing(),
            portal: portal(),
            locale: Locale::en(),
            author: Some(UserId::new(Uuid::from_u128(1))),
            name: "Ada".to_owned(),
            by_staff: false,
            text: "It stands.".to_owned(),
            state,
            answered: false,
            points_out_error: false,
            created_at: Timestamp(0),
            edited_at: None,
        }
    }

    #[test]
    fn what_waits_is_for_its_author_and_moderators_and_what_is_hidden_for_moderators_there() {
        let author = person(1, Level::Customer, &[]);
        let other = person(2, Level::Customer, &[]);
        let moderator = person(5, Level::Agent, &[Role::Moderator]);
        let (here, elsewhere) = (article(portal()), article(PortalId::of_nothing()));
        let nobody = Viewer::anonymous();
        for (state, author_sees, others_see) in [
            (CommentState::Visible, true, true),
            (CommentState::Waiting, true, false),
            (CommentState::Hidden, false, false),
        ] {
            let said = comment(state);
            for (viewer, sees) in [
                (&author, author_sees),
                (&other, others_see),
                (&nobody, others_see),
            ] {
                assert_eq!(
                    shows(viewer, &here, &said),
                    sees,
                    "{state:?} {:?}",
                    viewer.who
                );
            }
            assert!(shows(&moderator, &here, &said));
            assert_eq!(shows(&moderator, &elsewhere, &said), others_see);
        }
    }

    #[test]
    fn a_comment_is_rewritten_by_its_author_and_votes_are_for_staff() {
        let author = person(1, Level::Customer, &[]);
        let moderator = person(5, Level::Agent, &[Role::Moderator]);
        let said = comment(CommentState::Visible);
        assert_eq!(may_rewrite(&author, &said), Ok(()));
        assert_eq!(
            may_rewrite(&moderator, &said),
            Err(Denied::Lacks(Action::Moderate))
        );
        let nobodys = Comment {
            author: None,
            ..said
        };
        assert!(may_rewrite(&Viewer::anonymous(), &nobodys).is_err());
        assert_eq!(may_see_votes(&moderator), Ok(()));
        assert_eq!(may_see_votes(&author), Err(Denied::Lacks(Action::Analyze)));
    }
}
