//! Audiences: who may see a thing, as an expression stored once under an id made from its canonical form.

mod words;

use crate::error::Error;
use crate::id::{AudienceId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How far inside the company a reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Level {
    /// Anybody, signed in or not.
    Public,
    /// Signed-in customers, and everybody who works here.
    #[serde(alias = "customers")]
    Customer,
    /// Everybody who works here.
    #[serde(alias = "employees")]
    Employee,
    /// Those who answer customers.
    #[serde(alias = "agents")]
    Agent,
}

/// One condition on a viewer. It names exactly one property.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Clause {
    /// At least this far inside.
    Level(Level),
    /// A member of this segment.
    Segment(String),
    /// In this department.
    Department(String),
    /// In this region.
    Region(String),
    /// On this product version.
    ProductVersion(String),
    /// This person.
    Person(UserId),
}

/// Who may see a thing: any of these, all of those, none of these. An empty `any` admits nobody, so that an expression
/// that says nothing says no. It is written as an expression and read in the short form, too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Audience {
    /// At least one must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<Clause>,
    /// Every one must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<Clause>,
    /// None may hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub none: Vec<Clause>,
}

impl Audience {
    /// Everybody at least this far inside.
    pub fn level(level: Level) -> Self {
        Self {
            any: vec![Clause::Level(level)],
            ..Self::default()
        }
    }

    /// Everybody.
    pub fn public() -> Self {
        Self::level(Level::Public)
    }

    /// The same expression with clauses sorted and repeats removed: two expressions that are written alike but for order
    /// have one canonical form, and so one id.
    #[must_use]
    pub fn canonical(mut self) -> Self {
        for list in [&mut self.any, &mut self.all, &mut self.none] {
            list.sort();
            list.dedup();
        }
        self
    }

    /// The id, made from the canonical form, so that interning needs no look-up and no lock.
    pub fn id(&self) -> AudienceId {
        let form =
            serde_json::to_vec(&self.clone().canonical()).expect("an audience is plain data");
        let digest = Sha256::digest(&form);
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        AudienceId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Refuses an expression that is too large or that admits nobody by its form.
    pub fn check(&self) -> Result<(), Error> {
        if self.any.is_empty() && self.all.is_empty() {
            return Err(Error::field(
                "/audience",
                "empty",
                "name at least one reader, for example {\"any\":[{\"level\":\"public\"}]}",
            ));
        }
        let clauses = || self.any.iter().chain(&self.all).chain(&self.none);
        if clauses().count() > 50 {
            return Err(Error::field(
                "/audience",
                "too_many",
                "at most 50 clauses; use a segment instead",
            ));
        }
        for clause in clauses() {
            if let Clause::Segment(name)
            | Clause::Department(name)
            | Clause::Region(name)
            | Clause::ProductVersion(name) = clause
                && !is_name(name)
            {
                return Err(Error::field(
                    "/audience",
                    "name",
                    format!(
                        "\"{name}\" is not a name: use 1 to 60 letters, digits, '-', '_' or '.'"
                    ),
                ));
            }
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    (1..=60).contains(&name.chars().count())
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "-_.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audience(text: &str) -> Audience {
        text.parse().unwrap()
    }

    #[test]
    fn an_expression_that_says_nothing_is_refused() {
        assert!(Audience::default().check().is_err());
    }

    #[test]
    fn order_and_repeats_do_not_change_the_id() {
        let a = audience("employees,segment:hr");
        let b = audience("segment:hr,employees,segment:hr");
        assert_eq!(a.id(), b.id());
        assert_ne!(a.id(), audience("employees").id());
    }

    #[test]
    fn the_short_form_reads_back() {
        for text in ["public", "customers", "employees,segment:hr"] {
            assert_eq!(audience(text).to_string(), text);
        }
        assert!("everyone".parse::<Audience>().is_err());
        assert!("segment:".parse::<Audience>().is_err());
    }

    #[test]
    fn json_is_as_the_model_shows_it() {
        let json = serde_json::to_string(&Audience::public()).unwrap();
        assert_eq!(json, r#"{"any":[{"level":"public"}]}"#);
    }

    #[test]
    fn both_forms_are_read_and_mean_the_same() {
        let read = |json: &str| serde_json::from_str::<Audience>(json);
        for word in ["public", "customers", "employees,segment:hr"] {
            let short = read(&format!("\"{word}\"")).unwrap();
            assert_eq!(short, audience(word));
            let expression = serde_json::to_string(&short).unwrap();
            assert_eq!(read(&expression).unwrap(), short);
        }
        assert_eq!(
            read(r#"{"any":[{"level":"customers"}]}"#).unwrap(),
            audience("customers")
        );
        for wrong in ["5", "[]", "null", "\"everyone\"", r#"{"of":[]}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
