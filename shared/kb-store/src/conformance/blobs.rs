//! Blobs: whole or not at all, under any name that is a path.

use super::noise;
use crate::blobs::Blobs;

/// Of many that put one new blob at once, one wins. For every engine but S3Mock, which looks whether it is there and puts it in two
/// steps; S3 does both in one.
pub async fn one_new_blob_wins(blobs: &dyn Blobs) {
    let get = async |name: &str| blobs.get(name).await.expect("the engine answers");
    let tries = (0..8_u8).map(|n| blobs.put_new("race", vec![n; 50_000]));
    let won = futures::future::join_all(tries).await;
    let won: Vec<u8> = (0..8)
        .zip(won)
        .filter_map(|(n, won)| won.expect("the engine answers").then_some(n))
        .collect();
    assert_eq!(won.len(), 1);
    assert_eq!(get("race").await, Some(vec![won[0]; 50_000]));
}

/// What a blob engine promises.
pub async fn blobs(blobs: &dyn Blobs) {
    let get = async |name: &str| blobs.get(name).await.expect("the engine answers");
    let put = async |name: &str, bytes: Vec<u8>| {
        let done = blobs.put(name, bytes).await;
        done.expect("the engine answers");
    };
    assert_eq!(get("absent").await, None);
    blobs.delete("absent").await.expect("absent is fine");

    let large = noise(1, 6_000_000).into_bytes();
    let binary: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    for (name, bytes) in [
        ("one", b"1".to_vec()),
        ("empty", Vec::new()),
        ("body/art_1/rev_1", binary),
        ("large", large),
        (
            "a name/with %41 + ? # & \u{e9} \u{91cd}.tar.gz",
            b"strange".to_vec(),
        ),
        ("body/art_1/rev_1.next", b"beside".to_vec()),
    ] {
        put(name, bytes.clone()).await;
        assert_eq!(get(name).await, Some(bytes), "{name}");
    }
    put("one", b"2".to_vec()).await;
    assert_eq!(get("one").await, Some(b"2".to_vec()));
    blobs.delete("one").await.expect("the engine answers");
    assert_eq!(get("one").await, None);
    assert_eq!(get("body/art_1").await, None);

    let first = blobs.put_new("claim", b"mine".to_vec()).await;
    assert!(first.expect("the engine answers"));
    let second = blobs.put_new("claim", b"yours".to_vec()).await;
    assert!(!second.expect("the engine answers"));
    assert_eq!(get("claim").await, Some(b"mine".to_vec()));

    for name in [
        "", "/", "a/", "/a", "a//b", "..", "a/../b", "./a", "a/.", "a\\b", "a\0b",
    ] {
        assert!(
            blobs.put(name, vec![1]).await.is_err(),
            "{name:?} is no name"
        );
        assert!(blobs.get(name).await.is_err(), "{name:?} is no name");
        assert!(blobs.delete(name).await.is_err(), "{name:?} is no name");
    }
}
