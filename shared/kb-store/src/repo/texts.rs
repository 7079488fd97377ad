//! Translations, revisions and bodies as stored.

use crate::keys;
use crate::record::{Keyed, Record};
use crate::table::Key;
use kb_domain::{
    ArticleId, Body, BodyFormat, Lifecycle, Locale, ReviewState, Revision, RevisionId, Timestamp,
    Translation, UserId,
};
use serde::{Deserialize, Serialize};

/// A translation as stored.
#[derive(Serialize, Deserialize)]
pub struct TranslationForm {
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

impl Record for Translation {
    type Form = TranslationForm;
    const KIND: &'static str = "translation";

    fn form(&self) -> TranslationForm {
        TranslationForm {
            article: self.article,
            locale: self.locale.clone(),
            title: self.title.clone(),
            live_title: self.live_title.clone(),
            live_summary: self.live_summary.clone(),
            lifecycle: self.lifecycle,
            review: self.review,
            live: self.live,
            working: self.working,
            number: self.number,
            published_at: self.published_at,
        }
    }

    fn of(form: TranslationForm) -> Self {
        Self {
            article: form.article,
            locale: form.locale,
            title: form.title,
            live_title: form.live_title,
            live_summary: form.live_summary,
            lifecycle: form.lifecycle,
            review: form.review,
            live: form.live,
            working: form.working,
            number: form.number,
            published_at: form.published_at,
        }
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

/// A body as stored.
#[derive(Serialize, Deserialize)]
pub struct BodyForm {
    format: BodyFormat,
    source: String,
}

impl Record for Body {
    type Form = BodyForm;
    const KIND: &'static str = "body";

    fn form(&self) -> BodyForm {
        BodyForm {
            format: self.format,
            source: self.source.clone(),
        }
    }

    fn of(form: BodyForm) -> Self {
        Self {
            format: form.format,
            source: form.source,
        }
    }
}
