//! Connections to other systems.

use crate::field::{Field, Pick};
use crate::shell::StaffShell;
use askama::Template;

/// A connection in the list.
#[derive(Clone, Debug)]
pub struct ConnectionLine {
    /// Its page.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// How it is.
    pub state: String,
    /// Whether it waits for a person.
    pub needs_person: bool,
    /// When everything was in; empty while it never was.
    pub caught_up: String,
}

/// Something that is asked about an account.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its name in the form.
    pub key: String,
    /// What is asked.
    pub label: String,
    /// What was entered.
    pub field: Field,
}

/// A kind of system that can be connected.
#[derive(Clone, Debug)]
pub struct ConnectionKind {
    /// Its name in addresses.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Where it sends the browser back.
    pub callback: String,
    /// What is asked.
    pub questions: Vec<Question>,
    /// The id of the client there.
    pub client: Field,
    /// Whether the form stands open.
    pub open: bool,
}

/// Every connection, and the forms that make one.
#[derive(Clone, Template)]
#[template(path = "console/connections.html")]
pub struct ConnectionsPage {
    /// Around it.
    pub shell: StaffShell,
    /// The connections, by name.
    pub lines: Vec<ConnectionLine>,
    /// What can be connected.
    pub kinds: Vec<ConnectionKind>,
    /// The help desk inside the demo, while it is not connected.
    pub demo: Option<DemoOffer>,
}

/// The help desk inside the demo, to be connected with one press.
#[derive(Clone, Debug)]
pub struct DemoOffer {
    /// Its page.
    pub desk: String,
    /// What the form sends: the vendor's word, the answer to its question, and the client.
    pub answers: [(String, String); 3],
}

/// Something that can be done with a connection.
#[derive(Clone, Debug)]
pub struct ConnectionAct {
    /// Where it is sent.
    pub url: String,
    /// What the form sends; empty where the address says it.
    pub value: String,
    /// What it is called.
    pub text: String,
    /// What comes of it; empty where the name says it.
    pub hint: String,
    /// Whether it is what one does next.
    pub primary: bool,
}

/// A number with what it counts.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What is counted.
    pub name: String,
    /// So many, or when.
    pub value: String,
}

/// A place there, with what an admin says of it.
#[derive(Clone, Debug)]
pub struct ConnectionPlace {
    /// Its name in the form.
    pub key: String,
    /// What it is called there, with what it stands in.
    pub name: String,
    /// Articles in it.
    pub articles: String,
    /// Whether its articles come in.
    pub ways: Vec<Pick>,
}

/// What an admin says of what comes in.
#[derive(Clone, Debug)]
pub struct ConnectionMappingForm {
    /// Where it is sent.
    pub url: String,
    /// In which portal.
    pub portals: Vec<Pick>,
    /// Who reads what has no rule of its own.
    pub audiences: Vec<Pick>,
    /// The places there; none before a trial run.
    pub places: Vec<ConnectionPlace>,
}

/// A connection.
#[derive(Clone, Template)]
#[template(path = "console/connection.html")]
pub struct ConnectionPage {
    /// Around it.
    pub shell: StaffShell,
    /// The connections.
    pub back: String,
    /// How it is, in a sentence with the next step.
    pub state: String,
    /// Whether it waits for a person.
    pub needs_person: bool,
    /// What last went wrong; empty where nothing did.
    pub last_error: String,
    /// What can be done.
    pub acts: Vec<ConnectionAct>,
    /// How it is doing.
    pub facts: Vec<Fact>,
    /// What the last trial run found.
    pub trial: Vec<Fact>,
    /// Whether that run goes on.
    pub trial_goes_on: bool,
    /// What an admin says of what comes in.
    pub mapping: ConnectionMappingForm,
    /// Why what was asked for was not done.
    pub fault: Option<String>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::field::samples::{picks, wrong};
    use crate::samples::{staff, text};

    let list = ConnectionsPage {
        shell: staff(tag),
        lines: vec![ConnectionLine {
            url: "/console/connections/con_1".into(),
            name: text(),
            state: text(),
            needs_person: true,
            caught_up: text(),
        }],
        kinds: vec![ConnectionKind {
            slug: "zendesk".into(),
            name: text(),
            callback: text(),
            questions: vec![Question {
                key: "subdomain".into(),
                label: text(),
                field: wrong(),
            }],
            client: wrong(),
            open: true,
        }],
        demo: Some(DemoOffer {
            desk: "/demo/desk/".into(),
            answers: ["vendor", "subdomain", "client"].map(|name| (name.into(), text())),
        }),
    };
    let none = ConnectionsPage {
        lines: Vec::new(),
        demo: None,
        ..list.clone()
    };
    let fact = || Fact {
        name: text(),
        value: text(),
    };
    let act = |primary| ConnectionAct {
        url: "/console/connections/con_1".into(),
        value: "try".into(),
        text: text(),
        hint: if primary { text() } else { String::new() },
        primary,
    };
    let one = ConnectionPage {
        shell: staff(tag),
        back: "/console/connections".into(),
        state: text(),
        needs_person: true,
        last_error: text(),
        acts: vec![act(true), act(false)],
        facts: vec![fact()],
        trial: vec![fact()],
        trial_goes_on: true,
        mapping: ConnectionMappingForm {
            url: "/console/connections/con_1/mapping".into(),
            portals: picks(),
            audiences: picks(),
            places: vec![ConnectionPlace {
                key: "place-1".into(),
                name: text(),
                articles: text(),
                ways: picks(),
            }],
        },
        fault: Some(text()),
    };
    let mut fresh = one.clone();
    fresh.needs_person = false;
    fresh.last_error = String::new();
    fresh.trial = Vec::new();
    fresh.trial_goes_on = false;
    fresh.mapping.places = Vec::new();
    fresh.fault = None;
    vec![list.render(), none.render(), one.render(), fresh.render()]
}
