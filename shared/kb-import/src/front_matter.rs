//! The block at the top of a text that speaks about it: YAML, TOML or JSON, or `Key: value` lines without a fence.

use super::fields::Fields;
use super::yaml;
use serde_json::Value;

/// A text with what its block says.
#[derive(Debug, Default)]
pub struct Split {
    /// What the block says.
    pub fields: Fields,
    /// Lines of a damaged block that look like keys; what might forbid readers is looked for here too.
    pub lines: Fields,
    /// What was not read as it may have been meant.
    pub warnings: Vec<String>,
    /// The text without the block.
    pub body: String,
}

/// Takes the block off a text. Never fails: a block that cannot be read costs what it says, with a warning, and never the text.
pub fn split(text: &str) -> Split {
    let text = text.trim_start_matches('\u{feff}');
    let (before, rest) = leading_comments(text);
    fenced(rest)
        .or_else(|| json(rest))
        .or_else(|| bare(rest))
        .map_or_else(
            || Split {
                body: text.to_owned(),
                ..Split::default()
            },
            |found| Split {
                body: format!("{before}{}", found.body),
                ..found
            },
        )
}

/// Comments and empty lines before the block: programs that generate files sign them so.
fn leading_comments(text: &str) -> (String, &str) {
    let (mut before, mut rest) = (String::new(), text);
    loop {
        let next = rest.trim_start();
        let Some(comment) = next.strip_prefix("<!--") else {
            return (before, next);
        };
        let Some(end) = comment.find("-->") else {
            return (before, next);
        };
        before.push_str(&next[..4 + end + 3]);
        before.push('\n');
        rest = &comment[end + 3..];
    }
}

/// A block between fences: `---` for YAML, `+++` for TOML, `;;;` for JSON.
fn fenced(text: &str) -> Option<Split> {
    let opening = text.lines().next()?;
    let fence = opening.trim_end();
    let mark = ["---", "+++", ";;;"]
        .into_iter()
        .find(|m| fence.starts_with(m))?;
    let after = fence.trim_start_matches(&mark[..1]).trim();
    let word = matches!(after, "" | "yaml" | "yml" | "toml" | "json") || after.starts_with('#');
    if !word {
        return None;
    }
    let rest = text[opening.len()..]
        .strip_prefix('\r')
        .unwrap_or(&text[opening.len()..]);
    let rest = rest.strip_prefix('\n').unwrap_or(rest);
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        let bare = line.trim();
        let closes = bare.starts_with(mark) && bare.trim_start_matches(&mark[..1]).is_empty();
        if closes || (mark == "---" && bare == "...") {
            let (block, body) = (&rest[..at], &rest[at + line.len()..]);
            let empty = block
                .lines()
                .all(|l| l.trim().is_empty() || l.trim().starts_with('#'));
            let mut found = match (mark, after) {
                _ if empty => Some(Split::default()),
                ("+++", _) | (_, "toml") => Some(toml(block)),
                (";;;", _) | (_, "json") => Some(json_block(block)),
                _ => yaml(block),
            }?;
            found.body = body.to_owned();
            return Some(found);
        }
        at += line.len();
    }
    unclosed(rest)
}

/// A fence that nobody closed: what follows is its block as far as lines look like one, else the fence is a rule.
fn unclosed(rest: &str) -> Option<Split> {
    let end = rest
        .split_inclusive('\n')
        .take_while(|line| !line.trim().is_empty())
        .map(str::len)
        .sum::<usize>();
    let (block, body) = rest.split_at(end);
    let keys = block.lines().filter(|l| !l.trim().is_empty());
    if !keys.clone().all(|l| yaml::key_of(l).is_some()) || keys.count() == 0 {
        return None;
    }
    let mut found = yaml(block)?;
    found.body = body.to_owned();
    found
        .warnings
        .push("front matter: it has no closing line".to_owned());
    Some(found)
}

fn yaml(block: &str) -> Option<Split> {
    let read = yaml::read(block)?;
    Some(Split {
        fields: read.fields,
        lines: read.lines,
        warnings: read.warnings,
        body: String::new(),
    })
}

fn toml(block: &str) -> Split {
    if let Ok(fields) = toml::from_str::<Fields>(block) {
        return Split {
            fields,
            ..Split::default()
        };
    }
    by_line(block, "TOML")
}

fn json_block(block: &str) -> Split {
    match serde_json::from_str::<Fields>(block) {
        Ok(fields) => Split {
            fields,
            ..Split::default()
        },
        Err(_) => by_line(block, "JSON"),
    }
}

/// A damaged block line by line: `key = value` or `"key": value`.
fn by_line(block: &str, what: &str) -> Split {
    let mut fields = Fields::default();
    for line in block.lines() {
        let line = line.trim().trim_end_matches(',');
        let pair = line.split_once('=').filter(|(key, _)| !key.contains(':'));
        let pair = pair.or_else(|| yaml::key_of(line));
        let Some((key, value)) = pair.filter(|_| !line.starts_with(['#', '['])) else {
            continue;
        };
        let value = yaml::uncommented(value);
        let sound: Option<Value> = serde_json::from_str(value).ok();
        let written = || Value::String(super::fields::unquoted(value).to_owned());
        fields.push(super::fields::unquoted(key), sound.unwrap_or_else(written));
    }
    Split {
        lines: fields.clone(),
        fields,
        warnings: vec![format!(
            "front matter: not sound {what}; it was read line by line"
        )],
        body: String::new(),
    }
}

/// JSON without a fence, as Hugo writes it: an object that begins the text and ends its own line.
fn json(text: &str) -> Option<Split> {
    if !text.starts_with('{') {
        return None;
    }
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Fields>();
    let fields = stream.next()?.ok()?;
    let rest = &text[stream.byte_offset()..];
    let ended = rest.is_empty() || rest.starts_with(['\n', '\r']);
    (ended && !fields.0.is_empty()).then(|| Split {
        fields,
        body: rest.to_owned(),
        ..Split::default()
    })
}

/// Keys of which one must be there for `Key: value` lines without a fence to be a block, as Pelican and MultiMarkdown have it.
const TELLING: [&str; 14] = [
    "title",
    "date",
    "slug",
    "status",
    "tags",
    "author",
    "authors",
    "category",
    "summary",
    "draft",
    "published",
    "audience",
    "visibility",
    "lang",
];

fn bare(text: &str) -> Option<Split> {
    let mut fields = Fields::default();
    let (mut at, mut telling) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            break;
        }
        at += line.len();
        let continued = line.starts_with([' ', '\t']) && !fields.0.is_empty();
        if continued {
            if let Some((_, Value::String(value))) = fields.0.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
            continue;
        }
        // A field of reStructuredText and AsciiDoc begins with a colon, one of Org with `#+`.
        let bare = line.trim_start_matches(':').trim_start_matches("#+");
        let (key, value) = yaml::key_of(bare)?;
        telling += usize::from(TELLING.contains(&super::fields::plain(key).as_str()));
        fields.push(key, super::fields::unquoted(value));
    }
    (telling >= 2 || (telling == 1 && fields.0.len() >= 2)).then(|| Split {
        fields,
        body: text[at..].to_owned(),
        ..Split::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(split: &Split, key: &'static str) -> Option<Value> {
        split.fields.all(&[key]).next().map(|(_, v)| v.clone())
    }

    #[test]
    fn every_form_of_a_block_is_read_and_the_rest_is_the_body() {
        for text in [
            "---\ntitle: T\ndraft: true\n---\n# Body\n",
            "--- \ntitle: T\ndraft: true\n---\t\n# Body\n",
            "---\r\ntitle: T\r\ndraft: true\r\n---\r\n# Body\n",
            "\u{feff}\n\n---\ntitle: T\ndraft: true\n...\n# Body\n",
            "---yaml\n\"title\": 'T'\ndraft: true # not yet\n----\n# Body\n",
            "+++\ntitle = \"T\"\ndraft = true\n+++\n# Body\n",
            "---toml\ntitle = 'T'\ndraft = true\n---\n# Body\n",
            ";;;\n{\"title\": \"T\", \"draft\": true}\n;;;\n# Body\n",
            "---json\n{\"title\": \"T\", \"draft\": true}\n---\n# Body\n",
            "{\n \"title\": \"T\",\n \"draft\": true\n}\n# Body\n",
            "<!-- generated -->\n---\ntitle: T\ndraft: true\n---\n# Body\n",
        ] {
            let found = split(text);
            assert_eq!(value(&found, "title"), Some(json!("T")), "{text:?}");
            assert_eq!(value(&found, "draft"), Some(json!(true)), "{text:?}");
            assert!(found.body.ends_with("# Body\n"), "{text:?}");
            assert!(!found.body.contains("draft"), "{text:?}");
        }
    }

    #[test]
    fn lines_without_a_fence_are_a_block_where_they_speak_as_one() {
        let found = split("Title: T\nStatus: draft\n\nText: of it\n");
        assert_eq!(value(&found, "status"), Some(json!("draft")));
        assert_eq!(found.body, "\nText: of it\n");
        for text in [
            "Note: read this.\n\nText",
            "# T\n",
            "Warning: hot\nDanger: hot\n\nx",
        ] {
            assert_eq!(split(text).body, text);
        }
        assert_eq!(
            value(&split(":title: T\n:status: draft\n\nx"), "status"),
            Some(json!("draft"))
        );
    }

    #[test]
    fn rules_and_prose_stay_and_an_open_block_is_still_heard() {
        for text in [
            "---\n\nText.\n\n---\n\nMore.\n",
            "---\nA sentence: no.\nmore\n",
            "# A\n",
            "{x}\n",
        ] {
            assert_eq!(split(text).body.trim(), text.trim(), "{text:?}");
        }
        assert_eq!(split("---\n---\n# A\n").body, "# A\n");
        let open = split("---\ntitle: T\ndraft: true\n\nText\n");
        assert_eq!(value(&open, "draft"), Some(json!(true)));
        assert_eq!(open.body.trim(), "Text");
    }

    #[test]
    fn a_damaged_block_is_read_line_by_line() {
        let found = split("+++\ntitle = \"T\ndraft = true\n+++\nx");
        assert_eq!(value(&found, "draft"), Some(json!(true)));
        let found = split("---json\n{\n \"title\": \"T\",\n \"draft\": true,\n}\n---\nx");
        assert_eq!(value(&found, "draft"), Some(json!(true)));
        assert!(!found.warnings.is_empty());
    }
}
