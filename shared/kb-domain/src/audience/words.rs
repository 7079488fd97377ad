//! How an audience is read and shown: an expression in JSON, or a short form of a few words.

use super::{Audience, Clause, Level};
use crate::error::Error;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::str::FromStr;

/// An expression as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct Expression {
    /// At least one must hold.
    #[serde(default)]
    any: Vec<Clause>,
    /// Every one must hold.
    #[serde(default)]
    all: Vec<Clause>,
    /// None may hold.
    #[serde(default)]
    none: Vec<Clause>,
}

/// Reads either form.
struct EitherForm;

impl<'de> Visitor<'de> for EitherForm {
    type Value = Audience;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an audience such as \"public\" or {\"any\":[{\"level\":\"public\"}]}")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Audience, E> {
        text.parse().map_err(|error: Error| E::custom(error))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Audience, A::Error> {
        let Expression { any, all, none } =
            Expression::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Audience { any, all, none })
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EitherForm)
    }
}

#[cfg(feature = "schema")]
mod schema {
    use super::{Audience, Expression};
    use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
    use utoipa::openapi::{RefOr, Schema};
    use utoipa::{PartialSchema, ToSchema};

    impl ToSchema for Audience {
        fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            Expression::schemas(schemas);
        }
    }

    impl PartialSchema for Audience {
        fn schema() -> RefOr<Schema> {
            let short = ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(
                    "The short form, in requests: public, customers, employees, agents, segment:NAME, department:NAME, \
                     region:NAME; several with commas mean any of them",
                ))
                .examples(["public"]);
            OneOfBuilder::new()
                .item(Expression::schema())
                .item(short)
                .into()
        }
    }
}

impl FromStr for Audience {
    type Err = Error;

    /// The short form of the command line and of front matter: `public`, `customers`, `employees`, `agents`,
    /// `segment:hr`, `department:it`, `region:eu`; several joined by `,` mean any of them.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut any = Vec::new();
        for word in text.split(',').map(str::trim) {
            let clause = match word.split_once(':') {
                None => match word {
                    "public" => Clause::Level(Level::Public),
                    "customers" | "customer" => Clause::Level(Level::Customer),
                    "employees" | "employee" => Clause::Level(Level::Employee),
                    "agents" | "agent" => Clause::Level(Level::Agent),
                    _ => return Err(unknown_word(word)),
                },
                Some(("segment", name)) => Clause::Segment(name.to_owned()),
                Some(("department", name)) => Clause::Department(name.to_owned()),
                Some(("region", name)) => Clause::Region(name.to_owned()),
                Some(("version", name)) => Clause::ProductVersion(name.to_owned()),
                Some(_) => return Err(unknown_word(word)),
            };
            any.push(clause);
        }
        let audience = Self {
            any,
            ..Self::default()
        }
        .canonical();
        audience.check()?;
        Ok(audience)
    }
}

fn unknown_word(word: &str) -> Error {
    Error::Malformed {
        what: "audience",
        detail: format!(
            "\"{}\" is none of public, customers, employees, agents, segment:NAME, department:NAME, region:NAME",
            crate::clock::clip(word)
        ),
    }
}

impl fmt::Display for Audience {
    /// The short form where there is one, else the JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.all.is_empty() || !self.none.is_empty() {
            return f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?);
        }
        let words: Vec<String> = self
            .any
            .iter()
            .map(|clause| match clause {
                Clause::Level(Level::Public) => "public".to_owned(),
                Clause::Level(Level::Customer) => "customers".to_owned(),
                Clause::Level(Level::Employee) => "employees".to_owned(),
                Clause::Level(Level::Agent) => "agents".to_owned(),
                Clause::Segment(name) => format!("segment:{name}"),
                Clause::Department(name) => format!("department:{name}"),
                Clause::Region(name) => format!("region:{name}"),
                Clause::ProductVersion(name) => format!("version:{name}"),
                Clause::Person(id) => format!("person:{id}"),
            })
            .collect();
        f.write_str(&words.join(","))
    }
}
