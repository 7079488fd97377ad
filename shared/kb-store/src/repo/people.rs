//! People, the claims on their names, the set of admins, and segments.

use crate::error::Error;
use crate::keys;
use crate::record::{Keyed, Record, Stored, stored_as_is};
use crate::store::{Store, TIMELESS};
use crate::table::{Condition, IndexName, Key, Op, Query, TableName, Transaction};
use kb_domain::{Area, Grant, Level, Locale, PersonState, Role, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id.
    pub id: UserId,
    /// What they are called.
    pub name: String,
    /// Their mail address; it stands here only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// Whether they may sign in.
    pub state: PersonState,
    /// How far inside they stand.
    pub level: Level,
    /// The roles they were given.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// Segments they belong to.
    #[serde(default)]
    pub segments: BTreeSet<String>,
    /// What was signed in under an earlier number is over.
    #[serde(default)]
    pub epoch: u32,
    /// The language they read in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// The hash of the one link by which they may sign in; a newer link takes the place of an older one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Person {
    /// Whether they may do everything in the whole base.
    pub fn is_admin(&self) -> bool {
        let everything = |g: &Grant| g.role == Role::Admin && g.area == Area::Everything;
        self.grants.iter().any(everything)
    }

    /// Whether they are one of the admins who can sign in.
    pub fn is_active_admin(&self) -> bool {
        self.state == PersonState::Active && self.is_admin()
    }
}

impl Record for Person {
    type Form = Self;
    const KIND: &'static str = "person";
    const VERSION: u32 = 3;

    fn form(&self) -> Self {
        self.clone()
    }

    fn of(form: Self) -> Self {
        form
    }

    fn indexes(&self) -> Vec<(IndexName, (String, String))> {
        vec![(IndexName::Queue, keys::person_position(self.id))]
    }

    /// The first version named one of seven kinds of person. Whoever the second one held could sign in.
    fn upgrade(version: u32, mut body: Value) -> Result<Value, String> {
        if version == 2 {
            body["state"] = json!(PersonState::Active);
            return Ok(body);
        }
        if version != 1 {
            return Err(format!("person.{version} was never written"));
        }
        let kind = body["principal"].as_str().unwrap_or_default().to_owned();
        let (level, roles): (&str, &[&str]) = match kind.as_str() {
            "customer" => ("customer", &[]),
            "employee" => ("employee", &[]),
            "agent" => ("agent", &["agent"]),
            "editor" => ("agent", &["agent", "editor"]),
            "publisher" => ("agent", &["agent", "publisher"]),
            "admin" => ("agent", &["agent", "admin"]),
            other => return Err(format!("nobody is of the kind \"{other}\"")),
        };
        let everywhere = |role| json!({"role": role, "area": "everything"});
        body["level"] = json!(level);
        body["grants"] = roles.iter().map(everywhere).collect();
        Ok(body)
    }
}

impl Keyed for Person {
    fn key(&self) -> Key {
        keys::person(self.id)
    }
}

/// The person whom an issuer calls by a name.
#[derive(Clone, Copy, Debug)]
pub struct SubjectClaim(pub UserId);

impl Record for SubjectClaim {
    type Form = UserId;
    const KIND: &'static str = "subject";

    fn form(&self) -> UserId {
        self.0
    }

    fn of(form: UserId) -> Self {
        Self(form)
    }
}

/// The person whose mail address this is.
#[derive(Clone, Copy, Debug)]
pub struct MailClaim(pub UserId);

impl Record for MailClaim {
    type Form = UserId;
    const KIND: &'static str = "mail";

    fn form(&self) -> UserId {
        self.0
    }

    fn of(form: UserId) -> Self {
        Self(form)
    }
}

/// The admins who can sign in. It is replaced as a whole, so that two who remove two of them at once cannot remove the last one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admins {
    /// Their ids.
    pub ids: BTreeSet<UserId>,
}

stored_as_is!(Admins = "admins");

impl Keyed for Admins {
    fn key(&self) -> Key {
        keys::admins()
    }
}

/// A segment; its name is what audiences name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The name.
    pub name: String,
}

stored_as_is!(Segment = "segment");

impl Keyed for Segment {
    fn key(&self) -> Key {
        keys::segment(&self.name)
    }
}

/// That somebody belongs to a segment. What decides is the person's own row; this one lists them by segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentMember {
    /// The person.
    pub person: UserId,
}

stored_as_is!(SegmentMember = "segment-member");

/// People, as sets.
pub struct People;

impl People {
    /// Adds a person, with what says that they belong to their segments.
    pub fn insert(tx: &mut Transaction, person: &Person) {
        tx.insert(person);
        join(tx, person, &person.segments);
    }

    /// Replaces a person, with what says that they belong to their segments.
    pub fn replace(tx: &mut Transaction, before: &Stored<Person>, after: &Person) {
        tx.replace(before, after);
        let (old, new) = (&before.value.segments, &after.segments);
        join(tx, after, &new.difference(old).cloned().collect());
        for name in old.difference(new) {
            tx.delete(keys::segment_member(name, after.id), Condition::Any);
            tx.push(Op::Add(keys::segment_count(name), -1));
        }
    }

    /// People in the order in which they were made, from one on, and where the next ones begin. The index lags.
    pub async fn list(
        store: &Store,
        limit: usize,
        from: Option<String>,
    ) -> Result<(Vec<Stored<Person>>, Option<String>), Error> {
        let mut query = Query {
            index: Some(IndexName::Queue),
            from,
            ..Query::partition(keys::PEOPLE, TIMELESS)
        };
        let mut found: Vec<Stored<Person>> = Vec::new();
        loop {
            let (page, next) = store.page::<Person>(&query).await?;
            found.extend(page);
            query.cursor = next;
            if found.len() > limit || query.cursor.is_none() {
                break;
            }
        }
        let next = found.get(limit).map(|p| p.value.id.to_string());
        found.truncate(limit);
        Ok((found, next))
    }

    /// The admins who can sign in, with the version of their set; nobody when there never was one.
    pub async fn admins(store: &Store) -> Result<Option<Stored<Admins>>, Error> {
        store.get::<Admins>(&keys::admins()).await
    }

    /// Every segment with the number of its members, by name.
    pub async fn segments(store: &Store) -> Result<Vec<(String, u64)>, Error> {
        let all = store.all::<Segment>(keys::SEGMENTS).await?;
        let counts: Vec<Key> = all
            .iter()
            .map(|s| keys::segment_count(&s.value.name))
            .collect();
        let counts = store.table().get_many(TableName::Main, &counts, TIMELESS);
        let counts = counts.await?;
        let members = counts.into_iter().map(|row| row.map_or(0, |row| row.n));
        let names = all.into_iter().map(|s| s.value.name);
        let members = members.map(|n| u64::try_from(n).unwrap_or(0));
        Ok(names.zip(members).collect())
    }

    /// The members of a segment.
    pub async fn members(store: &Store, segment: &str) -> Result<Vec<UserId>, Error> {
        let rows = keys::segment_partition(segment);
        let rows = store.all::<SegmentMember>(&rows).await?;
        Ok(rows.into_iter().map(|row| row.value.person).collect())
    }
}

fn join(tx: &mut Transaction, person: &Person, segments: &BTreeSet<String>) {
    for name in segments {
        let member = SegmentMember { person: person.id };
        tx.upsert_at(keys::segment_member(name, person.id), &member);
        let segment = Segment { name: name.clone() };
        tx.upsert_at(segment.key(), &segment);
        tx.push(Op::Add(keys::segment_count(name), 1));
    }
}
