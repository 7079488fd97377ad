//! `:::` blocks that are for layout alone, and those that say who may read them.

use super::super::markdown::is_note;
use super::super::{TagOutcome, Warning};
use super::code::Aside;
use super::lines::Lines;
use super::patterns::pattern;
use regex::Regex;
use std::sync::LazyLock;

static OPEN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[ \t>]*(:{3,})[ \t]*\{?([A-Za-z][\w-]*)\}?[ \t]*(.*?)[ \t]*\r?$"));
static SHUT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[ \t>]*:{3,}[ \t]*\r?$"));

/// Takes out the fences of blocks that are for layout, and keeps what they hold.
pub(super) fn take_out(aside: &Aside, warnings: &mut Vec<Warning>) -> String {
    if !aside.text.contains(":::") {
        return aside.text.clone();
    }
    let mut open: Vec<bool> = Vec::new();
    let mut out: Vec<String> = Vec::new();
    let mut lines = Lines::of(aside);
    let mut at = 0;
    for line in aside.text.split('\n') {
        let mut keep = line.to_owned();
        let mut taken = false;
        if SHUT.is_match(line) {
            taken = open.pop() == Some(true);
        } else if let Some(found) = OPEN.captures(line) {
            let (name, rest) = (&found[2], &found[3]);
            // Blocks of one line end where they begin: `:::row:::`, `::: zone-end`.
            let whole = rest.ends_with(":::")
                || name.ends_with("-end")
                || matches!(name, "zone" | "moniker");
            let is_picture = name == "image";
            let layout = !is_note(name) && !is_guard(name, rest) && !is_picture;
            if !whole {
                open.push(layout);
            }
            taken = layout;
            if taken && matches!(name, "tab" | "tab-item") && !rest.is_empty() {
                keep = format!("**{rest}**");
                taken = false;
            }
        }
        if taken {
            keep = String::new();
            lines.go_to(at);
            warnings.push(Warning {
                line: lines.number(),
                tag: line.trim().chars().take(200).collect(),
                outcome: TagOutcome::Removed,
            });
        }
        out.push(keep);
        at += line.len() + 1;
    }
    out.join("\n")
}

/// Whether a block looks as if it were for some readers only, or another article: it stays as it is, for those who look for it.
fn is_guard(name: &str, rest: &str) -> bool {
    let keys = [
        "level",
        "segment",
        "department",
        "person",
        "region",
        "version",
    ];
    let keyed = keys.iter().any(|key| {
        let mut parts = rest.split(key).skip(1);
        parts.any(|after| after.trim_start().starts_with('='))
    });
    let name = name.to_ascii_lowercase();
    keyed || distance(&name, "only") <= 2 && !is_note(&name) || distance(&name, "include") <= 1
}

/// How many letters are to be put, taken or changed to make one word of another.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let changed = before + usize::from(ca != *cb);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
