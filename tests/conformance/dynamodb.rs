//! DynamoDB: DynamoDB Local, and an emulator in process. Tables are made as the template of the stack says.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};
use kb_domain::IdGen;
use kb_runtime::system::SystemIds;
use kb_store::conformance::{self, Subject};
use kb_store::{Feed, Table};
use kb_store_dynamodb::{Credentials, DynamoTable, Settings, Stream};
use serde_json::Value;
use std::sync::Arc;

/// An engine on fresh tables.
pub struct Dynamo {
    pub table: DynamoTable,
    pub stream: Stream,
    pub settings: Settings,
}

impl Dynamo {
    /// Makes both tables at an address under names that nobody has.
    pub async fn at(endpoint: &str) -> Self {
        let run = SystemIds.uuid().simple().to_string();
        let settings = Settings {
            main: format!("main-{run}"),
            log: format!("log-{run}"),
            region: "eu-central-1".to_owned(),
            endpoint: Some(endpoint.to_owned()),
            credentials: Credentials::new("key", "secret", None, None, "test"),
            http: None,
        };
        create_tables(&settings).await;
        let table = DynamoTable::new(settings.clone(), Arc::new(SystemIds));
        let stream = Stream::open(&settings, table.clone()).await.unwrap();
        Self {
            table,
            stream,
            settings,
        }
    }
}

#[async_trait]
impl Subject for Dynamo {
    fn table(&self) -> &dyn Table {
        &self.table
    }

    fn feed(&self) -> &dyn Feed {
        &self.stream
    }

    fn restart(&self) {
        self.stream.restart();
    }

    /// Both emulators write an index with its row.
    async fn settle(&self) {}
}

/// Both tables as the template has them, under the names of the settings.
pub async fn create_tables(settings: &Settings) {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .credentials_provider(settings.credentials.clone())
        .endpoint_url(settings.endpoint.clone().unwrap())
        .build();
    let client = Client::from_conf(config);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml");
    let template: Value = serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for (resource, name) in [("MainTable", &settings.main), ("LogTable", &settings.log)] {
        let wanted = &template["Resources"][resource]["Properties"];
        let attributes = list(&wanted["AttributeDefinitions"]).map(|a| {
            AttributeDefinition::builder()
                .attribute_name(text(&a["AttributeName"]))
                .attribute_type(ScalarAttributeType::from(text(&a["AttributeType"])))
                .build()
                .unwrap()
        });
        let indexes: Vec<_> = list(&wanted["GlobalSecondaryIndexes"])
            .map(|index| {
                let kind = text(&index["Projection"]["ProjectionType"]);
                let projection = Projection::builder().projection_type(ProjectionType::from(kind));
                GlobalSecondaryIndex::builder()
                    .index_name(text(&index["IndexName"]))
                    .set_key_schema(Some(schema(&index["KeySchema"])))
                    .projection(projection.build())
                    .build()
                    .unwrap()
            })
            .collect();
        let stream = wanted["StreamSpecification"]["StreamViewType"]
            .as_str()
            .map(|view| {
                StreamSpecification::builder()
                    .stream_enabled(true)
                    .stream_view_type(StreamViewType::from(view))
                    .build()
                    .unwrap()
            });
        client
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::from(text(&wanted["BillingMode"])))
            .set_attribute_definitions(Some(attributes.collect()))
            .set_key_schema(Some(schema(&wanted["KeySchema"])))
            .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
            .set_stream_specification(stream)
            .send()
            .await
            .unwrap();
    }
}

fn schema(keys: &Value) -> Vec<KeySchemaElement> {
    list(keys)
        .map(|key| {
            KeySchemaElement::builder()
                .attribute_name(text(&key["AttributeName"]))
                .key_type(KeyType::from(text(&key["KeyType"])))
                .build()
                .unwrap()
        })
        .collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The address of an emulator that lives as long as the test.
pub async fn in_process() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    format!("http://{address}")
}

/// The address of a server that `tests/engines/up` started.
pub fn server(variable: &str) -> String {
    let address = kb_runtime::system::environment(variable);
    address.unwrap_or_else(|| panic!("{variable} is not set: eval \"$(tests/engines/up)\""))
}

#[tokio::test]
async fn tables_on_an_emulator_in_process() {
    conformance::table(&Dynamo::at(&in_process().await).await).await;
}

#[tokio::test]
async fn the_feed_of_an_emulator_in_process() {
    conformance::feed(&Dynamo::at(&in_process().await).await).await;
}

#[tokio::test]
#[ignore = "needs a server: tests/engines/up dynamodb"]
async fn tables_on_dynamodb_local() {
    conformance::table(&Dynamo::at(&server("SIDENOTE_TEST_DYNAMODB")).await).await;
}

#[tokio::test]
#[ignore = "needs a server: tests/engines/up dynamodb"]
async fn the_feed_of_dynamodb_local() {
    conformance::feed(&Dynamo::at(&server("SIDENOTE_TEST_DYNAMODB")).await).await;
}
