//! Blobs in S3Mock.

use crate::dynamodb::server;
use kb_domain::IdGen;
use kb_runtime::system::SystemIds;
use kb_store::s3::{Bucket, S3Blobs};
use kb_store::{Blobs, conformance};
use std::time::Duration;

/// A fresh bucket.
async fn bucket() -> S3Blobs {
    let endpoint = server("SIDENOTE_TEST_S3");
    let name = format!("media-{}", SystemIds.uuid().simple());
    let made = reqwest::Client::new()
        .put(format!("{endpoint}/{name}"))
        .send()
        .await
        .unwrap();
    assert!(made.status().is_success(), "{made:?}");
    S3Blobs::new(Bucket {
        name,
        region: "eu-central-1".to_owned(),
        endpoint: Some(endpoint),
        key_id: "key".to_owned(),
        secret: "secret".to_owned(),
        token: None,
    })
    .unwrap()
}

#[tokio::test]
#[ignore = "needs a server: tests/engines/up s3mock"]
async fn blobs_on_s3mock() {
    conformance::blobs(&bucket().await).await;
}

#[tokio::test]
#[ignore = "needs a server: tests/engines/up s3mock"]
async fn a_signed_address_gives_one_blob_for_five_minutes_at_most() {
    let blobs = bucket().await;
    blobs.put("body/one é", b"text".to_vec()).await.unwrap();
    let link = blobs
        .link("body/one é", Duration::from_secs(9_999))
        .await
        .unwrap();
    assert!(
        link.contains("X-Amz-Expires=300") && link.contains("X-Amz-Signature="),
        "{link}"
    );
    let read = reqwest::get(&link).await.unwrap();
    assert_eq!(read.bytes().await.unwrap().as_ref(), b"text");
}
