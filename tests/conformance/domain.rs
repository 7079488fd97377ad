//! Where a domain is, as the service that makes domains tells it.

use kb_search_opensearch::Keys;
use kb_search_opensearch::domain::{client, find};
use sidenote_tests::stack::server;

fn keys() -> Keys {
    Keys {
        id: "test".to_owned(),
        secret: "test".to_owned(),
        session: None,
    }
}

#[tokio::test]
#[ignore = "needs a real server: tests/engines/up"]
async fn a_domain_is_found_by_its_name_and_another_is_not() {
    let moto = server("SIDENOTE_TEST_MOTO");
    let client = client("eu-central-1", &keys(), Some(&moto));
    let name = "sidenote-search";
    // What an earlier run left.
    let _ = client.delete_domain().domain_name(name).send().await;
    assert_eq!(find(&client, name).await.unwrap(), None);
    let made = client
        .create_domain()
        .domain_name(name)
        .engine_version("OpenSearch_3.1");
    made.send().await.unwrap();
    let found = find(&client, name).await.unwrap().unwrap();
    let endpoint = found.endpoint.unwrap();
    assert!(
        endpoint.starts_with("https://") && endpoint.contains(name),
        "{endpoint}"
    );
    assert!(!found.deleted);
    assert_eq!(found.engine, "OpenSearch_3.1");
    client
        .delete_domain()
        .domain_name(name)
        .send()
        .await
        .unwrap();
    assert_eq!(find(&client, name).await.unwrap(), None);
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_unavailable() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let client = client("eu-central-1", &keys(), Some(&address));
    let found = find(&client, "sidenote-search").await;
    assert!(
        matches!(found, Err(kb_search::Error::Unavailable(_))),
        "{found:?}"
    );
}
