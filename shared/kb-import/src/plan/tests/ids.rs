use super::*;

#[test]
fn texts_that_would_share_an_id_get_ids_of_their_own_and_none_is_lost() {
    for (files, ids) in [
        (
            vec![
                ("faq/b.md", "# B\n\nx"),
                ("faq/b.html", "<h1>C</h1><p>x</p>"),
            ],
            vec!["b", "b.html"],
        ),
        (
            vec![("faq/h.md", "# H\n\nx"), ("faq/h.txt", "closed")],
            vec!["h", "h.txt"],
        ),
        (
            vec![
                ("en/faq/a.md", "# Colour\n\nx"),
                ("en-US/faq/a.md", "# Color\n\nx"),
            ],
            vec!["en-US/faq/a.md", "faq/a"],
        ),
        (
            vec![("a/A.md", "# Big\n\nx"), ("a/a.md", "# Small\n\nx")],
            vec!["A", "a"],
        ),
        (
            vec![
                ("x.md", "x"),
                ("x.markdown", "y"),
                ("x.html", "z"),
                ("x.txt", "w"),
            ],
            vec!["x", "x.html", "x.markdown", "x.txt"],
        ),
    ] {
        let found = items(&files);
        let mut seen: Vec<&str> = found.iter().map(|i| i.external_id.as_str()).collect();
        seen.sort_unstable();
        assert_eq!(seen, ids);
    }
    // What the base holds under the id stays there, whatever comes beside it.
    let files: Vec<(&str, &[u8])> = vec![
        ("faq/b.md", b"# B\n\nx"),
        ("faq/b.html", b"<h1>C</h1><p>x</p>"),
    ];
    let draft = draft(listing_of(&files), &asked());
    assert_eq!(draft.shared(), HashSet::from(["b".to_owned()]));
    let known = Known {
        title: "C".into(),
        body: kb_domain::Body {
            format: BodyFormat::Html,
            source: "<p>x</p>".into(),
        },
    };
    let planned = draft.finish(&HashMap::from([("b".to_owned(), known)]));
    let ids: Vec<_> = planned
        .iter()
        .filter_map(|p| match p {
            Planned::Article(item) => Some((item.title.as_str(), item.external_id.as_str())),
            _ => None,
        })
        .collect();
    assert!(
        ids.contains(&("C", "b")) && ids.contains(&("B", "b.md")),
        "{ids:?}"
    );
}

/// Whatever files stand beside each other: every text comes in under an id of its own, in the order of their names.
#[test]
fn trees_by_a_seed_lose_no_text_and_share_no_id() {
    let mut next = dice(5);
    for _ in 0..200 {
        let mut paths = std::collections::BTreeSet::new();
        for _ in 0..8 {
            let language = ["", "en/", "en-US/", "zh/", "ZH/", "x/en/"][next(6)];
            let folder = ["", "faq/", "Faq/", "a/b/"][next(4)];
            let stem = ["a", "A", "a.en", "b", "b.md", "1-a"][next(6)];
            let ending = ["md", "html", "txt", "markdown"][next(4)];
            paths.insert(format!("{language}{folder}{stem}.{ending}"));
        }
        let files: Vec<(&str, &str)> = paths
            .iter()
            .map(|p| (p.as_str(), "Some words of text."))
            .collect();
        let found = items(&files);
        assert_eq!(found.len(), paths.len(), "{paths:?}");
        let ids: HashSet<(&str, Option<&str>)> = found
            .iter()
            .map(|i| {
                (
                    i.external_id.as_str(),
                    i.locale.as_ref().map(Locale::as_str),
                )
            })
            .collect();
        assert_eq!(ids.len(), paths.len(), "{paths:?}");
        for item in &found {
            assert!(!item.known_as.contains(&item.external_id));
            assert!(
                !found
                    .iter()
                    .any(|other| item.known_as.contains(&other.external_id)),
                "{item:?}"
            );
        }
    }
}
