use super::*;

#[test]
fn what_might_be_restricted_comes_in_as_a_draft_with_the_reason() {
    for (path, text) in [
        (
            "guide/a.md",
            "---\ntitle: Secret plan\npublished: false\n---\n\nThe launch is in May.",
        ),
        (
            "guide/a.md",
            "--- \ntitle: Secret plan\ndraft: true\n---\n\nThe launch is in May.",
        ),
        (
            "guide/a.md",
            "<!-- generated -->\n---\ntitle: Secret plan\ndraft: true\n---\n\nThe launch is in May.",
        ),
        (
            "guide/a.html",
            "<!-- draft --><h1>Secret plan</h1><p>May</p>",
        ),
        (
            "guide/a.html",
            "<html><head><meta name=\"robots\" content=\"noindex\"></head><h1>Secret plan</h1><p>May</p>",
        ),
        (
            "guide/a.html",
            "<html><body data-visibility=\"private\"><h1>Secret plan</h1><p>May</p>",
        ),
        (
            "guide/a.html",
            "<article class=\"post status-private\"><h1>Secret plan</h1><p>May</p></article>",
        ),
        (
            "guide/a.txt",
            "---\ntitle: Secret plan\nstatus: draft\n---\nMay",
        ),
        ("_drafts/a.md", "# Secret plan\n\nMay"),
        (
            "guide/a.md",
            "# Secret plan\n\n::: only segment=hr\nMay\n:::",
        ),
        (
            "guide/a.md",
            "# Secret plan\n\n> **Internal use only**\n\nMay",
        ),
    ] {
        let item = one(path, text);
        assert!(item.draft, "{text}");
        assert_eq!(item.title, "Secret plan", "{text}");
        assert!(
            item.warnings
                .iter()
                .any(|w| w.starts_with("kept as a draft: ")),
            "{text}"
        );
        assert!(
            !item.body.source.contains("draft: true") && !item.body.source.contains("published:"),
            "{text}"
        );
    }
    for path in ["hr/bands.html", "hr/bands.txt", "hr/bands.md"] {
        let item = one(
            path,
            "---\ntitle: Salary bands\naudience: segment:hr\n---\n<p>Band 1 is secret.</p>\n",
        );
        assert_eq!(item.title, "Salary bands");
        assert_eq!(item.audience.unwrap().to_string(), "segment:hr");
        assert!(!item.body.source.contains("audience"));
    }
}

#[test]
fn what_a_folder_or_another_language_says_about_readers_holds() {
    let found = items(&[
        (
            "en/hr/_index.md",
            "---\ntitle: HR\naudience: segment:hr\n---\n",
        ),
        ("en/hr/a.md", "text of it"),
        ("en/x/_index.md", "---\ntitle: X\ndraft: true\n---\n"),
        ("en/x/b.md", "text of it"),
        ("en/y/c.md", "---\naudience: segment:hr\n---\ntext"),
        ("zh/y/c.md", "正文"),
        ("en/z/d.md", "---\naudience: segment:hr\n---\ntext"),
        ("zh/z/d.md", "---\naudience: agents\n---\n正文"),
    ]);
    let by = |path: &str| found.iter().find(|i| i.name == path).unwrap();
    assert!(by("en/hr/a.md").audience.is_some() && by("en/x/b.md").draft);
    assert_eq!(by("zh/y/c.md").audience, by("en/y/c.md").audience);
    assert!(by("en/z/d.md").draft && by("zh/z/d.md").draft);
}
