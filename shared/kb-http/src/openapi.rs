//! The OpenAPI document, made from the operations.

use crate::guard::Policy;
use crate::param::Param;
use crate::problem::Problem;
use crate::route::{BodyOf, Operation, SchemaOf};
use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// The document of these operations.
pub(crate) fn document<'a>(operations: impl Iterator<Item = &'a Operation>) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    let problem = SchemaOf::of::<Problem>();
    add(&mut schemas, &problem);
    for operation in operations {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        let method = operation.method.as_str().to_ascii_lowercase();
        path[method] = described(operation, &problem, &mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Sidenote", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    })
}

fn described(operation: &Operation, problem: &SchemaOf, schemas: &mut Map<String, Value>) -> Value {
    let (status, schema) = &operation.answer;
    let mut good = json!({"description": "done"});
    if let Some(schema) = schema {
        add(schemas, schema);
        good["content"] = json!({"application/json": {"schema": reference(schema)}});
    }
    let mut described = json!({
        "operationId": id(operation),
        "summary": operation.summary,
        "parameters": parameters(operation),
        "responses": {
            status.to_string(): good,
            "default": {"description": "a problem", "content": {"application/problem+json": {"schema": reference(problem)}}},
        },
    });
    match &operation.body {
        None => {}
        Some(BodyOf::Whole(body)) => {
            add(schemas, body);
            described["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": reference(body)}}});
        }
        Some(BodyOf::Patch(target)) => {
            let schema = add_patch(schemas, target);
            let kinds = ["application/merge-patch+json", "application/json"];
            let content: Map<String, Value> = kinds
                .map(|kind| (kind.to_owned(), json!({"schema": schema})))
                .into_iter()
                .collect();
            described["requestBody"] = json!({"required": true, "content": content});
        }
    }
    if operation.policy != Policy::Anybody {
        described["security"] = json!([{"key": []}]);
    }
    described
}

/// Its name in programs that are made from the document: the method and the parts of the path.
fn id(operation: &Operation) -> String {
    let parts = operation.path.split('/').filter(|p| !p.is_empty()).skip(2);
    let words = parts.map(|part| match path_parameters(part).next() {
        Some(parameter) => format!("by_{parameter}"),
        None => part.replace(['-', '.'], "_"),
    });
    let method = operation.method.as_str().to_ascii_lowercase();
    std::iter::once(method)
        .chain(words)
        .collect::<Vec<_>>()
        .join("_")
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let mut parameters: Vec<Value> = path_parameters(operation.path)
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    parameters.extend(operation.query.iter().map(|Param(name, about)| {
        json!({"name": name, "in": "query", "required": false, "description": about, "schema": {"type": "string"}})
    }));
    if operation.if_match {
        parameters.push(json!({"name": "If-Match", "in": "header", "required": true, "schema": {"type": "string"},
            "description": "ETag of the version that the change is made for"}));
    }
    if operation.takes_key {
        parameters.push(json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "maxLength": 200},
            "description": "the same key with the same request within a day makes nothing new and gets the same answer"}));
    }
    parameters
}

fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn reference(schema: &SchemaOf) -> Value {
    json!({"$ref": format!("{SCHEMAS}{}", (schema.name)())})
}

fn add(schemas: &mut Map<String, Value>, schema: &SchemaOf) {
    for (name, schema) in &(schema.schemas)() {
        let described = serde_json::to_value(schema).unwrap_or_default();
        let first = schemas.entry(name.clone()).or_insert(described.clone());
        debug_assert_eq!(*first, described, "two schemas are called {name}");
    }
}

/// Adds the merge patch of a type, and of every object in it: nothing is required, and null takes away what may be absent.
/// Returns the reference to it.
fn add_patch(schemas: &mut Map<String, Value>, target: &SchemaOf) -> Value {
    let mut whole = Map::new();
    add(&mut whole, target);
    add(schemas, target);
    patch_of(&(target.name)(), &whole, schemas)
}

fn patch_of(name: &str, whole: &Map<String, Value>, schemas: &mut Map<String, Value>) -> Value {
    let patch = format!("{name}Patch");
    let reference = json!({"$ref": format!("{SCHEMAS}{patch}")});
    if !schemas.contains_key(&patch) {
        let mut schema = whole.get(name).cloned().unwrap_or_default();
        schemas.insert(patch.clone(), Value::Null);
        let required = schema["required"].take();
        if let Some(object) = schema.as_object_mut() {
            object.remove("required");
            object.remove("additionalProperties");
            let about = "A merge patch (RFC 7396): fields that are absent stay as they are.";
            object.insert("description".to_owned(), about.into());
        }
        let is_required = |name: &String| {
            let required = required.as_array();
            required.is_some_and(|names| names.iter().any(|n| n == name))
        };
        if let Some(properties) = schema["properties"].as_object_mut() {
            for (name, property) in properties {
                patched(property, whole, schemas);
                if !is_required(name) && property["type"].is_string() {
                    property["type"] = json!([property["type"].take(), "null"]);
                }
            }
        }
        schemas.insert(patch, schema);
    }
    reference
}

/// A property as a patch takes it.
fn patched(property: &mut Value, whole: &Map<String, Value>, schemas: &mut Map<String, Value>) {
    let named = property["$ref"]
        .as_str()
        .and_then(|r| r.strip_prefix(SCHEMAS))
        .map(str::to_owned);
    if let Some(name) = named {
        if whole
            .get(&name)
            .is_some_and(|s| s["properties"].is_object())
        {
            property["$ref"] = patch_of(&name, whole, schemas)["$ref"].take();
        }
    } else if property["additionalProperties"]["type"] == "string" {
        property["additionalProperties"]["type"] = json!(["string", "null"]);
    } else if let Some(choices) = property.get_mut("oneOf").and_then(Value::as_array_mut) {
        for choice in choices {
            patched(choice, whole, schemas);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use utoipa::ToSchema;

    /// A part of a draft.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "described, never made")]
    struct Part {
        source: String,
    }

    /// A draft.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "described, never made")]
    struct Draft {
        name: BTreeMap<String, String>,
        part: Part,
        note: Option<String>,
    }

    #[test]
    fn a_patch_requires_nothing_and_takes_null_for_what_may_be_absent() {
        let mut schemas = Map::new();
        let reference = add_patch(&mut schemas, &SchemaOf::of::<Draft>());
        assert_eq!(reference["$ref"], "#/components/schemas/DraftPatch");
        let patch = &schemas["DraftPatch"];
        assert_eq!(patch.get("required"), None);
        let properties = &patch["properties"];
        assert_eq!(properties["part"]["$ref"], "#/components/schemas/PartPatch");
        assert_eq!(schemas["PartPatch"].get("required"), None);
        assert_eq!(
            properties["name"]["additionalProperties"]["type"],
            json!(["string", "null"])
        );
        assert_eq!(properties["note"]["type"], json!(["string", "null"]));
        assert!(!schemas["Draft"]["required"].is_null());
    }
}
