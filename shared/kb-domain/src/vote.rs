//! Votes: whether an article helped, and if not, why.

use crate::clock::Timestamp;
use crate::error::{Error, FieldError};
use crate::id::{ArticleId, RevisionId, UserId, VoterId};
use crate::locale::Locale;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The longest text beside a vote, in characters.
pub const VOTE_TEXT_MAX_CHARS: usize = 1_000;

/// Whether an article helped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VoteValue {
    /// It did.
    Yes,
    /// It did not.
    No,
}

impl VoteValue {
    /// Its name in JSON and in counters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
        }
    }
}

/// Why an article did not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VoteReason {
    /// What it says is wrong.
    Inaccurate,
    /// It is hard to follow.
    Unclear,
    /// Something is missing.
    Incomplete,
    /// It was right once.
    Outdated,
    /// It is about something else.
    NotWhatINeeded,
    /// Something else.
    Other,
}

impl VoteReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::Inaccurate,
        Self::Unclear,
        Self::Incomplete,
        Self::Outdated,
        Self::NotWhatINeeded,
        Self::Other,
    ];

    /// Its name in JSON and in counters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inaccurate => "inaccurate",
            Self::Unclear => "unclear",
            Self::Incomplete => "incomplete",
            Self::Outdated => "outdated",
            Self::NotWhatINeeded => "not_what_i_needed",
            Self::Other => "other",
        }
    }
}

/// Who votes: a person, or whoever holds a signed token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Voter {
    /// A person who is signed in.
    Person(UserId),
    /// A browser in which nobody is.
    Anonymous(VoterId),
}

impl fmt::Display for Voter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => fmt::Display::fmt(id, f),
            Self::Anonymous(id) => fmt::Display::fmt(id, f),
        }
    }
}

impl FromStr for Voter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.starts_with(VoterId::PREFIX) {
            text.parse().map(Self::Anonymous)
        } else {
            text.parse().map(Self::Person)
        }
    }
}

impl Serialize for Voter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Voter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What a voter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// Whether it helped.
    pub value: VoteValue,
    /// Why not.
    pub reason: Option<VoteReason>,
    /// Why not, in their own words.
    pub text: Option<String>,
}

impl Ballot {
    /// Without a reason.
    pub fn bare(value: VoteValue) -> Self {
        Self {
            value,
            reason: None,
            text: None,
        }
    }

    /// The same with plain line ends and nothing around its text; a text of nothing is none.
    #[must_use]
    pub fn tidy(self) -> Self {
        let text = self.text.map(|t| t.replace("\r\n", "\n").trim().to_owned());
        Self {
            text: text.filter(|t| !t.is_empty()),
            ..self
        }
    }

    /// Refuses a reason or a text beside a yes, and a text that is too long; all faults together.
    pub fn check(&self) -> Result<(), Error> {
        let mut faults = Vec::new();
        let mut fault = |pointer: &str, code: &str, detail: String| {
            faults.push(FieldError {
                pointer: pointer.to_owned(),
                code: code.to_owned(),
                detail,
            });
        };
        if self.value == VoteValue::Yes {
            for (pointer, is_there) in [
                ("/reason", self.reason.is_some()),
                ("/text", self.text.is_some()),
            ] {
                if is_there {
                    let detail = "only a vote of no has it; leave it out".to_owned();
                    fault(pointer, "not_allowed", detail);
                }
            }
        }
        let length = self.text.as_ref().map_or(0, |t| t.chars().count());
        if length > VOTE_TEXT_MAX_CHARS {
            let detail = format!("at most {VOTE_TEXT_MAX_CHARS} characters; this has {length}");
            fault("/text", "too_long", detail);
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Fields(faults))
        }
    }

    /// What it counts for: yes or no, and a reason.
    pub fn counted(&self) -> impl Iterator<Item = &'static str> {
        let reason = self.reason.map(VoteReason::as_str);
        [self.value.as_str()].into_iter().chain(reason)
    }
}

/// A vote that was cast: at most one of a voter on an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The article.
    pub article: ArticleId,
    /// Who voted.
    pub voter: Voter,
    /// What they say.
    pub ballot: Ballot,
    /// The language in which they read it.
    pub locale: Locale,
    /// The revision that they read.
    pub revision: RevisionId,
    /// When they voted, or changed their mind.
    pub at: Timestamp,
}

impl Vote {
    /// Whether both say the same of the same text.
    pub fn says_what(&self, other: &Self) -> bool {
        let said = |v: &Self| (v.ballot.clone(), v.locale.clone(), v.revision);
        said(self) == said(other)
    }
}

/// How often an article helped, and how often it did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoteCounts {
    /// Votes of yes.
    pub yes: u64,
    /// Votes of no.
    pub no: u64,
    /// Votes of no by their reason; a reason that nobody gave is absent.
    pub reasons: BTreeMap<VoteReason, u64>,
}

impl VoteCounts {
    /// Votes of yes minus votes of no.
    pub fn net(&self) -> i64 {
        self.yes.cast_signed().saturating_sub(self.no.cast_signed())
    }

    /// Whether nobody has voted.
    pub fn is_empty(&self) -> bool {
        self.yes == 0 && self.no == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn no(reason: Option<VoteReason>, text: &str) -> Ballot {
        Ballot {
            value: VoteValue::No,
            reason,
            text: Some(text.to_owned()),
        }
    }

    fn faults(ballot: &Ballot) -> Vec<String> {
        let Err(Error::Fields(faults)) = ballot.check() else {
            return Vec::new();
        };
        let told = faults.iter().map(|f| format!("{} {}", f.pointer, f.code));
        told.collect()
    }

    #[test]
    fn reason_and_text_belong_to_a_no_and_the_text_has_an_end() {
        let reason = Some(VoteReason::Outdated);
        assert_eq!(faults(&Ballot::bare(VoteValue::Yes)), [""; 0]);
        assert_eq!(faults(&no(reason, &"字".repeat(1_000))), [""; 0]);
        assert_eq!(faults(&no(None, &"字".repeat(1_001))), ["/text too_long"]);
        let yes = Ballot {
            value: VoteValue::Yes,
            ..no(reason, "old")
        };
        assert_eq!(faults(&yes), ["/reason not_allowed", "/text not_allowed"]);
    }

    #[test]
    fn a_text_of_nothing_is_none_and_line_ends_are_plain() {
        assert_eq!(no(None, " \r\n\t").tidy().text, None);
        let text = no(None, " one\r\ntwo\n").tidy().text;
        assert_eq!(text.as_deref(), Some("one\ntwo"));
    }

    #[test]
    fn a_vote_counts_for_its_value_and_its_reason() {
        let counted: Vec<&str> = no(Some(VoteReason::NotWhatINeeded), "").counted().collect();
        assert_eq!(counted, ["no", "not_what_i_needed"]);
        assert_eq!(Ballot::bare(VoteValue::Yes).counted().count(), 1);
        let counts = VoteCounts {
            yes: 1,
            no: 3,
            ..VoteCounts::default()
        };
        assert_eq!(counts.net(), -2);
    }

    #[test]
    fn every_name_is_the_one_in_json() {
        for reason in VoteReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        for value in [VoteValue::Yes, VoteValue::No] {
            assert_eq!(serde_json::to_value(value).unwrap(), value.as_str());
        }
    }

    #[test]
    fn a_voter_is_written_and_read_as_an_id() {
        let uuid = Uuid::from_u128(7);
        for voter in [
            Voter::Person(UserId::new(uuid)),
            Voter::Anonymous(VoterId::new(uuid)),
        ] {
            assert_eq!(voter.to_string().parse::<Voter>().unwrap(), voter);
        }
        assert!("key_00000000000000000000000007".parse::<Voter>().is_err());
    }
}
