//! What a caller is told when a value does not fit: serde's sentences name types of Rust, these name what to send.

/// The sentence for one of serde's, without the place in the text: the pointer beside it says where.
pub(crate) fn plain(detail: &str) -> String {
    let detail = match detail.rsplit_once(" at line ") {
        Some((before, place)) if place.contains("column") => before,
        _ => detail,
    };
    let named = |start: &str| detail.strip_prefix(start)?.split('`').nth(1);
    if let Some(field) = named("missing field") {
        return format!("\"{field}\" is missing; give it");
    }
    if let Some(field) = named("duplicate field") {
        return format!("\"{field}\" is given twice; give it once");
    }
    if let Some(field) = named("unknown field") {
        return format!("there is no field \"{field}\"; {}", choices(detail));
    }
    if let Some(word) = named("unknown variant") {
        return format!("\"{word}\" is not known here; {}", choices(detail));
    }
    for start in ["invalid type: ", "invalid value: ", "invalid length "] {
        if let Some((found, expected)) = detail
            .strip_prefix(start)
            .and_then(|rest| rest.rsplit_once(", expected "))
        {
            return format!("this is {}; send {}", value(found), kind(expected));
        }
    }
    match detail {
        "invalid digit found in string"
        | "cannot parse integer from empty string"
        | "number too large to fit in target type"
        | "number too small to fit in target type" => "send a whole number".to_owned(),
        "provided string was not `true` or `false`" => "send true or false".to_owned(),
        other => other.to_owned(),
    }
}

/// The names that there are: serde lists them between back ticks, after "expected".
fn choices(detail: &str) -> String {
    let list = detail
        .split_once(", expected ")
        .map_or("", |(_, list)| list);
    let names: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    match names.as_slice() {
        [] => "leave it out".to_owned(),
        [one] => format!("use {one}"),
        many => format!("use one of {}", many.join(", ")),
    }
}

/// What was sent, by its sort.
fn value(found: &str) -> &str {
    let sorts = [
        ("string", "text"),
        ("integer", "a whole number"),
        ("floating point", "a number with a fraction"),
        ("boolean", "true or false"),
        ("sequence", "a list"),
        ("map", "an object"),
        ("null", "null"),
        ("unit value", "null"),
    ];
    let sort = sorts.iter().find(|(start, _)| found.starts_with(start));
    sort.map_or(found, |(_, sort)| sort)
}

/// What is expected.
fn kind(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" | "string or map" => "text",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0 on",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        other if other.starts_with("struct ") || other.starts_with("internally tagged enum") => {
            "an object"
        }
        other if other.starts_with("enum ") => "one of the values in the documentation",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        Blue,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is refused is looked at")]
    struct Thing {
        name: String,
        #[serde(default)]
        count: u32,
        colour: Option<Colour>,
        inner: Option<Box<Thing>>,
        audience: Option<kb_domain::Audience>,
        list: Option<Vec<bool>>,
    }

    fn told(json: &str) -> String {
        plain(&serde_json::from_str::<Thing>(json).unwrap_err().to_string())
    }

    #[test]
    fn no_sentence_speaks_of_rust_or_of_a_line() {
        let cases = [
            (r"{}", r#""name" is missing; give it"#),
            (r#"{"name":5}"#, "this is a whole number; send text"),
            (
                r#"{"name":"a","count":-1}"#,
                "this is a whole number; send a whole number from 0 on",
            ),
            (
                r#"{"name":"a","count":"x"}"#,
                "this is text; send a whole number from 0 on",
            ),
            (
                r#"{"name":"a","colour":"green"}"#,
                r#""green" is not known here; use one of red, blue"#,
            ),
            (
                r#"{"name":"a","inner":3}"#,
                "this is a whole number; send an object",
            ),
            (
                r#"{"name":"a","list":{}}"#,
                "this is an object; send a list",
            ),
            (
                r#"{"name":"a","list":[1]}"#,
                "this is a whole number; send true or false",
            ),
            (
                r#"{"name":"a","audience":5}"#,
                r#"this is a whole number; send an audience such as "public" or {"any":[{"level":"public"}]}"#,
            ),
        ];
        for (json, sentence) in cases {
            assert_eq!(told(json), sentence, "{json}");
        }
        for json in [
            r#"{"name":"a","x":1}"#,
            r#"{"name":"a","audience":"everyone"}"#,
        ] {
            let told = told(json);
            for foreign in ["struct", "line", "column", "variant", "`"] {
                assert!(!told.contains(foreign), "{json}: {told}");
            }
        }
        assert!(
            told(r#"{"name":"a","x":1}"#).contains("use one of name, count"),
            "the fields that there are"
        );
    }
}
