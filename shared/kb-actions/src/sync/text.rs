//! Texts and labels of theirs, as they are kept here.

use super::Sync;
use crate::translations;
use kb_domain::remote::{RemoteArticle, RemoteText, SeenVersion};
use kb_domain::{
    Body, BodyFormat, LABEL_MAX_CHARS, LABELS_MAX, Locale, RevisionId, TITLE_MAX_CHARS,
    TranslationDraft,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// A text of theirs with the language it has here.
pub(super) struct Incoming<'a> {
    pub theirs: &'a RemoteText,
    pub locale: Locale,
    pub draft: TranslationDraft,
    pub digest: String,
    /// Whether readers see it there, and there is something to see.
    pub is_live: bool,
    /// The rule of ours that it breaks.
    pub refused: Option<kb_domain::Error>,
}

/// Their texts in languages that come in, the source language first.
pub(super) fn texts<'a>(sync: &Sync<'_>, theirs: &'a RemoteArticle) -> Vec<Incoming<'a>> {
    let languages = &sync.connection.mapping.languages;
    let mut texts: Vec<Incoming<'a>> = theirs
        .texts
        .iter()
        .filter_map(|text| {
            let locale = languages.ours(&text.language)?.clone();
            let draft = draft_of(text);
            Some(Incoming {
                digest: digest(text),
                is_live: !text.draft && translations::has_content(&draft.body),
                refused: None,
                theirs: text,
                locale,
                draft,
            })
        })
        .collect();
    texts.sort_by_key(|text| text.theirs.language != theirs.source_language);
    texts
}

fn draft_of(text: &RemoteText) -> TranslationDraft {
    let title: String = text.title.chars().take(TITLE_MAX_CHARS).collect();
    TranslationDraft {
        title,
        summary: String::new(),
        body: Body {
            format: BodyFormat::Html,
            source: text.html.replace('\0', ""),
        },
        note: String::new(),
    }
    .tidy()
}

/// What readers see of a text, in so few signs that it can be kept: an echo of ours is told by it.
fn digest(text: &RemoteText) -> String {
    let mut hash = Sha256::new();
    for part in [
        text.title.as_str(),
        if text.draft { "draft" } else { "live" },
        &text.html,
    ] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()[..16]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

impl Incoming<'_> {
    pub fn seen(&self, revision: Option<RevisionId>) -> SeenVersion {
        SeenVersion {
            version: self.theirs.version,
            digest: self.digest.clone(),
            revision,
        }
    }
}

/// Their labels, as far as they are labels here.
pub(super) fn labels(theirs: &RemoteArticle) -> Vec<String> {
    let is_outer = |c: char| c.is_whitespace() || c.is_control() || c == ',';
    let tidy = |label: &String| {
        let words = label.split(is_outer).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    };
    let labels: BTreeSet<String> = theirs.labels.iter().map(tidy).collect();
    let fits = |label: &String| (1..=LABEL_MAX_CHARS).contains(&label.chars().count());
    labels.into_iter().filter(fits).take(LABELS_MAX).collect()
}
