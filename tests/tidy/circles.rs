//! No two files of a crate know each other, be it by way of a third. A file below a folder may use what the folder's own file
//! holds, and that file may name those below it: together they are one thing.

use crate::crates::{Member, members};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Circles that are still there: the crate, and the files of the circle. An entry that is none any more fails.
const STILL_THERE: [(&str, &[&str]); 0] = [];

/// A file by its place in the tree of modules; the root is empty.
type Place = Vec<String>;

/// The product files of a crate without comments and tests.
fn modules(member: &Member) -> BTreeMap<Place, String> {
    let source = crate::tree::top().join(&member.folder).join("src");
    let mut found = BTreeMap::new();
    for file in member.sources() {
        let path = file.strip_prefix(&source).unwrap().with_extension("");
        let mut place: Place = path
            .iter()
            .map(|p| p.to_string_lossy().into_owned())
            .collect();
        if place == ["main"] || place.iter().any(|p| p == "tests") {
            continue;
        }
        if ["lib", "mod"].contains(&place.last().unwrap().as_str()) {
            place.pop();
        }
        found.insert(place, code(&fs::read_to_string(file).unwrap()));
    }
    found
}

fn code(text: &str) -> String {
    let product = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let lines = product
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The `use` items of a file, one name each, with whether they are passed on; and the code without them.
fn uses(code: &str) -> (Vec<(String, bool)>, String) {
    let (mut items, mut rest, mut open) = (Vec::new(), String::new(), String::new());
    for line in code.lines().map(str::trim) {
        let public = line.starts_with("pub use ") || line.starts_with("pub(crate) use ");
        if open.is_empty() && !public && !line.starts_with("use ") {
            rest.push_str(line);
            rest.push('\n');
            continue;
        }
        open.push_str(line);
        open.push(' ');
        if line.ends_with(';') {
            let passed_on = open.starts_with("pub");
            let tree = open
                .split_once("use ")
                .unwrap()
                .1
                .trim()
                .trim_end_matches(';');
            items.extend(names(tree).into_iter().map(|name| (name, passed_on)));
            open.clear();
        }
    }
    (items, rest)
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d` and `a::c::e`.
fn names(tree: &str) -> Vec<String> {
    let Some((begin, inside)) = tree.split_once('{') else {
        return vec![tree.trim().to_owned()];
    };
    let inside = inside.trim().strip_suffix('}').unwrap();
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in inside.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(c);
        }
    }
    let parts = parts.iter().map(|p| p.trim()).filter(|p| !p.is_empty());
    parts
        .flat_map(|p| names(&format!("{}{p}", begin.trim())))
        .collect()
}

/// Paths that begin with `crate` or `super` in the code.
fn paths(code: &str) -> Vec<String> {
    let words = code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let paths = words.filter(|w| w.starts_with("crate::") || w.starts_with("super::"));
    paths.map(str::to_owned).collect()
}

/// Where a path leads: the file that holds the thing, behind what other files pass on of it.
fn target(
    from: &Place,
    path: &str,
    modules: &BTreeMap<Place, String>,
    passed_on: &BTreeMap<(Place, String), Place>,
) -> Option<Place> {
    let mut segments = path
        .split("::")
        .map(|s| s.split(" as ").next().unwrap().trim())
        .peekable();
    let mut place = match segments.peek()? {
        &"crate" => Place::new(),
        &"super" => from.clone(),
        own => {
            let below = [from.as_slice(), &[(*own).to_owned()]].concat();
            return (!from.is_empty() && modules.contains_key(&below)).then_some(below);
        }
    };
    while segments
        .next_if(|s| ["crate", "super"].contains(s))
        .is_some_and(|s| s == "super")
    {
        place.pop();
    }
    let mut name = segments.next();
    while let Some(segment) = name {
        let below = [place.as_slice(), &[segment.to_owned()]].concat();
        if !modules.contains_key(&below) {
            break;
        }
        place = below;
        name = segments.next();
    }
    while let Some(home) = name.and_then(|n| passed_on.get(&(place.clone(), n.to_owned()))) {
        place = home.clone();
    }
    Some(place)
}

/// Which file knows which. That a file knows one that it stands below is left out.
fn arrows(modules: &BTreeMap<Place, String>) -> BTreeMap<&Place, BTreeSet<Place>> {
    let parsed: Vec<_> = modules
        .iter()
        .map(|(place, code)| (place, uses(code)))
        .collect();
    let mut passed_on = BTreeMap::new();
    for (place, (items, _)) in &parsed {
        for (item, _) in items.iter().filter(|(_, passed)| *passed) {
            let mut segments: Vec<String> = item.split("::").map(str::to_owned).collect();
            let name = segments.pop().unwrap();
            let home = [place.as_slice(), &segments].concat();
            if home != **place && modules.contains_key(&home) {
                passed_on.insert(((*place).clone(), name), home);
            }
        }
    }
    let mut arrows = BTreeMap::new();
    for (place, (items, rest)) in &parsed {
        let inline = paths(rest);
        let named = items.iter().map(|(item, _)| item.as_str());
        let all = named.chain(inline.iter().map(String::as_str));
        let mut to: BTreeSet<Place> = all
            .filter_map(|path| target(place, path, modules, &passed_on))
            .collect();
        let below = modules.keys().filter(|m| {
            !place.is_empty() && m.split_last().is_some_and(|(_, b)| b == place.as_slice())
        });
        to.extend(
            below
                .filter(|m| rest.contains(&format!("{}::", m.last().unwrap())))
                .cloned(),
        );
        to.retain(|other| !place.starts_with(other));
        arrows.insert(*place, to);
    }
    arrows
}

/// The files that lie on a circle with each other.
fn circles(member: &Member) -> BTreeSet<Vec<String>> {
    let modules = modules(member);
    let arrows = arrows(&modules);
    let reached = |from: &Place| {
        let (mut seen, mut left) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(place) = left.pop() {
            for next in arrows.get(&place).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    left.push(next.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&Place, BTreeSet<Place>> =
        modules.keys().map(|m| (m, reached(m))).collect();
    let mut found = BTreeSet::new();
    for (place, all) in &reached {
        let back = |other: &&Place| reached.get(*other).is_some_and(|r| r.contains(*place));
        let circle: Vec<String> = all.iter().filter(back).map(|p| p.join("/")).collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found
}

#[test]
fn no_two_files_of_a_crate_know_each_other() {
    let mut found = Vec::new();
    let mut read = 0;
    for member in members().iter().filter(|m| m.folder != "tests") {
        read += arrows(&modules(member))
            .values()
            .map(BTreeSet::len)
            .sum::<usize>();
        for circle in circles(member) {
            found.push((member.name.clone(), circle));
        }
    }
    assert!(read > 400, "only {read} arrows were read");
    let known: Vec<(String, Vec<String>)> = STILL_THERE
        .iter()
        .map(|(name, files)| {
            (
                (*name).to_owned(),
                files.iter().map(|f| (*f).to_owned()).collect(),
            )
        })
        .collect();
    assert_eq!(
        found, known,
        "open the circle; take an entry out of the list once it is open"
    );
}

#[test]
fn a_use_is_read_name_by_name() {
    let (items, rest) =
        uses("use a::{\n    b,\n    c::{d, e as f},\n};\npub use g::h;\nfn x() { crate::y::z() }");
    let expected = [
        ("a::b", false),
        ("a::c::d", false),
        ("a::c::e as f", false),
        ("g::h", true),
    ];
    assert_eq!(items, expected.map(|(n, p)| (n.to_owned(), p)));
    assert_eq!(paths(&rest), ["crate::y::z"]);
}
