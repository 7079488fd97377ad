//! `import`: plans each source and stores it item by item; every entry is named in the report.

mod entries;
mod memory;
mod places;
mod sources;
mod tally;
mod undo;
mod wave;

use crate::app::App;
use crate::cli::Import as Asked;
use crate::exit::Failure;
use crate::output::Lines;
use entries::Opened;
use kb_actions::import::{Run, runs};
use kb_actions::{Kb, RequestContext, portals};
use kb_domain::{Audience, ImportId, Locale, Portal, PortalState};
use kb_import::{encoding, plan};
use kb_store::repo::{Import, ImportState, Stored};
use places::{Place, Wanted};
use plan::Planned;
use serde_json::json;
use sources::Sources;
use std::collections::BTreeMap;
use std::path::Path;
use tally::Tally;
use wave::Wave;

/// The options with paths that mean the same in the process that owns the data.
pub(super) fn absolute(mut options: Asked) -> Result<Asked, Failure> {
    for path in &mut options.paths {
        *path = std::fs::canonicalize(&path)
            .map_err(|e| Failure::usage(format!("cannot read {}: {e}", path.display())))?;
    }
    if let Some(audience) = &options.audience {
        audience
            .parse::<Audience>()
            .map_err(|e: kb_domain::Error| {
                Failure::usage(format!("--audience: {}", e.sentence()))
            })?;
    }
    if let Some(name) = &options.encoding {
        encoding::named(name).map_err(|e| Failure::usage(format!("--encoding: {e}")))?;
    }
    Ok(options)
}

pub(crate) async fn run(app: &App, asked: &Asked, lines: &Lines) -> Result<(), Failure> {
    let kb = &app.kb;
    if let Some(id) = &asked.undo {
        return undo::run(app, known(kb, "--undo", id).await?, lines).await;
    }
    let resumed = match &asked.resume {
        None => None,
        Some(id) => Some(known(kb, "--resume", id).await?),
    };
    if resumed
        .as_ref()
        .is_some_and(|r| r.value.state == ImportState::Undone)
    {
        return Err(Failure::refused(
            "that import was taken back; run it again from its source",
        ));
    }
    let asked = match &resumed {
        None => asked.clone(),
        Some(import) => {
            serde_json::from_value(import.value.options.clone()).map_err(Failure::environment)?
        }
    };
    let audience = asked
        .audience
        .as_deref()
        .map(str::parse::<Audience>)
        .transpose()
        .map_err(Failure::usage)?;
    let locale = asked
        .locale
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|e: kb_domain::Error| Failure::usage(format!("--locale: {}", e.sentence())))?;
    let named = asked.encoding.as_deref().map(encoding::named).transpose();
    let how = plan::Asked {
        now: kb.now(),
        encoding: named.map_err(|e| Failure::usage(format!("--encoding: {e}")))?,
        locale: locale.clone(),
        wrapper: None,
    };
    let shown: Vec<String> = asked
        .paths
        .iter()
        .map(|p| p.display().to_string())
        .collect();
    let shown = shown.join(", ");
    let wanted = Wanted {
        asked: &asked,
        audience,
        locale: locale.unwrap_or_else(Locale::en),
    };
    let open = |path: &Path| {
        let mut progress = |done, total| lines.try_progress(done, Some(total));
        Opened::open(path, &how, asked.draft, &mut progress)
    };
    if asked.dry_run {
        let mut tally = Tally::default();
        for path in &asked.paths {
            let mut entries = open(path)?.plan(kb, None, &how).await?;
            tally.expect(entries.total());
            while let Some(planned) = entries.next()? {
                tally.dry(&planned, lines).await?;
            }
        }
        return tally.end("none", &shown, lines).await;
    }
    // The first source is read before the run is begun: most faults of the command line are found by then.
    let mut sources = Vec::new();
    if let Some(first) = asked.paths.first() {
        let opened = open(first)?;
        sources.push((wanted.places(kb, opened.shelves()).await?, opened));
    }
    let import = match resumed {
        Some(import) => import,
        None => begin(kb, &asked).await?,
    };
    let id = import.value.id;
    lines
        .fact(format!("import {id}"), json!({"import": id}))
        .await?;
    let report = app.folder().path("reports").join(format!("{id}.txt"));
    let mut tally = Tally::reporting(&report)?;
    let known = app.folder().path("sources.json");
    let mut names = Sources::open(known, asked.source.clone());
    let mut filled = Vec::new();
    for path in &asked.paths {
        let (places, opened) = if let Some(first) = sources.pop() {
            first
        } else {
            let opened = open(path)?;
            (wanted.places(kb, opened.shelves()).await?, opened)
        };
        let (source, also) = match places.get("") {
            Some(place) => names.name(place.id, path, &opened, &how)?,
            // What was exported knows where its articles came from.
            None => memory::source_names(path, None),
        };
        let named = Import {
            source,
            ..import.value.clone()
        };
        let runs = places
            .iter()
            .map(|(handle, place)| (handle.clone(), wanted.run(&named, &also, place.id)));
        let runs: BTreeMap<String, Run> = runs.collect();
        filled.extend(places.into_values());
        let mut entries = opened.plan(kb, runs.get(""), &how).await?;
        tally.expect(entries.total());
        let mut wave = Wave::default();
        while let Some(planned) = entries.next()? {
            if !wave.admits(&planned) {
                tally.end_of(&mut wave, lines).await?;
            }
            let run = match &planned {
                Planned::Article(item) => runs.get(item.portal.as_deref().unwrap_or_default()),
                _ => None,
            };
            wave.add(kb, run, tally.n + wave.len(), planned);
        }
        tally.end_of(&mut wave, lines).await?;
    }
    let ctx = operator(kb).await?;
    runs::finish(kb, &ctx, &import)
        .await
        .map_err(Failure::environment)?;
    if asked.activate {
        let ctx = operator(kb).await?;
        for place in filled.iter().filter(|p| p.open) {
            let found = portals::read(kb, &ctx, place.id)
                .await
                .map_err(Failure::environment)?;
            portals::activate(kb, &ctx, found)
                .await
                .map_err(Failure::refused)?;
        }
    }
    say_what_is_not_open(kb, &filled, lines).await?;
    app.catch_up().await?;
    tally.end(&id.to_string(), &shown, lines).await
}

/// A portal that nobody but staff may enter yet is the usual reason why readers find nothing after an import.
async fn say_what_is_not_open(kb: &Kb, filled: &[Place], lines: &Lines) -> Result<(), Failure> {
    let ctx = operator(kb).await?;
    let portals = portals::list(kb, &ctx)
        .await
        .map_err(Failure::environment)?;
    let filled = |portal: &Portal| filled.iter().any(|place| place.id == portal.id);
    for Stored { value: portal, .. } in portals {
        if portal.state != PortalState::Active && filled(&portal) {
            let handle = &portal.handle;
            let text = format!(
                "portal {handle} is not open: only staff see it until `import` with --activate opens it"
            );
            lines
                .fact(text, json!({"portal": handle, "open": false}))
                .await?;
        }
    }
    Ok(())
}

/// The run that an option names.
async fn known(kb: &Kb, option: &str, id: &str) -> Result<Stored<Import>, Failure> {
    let id: ImportId = id
        .parse()
        .map_err(|e| Failure::usage(format!("{option}: {e}")))?;
    let found = runs::read(kb, &operator(kb).await?, id)
        .await
        .map_err(Failure::environment)?;
    found.ok_or_else(|| {
        Failure::refused(format!("there is no import {id}; its first line named it"))
    })
}

async fn begin(kb: &Kb, asked: &Asked) -> Result<Stored<Import>, Failure> {
    runs::begin(kb, &operator(kb).await?, json!(asked))
        .await
        .map_err(Failure::environment)
}

/// The context of a command, as of now.
async fn operator(kb: &Kb) -> Result<RequestContext, Failure> {
    RequestContext::load(kb, App::operator())
        .await
        .map_err(Failure::environment)
}
