use super::*;
use kb_domain::Locale;
use uuid::Uuid;

fn tombstone(n: u128) -> Part {
    let id = PartId {
        article: ArticleId::new(Uuid::from_u128(n)),
        locale: Locale::en(),
        n: 0,
    };
    Part::tombstone(id, 1)
}

/// A folder that is away takes no writes, as a full disk does.
#[tokio::test]
async fn an_index_that_could_not_be_written_is_written_again_by_itself() {
    let root = tempfile::tempdir().unwrap();
    let (folder, away) = (root.path().join("index"), root.path().join("away"));
    let index = TantivyIndex::open(Some(&folder)).unwrap();
    index.write(vec![tombstone(1)]).await.unwrap();
    index.refresh().await.unwrap();
    for round in 0..3 {
        std::fs::rename(&folder, &away).unwrap();
        let written = index.write(vec![tombstone(10 + round)]).await;
        let shown = index.refresh().await;
        assert!(written.is_err() || shown.is_err());
        std::fs::rename(&away, &folder).unwrap();
        // Whoever wrote meanwhile is told once that it is not there.
        let mut told = 0;
        loop {
            index.write(vec![tombstone(10 + round)]).await.unwrap();
            match index.refresh().await {
                Ok(()) => break,
                Err(_) => told += 1,
            }
            assert!(told < 3);
        }
    }
    assert_eq!(index.size().await.unwrap(), 4);
}
