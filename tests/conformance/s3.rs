//! Blobs in S3Mock.

use kb_store::s3::S3Blobs;
use kb_store::{Blobs, conformance};
use sidenote_tests::stack::{create_bucket, server};
use std::time::Duration;

/// A fresh bucket.
async fn bucket() -> S3Blobs {
    S3Blobs::new(create_bucket(&server("SIDENOTE_TEST_S3")).await).unwrap()
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
