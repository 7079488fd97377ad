//! DynamoDB: DynamoDB Local, and an emulator in process. Tables are made as the template of the stack says.

use async_trait::async_trait;
use kb_runtime::system::SystemIds;
use kb_store::conformance::{self, Subject};
use kb_store::{Feed, Table};
use kb_store_dynamodb::{DynamoTable, Settings, Stream};
use sidenote_tests::stack::{create_tables, fresh_settings, in_process, server};
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
        let settings = fresh_settings(endpoint);
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
