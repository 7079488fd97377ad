//! Many writes in one request, and what became of each.

use crate::mapping;
use crate::wire::{Reply, is_busy};
use kb_search::{Error, Part};
use serde_json::{Value, json};

/// A request is no larger than this, unless a single document is; small domains take 10 MB.
const BYTES_MAX: usize = 4_000_000;
/// So many documents in a request.
const DOCUMENTS_MAX: usize = 1_000;

/// The parts as bodies of requests. A write of a version below the one that is there is refused by the engine, one of the same
/// version is not.
pub(crate) fn writes(parts: &[Part]) -> Result<Vec<String>, Error> {
    let mut bodies = Bodies::default();
    for part in parts {
        let action = json!({"index": {
            "_id": part.id.to_string(),
            "version": mapping::stored_version(part.version),
            "version_type": "external_gte",
        }});
        bodies.add(&format!("{action}\n{}\n", mapping::document(part)?));
    }
    Ok(bodies.done)
}

/// Removals of documents that are still as they were seen: id, sequence number and term of the primary.
pub(crate) fn removals(seen: &[(String, i64, i64)]) -> Vec<String> {
    let mut bodies = Bodies::default();
    for (id, number, term) in seen {
        let action = json!({"delete": {"_id": id, "if_seq_no": number, "if_primary_term": term}});
        bodies.add(&format!("{action}\n"));
    }
    bodies.done
}

#[derive(Default)]
struct Bodies {
    done: Vec<String>,
    documents: usize,
}

impl Bodies {
    fn add(&mut self, lines: &str) {
        let full = |body: &String| body.len() + lines.len() > BYTES_MAX;
        if self.documents >= DOCUMENTS_MAX || self.done.last().is_none_or(full) {
            self.done.push(String::new());
            self.documents = 0;
        }
        self.documents += 1;
        if let Some(body) = self.done.last_mut() {
            body.push_str(lines);
        }
    }
}

/// What became of a request.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Everything is written or was late.
    Done,
    /// The index is not there any more.
    Gone,
}

/// What became of the single writes. Errors: one could not be written, for another reason than being late.
pub(crate) fn outcome(reply: Reply) -> Result<Outcome, Error> {
    if reply.status == 404 {
        return Ok(Outcome::Gone);
    }
    let answer = reply.good()?;
    let mut fault = None;
    for item in answer["items"].as_array().into_iter().flatten() {
        let Some((_, told)) = item.as_object().and_then(|o| o.iter().next()) else {
            continue;
        };
        let status = told["status"].as_u64().unwrap_or_default();
        let kind = told["error"]["type"].as_str().unwrap_or_default();
        match status {
            // 409: late, or not as it was seen.
            200..300 | 409 => {}
            404 if kind == "index_not_found_exception" => return Ok(Outcome::Gone),
            404 if told["result"] == "not_found" => {}
            _ => {
                let text = format!("{}: {kind} {}", id(told), reason(told));
                let busy = is_busy(status as u16) || kind == "cluster_block_exception";
                // A fault that stays outweighs one that passes: it is the one to be told.
                if !busy {
                    return Err(Error::Broken(text));
                }
                fault = Some(Error::Unavailable(text));
            }
        }
    }
    fault.map_or(Ok(Outcome::Done), Err)
}

fn id(told: &Value) -> &str {
    told["_id"].as_str().unwrap_or_default()
}

/// Why, without the text that was written: the engine quotes it after a colon.
fn reason(told: &Value) -> &str {
    let reason = told["error"]["reason"].as_str().unwrap_or_default();
    reason
        .split_once(" in document")
        .map_or(reason, |(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(items: &Value) -> Result<Outcome, Error> {
        let body = json!({"errors": true, "items": items});
        outcome(Reply { status: 200, body })
    }

    #[test]
    fn a_late_write_is_no_fault_and_a_busy_engine_is_asked_again() {
        let fine = json!({"index": {"_id": "a", "status": 201}});
        let late = json!({"index": {"_id": "b", "status": 409, "error": {"type": "version_conflict_engine_exception"}}});
        let busy = json!({"index": {"_id": "c", "status": 429, "error": {"type": "rejected_execution_exception"}}});
        let broken = json!({"index": {"_id": "d", "status": 400, "error": {"type": "strict_dynamic_mapping_exception"}}});
        let gone = json!({"index": {"_id": "e", "status": 404, "error": {"type": "index_not_found_exception"}}});
        assert_eq!(told(&json!([fine, late])).unwrap(), Outcome::Done);
        assert_eq!(told(&json!([fine, gone])).unwrap(), Outcome::Gone);
        assert!(matches!(
            told(&json!([late, busy, fine])),
            Err(Error::Unavailable(_))
        ));
        assert!(
            matches!(told(&json!([busy, broken])), Err(Error::Broken(text)) if text.contains('d'))
        );
    }

    #[test]
    fn large_batches_are_cut() {
        let id = "art_00000000000000000000000001#en#0".parse().unwrap();
        let mut part = Part::tombstone(id, 1);
        part.summary = "x".repeat(1_000_000);
        let parts = vec![part; 9];
        let sizes: Vec<usize> = writes(&parts).unwrap().iter().map(String::len).collect();
        assert!(
            sizes.len() == 3 && sizes.iter().all(|s| *s <= BYTES_MAX),
            "{sizes:?}"
        );
        let small = removals(&vec![("a".to_owned(), 1, 1); 2_500]);
        assert_eq!(small.len(), 3);
    }
}
