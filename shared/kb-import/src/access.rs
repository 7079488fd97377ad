//! Who a source lets read a text, and when: every sign by which an author says that it is not for everybody, or not yet.
//!
//! In doubt the import is the stricter one: what might be restricted is kept as a draft, with the reason in the report.

mod dates;
pub mod marks;
pub mod names;
mod words;

use super::fields::{Fields, is_empty, plain, text_of, texts_of};
use dates::{When, when};
use kb_domain::{Audience, Timestamp};
use serde_json::Value;
use words::{Key, Word};

/// What the signs of a text say together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Access {
    /// Who may read it, where the source says so outright.
    pub audience: Option<Audience>,
    /// Why it is kept as a draft; empty where nothing forbids readers.
    pub reasons: Vec<String>,
    /// What a person should look at.
    pub warnings: Vec<String>,
}

impl Access {
    /// Adds what others signs say.
    pub fn add(&mut self, other: Self) {
        if let Some(audience) = other.audience {
            self.allow(audience);
        }
        for reason in other.reasons {
            self.forbid(reason);
        }
        self.warnings.extend(other.warnings);
    }

    /// Keeps the text a draft.
    pub fn forbid(&mut self, reason: String) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    fn allow(&mut self, audience: Audience) {
        match &self.audience {
            Some(known) if *known != audience => {
                let reason = format!("it names two audiences, {known} and {audience}");
                self.forbid(reason);
            }
            _ => self.audience = Some(audience),
        }
    }
}

/// What keys and values say about readers, at this time.
pub fn judge(fields: &Fields, now: Timestamp) -> Access {
    let mut access = Access::default();
    for (path, value) in fields.leaves() {
        if !is_empty(value) {
            leaf(&path, value, now, &mut access);
        }
    }
    access
}

/// What damaged lines say: only what forbids is heard.
pub fn judge_lines(fields: &Fields, now: Timestamp) -> Access {
    let heard = judge(fields, now);
    Access {
        reasons: heard.reasons,
        ..Access::default()
    }
}

fn leaf(path: &[&str], value: &Value, now: Timestamp, access: &mut Access) {
    let name = path.join(".");
    let shown = match value {
        Value::Array(_) => texts_of(value, &[]).join(", "),
        one => text_of(one).unwrap_or_default(),
    };
    let because = format!(
        "it says {name}: {}",
        shown.chars().take(60).collect::<String>()
    );
    // The nearest key that means something decides; `access: {roles: [hr]}` is about readers whatever `roles` is.
    let keys = path.iter().rev().filter_map(|part| words::key(part));
    for key in keys {
        let told = match key {
            Key::Closed => closed(&shown),
            Key::Embargo => embargo(&shown, now),
            Key::Open { strict } => open(&shown, strict, now),
            Key::State => state(value),
            Key::Readers { limits } => match readers(value, &shown, limits) {
                Readers::Everybody => Told::Nothing,
                Readers::These(audience) => {
                    // Everybody, said outright, is a choice of the author only under the key that is made for it.
                    if !kb_domain::access::is_public(&audience) || plain(&name) == "audience" {
                        access.allow(audience);
                    }
                    return;
                }
                Readers::Unknown => Told::Forbidden,
            },
            Key::Password => Told::Forbidden,
            Key::From { strict } => from(&shown, strict, now),
            Key::Until => until(&shown, now),
            Key::Robots => robots(&shown),
        };
        match told {
            Told::Forbidden => return access.forbid(because),
            Told::Later => access.warnings.push(format!(
                "{because}; nothing takes it down by itself at that time"
            )),
            Told::Nothing => {}
        }
    }
    let texts = texts_of(value, &[',', ';', '，', '、']);
    let speaks = !path.iter().any(|part| words::is_prose(part));
    if speaks && texts.iter().any(|text| words::is_strong_label(text)) {
        access.forbid(because);
    }
}

enum Told {
    Nothing,
    Forbidden,
    /// It ends some day.
    Later,
}

fn forbidden_if(yes: bool) -> Told {
    if yes { Told::Forbidden } else { Told::Nothing }
}

/// `draft: true`, `hidden: 1`, `deleted: 2020-01-01`.
fn closed(shown: &str) -> Told {
    forbidden_if(!matches!(words::word(shown), Word::No))
}

/// `embargo: 2031-01-01`.
fn embargo(shown: &str, now: Timestamp) -> Told {
    match when(shown) {
        Some(When { begun, .. }) => forbidden_if(begun > now),
        None => closed(shown),
    }
}

/// `published: false`, `listed: no`, `public: later`.
fn open(shown: &str, strict: bool, now: Timestamp) -> Told {
    if let Some(When { begun, .. }) = when(shown) {
        return forbidden_if(begun > now);
    }
    forbidden_if(match words::word(shown) {
        Word::Yes | Word::Public | Word::Harmless => false,
        Word::No | Word::Restricted => true,
        Word::Unknown => strict,
    })
}

/// `status: draft`, `state: in review`.
fn state(value: &Value) -> Told {
    let texts = texts_of(value, &[',', ';']);
    forbidden_if(texts.iter().any(|text| {
        let word = words::word(text);
        !matches!(word, Word::Yes | Word::Public | Word::Harmless) && when(text).is_none()
    }))
}

enum Readers {
    Everybody,
    These(Audience),
    Unknown,
}

/// `audience: segment:hr`, `visibility: internal`, `roles: [admin]`.
fn readers(value: &Value, shown: &str, limits: bool) -> Readers {
    match words::word(shown) {
        Word::No if limits => return Readers::Everybody,
        Word::Yes if limits => return Readers::Unknown,
        _ => {}
    }
    if let Ok(audience) = shown.to_lowercase().parse() {
        return Readers::These(audience);
    }
    let texts = texts_of(value, &[',', ';']);
    let everybody = texts
        .iter()
        .all(|text| matches!(words::word(text), Word::Yes | Word::Public));
    if everybody {
        Readers::Everybody
    } else {
        Readers::Unknown
    }
}

/// `publishDate: 2031-01-01`.
fn from(shown: &str, strict: bool, now: Timestamp) -> Told {
    match (when(shown), words::word(shown)) {
        (Some(When { begun, .. }), _) => forbidden_if(begun > now),
        (None, Word::Yes | Word::Public) => Told::Nothing,
        (None, Word::Restricted) => Told::Forbidden,
        (None, _) => forbidden_if(strict),
    }
}

/// `expires: 2020-01-01`.
fn until(shown: &str, now: Timestamp) -> Told {
    match (when(shown), words::word(shown)) {
        (Some(When { over, .. }), _) if over > now => Told::Later,
        (None, Word::No) => Told::Nothing,
        _ => Told::Forbidden,
    }
}

/// `robots: noindex, nofollow`.
fn robots(shown: &str) -> Told {
    let words = shown.to_lowercase();
    let words: Vec<&str> = words.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    forbidden_if(
        words
            .iter()
            .any(|w| matches!(*w, "noindex" | "none" | "false")),
    )
}

#[cfg(test)]
mod tests;
