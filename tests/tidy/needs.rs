//! What each function needs, and what its role on AWS grants: the same, no less and no more.

use crate::tree::top;
use kb_actions::{DROPPED, IndexAccess, Needs, TableAccess};
use kb_runtime::feature::Feature;
use kb_store::keys;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An action on a resource, as the template spells both.
type Right = (String, String);

/// Every function on Lambda, as the template spells it, with its folder and what it needs. One that answers no requests and follows no
/// stream is none: its jobs run in the function for jobs.
fn functions() -> Vec<(String, &'static str, Needs)> {
    let words = |name: &str| -> String {
        let word = |w: &str| w[..1].to_uppercase() + &w[1..];
        name.split('-').map(word).collect()
    };
    let is_invoked = |f: &&Feature| f.needs.stream || !(f.routes)().operations().is_empty();
    let all = fn_jobs::FEATURES.iter().filter(is_invoked);
    all.map(|f| (words(f.name), f.name, f.needs)).collect()
}

const READ_ROW: &[&str] = &["dynamodb:GetItem"];
const READ: &[&str] = &[
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
];
const COUNT_ROW: &[&str] = &["dynamodb:UpdateItem"];
const WRITE_ROW: &[&str] = &["dynamodb:PutItem"];
const WRITE: &[&str] = &[
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:ConditionCheckItem",
];
const FOLLOW: &[&str] = &[
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
];
const OPEN_SECRETS: &[&str] = &["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext"];
const LOG_LINES: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];

fn template() -> Value {
    let text = std::fs::read_to_string(top().join("infra/template.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

fn resources(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    template["Resources"].as_object().unwrap().iter()
}

/// The texts of a list, or one text. Of a choice by `!If` it is the one without a collection, which knows but one action.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) if list.first().is_some_and(|c| c == "UsesCollection") => {
            assert!(list[1] == "aoss:APIAccessAll" || list[1] == "OpenSearchArn");
            texts(&list[2])
        }
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        other => panic!("{other} is no text"),
    }
}

/// A resource under a condition.
fn under(resource: &str, condition: &Value) -> String {
    if condition.is_null() {
        resource.to_owned()
    } else {
        format!("{resource} if {condition}")
    }
}

/// The condition that the partitions of all rows begin like this.
fn leading(beginnings: &[&str]) -> Value {
    let mut like: Vec<String> = beginnings.iter().map(|b| format!("{b}*")).collect();
    like.sort();
    json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": like}})
}

/// The condition that the partition of no row is one of people.
fn but_people() -> Value {
    let like = keys::OF_PEOPLE.iter().map(|of| match of.strip_suffix('#') {
        Some(_) => format!("{of}*"),
        None => (*of).to_owned(),
    });
    let like: Vec<String> = like.collect();
    json!({"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": like}})
}

/// What the allowing statements of a policy document give.
fn given(document: &Value) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for statement in document["Statement"].as_array().unwrap() {
        assert_eq!(statement["Effect"], "Allow", "{statement}");
        for action in texts(&statement["Action"]) {
            let on = texts(&statement["Resource"]).into_iter();
            let condition = &statement["Condition"];
            rights.extend(on.map(|resource| (action.clone(), under(&resource, condition))));
        }
    }
    rights
}

/// What the policies of the template grant a role.
fn granted(template: &Value, role: &str) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for (name, resource) in resources(template) {
        match resource["Type"].as_str().unwrap() {
            "AWS::IAM::Policy"
                if texts(&resource["Properties"]["Roles"]).contains(&role.to_owned()) =>
            {
                rights.extend(given(&resource["Properties"]["PolicyDocument"]));
            }
            "AWS::IAM::Role" => {
                let properties = resource["Properties"].as_object().unwrap();
                let own: Vec<&String> = properties.keys().collect();
                assert_eq!(
                    own,
                    ["AssumeRolePolicyDocument"],
                    "{name} is given rights of its own"
                );
            }
            "AWS::IAM::ManagedPolicy" => panic!("{name}: this test reads AWS::IAM::Policy only"),
            _ => {}
        }
    }
    rights
}

/// What the access policy of the search domain grants a role.
fn granted_by_the_domain(template: &Value, role: &str) -> BTreeSet<String> {
    let policies = &template["Resources"]["Domain"]["Properties"]["AccessPolicies"];
    let mut actions = BTreeSet::new();
    for statement in policies["Statement"].as_array().unwrap() {
        assert_eq!(
            (&statement["Effect"], &statement["Resource"]),
            (&"Allow".into(), &"*".into())
        );
        if texts(&statement["Principal"]["AWS"]).contains(&format!("{role}.Arn")) {
            actions.extend(texts(&statement["Action"]));
        }
    }
    actions
}

fn on(actions: &[&str], resources: &[&str]) -> Vec<Right> {
    let pair = |a: &&str| {
        resources
            .iter()
            .map(|r| ((*a).to_owned(), (*r).to_owned()))
            .collect::<Vec<_>>()
    };
    actions.iter().flat_map(pair).collect()
}

/// The requests that the search engine is asked by.
fn asked(access: IndexAccess) -> &'static [&'static str] {
    match access {
        IndexAccess::Nothing => &[],
        IndexAccess::Search => &["es:ESHttpPost"],
        IndexAccess::Write => &["es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut"],
    }
}

/// The rights that follow from needs. Every function logs, and reads blobs; without the right to list, S3 answers "forbidden" for
/// what is absent.
fn needed(needs: &Needs) -> BTreeSet<Right> {
    let mut rights = on(LOG_LINES, &["Logs.Arn"]);
    rights.extend(on(&["s3:GetObject"], &["${Bucket.Arn}/*"]));
    rights.extend(on(&["s3:ListBucket"], &["Bucket.Arn"]));
    if needs.main >= TableAccess::Read {
        rights.extend(on(READ, &["MainTable.Arn", "${MainTable.Arn}/index/*"]));
    }
    if needs.main >= TableAccess::Write {
        let condition = match (needs.rows, needs.people) {
            ([], true) => Value::Null,
            ([], false) => but_people(),
            (rows, _) => leading(rows),
        };
        rights.extend(on(WRITE, &[&under("MainTable.Arn", &condition)]));
    }
    if needs.log >= TableAccess::Read {
        rights.extend(on(READ_ROW, &["LogTable.Arn"]));
    }
    if needs.log >= TableAccess::Write {
        rights.extend(on(WRITE_ROW, &["LogTable.Arn"]));
    }
    if needs.counts {
        let windows = under("LogTable.Arn", &leading(&[keys::RATES]));
        rights.extend(on(COUNT_ROW, &[&windows]));
    }
    let searched: Vec<String> = ["_search", "_mget", "_count"]
        .iter()
        .flat_map(|verb| ["Domain.Arn", "OpenSearchArn"].map(|arn| format!("${{{arn}}}/*/{verb}")))
        .collect();
    let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
    let indexes: &[&str] = match needs.index {
        IndexAccess::Search => &searched,
        _ => &["OpenSearchArn", "${OpenSearchArn}/*"],
    };
    rights.extend(on(asked(needs.index), indexes));
    if needs.blobs.contains(&DROPPED) {
        let dropped = format!("${{Bucket.Arn}}/{DROPPED}*");
        rights.extend(on(&["s3:DeleteObject"], &[&dropped]));
    }
    for prefix in needs.blobs {
        rights.extend(on(
            &["s3:PutObject"],
            &[&format!("${{Bucket.Arn}}/{prefix}*")],
        ));
    }
    if needs.keys {
        rights.extend(on(OPEN_SECRETS, &["Key.Arn"]));
        // A key that is there is never replaced.
        let new = json!({"Null": {"s3:if-none-match": "false"}});
        rights.extend(on(
            &["s3:PutObject"],
            &[&under("${Bucket.Arn}/keys/*", &new)],
        ));
    }
    if needs.stream {
        rights.extend(on(FOLLOW, &["MainTable.StreamArn"]));
        rights.extend(on(&["dynamodb:ListStreams"], &["*"]));
    }
    rights.into_iter().collect()
}

#[test]
fn a_role_grants_what_its_function_needs_and_nothing_else() {
    let template = template();
    for (name, _, needs) in &functions() {
        let role = format!("{name}Role");
        let (granted, needed) = (granted(&template, &role), needed(needs));
        let less: Vec<&Right> = needed.difference(&granted).collect();
        let more: Vec<&Right> = granted.difference(&needed).collect();
        assert!(
            less.is_empty() && more.is_empty(),
            "{role} lacks {less:?} and has {more:?} besides: NEEDS and infra/template.yaml say different things"
        );
        // Who only searches is told so by a policy of its own, which can name what is asked.
        let by_the_domain = match needs.index {
            IndexAccess::Write => asked(needs.index),
            _ => &[],
        };
        let wanted: BTreeSet<String> = by_the_domain.iter().map(|a| (*a).to_owned()).collect();
        assert_eq!(
            granted_by_the_domain(&template, &role),
            wanted,
            "{role} in the domain's access policy"
        );
    }
}

#[test]
fn every_function_of_the_template_has_a_role_of_its_own_and_follows_the_stream_if_it_needs_it() {
    let template = template();
    let in_template: Vec<(&String, &Value)> = resources(&template)
        .filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function")
        .collect();
    assert_eq!(in_template.len(), functions().len());
    for (name, folder, needs) in &functions() {
        let (_, function) = in_template
            .iter()
            .find(|(n, _)| **n == format!("{name}Function"))
            .unwrap();
        let properties = &function["Properties"];
        assert_eq!(properties["CodeUri"], format!("../functions/{folder}"));
        assert_eq!(properties["Role"], format!("{name}Role.Arn"));
        assert!(
            properties["Policies"].is_null(),
            "{name}Function is given rights of its own"
        );
        let mut events = properties["Events"].as_object().unwrap().values();
        let follows = events.any(|event| {
            event["Type"] == "DynamoDB" && event["Properties"]["Stream"] == "MainTable.StreamArn"
        });
        assert_eq!(follows, needs.stream, "{name}Function");
    }
}
