//! People: who may sign in, and what is asked of somebody new.

use crate::access::Grant;
use crate::article::is_slug;
use crate::audience::Level;
use crate::error::{Error, FieldError};
use crate::locale::Locale;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whether somebody may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum PersonState {
    /// They have a link and have not used it yet.
    Invited,
    /// They have signed in.
    Active,
    /// They are gone: nothing that was theirs opens anything.
    Left,
}

impl PersonState {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Left => "left",
        }
    }
}

/// Somebody to be invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PersonDraft {
    /// What they are called.
    pub name: String,
    /// Their mail address; nobody else has it.
    pub mail: String,
    /// How far inside they stand; a reader of the company when absent.
    #[serde(default = "employee")]
    pub level: Level,
    /// The roles they are given, each with its area.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// Segments they belong to.
    #[serde(default)]
    pub segments: BTreeSet<String>,
    /// The language they read in.
    #[serde(default)]
    pub locale: Option<Locale>,
}

fn employee() -> Level {
    Level::Employee
}

/// What of a person can be changed by those who manage people. What they may do, and how far inside they stand, needs the right to
/// grant as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PersonEdit {
    /// What they are called.
    pub name: String,
    /// How far inside they stand.
    pub level: Level,
    /// Their roles, each with its area.
    pub grants: Vec<Grant>,
}

/// The longest name of a person.
const NAME_MAX_CHARS: usize = 100;
/// The longest mail address, as RFC 5321 has it.
const MAIL_MAX_CHARS: usize = 254;
/// The longest name of a segment.
const SEGMENT_MAX_CHARS: usize = 60;

impl PersonDraft {
    /// The draft as it is stored: without spaces around, the mail address in lower case. Errors: every field that breaks a rule.
    pub fn checked(mut self) -> Result<Self, Error> {
        let mut faults = Vec::new();
        keep(name(&self.name), &mut self.name, &mut faults);
        keep(mail(&self.mail), &mut self.mail, &mut faults);
        let wrong = self.segments.iter().find_map(|s| segment(s).err());
        faults.extend(wrong.into_iter().flat_map(faults_of));
        if self.level == Level::Public {
            let detail = "a person is at least a customer: customer, employee or agent";
            faults.extend(faults_of(Error::field("/level", "level", detail)));
        }
        if faults.is_empty() {
            Ok(self)
        } else {
            Err(Error::Fields(faults))
        }
    }
}

fn keep(found: Result<String, Error>, field: &mut String, faults: &mut Vec<FieldError>) {
    match found {
        Ok(text) => *field = text,
        Err(error) => faults.extend(faults_of(error)),
    }
}

fn faults_of(error: Error) -> Vec<FieldError> {
    match error {
        Error::Fields(faults) => faults,
        _ => Vec::new(),
    }
}

/// A name of a person as it is stored. Errors: empty, too long, or with control characters.
pub fn name(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let detail = format!("a name is 1 to {NAME_MAX_CHARS} characters");
    let code = match text.chars().count() {
        0 => "required",
        n if n > NAME_MAX_CHARS => "too_long",
        _ if text.chars().any(char::is_control) => "malformed",
        _ => return Ok(text.to_owned()),
    };
    Err(Error::field("/name", code, detail))
}

/// A mail address as it is stored and compared: in lower case. Errors: it is none.
pub fn mail(text: &str) -> Result<String, Error> {
    let text = text.trim().to_lowercase();
    let strange = |c: char| c.is_whitespace() || c.is_control() || "<>()[]\\,;:\"".contains(c);
    let parts = text.split_once('@');
    let code = match parts {
        _ if text.is_empty() => "required",
        _ if text.chars().count() > MAIL_MAX_CHARS => "too_long",
        Some((user, host))
            if !user.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !host.starts_with(['.', '-'])
                && !host.ends_with(['.', '-'])
                && !text.contains(strange) =>
        {
            return Ok(text);
        }
        _ => "malformed",
    };
    let detail = "give a mail address such as ana@example.com";
    Err(Error::field("/mail", code, detail))
}

/// A name of a segment. Errors: not of the form that audiences name.
pub fn segment(text: &str) -> Result<(), Error> {
    if is_slug(text, SEGMENT_MAX_CHARS) {
        return Ok(());
    }
    let detail =
        format!("a segment is 1 to {SEGMENT_MAX_CHARS} lower-case letters, digits and '-'");
    Err(Error::field("/segments", "slug", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_address_is_compared_in_lower_case_and_what_is_none_is_refused() {
        assert_eq!(mail(" Ana.K@Example.COM ").unwrap(), "ana.k@example.com");
        assert_eq!(mail("安娜@例子.公司").unwrap(), "安娜@例子.公司");
        for bad in [
            "",
            "ana",
            "@b.c",
            "a@",
            "a b@c.d",
            "a@b@c",
            "a@b\r\nBcc: x",
            "a@.b",
            "a@b.",
            "A <a@b>",
        ] {
            assert!(mail(bad).is_err(), "{bad:?}");
        }
        assert!(mail(&format!("{}@b.c", "a".repeat(260))).is_err());
    }

    #[test]
    fn every_wrong_field_of_a_new_person_is_named_at_once() {
        let draft = PersonDraft {
            name: "  ".to_owned(),
            mail: "nobody".to_owned(),
            level: Level::Public,
            grants: Vec::new(),
            segments: BTreeSet::from(["No Slug".to_owned()]),
            locale: None,
        };
        let Err(Error::Fields(faults)) = draft.clone().checked() else {
            panic!("it is refused");
        };
        let fields: Vec<&str> = faults.iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(fields, ["/name", "/mail", "/segments", "/level"]);
        let good = PersonDraft {
            name: " Ana ".to_owned(),
            mail: "Ana@example.com".to_owned(),
            level: Level::Customer,
            segments: BTreeSet::new(),
            ..draft
        };
        let good = good.checked().unwrap();
        assert_eq!(
            (good.name.as_str(), good.mail.as_str()),
            ("Ana", "ana@example.com")
        );
        assert!(name("a\u{7}b").is_err() && name(&"x".repeat(101)).is_err());
    }
}
