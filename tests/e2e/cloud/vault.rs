//! The vault of a stack: data keys made and unwrapped by KMS, wrapped in the bucket.

use kb_runtime::aws::{Cloud, Stack};
use kb_store::Key;
use secrecy::{ExposeSecret, SecretString};

fn open(stack: &sidenote_tests::stack::Stack) -> Cloud {
    let environment = |name: &str| {
        let mut all = stack.environment.iter();
        all.find(|(n, _)| *n == name).map(|(_, v)| v.clone())
    };
    let stack = Stack::of(&environment).unwrap().unwrap();
    Cloud::open(&stack).unwrap()
}

#[tokio::test]
#[ignore = "needs the servers: tests/engines/up"]
async fn case_050_what_one_function_seals_another_opens_by_keys_that_lie_wrapped() {
    let stack = sidenote_tests::stack::Stack::create().await;
    let (one, other) = (open(&stack), open(&stack));
    let row = Key::new("CON#a", "GRANT");
    let place = kb_identity::vault::Place {
        what: "tokens",
        row: &row,
        generation: 1,
    };
    let secret = SecretString::from("a secret of somebody else");
    let (a, b) = (one.vault(), other.vault());
    // One after the other: of two who put a new blob at once S3Mock lets both win.
    let first = a.seal(place, &secret).await.unwrap();
    let same = b.seal(place, &secret).await.unwrap();
    assert_eq!((first.key, same.key), (1, 1));
    assert_eq!(a.rotate().await.unwrap(), 2);
    let newer = a.seal(place, &secret).await.unwrap();
    assert_eq!(newer.key, 2);
    for sealed in [&first, &same, &newer] {
        let opened = b.open(place, sealed).await.unwrap();
        assert_eq!(opened.expose_secret(), secret.expose_secret());
    }
    // A wrapped key opens under its own number only.
    let blobs = one.kb.store().blobs();
    let wrapped = blobs.get("keys/vault/1").await.unwrap().unwrap();
    assert!(wrapped.len() > 32);
    assert!(blobs.put_new("keys/vault/3", wrapped).await.unwrap());
    let moved = kb_store::repo::Sealed { key: 3, ..first };
    let closed = open(&stack).vault().open(place, &moved).await.unwrap_err();
    let told = closed.to_string();
    assert!(told.contains("its keys cannot be read"), "{told}");
}
