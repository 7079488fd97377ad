//! The files of a judged set, and the way from its documents to parts.

use super::{Fault, Half, Options};
use crate::part::{Part, Source, parts_of};
use kb_domain::{
    ArticleId, ArticleType, Audience, Kind, Locale, NodeId, PortalId, PublicKey, RevisionId,
    SectionId, Timestamp,
};
use kb_text::document::Passage;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
pub(super) struct Document {
    pub(super) id: String,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) lang: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) path: Option<PathField>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum PathField {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
pub(super) struct Question {
    pub(super) id: String,
    pub(super) text: String,
    #[serde(default)]
    pub(super) lang: Option<String>,
    #[serde(default)]
    pub(super) target_lang: Option<String>,
    #[serde(default)]
    pub(super) out_of_scope: bool,
}

/// The half that a query is in.
pub(super) fn half_of(id: &str) -> Half {
    if Sha256::digest(id)[0] & 0x10 == 0 {
        Half::Tune
    } else {
        Half::Report
    }
}

/// What texts are put in a fixed order by.
pub(super) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

pub(super) fn number(n: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(n as u128 + 1)
}

pub(super) fn parts(document: &Document, id: ArticleId) -> Vec<Part> {
    let locale = document
        .lang
        .as_deref()
        .and_then(|l| l.parse().ok())
        .unwrap_or_else(Locale::en);
    let body = document.body.as_deref().unwrap_or_default();
    let passages = body
        .split("\n\n")
        .filter(|p| !p.trim().is_empty())
        .map(|text| Passage {
            anchor: None,
            heading: None,
            text: text.to_owned(),
        });
    let path = match &document.path {
        Some(PathField::Many(path)) => path.clone(),
        Some(PathField::One(path)) => path.split('/').map(str::to_owned).collect(),
        None => Vec::new(),
    };
    parts_of(&Source {
        article: id,
        key: PublicKey::from_uuid(id.uuid()),
        locale,
        revision: RevisionId::new(number(0)),
        version: 1,
        audience: Audience::public().id(),
        portals: vec![PortalId::new(number(0))],
        nodes: vec![NodeId::Section(SectionId::new(number(0)))],
        kind: Kind::Explicit,
        article_type: ArticleType::default(),
        labels: document.tags.clone(),
        published_at: Timestamp(1),
        title: document.title.clone().unwrap_or_default(),
        summary: String::new(),
        path,
        passages: passages.collect(),
        faq: Vec::new(),
    })
}

pub(super) fn either(dir: &Path, name: &str) -> PathBuf {
    let plain = dir.join(name);
    if plain.exists() {
        plain
    } else {
        dir.join(format!("{name}.gz"))
    }
}

pub(super) fn corpus_files(options: &Options) -> Result<Vec<PathBuf>, Fault> {
    if let Some(file) = &options.corpus {
        return Ok(vec![file.clone()]);
    }
    let fault = |e| Fault::File(options.dir.clone(), e);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&options.dir)
        .map_err(fault)?
        .flatten()
        .map(|e| e.path())
        .collect();
    let is_corpus = |path: &PathBuf| {
        let name = path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        name.starts_with("corpus.")
            && [".jsonl", ".jsonl.gz"]
                .iter()
                .any(|end| name.ends_with(end))
    };
    files.retain(is_corpus);
    files.sort();
    if files.is_empty() {
        return Err(fault(std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "there is no corpus*.jsonl[.gz] in it",
        )));
    }
    Ok(files)
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Fault> {
    let file = std::fs::File::open(path).map_err(|e| Fault::File(path.to_owned(), e))?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|e| e == "gz") {
        Box::new(flate2::read::GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(Box::new(BufReader::new(reader)))
}

pub(super) fn lines<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>, Fault> {
    let mut records = Vec::new();
    for (n, line) in open(path)?.lines().enumerate() {
        let line = line.map_err(|e| Fault::File(path.to_owned(), e))?;
        if !line.trim().is_empty() {
            records.push(
                serde_json::from_str(&line)
                    .map_err(|e| Fault::Line(path.to_owned(), n + 1, e.to_string()))?,
            );
        }
    }
    Ok(records)
}

pub(super) fn judgments(path: &Path) -> Result<HashMap<String, BTreeMap<String, u32>>, Fault> {
    let mut qrels: HashMap<String, BTreeMap<String, u32>> = HashMap::new();
    for (n, line) in open(path)?.lines().enumerate() {
        let line = line.map_err(|e| Fault::File(path.to_owned(), e))?;
        let mut parts = line.split('\t');
        let (Some(query), Some(document)) = (parts.next(), parts.next()) else {
            continue;
        };
        let grade = parts.next().unwrap_or("1").trim().parse::<f64>();
        let grade = grade.map_err(|e| Fault::Line(path.to_owned(), n + 1, e.to_string()))?;
        qrels
            .entry(query.to_owned())
            .or_default()
            .insert(document.to_owned(), grade.max(0.0) as u32);
    }
    Ok(qrels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_half_follows_from_the_first_digit_of_the_hash() {
        // As `printf q1 | sha256sum` says: c7, be, 58, 11.
        let halves = ["q1", "q2", "q3", "q4"].map(half_of);
        assert_eq!(
            halves,
            [Half::Tune, Half::Report, Half::Report, Half::Report]
        );
        assert_eq!(half_of("zd1"), Half::Tune, "44");
    }
}
