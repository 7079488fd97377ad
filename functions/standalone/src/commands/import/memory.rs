//! What the base knows of a source from earlier runs.

use crate::app::App;
use crate::exit::Failure;
use kb_actions::import::{Run, held, is_held};
use kb_actions::{Kb, RequestContext};
use kb_import::layout;
use kb_import::plan::Known;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// What an earlier run left out of ids: the folder that held everything then, or none; `None` where nothing is known.
pub(super) async fn wrapper(
    kb: &Kb,
    run: &Run,
    paths: &[&str],
) -> Result<Option<Option<String>>, Failure> {
    let ctx = context(kb).await?;
    let mut kept_whole = false;
    for (top, ids) in layout::samples(paths) {
        let (mut without, mut whole) = (0, 0);
        for (short, long) in ids {
            without += usize::from(
                is_held(kb, &ctx, run, &short)
                    .await
                    .map_err(Failure::environment)?,
            );
            whole += usize::from(
                is_held(kb, &ctx, run, &long)
                    .await
                    .map_err(Failure::environment)?,
            );
        }
        if without > whole {
            return Ok(Some(Some(top)));
        }
        kept_whole |= whole > 0;
    }
    Ok(kept_whole.then_some(None))
}

/// What the base holds under ids that several texts would have.
pub(super) async fn known(
    kb: &Kb,
    run: &Run,
    ids: HashSet<String>,
) -> Result<HashMap<String, Known>, Failure> {
    let ctx = context(kb).await?;
    let mut known = HashMap::new();
    for id in ids {
        let found = held(kb, &ctx, run, &id)
            .await
            .map_err(Failure::environment)?;
        if let Some((title, body)) = found {
            known.insert(id, Known { title, body });
        }
    }
    Ok(known)
}

async fn context(kb: &Kb) -> Result<RequestContext, Failure> {
    RequestContext::load(kb, App::operator())
        .await
        .map_err(Failure::environment)
}

/// The name under which external ids of a source are unique, and what earlier versions of this program called it: its file name
/// without what tells the format, and without a date, a number of a copy or a commit, which change from one export to the next.
pub(super) fn source_names(path: &Path, named: Option<&str>) -> (String, Vec<String>) {
    if let Some(named) = named {
        return (format!("import:{named}"), Vec::new());
    }
    let is_text = path.is_file() && kb_import::entry::is_article(&path.to_string_lossy());
    let path = if is_text {
        path.parent().unwrap_or(path)
    } else {
        path
    };
    let name = path
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let stem = [".tar.gz", ".tgz", ".zip", ".jsonl.gz", ".jsonl"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(&name);
    let lasting = lasting(stem);
    let also = (lasting != stem).then(|| format!("import:{stem}"));
    (format!("import:{lasting}"), also.into_iter().collect())
}

/// A name without what changes from one copy of a source to the next; as it is where nothing else is in it.
fn lasting(stem: &str) -> String {
    let pattern = regex::Regex::new(
        r"(?ix)
        [\s._-]* (?:
            (?:19|20)\d\d [-_.]? (?:0[1-9]|1[0-2]) [-_.]? (?:0[1-9]|[12]\d|3[01])
                (?: [-_.T\s]* \d\d [-_.:h]? \d\d (?: [-_.:m]? \d\d )? (?:z|s)? )?
            | \(\d{1,3}\)
            | \s-\s(?:copy|kopie) (?:\s\(\d+\))? $
            | \scopy (?:\s\d+)? $
            | [-_](?:latest|current) $
            | [-_][0-9a-f]{40} $
            | [-_]\d{9,13} $
        )",
    )
    .expect("the pattern is a constant of this file");
    let short = pattern.replace_all(stem, "");
    let short = short.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '_' | '.'));
    if short.is_empty() {
        stem.to_owned()
    } else {
        short.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_keeps_its_name_from_one_export_to_the_next() {
        for stem in [
            "export",
            "export-2026-01-05",
            "export-20260105",
            "export_2026.01.05",
            "2026-01-05-export",
            "export (1)",
            "export - Copy",
            "export copy 2",
            "export-latest",
            "export-2026-01-05T10-30-00Z",
            "export-20260105-103000",
            "export-0123456789abcdef0123456789abcdef01234567",
            "export-1767571200",
        ] {
            assert_eq!(lasting(stem), "export", "{stem}");
        }
        for stem in [
            "2026-01-05",
            "docs",
            "v1.2",
            "kb-2",
            "handbook-18f",
            "iso-27001",
            "20260105",
        ] {
            assert_eq!(lasting(stem), stem);
        }
        let (name, also) = source_names(Path::new("/x/export-2026-01-05.tar.gz"), None);
        assert_eq!(
            (name.as_str(), also),
            ("import:export", vec!["import:export-2026-01-05".to_owned()])
        );
        assert_eq!(source_names(Path::new("/x/docs"), Some("b")).0, "import:b");
    }
}
