//! What a test puts into its world: portals, articles and their texts.

use super::{Text, World, tag};
use crate::persona::Persona;
use kb_actions::articles::NewArticle;
use kb_actions::tree::NewNode;
use kb_actions::{Error, articles, portals, translations, tree};
use kb_domain::{
    Article, ArticleId, Audience, Comments, Kind, Locale, Node, NodeId, Portal, PortalDraft,
    PortalId, SectionId,
};
use std::collections::BTreeMap;

impl World {
    /// A portal that is open to `entry`, with one category and one section in it.
    pub async fn portal(&mut self, handle: &str, entry: Audience) -> (Portal, SectionId) {
        self.settled = false;
        let locale = Locale::en;
        let draft = PortalDraft {
            name: BTreeMap::from([(locale(), format!("Portal {handle}"))]),
            locales: vec![locale(), tag("zh-Hans"), tag("zh-Hant")],
            default_locale: locale(),
            entry,
            comments: Comments::Off,
            default: false,
        };
        let ctx = self.ctx(Persona::Admin).await;
        let made = portals::create(&self.kb, &ctx, handle.to_owned(), draft)
            .await
            .expect("a portal is made");
        let portal = self.commit(made).await.value;
        let category = self.node(&portal, None, "Category").await;
        let section = self.node(&portal, Some(category.id), "Section").await;
        let ctx = self.ctx(Persona::Admin).await;
        let found = portals::read(&self.kb, &ctx, portal.id)
            .await
            .expect("it is there");
        let portal = portals::activate(&self.kb, &ctx, found)
            .await
            .expect("it has a category")
            .value;
        let NodeId::Section(section) = section.id else {
            unreachable!("what stands in a category is a section")
        };
        (portal, section)
    }

    /// Lets readers of a portal comment, or not.
    pub async fn set_comments(&mut self, portal: PortalId, comments: Comments) {
        self.settled = false;
        let ctx = self.ctx(Persona::Admin).await;
        let before = portals::read(&self.kb, &ctx, portal)
            .await
            .expect("the portal is there");
        let Portal {
            name,
            locales,
            default_locale,
            entry,
            ..
        } = before.value.clone();
        let draft = PortalDraft {
            name,
            locales,
            default_locale,
            entry,
            comments,
            default: false,
        };
        portals::update(&self.kb, &ctx, before, draft)
            .await
            .expect("an administrator changes a portal");
    }

    /// A category, or a section below `parent`.
    pub async fn node(&mut self, portal: &Portal, parent: Option<NodeId>, name: &str) -> Node {
        self.settled = false;
        let new = NewNode {
            parent,
            name: BTreeMap::from([(portal.default_locale.clone(), name.to_owned())]),
            description: BTreeMap::new(),
            position: None,
            external: None,
        };
        let ctx = self.ctx(Persona::Admin).await;
        let made = tree::create(&self.kb, &ctx, portal.id, new)
            .await
            .expect("a node is made");
        self.commit(made).await.value
    }

    /// A new article of this kind and type in a section, with its texts published.
    pub async fn article(
        &mut self,
        (portal, section): (&Portal, SectionId),
        kind: Kind,
        article_type: &str,
        audience: Audience,
        texts: &[Text],
    ) -> Article {
        self.settled = false;
        let ctx = self.ctx(Persona::Admin).await;
        let new = NewArticle {
            kind,
            article_type: article_type.parse().expect("tests name well-formed types"),
            section,
            portal: portal.id,
            position: None,
            audience,
            labels: Vec::new(),
            owner: None,
            source_locale: tag(texts.first().map_or("en", |t| t.locale)),
            external: None,
            comments: None,
        };
        let made = articles::create(&self.kb, &ctx, new)
            .await
            .expect("an article is made");
        let made = self.commit(made).await;
        for text in texts {
            self.publish(made.head.value.id, text)
                .await
                .expect("a text is published");
        }
        made.head.value
    }

    /// Saves a text of an article and makes it live.
    pub async fn publish(&mut self, article: ArticleId, text: &Text) -> Result<(), Error> {
        self.settled = false;
        let ctx = self.ctx(Persona::Admin).await;
        let locale = tag(text.locale);
        let kb = &self.kb;
        let whole = articles::read(kb, &ctx, article).await?;
        let before = translations::working(kb, &ctx, &whole, &locale).await?;
        let saved = translations::save(kb, &ctx, &whole, &locale, before, text.draft()).await?;
        translations::publish(kb, &ctx, &whole, saved).await?;
        Ok(())
    }
}
