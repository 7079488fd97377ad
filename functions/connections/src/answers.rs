//! Connections as the API answers them.

use kb_actions::connections::{Status, health};
use kb_actions::sync::Report;
use kb_domain::remote::{
    Connection, ConnectionState, Dying, Health, Mapping, PlaceRule, Use, UseState,
};
use kb_domain::{ConnectionId, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A connection to another system.
#[derive(Serialize, ToSchema)]
#[schema(as = Connection)]
pub(crate) struct ConnectionAnswer {
    id: ConnectionId,
    /// Which kind of system.
    vendor: String,
    /// The account, for example `zendesk:acme`; articles that come from it are named by it.
    system: String,
    name: String,
    /// The answers to the questions of its kind.
    answers: BTreeMap<String, String>,
    /// The id of the OAuth client by which consent is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    /// How it is, and what can be done about it.
    health: Health,
    /// Why its grant is over: `refused`, `lost` or `sealed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// What a listing missed, and of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
    mapping: MappingAnswer,
    status: StatusAnswer,
    /// The page of it in the console.
    url: String,
}

/// What is held.
#[derive(Serialize, ToSchema)]
pub(crate) struct Held {
    missing: u64,
    of: u64,
    at: Timestamp,
}

/// How a connection is doing.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionStatus)]
pub(crate) struct StatusAnswer {
    /// When everything was in.
    #[serde(skip_serializing_if = "Option::is_none")]
    caught_up_at: Option<Timestamp>,
    /// When a page was last read.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_ok_at: Option<Timestamp>,
    /// What went wrong since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<LastError>,
    /// Until when the other system has it wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_until: Option<Timestamp>,
    /// Things that were named, written and put off since it began.
    seen: u64,
    written: u64,
    failed: u64,
    /// Things that wait to be looked at by themselves, counted up to a thousand.
    waiting: usize,
    /// How far the full listing that goes on has come, in things.
    #[serde(skip_serializing_if = "Option::is_none")]
    listed: Option<u64>,
    /// What the last trial run found.
    #[serde(skip_serializing_if = "Option::is_none")]
    trial: Option<TrialAnswer>,
}

/// What last went wrong.
#[derive(Serialize, ToSchema)]
pub(crate) struct LastError {
    at: Timestamp,
    detail: String,
}

/// What a trial run found.
#[derive(Serialize, ToSchema)]
#[schema(as = TrialReport)]
pub(crate) struct TrialAnswer {
    begun_at: Timestamp,
    /// When it was whole; absent while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    /// Articles that would come in.
    articles: u64,
    /// Texts by language, as the other system writes languages.
    texts: BTreeMap<String, u64>,
    /// Texts of languages that do not come in.
    left_out: BTreeMap<String, u64>,
    /// The places there, with the articles that stand in each.
    places: Vec<PlaceAnswer>,
    /// Reader rules that are not understood, with the articles that wait for each.
    unknown_readers: Vec<RuleAnswer>,
    /// Articles that nobody would read, as none of their reader rules is understood.
    hidden: u64,
    /// Articles of places that are off.
    off: u64,
    /// Articles of which readers see nothing there.
    drafts: u64,
    /// Articles that cannot be read.
    unreadable: u64,
    labels: u64,
    pictures: u64,
    files: u64,
}

/// A place there.
#[derive(Serialize, ToSchema)]
#[schema(as = TrialPlace)]
pub(crate) struct PlaceAnswer {
    id: String,
    name: String,
    /// What it stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    articles: u64,
}

/// A reader rule there.
#[derive(Serialize, ToSchema)]
#[schema(as = TrialRule)]
pub(crate) struct RuleAnswer {
    id: String,
    name: String,
    articles: u64,
}

impl From<Report> for TrialAnswer {
    fn from(report: Report) -> Self {
        let count = |id| report.places.get(id).copied().unwrap_or_default();
        let places = report.names.iter().map(|place| PlaceAnswer {
            articles: count(&place.id),
            id: place.id.to_string(),
            name: place.name.clone(),
            parent: place.parent.as_ref().map(ToString::to_string),
        });
        let name = |id| report.rule_names.get(id).cloned().unwrap_or_default();
        let rules = report.unknown.iter().map(|(id, articles)| RuleAnswer {
            id: id.to_string(),
            name: name(id),
            articles: *articles,
        });
        Self {
            begun_at: report.begun_at,
            ended_at: report.ended_at,
            articles: report.articles,
            places: places.collect(),
            unknown_readers: rules.collect(),
            texts: report.texts,
            left_out: report.left_out,
            hidden: report.hidden,
            off: report.off,
            drafts: report.drafts,
            unreadable: report.unreadable,
            labels: report.labels.len() as u64,
            pictures: report.pictures,
            files: report.files,
        }
    }
}

impl From<Status> for StatusAnswer {
    fn from(status: Status) -> Self {
        let progress = status.progress.as_ref();
        let count = |of: fn(&kb_store::repo::Progress) -> u64| progress.map_or(0, of);
        Self {
            caught_up_at: progress.and_then(|p| p.caught_up_at),
            last_ok_at: progress.and_then(|p| p.last_ok_at),
            last_error: progress
                .and_then(|p| p.stumble.as_ref())
                .map(|s| LastError {
                    at: s.at,
                    detail: s.what.clone(),
                }),
            waits_until: progress.and_then(|p| p.waits_until),
            seen: count(|p| p.seen),
            written: status.written(),
            failed: count(|p| p.failed),
            waiting: status.waiting,
            listed: status.listing.map(|l| l.listed),
            trial: status.report.map(TrialAnswer::from),
        }
    }
}

/// What an admin says of what comes in.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionMapping)]
pub(crate) struct MappingAnswer {
    /// Our locale by their language.
    languages: BTreeMap<String, String>,
    /// What holds for every place that says nothing else.
    everywhere: PlaceRuleAnswer,
    /// Places by their id there.
    places: BTreeMap<String, PlaceRuleAnswer>,
}

/// What holds for a place.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionPlace)]
pub(crate) struct PlaceRuleAnswer {
    /// `in`, `off`; as in the place around it when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    way: Option<&'static str>,
    /// Who reads what has no rule of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<String>,
    /// The portal in which it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    portal: Option<String>,
    /// The section of ours that stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
}

impl From<&PlaceRule> for PlaceRuleAnswer {
    fn from(rule: &PlaceRule) -> Self {
        use kb_domain::remote::Way;
        Self {
            way: rule.way.map(|way| match way {
                Way::In => "in",
                Way::Out => "out",
                Way::Off => "off",
            }),
            audience: rule.audience.as_ref().map(ToString::to_string),
            portal: rule.portal.map(|p| p.to_string()),
            section: rule.section.map(|s| s.to_string()),
        }
    }
}

impl From<&Mapping> for MappingAnswer {
    fn from(mapping: &Mapping) -> Self {
        let languages = mapping.languages.all();
        let places = mapping.places.iter();
        Self {
            languages: languages
                .map(|(t, o)| (t.to_owned(), o.to_string()))
                .collect(),
            everywhere: (&mapping.everywhere).into(),
            places: places
                .map(|(id, rule)| (id.to_string(), rule.into()))
                .collect(),
        }
    }
}

impl ConnectionAnswer {
    pub fn of(connection: &Connection, status: Status, now: Timestamp, url: String) -> Self {
        let held = match connection.uses.get(&Use::KnowledgeIn) {
            Some(UseState::Held { missing, of, at }) => Some(Held {
                missing: *missing,
                of: *of,
                at: *at,
            }),
            _ => None,
        };
        let reason = match connection.state {
            ConnectionState::Reconnect { why, .. } => Some(match why {
                Dying::Refused => "refused",
                Dying::Lost => "lost",
                Dying::Sealed => "sealed",
            }),
            _ => None,
        };
        Self {
            id: connection.id,
            vendor: connection.vendor.clone(),
            system: connection.system.clone(),
            name: connection.name.clone(),
            answers: connection.answers.clone(),
            client: connection.client.as_ref().map(|c| c.id.clone()),
            health: health(connection, &status, now),
            reason,
            held,
            mapping: (&connection.mapping).into(),
            status: status.into(),
            url,
        }
    }
}
