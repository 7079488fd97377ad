use super::*;

fn known(path: &str, id: &str, title: &str) -> Known {
    Known {
        path: path.into(),
        id: id.into(),
        title: title.into(),
        former: Vec::new(),
    }
}

fn source() -> Vec<Known> {
    let mut old = known("guide/b.md", "guide/b", "B");
    old.former = vec!["/kb/older".into()];
    vec![
        known("guide/a.md", "guide/a", "A"),
        old,
        known("vpn/README.md", "vpn/README", "VPN"),
        known("guide/other.md", "guide/other", "Other"),
        known("guide/02-Two Words.md", "guide/02-Two Words", "Two words"),
        known("帮助/重置密码.md", "帮助/重置密码", "重置密码"),
        known("site/index.html", "site/index", "Site"),
    ]
}

fn led(markdown: &str) -> (String, Vec<String>) {
    let texts = source();
    let targets = Targets::new(&texts);
    let found = resolve(BodyFormat::Markdown, markdown, &texts[0], &targets);
    (found.source, found.lost.into_iter().collect())
}

#[test]
fn every_spelling_of_a_link_that_the_source_can_resolve_leads_there() {
    for href in [
        "/guide/b.md",
        "/guide/b",
        "/guide/b/",
        "/guide/b.html",
        "B.MD",
        "guide/b.md",
        "./b/",
        "b/index.md",
        "/kb/older",
        "/kb/older/",
        "../../guide/b.md",
        "/docs/guide/b",
        "{{ site.baseurl }}/guide/b",
        "{% link guide/b.md %}",
        "{{ '/guide/b/' | relative_url }}",
        "<b.md >",
        "/guide/b.md?plain=1",
        "..\\guide\\b.md",
    ] {
        let (text, lost) = led(&format!("x [B]({href}) y"));
        assert!(lost.is_empty(), "{href}: {lost:?}");
        assert_eq!(text, "x [B](b) y", "{href}");
    }
    for (href, expected) in [
        ("b.md", "b.md"),
        ("b", "b"),
        ("../guide/b.md", "../guide/b.md"),
        ("b.md#x", "b.md#x"),
        ("/guide/b.md#part two", "b#part%20two"),
        ("../vpn/", "../vpn/README"),
        ("../vpn", "../vpn/README"),
        ("/vpn/index.md", "../vpn/README"),
        ("Other.md", "other"),
        ("two-words", "02-Two%20Words"),
        ("02-Two Words.md", "02-Two%20Words"),
        ("<02-Two Words.md>", "02-Two%20Words"),
        ("../帮助/重置密码.md", "../帮助/重置密码.md"),
        (
            "/%E5%B8%AE%E5%8A%A9/%E9%87%8D%E7%BD%AE%E5%AF%86%E7%A0%81.md",
            "../%E5%B8%AE%E5%8A%A9/%E9%87%8D%E7%BD%AE%E5%AF%86%E7%A0%81",
        ),
        ("/site/", "../site/index"),
        ("b.md \"title\"", "b.md \"title\""),
        ("/guide/b.md \"A (title)\"", "b \"A (title)\""),
        ("https://example.com/b.md", "https://example.com/b.md"),
        ("https:/www.example.com/b", "https://www.example.com/b"),
        ("#top", "#top"),
        ("mailto:a@b.c", "mailto:a@b.c"),
        ("//cdn.example/x", "//cdn.example/x"),
    ] {
        let (text, lost) = led(&format!("x [B]({href}) y"));
        assert_eq!(
            (text, lost),
            (format!("x [B]({expected}) y"), vec![]),
            "{href}"
        );
    }
}

#[test]
fn what_leads_nowhere_is_told_once_and_links_to_nothing() {
    let (text, lost) = led("[f](files/form.pdf) [f](files/form.pdf) [g](gone page.md) [h](/x/)");
    assert_eq!(lost, ["/x/", "files/form.pdf", "gone page.md"]);
    assert_eq!(
        text,
        "[f](files/form.pdf) [f](files/form.pdf) [g](gone%20page.md) [h](/x/)"
    );
}

#[test]
fn html_references_and_double_brackets_are_led_and_code_is_not() {
    for (from, to) in [
        (
            "<a href='b.md'>x</a> <A HREF=\"/guide/b\">y</A>",
            "<a href=\"b.md\">x</a> <A href=\"b\">y</A>",
        ),
        (
            "<a class=c href=/vpn/>x</a>",
            "<a class=c href=\"../vpn/README\">x</a>",
        ),
        ("[B][1]\n\n[1]: /guide/b.md 'T'\n", "[B][1]\n\n[1]: b 'T'\n"),
        (
            "[B][b]\n\n[b]:{% page \"/guide/b/#x\" %}\n[c]: {{ site.baseurl }}/guide/b\n",
            "[B][b]\n\n[b]:b#x\n[c]: b\n",
        ),
        (
            "[[B]] and [[Other|that one]] and [[vpn/README#Top part]]",
            "[B](b) and [that one](other) and [VPN](../vpn/README#top-part)",
        ),
        (
            "[[nothing here]] and [[ -f x ]]",
            "[[nothing here]] and [[ -f x ]]",
        ),
        (
            "`[B](/guide/b)` ``x`[B](/guide/b)``",
            "`[B](/guide/b)` ``x`[B](/guide/b)``",
        ),
        (
            "```\n[B](/guide/b)\n```\n[B](/guide/b)",
            "```\n[B](/guide/b)\n```\n[B](b)",
        ),
        (
            "- ~~~~\n  [[B]]\n  ~~~\n  ~~~~\n[B](/guide/b)",
            "- ~~~~\n  [[B]]\n  ~~~\n  ~~~~\n[B](b)",
        ),
        (
            "![p](/guide/b.png) [![p](p.png)](/guide/b)",
            "![p](/guide/b.png) [![p](p.png)](b)",
        ),
        (
            "<!-- [B](/guide/b) --> \\[B](/guide/b)",
            "<!-- [B](/guide/b) --> \\[B](/guide/b)",
        ),
        ("[a (b)](/guide/b) [x](/guide/b", "[a (b)](b) [x](/guide/b"),
        ("é[B](/guide/b)中", "é[B](b)中"),
    ] {
        assert_eq!(led(from).0, to, "{from}");
    }
}

/// Whatever is written around a link: only destinations change, and every one that the source knows is found.
#[test]
fn texts_by_a_seed_change_in_their_destinations_alone() {
    let mut seed = 3_u64;
    let mut next = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let pieces = [
        "[B](/guide/b)",
        "text ",
        "`code` ",
        "\n\n",
        "**bold** ",
        "[",
        "]",
        "(",
        ")",
        "<b>x</b>",
        "中文 ",
        "[[B]]",
        "\\",
        "`",
        "<",
        "- item\n",
        "\n```\nx\n```\n",
        "[x][1] ",
        "!",
    ];
    for _ in 0..500 {
        let text: String = (0..next(12)).map(|_| pieces[next(pieces.len())]).collect();
        let (found, _) = led(&text);
        let without = |text: &str| text.replace("(/guide/b)", "(b)").replace("[[B]]", "[B](b)");
        assert_eq!(without(&found), without(&text), "{text:?}");
    }
    for (slash, ending, case) in (0..24).map(|n| (n % 2 == 0, n % 4, n % 3)) {
        let stem = ["guide/b", "Guide/B", "GUIDE/b"][case];
        let href = format!(
            "{}{stem}{}",
            if slash { "/" } else { "../" },
            ["", ".md", "/", ".html"][ending]
        );
        assert_eq!(
            led(&format!("[x]({href})")).1,
            Vec::<String>::new(),
            "{href}"
        );
    }
}
