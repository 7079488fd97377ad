//! Translations, revisions and bodies as stored.

use crate::keys;
use crate::record::{Keyed, Record, stored_as};
use crate::table::Key;
use kb_domain::{
    ArticleId, Body, BodyFormat, Lifecycle, Locale, ReviewState, Revision, RevisionId, Timestamp,
    Translation, UserId,
};
use serde::{Deserialize, Serialize};

stored_as! { Translation = "translation",
    /// A translation as stored.
    TranslationForm {
        article: ArticleId,
        locale: Locale,
        title: String,
        live_title: Option<String>,
        live_summary: Option<String>,
        lifecycle: Lifecycle,
        review: ReviewState,
        live: Option<RevisionId>,
        working: RevisionId,
        number: u32,
        published_at: Option<Timestamp>,
    }
}

impl Keyed for Translation {
    fn key(&self) -> Key {
        keys::translation(self.article, &self.locale)
    }
}

/// A revision as stored. Its body lies in a row, or blob, of its own.
#[derive(Serialize, Deserialize)]
pub struct RevisionForm {
    id: RevisionId,
    article: ArticleId,
    locale: Locale,
    number: u32,
    title: String,
    summary: String,
    body: BodyForm,
    author: Option<UserId>,
    note: String,
    at: Timestamp,
    hash: String,
}

impl Record for Revision {
    type Form = RevisionForm;
    const KIND: &'static str = "revision";

    fn form(&self) -> RevisionForm {
        RevisionForm {
            id: self.id,
            article: self.article,
            locale: self.locale.clone(),
            number: self.number,
            title: self.title.clone(),
            summary: self.summary.clone(),
            body: BodyForm {
                format: self.body.format,
                source: String::new(),
            },
            author: self.author,
            note: self.note.clone(),
            at: self.at,
            hash: self.hash.clone(),
        }
    }

    fn of(form: RevisionForm) -> Self {
        Self {
            id: form.id,
            article: form.article,
            locale: form.locale,
            number: form.number,
            title: form.title,
            summary: form.summary,
            body: Body::of(form.body),
            author: form.author,
            note: form.note,
            at: form.at,
            hash: form.hash,
        }
    }
}

impl Keyed for Revision {
    fn key(&self) -> Key {
        keys::revision(self.article, &self.locale, self.id)
    }
}

stored_as! { Body = "body",
    /// A body as stored.
    BodyForm {
        format: BodyFormat,
        source: String,
    }
}
