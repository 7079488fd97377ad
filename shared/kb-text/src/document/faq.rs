//! Questions among the headings of a page, with their answers.

use super::{FaqPair, Rendered};
use std::collections::HashMap;

/// Headings that ask, with the text up to the next question or the next heading of the same or a higher rank.
pub(super) fn faq(rendered: &Rendered) -> Vec<FaqPair> {
    let mut pairs = Vec::new();
    let mut first: HashMap<&String, usize> = HashMap::new();
    for (n, passage) in rendered.passages.iter().enumerate() {
        if let Some(anchor) = &passage.anchor {
            first.entry(anchor).or_insert(n);
        }
    }
    for (n, heading) in rendered
        .headings
        .iter()
        .enumerate()
        .filter(|(_, h)| h.text.ends_with(['?', '？']))
    {
        let end = rendered.headings[n + 1..]
            .iter()
            .find(|h| h.level <= heading.level)
            .map(|h| &h.anchor);
        let Some(from) = first.get(&heading.anchor).copied() else {
            continue;
        };
        let answer = rendered.passages[from..]
            .iter()
            .take_while(|p| end.is_none() || p.anchor.as_ref() != end);
        let answer_text = answer
            .map(|p| p.text.as_str())
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        if !answer_text.is_empty() {
            pairs.push(FaqPair {
                anchor: heading.anchor.clone(),
                question: heading.text.clone(),
                answer_text,
            });
        }
    }
    pairs
}
