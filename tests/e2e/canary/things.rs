//! The things that are hidden, by why they are.

use super::base::{Base, EDITORS, draft, word, words};
use kb_actions::articles::{self, ArticleChange};
use kb_actions::{comments, portals};
use kb_domain::{
    ArticleId, Audience, Comment, CommentDraft, Comments, Level, Moderation, NodeId, Placement,
    Portal, PortalState,
};
use kb_events::{Cause, Change, Happened, Work};
use kb_store::repo::{ArticleWithTexts, Articles, Counter, Gate, Stored};
use kb_testkit::Persona;

/// Who answers customers.
const AGENTS: [&str; 3] = ["agent", "moderator", "key suggest"];
/// Who else works here.
const EMPLOYEES: [&str; 2] = ["employee", "employee of hr"];

fn group(groups: &[&[&'static str]]) -> Vec<&'static str> {
    groups.concat()
}

impl Base {
    /// Articles by audience, and a section without any.
    pub async fn levels(&mut self) {
        let everybody = [
            &["anonymous", "customer", "key read"],
            &EMPLOYEES[..],
            &AGENTS,
            &EDITORS,
        ];
        let all = group(&everybody);
        let (open, _) = self
            .article("open", "help", Audience::public(), all, true)
            .await;
        let customers = group(&[&["customer"], &EMPLOYEES, &AGENTS, &EDITORS]);
        self.article(
            "customers",
            "help",
            Audience::level(Level::Customer),
            customers,
            true,
        )
        .await;
        let employees = group(&[&EMPLOYEES, &AGENTS, &EDITORS]);
        let (inside, _) = self
            .article(
                "employees",
                "help",
                Audience::level(Level::Employee),
                employees,
                true,
            )
            .await;
        // It stands beside what is open, too.
        let beside = self.read(open).await.head.value.placements.remove(0);
        self.place(inside, beside, false).await;
        let agents = group(&[&AGENTS, &EDITORS]);
        self.article(
            "agents",
            "help",
            Audience::level(Level::Agent),
            agents,
            true,
        )
        .await;
        let hr = group(&[&["employee of hr"], &EDITORS]);
        let (secret, thing) = self
            .article("hr", "help", "segment:hr".parse().unwrap(), hr, true)
            .await;
        self.comments(open, (secret, thing)).await;
        let portal = self.portals["help"].clone();
        let (category, section) = self.nodes("empty", &portal).await;
        let thing = self.thing("empty", EDITORS.to_vec());
        self.hide_nodes(thing, &[category, section]);
    }

    /// Comments that wait and that are hidden, and one on an article that is hidden itself.
    async fn comments(&mut self, open: ArticleId, (secret, thing): (ArticleId, usize)) {
        let help = self.portals["help"].id;
        self.world.set_comments(help, Comments::ApproveFirst).await;
        let moderators = vec!["moderator", "admin", "key moderate", "key admin"];
        for name in ["waiting", "rude"] {
            let thing = self.thing(name, moderators.clone());
            let made = self.comment(open, thing, Persona::Customer).await;
            if name == "rude" {
                let ctx = self.world.ctx(Persona::Admin).await;
                let kb = &self.world.kb;
                let head = articles::read(kb, &ctx, open).await.unwrap().head.value;
                let hide = Moderation::Hide;
                let hidden = comments::decide(kb, &ctx, &head, &made, hide).await;
                self.world.commit(hidden.unwrap()).await;
            }
        }
        self.comment(secret, thing, Persona::Admin).await;
    }

    async fn comment(&mut self, article: ArticleId, thing: usize, by: Persona) -> Stored<Comment> {
        self.world.touched();
        let text = word(self.things[thing].name, "comment");
        let ctx = self.world.ctx(by).await;
        let kb = &self.world.kb;
        let head = articles::read(kb, &ctx, article).await.unwrap().head.value;
        let draft = CommentDraft {
            text: text.clone(),
            points_out_error: false,
        };
        let posted = comments::post(kb, &ctx, &head, &head.source_locale, draft).await;
        let posted = self.world.commit(posted.unwrap()).await;
        let id = posted.value.id.to_string();
        self.values.hidden("comment", thing, id.clone());
        self.things[thing].secrets.extend([text, id]);
        posted
    }

    /// What was never, is not yet, or is no longer published.
    pub async fn versions(&mut self) {
        let editors = EDITORS.to_vec();
        self.article("draft", "help", Audience::public(), editors.clone(), false)
            .await;

        let (id, _) = self
            .article(
                "archived",
                "help",
                Audience::public(),
                editors.clone(),
                true,
            )
            .await;
        self.archive(id).await;

        // The old text of a live article, and the next text of it.
        for (name, next_is_live) in [("superseded", true), ("pending", false)] {
            let (id, _) = self
                .article("open", "help", Audience::public(), editors.clone(), true)
                .await;
            let thing = self.thing(name, editors.clone());
            let saved = self.save(id, "en", &draft(name, name)).await;
            self.things[thing].secrets.extend(words(
                name,
                &["title", "summary", "heading", "body", "note"],
            ));
            self.things[thing].secrets.push(saved);
            if next_is_live {
                self.publish(id, "en").await;
                self.save(id, "en", &draft("open", name)).await;
                self.publish(id, "en").await;
            }
        }

        let (id, _) = self
            .article("open", "help", Audience::public(), editors.clone(), true)
            .await;
        let thing = self.thing("sibling", editors);
        let mut sibling = draft("sibling", "sibling");
        sibling.title = format!("{}魑魅手册", word("sibling", "title"));
        let saved = self.save(id, "zh-Hans", &sibling).await;
        let secrets = &mut self.things[thing].secrets;
        secrets.extend(words(
            "sibling",
            &["title", "summary", "heading", "body", "note"],
        ));
        secrets.extend([saved, "魑魅".to_owned()]);
    }

    /// Articles for everybody in portals that are not, and one that also stands where everybody may come.
    pub async fn portals(&mut self) {
        let employees = group(&[&EMPLOYEES, &AGENTS, &EDITORS]);
        let agents = group(&[&AGENTS, &EDITORS]);
        for (name, handle, seen_by) in [
            ("inner", "qxinnerhandlezv", employees),
            ("setup", "qxsetuphandlezv", agents.clone()),
            ("closed", "qxclosedhandlezv", agents),
        ] {
            let (_, thing) = self
                .article(name, handle, Audience::public(), seen_by, true)
                .await;
            let portal = self.portals[handle].clone();
            self.values
                .hidden("portal id", thing, portal.id.to_string());
            self.values
                .hidden("portal handle", thing, handle.to_owned());
            self.things[thing]
                .secrets
                .extend([portal.id.to_string(), handle.to_owned()]);
            let ctx = self.world.ctx(Persona::Admin).await;
            let stored = portals::read(&self.world.kb, &ctx, portal.id)
                .await
                .unwrap();
            let state = match name {
                "setup" => PortalState::Setup,
                "closed" => PortalState::Closed,
                _ => continue,
            };
            let changed = Portal {
                state,
                ..stored.value.clone()
            };
            let what = Happened::PortalChanged {
                portal: portal.id,
                change: Change::Changed,
            };
            let add = |work: &mut Work| {
                work.replace(&stored, &changed);
                Gate::bump(work, Counter::Portals);
            };
            self.world.write(what, add).await;
        }
        let help = self.portals["help"].clone();
        self.values.known("portal id", &help.id.to_string());
        self.values.known("portal handle", "help");

        // At home within, and a guest in the help center.
        let (id, _) = self
            .article("open", "help", Audience::public(), EDITORS.to_vec(), true)
            .await;
        let inner = self.portals["qxinnerhandlezv"].clone();
        let section = self.hidden_section("inner", &inner).await;
        let NodeId::Section(section) = section.id else {
            unreachable!()
        };
        let home = Placement {
            portal: inner.id,
            section,
            position: 0,
        };
        self.place(id, home, true).await;
    }

    /// Puts an article in one more place, which may become its home.
    async fn place(&mut self, id: ArticleId, place: Placement, is_home: bool) {
        let whole = self.read(id).await;
        let mut after = whole.head.value.clone();
        after.placements.insert(0, place.clone());
        if is_home {
            after.home = Some(place);
        }
        let what = Happened::ArticleChanged {
            article: id,
            cause: Cause::Edit,
        };
        let add = |work: &mut Work| Articles::replace(work, &whole.head, &after);
        self.world.write(what, add).await;
    }

    async fn read(&self, id: ArticleId) -> ArticleWithTexts {
        let ctx = self.world.ctx(Persona::Admin).await;
        articles::read(&self.world.kb, &ctx, id).await.unwrap()
    }

    /// What was for everybody until a moment ago.
    pub async fn hidden_at_last(&mut self) {
        let employees = group(&[&EMPLOYEES, &AGENTS, &EDITORS]);
        let mut made = Vec::new();
        for (name, seen_by) in [
            ("narrowed", employees.clone()),
            ("shelved", EDITORS.to_vec()),
            ("moved", employees),
        ] {
            let (id, _) = self
                .article(name, "help", Audience::public(), seen_by, true)
                .await;
            made.push((id, name));
        }
        self.settle().await;
        let inner = self.portals["qxinnerhandlezv"].clone();
        let section = self.hidden_section("inner", &inner).await;
        let NodeId::Section(section) = section.id else {
            unreachable!()
        };
        for (id, name) in made {
            let change = match name {
                "narrowed" => ArticleChange {
                    audience: Some(Audience::level(Level::Employee)),
                    ..ArticleChange::default()
                },
                "moved" => ArticleChange {
                    home: Some((inner.id, section)),
                    ..ArticleChange::default()
                },
                _ => {
                    self.archive(id).await;
                    continue;
                }
            };
            let ctx = self.world.ctx(Persona::Admin).await;
            let kb = &self.world.kb;
            let whole = articles::read(kb, &ctx, id).await.unwrap();
            articles::update(kb, &ctx, whole, change).await.unwrap();
        }
    }
}
