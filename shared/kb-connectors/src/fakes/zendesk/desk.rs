//! What people do at the help desk. Every verb changes the times that the real one changes.

use super::FakeZendesk;
use super::state::{Article, Category, File, Section, Segment, State, Text};
use kb_domain::Timestamp;
use std::collections::BTreeMap;

/// A text to be written.
#[derive(Clone, Debug)]
pub struct NewText {
    /// The language.
    pub language: String,
    /// The title.
    pub title: String,
    /// The body, as HTML.
    pub body: String,
    /// Not for readers yet.
    pub is_draft: bool,
}

impl NewText {
    /// A text that is published.
    pub fn published(language: &str, title: &str, body: &str) -> Self {
        Self {
            language: language.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            is_draft: false,
        }
    }
}

/// An article to be written.
#[derive(Clone, Debug)]
pub struct NewArticle {
    /// Where.
    pub section: u64,
    /// In which languages; the first is its source.
    pub texts: Vec<NewText>,
    /// Who reads it; everybody, for `None`.
    pub segment: Option<u64>,
    /// Its labels.
    pub labels: Vec<String>,
}

/// An article as its authors see it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its number.
    pub number: u64,
    /// Where it stands.
    pub section: u64,
    /// The language that follows.
    pub language: String,
    /// The title.
    pub title: String,
    /// The body, as HTML.
    pub body: String,
    /// Out of use.
    pub is_archived: bool,
}

impl Shown {
    fn of(number: u64, article: &Article) -> Self {
        let text = article.texts.get(&article.source);
        Self {
            number,
            section: article.section,
            language: article.source.clone(),
            title: text.map(|t| t.title.clone()).unwrap_or_default(),
            body: text.map(|t| t.body.clone()).unwrap_or_default(),
            is_archived: article.is_archived,
        }
    }
}

impl FakeZendesk {
    /// A new category, with its name in each language.
    pub fn create_category(&self, names: &[(&str, &str)]) -> u64 {
        self.change(|state, now| {
            let number = state.number();
            let position = state.categories.len() as u32;
            let names = named(names);
            state.categories.insert(
                number,
                Category {
                    names,
                    position,
                    changed_at: now,
                },
            );
            number
        })
    }

    /// A new section in a category, and in another section perhaps.
    pub fn create_section(
        &self,
        category: u64,
        parent: Option<u64>,
        names: &[(&str, &str)],
    ) -> u64 {
        self.change(|state, now| {
            let number = state.number();
            let section = Section {
                category,
                parent,
                names: named(names),
                position: state.sections.len() as u32,
                changed_at: now,
            };
            state.sections.insert(number, section);
            number
        })
    }

    /// A new user segment.
    pub fn create_segment(&self, segment: Segment) -> u64 {
        self.change(|state, _| {
            let number = state.number();
            state.segments.insert(number, segment);
            number
        })
    }

    /// A new article.
    pub fn create_article(&self, new: NewArticle) -> u64 {
        self.change(|state, now| {
            let number = state.number();
            let position = state
                .articles
                .values()
                .filter(|a| a.section == new.section)
                .count();
            let source = new
                .texts
                .first()
                .map(|t| t.language.clone())
                .unwrap_or_default();
            let texts = new
                .texts
                .into_iter()
                .map(|t| (t.language.clone(), written(t, now)));
            let article = Article {
                section: new.section,
                position: position as u32,
                segment: new.segment,
                labels: new.labels,
                source,
                texts: texts.collect(),
                files: Vec::new(),
                created_at: now,
                changed_at: now,
                is_archived: false,
            };
            state.articles.insert(number, article);
            number
        })
    }

    /// Writes a text of an article anew, or in another language.
    pub fn edit_article(&self, article: u64, text: NewText) -> bool {
        self.change_article(article, |article, now| {
            article
                .texts
                .insert(text.language.clone(), written(text, now));
        })
    }

    /// Adds a picture to an article: the address by which its text shows it.
    pub fn attach(&self, article: u64, name: &str, media_type: &str, bytes: u64) -> Option<String> {
        let id = self.change(|state, _| state.number());
        let file = File {
            id,
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            bytes,
        };
        let done = self.change_article(article, |article, _| article.files.push(file));
        done.then(|| self.address(&format!("/hc/article_attachments/{id}")))
    }

    /// Puts an article into another section.
    pub fn move_article(&self, article: u64, section: u64) -> bool {
        self.change_article(article, |article, _| article.section = section)
    }

    /// Gives an article other readers; everybody, for `None`.
    pub fn set_readers(&self, article: u64, segment: Option<u64>) -> bool {
        self.change_article(article, |article, _| article.segment = segment)
    }

    /// Gives an article other labels.
    pub fn set_labels(&self, article: u64, labels: &[&str]) -> bool {
        let labels = labels.iter().map(|l| (*l).to_owned()).collect();
        self.change_article(article, |article, _| article.labels = labels)
    }

    /// Takes an article out of use: no call shows it any more.
    pub fn archive_article(&self, article: u64) -> bool {
        self.change_article(article, |article, _| article.is_archived = true)
    }

    /// Brings an article back into use.
    pub fn restore_article(&self, article: u64) -> bool {
        self.change_article(article, |article, _| article.is_archived = false)
    }

    /// Deletes an article for good.
    pub fn delete_article(&self, article: u64) -> bool {
        self.state().articles.remove(&article).is_some()
    }

    /// Gives a section another name in a language.
    pub fn rename_section(&self, section: u64, language: &str, name: &str) -> bool {
        self.change_section(section, |section| {
            section.names.insert(language.to_owned(), name.to_owned());
        })
    }

    /// Puts a section into another category, and into another section perhaps.
    pub fn move_section(&self, section: u64, category: u64, parent: Option<u64>) -> bool {
        self.change_section(section, |section| {
            section.category = category;
            section.parent = parent;
        })
    }

    /// Changes who belongs to a user segment.
    pub fn change_segment(&self, segment: u64, change: impl FnOnce(&mut Segment)) -> bool {
        let mut state = self.state();
        state.segments.get_mut(&segment).map(change).is_some()
    }

    /// Every article in its source language, oldest first.
    pub fn shown_articles(&self) -> Vec<Shown> {
        let state = self.state();
        let all = state.articles.iter();
        all.map(|(number, article)| Shown::of(*number, article))
            .collect()
    }

    /// Sections with their names in the first language, oldest first.
    pub fn shown_sections(&self) -> Vec<(u64, String)> {
        let state = self.state();
        let first = state.languages.first().cloned().unwrap_or_default();
        let all = state.sections.iter();
        all.map(|(number, s)| (*number, s.names.get(&first).cloned().unwrap_or_default()))
            .collect()
    }

    fn change<A>(&self, change: impl FnOnce(&mut State, Timestamp) -> A) -> A {
        let now = self.now();
        change(&mut self.state(), now)
    }

    /// Whether there is such an article.
    fn change_article(&self, article: u64, change: impl FnOnce(&mut Article, Timestamp)) -> bool {
        self.change(|state, now| {
            let Some(article) = state.articles.get_mut(&article) else {
                return false;
            };
            change(article, now);
            article.changed_at = now;
            true
        })
    }

    fn change_section(&self, section: u64, change: impl FnOnce(&mut Section)) -> bool {
        self.change(|state, now| {
            let Some(section) = state.sections.get_mut(&section) else {
                return false;
            };
            change(section);
            section.changed_at = now;
            true
        })
    }
}

fn named(names: &[(&str, &str)]) -> BTreeMap<String, String> {
    let names = names
        .iter()
        .map(|(language, name)| ((*language).to_owned(), (*name).to_owned()));
    names.collect()
}

fn written(text: NewText, now: Timestamp) -> Text {
    Text {
        title: text.title,
        body: text.body,
        is_draft: text.is_draft,
        changed_at: now,
    }
}
