//! A stack on the servers that `tests/engines/up` started: its tables as the template has them, its bucket and its key.

#![expect(clippy::unwrap_used, reason = "in a test a fault ends the test")]

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};
use kb_domain::IdGen;
use kb_runtime::system::SystemIds;
use kb_store::s3::Bucket;
use kb_store_dynamodb::{Credentials, Settings};
use serde_json::Value;

const REGION: &str = "eu-central-1";

/// Names and addresses of a stack that nobody else has.
pub struct Stack {
    /// Its tables.
    pub settings: Settings,
    /// What the environment of its functions says.
    pub environment: Vec<(&'static str, String)>,
}

impl Stack {
    /// Makes the tables, the bucket and the key.
    pub async fn create() -> Self {
        let settings = fresh_settings(&server("SIDENOTE_TEST_DYNAMODB"));
        create_tables(&settings).await;
        let bucket = create_bucket(&server("SIDENOTE_TEST_S3")).await;
        let moto = server("SIDENOTE_TEST_MOTO");
        let environment = vec![
            ("SIDENOTE_TABLE_MAIN", settings.main.clone()),
            ("SIDENOTE_TABLE_LOG", settings.log.clone()),
            ("SIDENOTE_BUCKET", bucket.name),
            ("SIDENOTE_KMS_KEY", create_key(&moto).await),
            ("SIDENOTE_OPENSEARCH", server("SIDENOTE_TEST_OPENSEARCH")),
            ("SIDENOTE_OPENSEARCH_SERVICE", "none".to_owned()),
            (
                "SIDENOTE_OPENSEARCH_COLLECTION",
                format!("parts-{}", fresh()),
            ),
            ("AWS_REGION", REGION.to_owned()),
            (
                "AWS_ACCESS_KEY_ID",
                settings.credentials.access_key_id().to_owned(),
            ),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            (
                "AWS_ENDPOINT_URL_DYNAMODB",
                settings.endpoint.clone().unwrap(),
            ),
            ("AWS_ENDPOINT_URL_S3", bucket.endpoint.unwrap()),
            ("AWS_ENDPOINT_URL_KMS", moto),
        ];
        Self {
            settings,
            environment,
        }
    }
}

/// A name that nobody has.
fn fresh() -> String {
    SystemIds.uuid().simple().to_string()
}

/// The address of a server that `tests/engines/up` started.
pub fn server(variable: &str) -> String {
    let address = kb_runtime::system::environment(variable);
    address.unwrap_or_else(|| panic!("{variable} is not set: eval \"$(tests/engines/up)\""))
}

/// Two tables at an address, under names and an access key that nobody has: DynamoDB Local keeps a database for each key, and
/// each write to a stream looks through all records of all streams of one database.
pub fn fresh_settings(endpoint: &str) -> Settings {
    let run = fresh();
    Settings {
        main: format!("main-{run}"),
        log: format!("log-{run}"),
        region: REGION.to_owned(),
        endpoint: Some(endpoint.to_owned()),
        credentials: Credentials::new(run, "secret", None, None, "test"),
        http: None,
    }
}

/// The address of an emulator that lives as long as the test.
pub async fn in_process() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    format!("http://{address}")
}

/// A fresh bucket.
pub async fn create_bucket(endpoint: &str) -> Bucket {
    let name = format!("media-{}", fresh());
    let put = reqwest::Client::new().put(format!("{endpoint}/{name}"));
    let made = put.send().await.unwrap();
    assert!(made.status().is_success(), "{made:?}");
    Bucket {
        name,
        region: REGION.to_owned(),
        endpoint: Some(endpoint.to_owned()),
        key_id: "key".to_owned(),
        secret: "secret".to_owned(),
        token: None,
    }
}

/// A fresh key of KMS.
pub async fn create_key(endpoint: &str) -> String {
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .endpoint_url(endpoint)
        .build();
    let made = aws_sdk_kms::Client::from_conf(config)
        .create_key()
        .send()
        .await;
    made.unwrap().key_metadata.unwrap().key_id
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
