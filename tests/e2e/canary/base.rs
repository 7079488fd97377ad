//! The base that the canary sings in: things of every sort of hiddenness, each with words that stand nowhere else.

use super::fill::Values;
use crate::harness::indexer;
use kb_actions::articles::{self, NewArticle};
use kb_actions::tree::{self, NewNode};
use kb_actions::{tickets, translations};
use kb_domain::{
    ArticleId, Audience, Body, BodyFormat, ExternalId, Kind, Level, Node, NodeId, Portal, Ticket,
    TranslationDraft,
};
use kb_testkit::{Persona, World};
use std::collections::BTreeMap;

/// Who edits: nothing is hidden from them.
pub(super) const EDITORS: [&str; 6] = [
    "editor",
    "publisher",
    "admin",
    "key write",
    "key publish",
    "key admin",
];
/// Something that not everybody may see.
pub(super) struct Thing {
    /// What it is, for the message of a failure.
    pub name: &'static str,
    /// The principals that may see it.
    pub seen_by: Vec<&'static str>,
    /// Words that stand nowhere else, ids and keys.
    pub secrets: Vec<String>,
}

/// The base with its things.
pub(super) struct Base {
    pub world: World,
    pub things: Vec<Thing>,
    pub values: Values,
    pub portals: BTreeMap<&'static str, Portal>,
}

/// A word of a thing that stands nowhere else.
pub(super) fn word(thing: &str, field: &str) -> String {
    format!("qx{thing}{field}zv")
}

fn tag() -> kb_domain::Locale {
    kb_domain::Locale::en()
}

impl Base {
    /// Everything is indexed but what was hidden last: the indexer stands still while it is looked for.
    pub async fn build() -> Self {
        let mut world = World::new(7);
        let mut portals = BTreeMap::new();
        for (handle, entry) in [
            ("help", Level::Public),
            ("qxinnerhandlezv", Level::Employee),
            ("qxsetuphandlezv", Level::Public),
            ("qxclosedhandlezv", Level::Public),
        ] {
            let (portal, _) = world.portal(handle, Audience::level(entry)).await;
            portals.insert(handle, portal);
        }
        let mut base = Self {
            world,
            things: Vec::new(),
            values: Values::default(),
            portals,
        };
        base.levels().await;
        base.versions().await;
        base.portals().await;
        base.ticket().await;
        base.settle().await;
        base.hidden_at_last().await;
        base.values.known("system", "canary");
        base.values.known("id", "4711");
        base.values.known("ticket", "4711");
        base.values.known("number", "1");
        base.values.known("number", "2");
        base.values.known("slug", "stale");
        base.values.known("hash", "0");
        base.values.known("name", "parts.css");
        base.values
            .known("person", "usr_00000000000000000000000000");
        base.values.known("session", &"0".repeat(64));
        for locale in ["en", "zh-Hans"] {
            base.values.known("locale", locale);
        }
        base
    }

    /// Lets the indexer see everything.
    pub async fn settle(&mut self) {
        let indexer = indexer(&self.world);
        self.world.settle(&indexer).await;
    }

    pub(super) fn thing(&mut self, name: &'static str, seen_by: Vec<&'static str>) -> usize {
        self.things.push(Thing {
            name,
            seen_by,
            secrets: Vec::new(),
        });
        self.things.len() - 1
    }

    /// A category with a section, both named by the thing.
    pub(super) async fn nodes(&mut self, name: &str, portal: &Portal) -> (Node, Node) {
        let mut parent = None;
        let mut made = Vec::new();
        for field in ["category", "section"] {
            let named = |field: &str| BTreeMap::from([(tag(), word(name, field))]);
            let new = NewNode {
                parent,
                name: named(field),
                description: named(&format!("{field}text")),
                position: None,
                external: None,
            };
            let ctx = self.world.ctx(Persona::Admin).await;
            let node = tree::create(&self.world.kb, &ctx, portal.id, new).await;
            let node = self.world.commit(node.unwrap()).await.value;
            parent = Some(node.id);
            made.push(node);
        }
        let section = made.remove(1);
        (made.remove(0), section)
    }

    /// One more section of a thing that is there already.
    pub(super) async fn hidden_section(&mut self, name: &str, portal: &Portal) -> Node {
        let (category, section) = self.nodes(name, portal).await;
        let thing = self.things.iter().position(|t| t.name == name).unwrap();
        self.hide_nodes(thing, &[category, section.clone()]);
        section
    }

    pub(super) fn hide_nodes(&mut self, thing: usize, nodes: &[Node]) {
        for node in nodes {
            let kind = if node.parent.is_none() {
                "category"
            } else {
                "section"
            };
            let name = self.things[thing].name;
            let secrets = words(name, &[kind, &format!("{kind}text")]);
            self.values.hidden("section", thing, node.id.to_string());
            self.values.hidden("segment", thing, node.key.to_string());
            self.things[thing].secrets.extend(secrets);
            self.things[thing]
                .secrets
                .extend([node.id.to_string(), node.key.to_string()]);
        }
    }

    /// An article in a section of its own, and the thing that it is. One named `open` is no secret.
    pub(super) async fn article(
        &mut self,
        name: &'static str,
        handle: &str,
        audience: Audience,
        seen_by: Vec<&'static str>,
        publish: bool,
    ) -> (ArticleId, usize) {
        let portal = self.portals[handle].clone();
        let (category, section) = self.nodes(name, &portal).await;
        let NodeId::Section(home) = section.id else {
            unreachable!()
        };
        let ctx = self.world.ctx(Persona::Admin).await;
        let new = NewArticle {
            kind: Kind::Explicit,
            article_type: word(name, "type").parse().unwrap(),
            section: home,
            portal: portal.id,
            position: None,
            audience,
            labels: vec!["topic:shared".to_owned(), word(name, "label")],
            owner: None,
            source_locale: tag(),
            external: (name != "open").then(|| ExternalId {
                source: "canary".to_owned(),
                id: word(name, "external"),
            }),
            comments: None,
        };
        let made = articles::create(&self.world.kb, &ctx, new).await.unwrap();
        let made = self.world.commit(made).await.head.value;
        let revision = self.save(made.id, "en", &draft(name, name)).await;
        if publish {
            self.publish(made.id, "en").await;
        }
        if name == "open" {
            self.values.known("article", &made.id.to_string());
            self.values.known("segment", made.key.as_str());
            self.values.known("section", &section.id.to_string());
            self.values.known("segment", section.key.as_str());
            return (made.id, usize::MAX);
        }
        let thing = self.thing(name, seen_by);
        self.hide_nodes(thing, &[category, section]);
        self.values.hidden("article", thing, made.id.to_string());
        self.values.hidden("segment", thing, made.key.to_string());
        let fields = [
            "title", "summary", "heading", "body", "note", "label", "type", "external",
        ];
        let secrets = &mut self.things[thing].secrets;
        secrets.extend(words(name, &fields));
        secrets.extend([made.id.to_string(), made.key.to_string(), revision]);
        (made.id, thing)
    }

    /// A ticket of the demo's inbox, which those who answer tickets see.
    async fn ticket(&mut self) {
        let seen_by = ["agent", "editor", "publisher", "admin", "key suggest"];
        let thing = self.thing("ticket", seen_by.to_vec());
        let id = word("ticket", "id");
        let ticket = Ticket {
            system: "demo".to_owned(),
            id: id.clone(),
            subject: word("ticket", "subject"),
            description: word("ticket", "text"),
            messages: Vec::new(),
            tags: Vec::new(),
            locale: None,
            recipients: vec![word("ticket", "recipient")],
        };
        self.world.touched();
        let ctx = self.world.ctx(Persona::Admin).await;
        let kept = tickets::put(&self.world.kb, &ctx, ticket).await.unwrap();
        self.world.commit(kept).await;
        self.values.known("system", "demo");
        self.values.hidden("ticket", thing, id.clone());
        self.values.hidden("id", thing, id);
        let fields = ["id", "subject", "text", "recipient"];
        self.things[thing].secrets.extend(words("ticket", &fields));
    }

    /// Saves a text; answers the id of its revision.
    pub(super) async fn save(
        &mut self,
        id: ArticleId,
        locale: &str,
        draft: &TranslationDraft,
    ) -> String {
        self.world.touched();
        let (ctx, locale) = (
            self.world.ctx(Persona::Admin).await,
            locale.parse().unwrap(),
        );
        let kb = &self.world.kb;
        let whole = articles::read(kb, &ctx, id).await.unwrap();
        let before = translations::working(kb, &ctx, &whole, &locale)
            .await
            .unwrap();
        let saved = translations::save(kb, &ctx, &whole, &locale, before, draft.clone())
            .await
            .unwrap();
        saved.revision.id.to_string()
    }

    pub(super) async fn publish(&mut self, id: ArticleId, locale: &str) {
        let (ctx, locale) = (
            self.world.ctx(Persona::Admin).await,
            locale.parse().unwrap(),
        );
        let kb = &self.world.kb;
        let whole = articles::read(kb, &ctx, id).await.unwrap();
        let working = translations::working(kb, &ctx, &whole, &locale)
            .await
            .unwrap();
        translations::publish(kb, &ctx, &whole, working.unwrap())
            .await
            .unwrap();
    }

    pub(super) async fn archive(&mut self, id: ArticleId) {
        self.world.touched();
        let ctx = self.world.ctx(Persona::Admin).await;
        let kb = &self.world.kb;
        let whole = articles::read(kb, &ctx, id).await.unwrap();
        articles::archive(kb, &ctx, whole).await.unwrap();
    }
}

pub(super) fn words(thing: &str, fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| word(thing, field)).collect()
}

/// A text whose every part holds a word of the thing; `salt` makes two of one thing differ.
pub(super) fn draft(thing: &str, salt: &str) -> TranslationDraft {
    let word = |field| word(thing, field);
    let note = if thing == "open" {
        String::new()
    } else {
        word("note")
    };
    TranslationDraft {
        title: format!("Manual of {}", word("title")),
        summary: format!("In short: {} & <more>.", word("summary")),
        body: Body {
            format: BodyFormat::Markdown,
            source: format!(
                "First words.\n\n## About {}\n\nThe manual says {}. {}",
                word("heading"),
                word("body"),
                salt.len()
            ),
        },
        note,
    }
}
