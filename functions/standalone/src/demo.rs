//! The demo: an invented company's help center and staff portal, with tickets. It comes in through the same import as
//! everybody's, once; what is edited afterwards stays.

mod desk;

pub(crate) use desk::Desk;

use crate::app::App;
use crate::cli::Import;
use crate::commands::import;
use crate::exit::Failure;
use crate::output::{Line, Lines};
use include_dir::{Dir, include_dir};
use kb_actions::portals;
use kb_actions::{Error, RequestContext, tickets};
use kb_domain::PortalDraft;
use kb_domain::{Audience, Comments, Level, Locale, Role, Ticket};
use kb_events::Actor;
use kb_identity::NewPerson;
use kb_runtime::DataFolder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

static CONTENT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo");

/// Name of the file that says the demo is in.
const SEEDED: &str = "demo-seeded";

/// A name in each language.
type Names = [(&'static str, &'static str); 3];

/// A portal of the demo: its folder and handle, who it is for, and its names.
const PORTALS: [(&str, &str, Names); 2] = [
    (
        "help",
        "public",
        [
            ("en", "Quillhaven Help Center"),
            ("zh-Hans", "羽港科技帮助中心"),
            ("zh-Hant", "羽港科技說明中心"),
        ],
    ),
    (
        "staff",
        "employees",
        [
            ("en", "Quillhaven Staff Portal"),
            ("zh-Hans", "羽港科技员工门户"),
            ("zh-Hant", "羽港科技員工入口網站"),
        ],
    ),
];

/// Somebody who can sign in.
struct DemoPerson {
    /// What they are, for the printed link.
    role: &'static str,
    person: NewPerson<'static>,
    /// Where they begin.
    target: &'static str,
}

const PEOPLE: [DemoPerson; 6] = [
    DemoPerson {
        role: "admin",
        person: NewPerson {
            name: "Priya Nair",
            level: Level::Agent,
            roles: &[Role::Admin],
            segments: &[],
        },
        target: "/console/connections",
    },
    DemoPerson {
        role: "agent",
        person: NewPerson {
            name: "Mia Chen",
            level: Level::Agent,
            roles: &[Role::Agent],
            segments: &[],
        },
        target: "/agent/inbox",
    },
    DemoPerson {
        role: "editor",
        person: NewPerson {
            name: "Jonas Vermeer",
            level: Level::Agent,
            roles: &[Role::Agent, Role::Publisher, Role::Moderator],
            segments: &[],
        },
        target: "/help/en/",
    },
    DemoPerson {
        role: "employee",
        person: NewPerson {
            name: "Lin Yating",
            level: Level::Employee,
            roles: &[],
            segments: &[],
        },
        target: "/staff/en/",
    },
    DemoPerson {
        role: "HR employee",
        person: NewPerson {
            name: "Anouk de Wit",
            level: Level::Employee,
            roles: &[],
            segments: &["hr"],
        },
        target: "/staff/en/",
    },
    DemoPerson {
        role: "customer",
        person: NewPerson {
            name: "Sam Okafor",
            level: Level::Customer,
            roles: &[],
            segments: &[],
        },
        target: "/help/en/",
    },
];

/// Brings the content in, if this is the first start. A start that was cut off is gone on with.
pub async fn seed(app: &App, folder: &DataFolder, lines: &Lines) -> Result<(), Failure> {
    let seeded = folder.path(SEEDED);
    if seeded.exists() {
        return Ok(());
    }
    lines
        .fact(
            "bringing in the demo's articles and tickets",
            json!({"demo": "seeding"}),
        )
        .await?;
    let source = folder.path("demo");
    let broken =
        |e: std::io::Error| Failure::environment(format!("cannot write {}: {e}", source.display()));
    std::fs::create_dir_all(&source).map_err(broken)?;
    CONTENT.extract(&source).map_err(broken)?;
    for (handle, audience, names) in PORTALS {
        portal(app, handle, audience, names).await?;
        articles(app, &source.join(handle), handle, audience).await?;
    }
    for file in CONTENT.get_dir("tickets").into_iter().flat_map(Dir::files) {
        ticket(app, file.contents()).await?;
    }
    std::fs::remove_dir_all(&source).map_err(broken)?;
    std::fs::write(&seeded, "").map_err(broken)
}

async fn ctx(app: &App) -> Result<RequestContext, Failure> {
    RequestContext::load(&app.kb, App::operator())
        .await
        .map_err(Failure::environment)
}

async fn portal(app: &App, handle: &str, audience: &str, names: Names) -> Result<(), Failure> {
    let ctx = ctx(app).await?;
    let there = portals::list(&app.kb, &ctx)
        .await
        .map_err(Failure::environment)?;
    if there.iter().any(|p| p.value.handle == handle) {
        return Ok(());
    }
    let mut name = BTreeMap::new();
    for (tag, text) in names {
        let locale: Locale = tag.parse().map_err(Failure::environment)?;
        name.insert(locale, text.to_owned());
    }
    let draft = PortalDraft {
        locales: name.keys().cloned().collect(),
        name,
        default_locale: Locale::en(),
        entry: audience.parse::<Audience>().map_err(Failure::environment)?,
        comments: Comments::ApproveFirst,
        default: false,
    };
    let made = portals::create(&app.kb, &ctx, handle.to_owned(), draft)
        .await
        .map_err(Failure::environment)?;
    let made = made.commit(app.kb.store()).await;
    made.map(|_| ()).map_err(Failure::environment)
}

/// Runs the import of a folder; its report is the demo's own affair unless something fails.
async fn articles(app: &App, path: &Path, handle: &str, audience: &str) -> Result<(), Failure> {
    let asked = Import {
        paths: vec![path.to_owned()],
        audience: Some(audience.to_owned()),
        portal: Some(handle.to_owned()),
        locale: None,
        encoding: None,
        source: None,
        draft: false,
        activate: true,
        dry_run: false,
        resume: None,
        undo: None,
    };
    let (lines, mut receiver) = Lines::channel();
    let listen = async {
        let mut failed = Vec::new();
        while let Some(line) = receiver.recv().await {
            if let Line::Item { text, json, .. } = line
                && json["outcome"] == "failed"
            {
                failed.push(text);
            }
        }
        failed
    };
    let work = async {
        let done = import::run(app, &asked, &lines).await;
        drop(lines);
        done
    };
    let (done, failed) = tokio::join!(work, listen);
    done?;
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::environment(failed.join("\n")))
    }
}

async fn ticket(app: &App, bytes: &[u8]) -> Result<(), Failure> {
    let file: Value = serde_json::from_slice(bytes).map_err(Failure::environment)?;
    let ticket: Ticket =
        serde_json::from_value(file["ticket"].clone()).map_err(Failure::environment)?;
    let ctx = ctx(app).await?;
    match tickets::read(&app.kb, &ctx, &ticket.system, &ticket.id).await {
        Ok(_) => return Ok(()),
        Err(Error::NotFound(_)) => {}
        Err(error) => return Err(Failure::environment(error)),
    }
    let kept = tickets::put(&app.kb, &ctx, ticket)
        .await
        .map_err(Failure::environment)?;
    let kept = kept.commit(app.kb.store()).await;
    kept.map(|_| ()).map_err(Failure::environment)
}

/// Prints a fresh link for each of the demo's people. The code stands behind the `#`, which no server sees.
pub async fn links(app: &App, base: &str, lines: &Lines) -> Result<(), Failure> {
    for DemoPerson {
        role,
        person,
        target,
    } in PEOPLE
    {
        let name = person.name;
        let person = app
            .identity
            .person("demo", role, &person)
            .await
            .map_err(Failure::environment)?;
        let link = app
            .identity
            .create_link(person, target, Actor::Operator)
            .await
            .map_err(Failure::environment)?;
        let url = format!("{base}/sign-in#{}", link.secret);
        lines
            .fact(
                format!("sign in as {name} ({role}), once, within an hour: {url}"),
                json!({"sign_in": role, "name": name, "url": url}),
            )
            .await?;
    }
    Ok(())
}
