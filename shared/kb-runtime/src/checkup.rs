//! Whether the engines of a home work, for `doctor`: each is asked, and what is wrong is told with its remedy.

use crate::folder::FORMAT;
use crate::home::Home;
use crate::scratch::Scratch;
use kb_actions::lexicon;
use kb_search::measure;
use kb_store::{Embedded, TableName, keys};
use kb_text::analysis;

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The engine, or the variable that says where it is.
    pub field: &'static str,
    /// What was found; or what is wrong, and what to do about it.
    pub found: Result<String, String>,
}

impl Finding {
    fn of(
        field: &'static str,
        found: Result<impl Into<String>, impl std::fmt::Display>,
        remedy: &str,
    ) -> Self {
        let found = found.map(Into::into);
        let found = found.map_err(|error| format!("{error}: {remedy}"));
        Self { field, found }
    }
}

/// Asks every engine. A blob of its own is written and removed again. The three documents of [`measure::check`] are written into an index of their own, which is removed again.
pub async fn of(home: &Home) -> Vec<Finding> {
    let mut findings = kept(home).await;
    #[cfg(feature = "domain")]
    if let (Some(collection), Some(stack)) = (&home.collection, &home.stack) {
        findings.push(remote::domain(stack).await);
        findings.extend(remote::collection(collection).await);
        let clock = home.kb.clock().clone();
        findings.push(scores(Scratch::beside(stack.search(clock)).await).await);
        return findings;
    }
    findings.insert(0, format_of(home));
    findings.extend(home.store.as_ref().map(|store| pages_of(store)));
    findings.insert(1, folder_of(home));
    let built = analysis::VERSION;
    findings.push(Finding {
        field: "index",
        // Another analysis' index is laid aside when the home is opened.
        found: Ok(if home.must_rebuild {
            format!("empty, or of another analysis than {built}: the next sidenote serve builds it")
        } else {
            format!("built by analysis {built}, which this program uses")
        }),
    });
    findings.push(scores(Scratch::in_memory()).await);
    findings
}

/// Whether every page of the store is as it was written.
fn pages_of(store: &Embedded) -> Finding {
    let checked = store.check_integrity();
    Finding::of(
        "pages",
        checked
            .map(|()| "every page of the store is as it was written")
            .map_err(|(file, error)| format!("{file}: {}", kb_store::chain(&error))),
        "restore the folder from a backup",
    )
}

/// Whether the lexicons can be read: without them everything is found, in a worse order.
async fn lexicons(home: &Home) -> Finding {
    let read = lexicon::read(&home.kb).await;
    Finding::of(
        "lexicon",
        read.map(|found| match found {
            Some(lexicons) => format!("made of {} parts", lexicons.all.parts()),
            None => "not made yet; the next sidenote serve makes it".to_owned(),
        })
        .map_err(|error| kb_store::chain(&error)),
        "run sidenote serve or sidenote reindex, which make it anew",
    )
}

/// The format of the data folder, and what an upgrade does to it.
fn format_of(home: &Home) -> Finding {
    let found = home.folder.found_format();
    let from = if found == FORMAT {
        String::new()
    } else {
        format!(", raised from {found} just now")
    };
    Finding {
        field: "format",
        found: Ok(format!(
            "{FORMAT}{from}; rows that an older program wrote are read as they are and upgraded when they are next written; a program that knows only an older format refuses this folder, so keep a copy of it before you upgrade"
        )),
    }
}

/// Whether others on this machine can read what people wrote.
fn folder_of(home: &Home) -> Finding {
    let path = home.folder.root().display();
    let found = match home.folder.open_to_others() {
        Ok(None) => Ok("its owner's alone".to_owned()),
        // Whoever unpacked it may have meant it so.
        Ok(Some(mode)) => Ok(format!(
            "WARNING: its mode is {mode}, so that other users of this machine reach what people wrote: chmod 700 {path}"
        )),
        Err(error) => Err(format!("{path} cannot be looked at: {error}")),
    };
    Finding {
        field: "folder",
        found,
    }
}

/// Tables and blobs.
async fn kept(home: &Home) -> Vec<Finding> {
    let (main, log) = if home.store.is_some() {
        ("table main", "table log")
    } else {
        ("SIDENOTE_TABLE_MAIN", "SIDENOTE_TABLE_LOG")
    };
    let blobs = if home.store.is_some() {
        "blobs"
    } else {
        "SIDENOTE_BUCKET"
    };
    let mut findings = Vec::new();
    let now = home.kb.now().unix_seconds();
    for (field, table) in [(main, TableName::Main), (log, TableName::Log)] {
        let read = home.kb.store().table().get(table, &keys::gate(), now).await;
        let remedy = "see that the table is there and that these keys may read it";
        findings.push(Finding::of(field, read.map(|_| "answers"), remedy));
    }
    let remedy = "see that it is there and that these keys may read, write and delete in it";
    findings.push(Finding::of(blobs, probe(home).await, remedy));
    findings.push(lexicons(home).await);
    findings
}

/// Writes, reads and removes a blob of its own: where nothing is kept, a look at what is not there tells nothing.
async fn probe(home: &Home) -> Result<&'static str, String> {
    let blobs = home.kb.store().blobs();
    let name = format!("doctor/{}", home.kb.ids().uuid().simple());
    let written = blobs.put(&name, name.clone().into_bytes()).await;
    written.map_err(|e| e.to_string())?;
    let read = blobs.get(&name).await;
    let removed = blobs.delete(&name).await;
    if read.map_err(|e| e.to_string())? != Some(name.into_bytes()) {
        return Err("what was just written is not there".to_owned());
    }
    removed.map_err(|e| e.to_string())?;
    Ok("answers")
}

/// Whether the engine measures as every other: it is asked on an index of its own.
async fn scores(scratch: Result<Scratch, crate::Error>) -> Finding {
    let measured = async {
        let scratch = scratch.map_err(|e| e.to_string())?;
        let checked = measure::check(&*scratch.index).await;
        // What was laid is removed whatever was found.
        let removed = scratch.remove().await;
        checked.map_err(|e| e.to_string())?;
        removed.map_err(|e| e.to_string())
    };
    let told = measured
        .await
        .map(|()| "three fixed documents score as in every engine");
    Finding::of(
        "scores",
        told,
        "use an engine that this program is tested with, and give these keys the right to make and remove indexes beside its own",
    )
}

#[cfg(feature = "domain")]
mod remote {
    use super::{Finding, analysis};
    use crate::aws::Stack;
    use kb_search_opensearch::domain::{client, find};
    use kb_search_opensearch::{Health, OpenSearchIndex};

    /// The domain that the environment names, as AWS describes it.
    pub(super) async fn domain(stack: &Stack) -> Finding {
        let given = &stack.opensearch;
        let field = "SIDENOTE_OPENSEARCH_DOMAIN";
        let Some(name) = &stack.domain else {
            return Finding {
                field: "SIDENOTE_OPENSEARCH",
                found: Ok(format!(
                    "the endpoint is given, {given}; no domain is named"
                )),
            };
        };
        let client = client(
            &stack.region,
            &stack.keys,
            stack.domains_endpoint.as_deref(),
        );
        let region = &stack.region;
        let found = match find(&client, name).await {
            Err(error) => Err(format!(
                "{error}: give these keys es:DescribeDomain, or unset it"
            )),
            Ok(None) => Err(format!(
                "{region} has no domain {name}: name the one of the stack, or unset it where the endpoint is given"
            )),
            Ok(Some(domain)) if domain.deleted => Err(format!(
                "{name} is being removed: deploy the stack again, then run sidenote reindex"
            )),
            Ok(Some(domain)) => match domain.endpoint {
                None => Err(format!(
                    "{name} has no endpoint yet: wait until AWS has made it"
                )),
                Some(endpoint) => {
                    let other = if endpoint.trim_end_matches('/') == given.trim_end_matches('/') {
                        String::new()
                    } else {
                        format!("; it is asked at another address, {given}")
                    };
                    let changing = if domain.processing {
                        "; its settings are being changed"
                    } else {
                        ""
                    };
                    let engine = domain.engine;
                    Ok(format!("{name} is {engine} at {endpoint}{other}{changing}"))
                }
            },
        };
        Finding { field, found }
    }

    /// The health of the collection, and which analysis built it.
    pub(super) async fn collection(index: &OpenSearchIndex) -> Vec<Finding> {
        let built = match index.built_by().await {
            Ok(Some(found)) if found == analysis::VERSION => Ok(format!(
                "built by analysis {found}, which this program uses"
            )),
            Ok(Some(found)) => Err(format!(
                "built by analysis {found}, this program uses {}: run sidenote reindex",
                analysis::VERSION
            )),
            Ok(None) => Err("nothing has been built yet: run sidenote reindex".to_owned()),
            Err(error) => Err(format!(
                "{error}: see that SIDENOTE_OPENSEARCH is its address and that these keys may use it"
            )),
        };
        let is_there = built.is_ok();
        let mut findings = vec![Finding {
            field: "index",
            found: built,
        }];
        if is_there {
            let found = match index.health().await {
                Ok(None) => Ok("a serverless collection tells none".to_owned()),
                Ok(Some(Health::Green)) => Ok("green".to_owned()),
                Ok(Some(Health::Yellow)) => {
                    Ok("yellow: not every copy of the index is there".to_owned())
                }
                Ok(Some(Health::Red)) => Err(
                    "red, the index is not all there: see what the domain says of its nodes and disks; when it stays so, run \
                     sidenote reindex"
                        .to_owned(),
                ),
                Err(error) => Err(format!(
                    "{error}: give these keys the right to read /_cluster/health"
                )),
            };
            findings.push(Finding {
                field: "health",
                found,
            });
        }
        findings
    }
}
