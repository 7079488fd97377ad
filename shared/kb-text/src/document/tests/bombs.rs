//! Bodies that cost their readers more than they say. Work is counted, in steps and in bytes, and never timed.

use super::*;

/// As large as a body may be.
const BYTES: usize = 950_000;
/// So many steps for each byte: a step is a tag, a text, or an open element that was looked at.
const STEPS_PER_BYTE: usize = 12;
/// So many bytes are looked at for each byte, where a text could be written so that they are looked at over and over.
const LOOKED_PER_BYTE: usize = 12;

/// What to write over and over, and what may stand before and behind it.
fn bombs() -> Vec<(BodyFormat, String)> {
    let html = [
        "<span></x>",
        "<b></x>",
        "<div></x>",
        "<i></b>",
        "<ul></z><li></z>",
        "<dl></q><dd>",
        "<em></em2>",
        "<div>",
        "<a <a ",
        "<b><i>",
        "<table><tr><td>",
        "<p><b>",
        "<a href=x>",
        "</p>",
        "<li>",
        "<h1>",
        "<td>",
        "<!--",
        "<!---->",
        "<![CDATA[",
        "<script>",
        "</script>",
        "<a b='",
        "<x y=\"",
        "<xmp>",
        "<textarea>",
        "<svg>",
        "<x>",
        "<x></x>",
        "<select><option>",
        "<iframe>",
        "<input type=checkbox>",
        "<font color=1>",
        "<p id=a>",
        "<a name=x>",
        "&amp;",
        "\"",
        "<code class=language-a>",
        "<ruby><rt>",
        "<h1></h1>",
        "<p>!",
    ];
    let markdown = [
        "[[[[",
        "*_*_",
        "> > > > > > > > > > > > > > > > > > > > > > > > x\n",
        "# a?\n\n",
        "<span></x>",
        "[^a] ",
        "- - - - - - ",
        "1. 1. 1. 1. ",
        "`` ` ",
        "![a](",
        "**a ",
        "_a__",
        "|a|b|\n|-|-|\n",
        "| ",
        "https://a.b/c，",
        "~",
        "~~a",
        "::: tip\n",
        "!!! note\n    ",
        "<Card>\n",
        "</Card>\n",
        "<Card>\n<Card>\n</Card>\n",
        "> [!NOTE]\n",
        "> [!NOTE]\n\n",
        "[a]: b\n",
        "[^1]: a\n",
        "<textarea>\n",
        "<title> a\n",
        "\\",
        "- [x] a\n",
        "=== \"a\"\n\n    ",
        "- !\n",
        "`a\n\n",
        "[](a) ",
        "[a](",
        "[![a)",
        "{% x %} ",
        "{% raw %}",
        "{% comment %}",
        "{% highlight a %} ",
        "{% ",
        "{{/* ",
        "{{!-- ",
        "{{! :material-a: ",
        "{/* ",
        "{# a ",
        "{#a} ",
        "{::comment} ",
        "{::a :material-a: ",
        "${{ :material-a: ",
        "{{</* a */ ",
        "{{< highlight a >}} ",
        "{{< youtube a :material-a: ",
        ":material-a:{",
        "%%\n",
        "%%a%% {/* ",
        "import {\n:material-a:\n",
        "[!INCLUDE [a](:material-a: ",
        "::: row\n",
        "<pre> <code></code> ",
        "<!-- a ",
        "<a/b=",
        "&",
    ];
    let mut all = Vec::new();
    for piece in html {
        all.push((BodyFormat::Html, piece.repeat(BYTES / piece.len())));
        all.push((BodyFormat::Markdown, piece.repeat(BYTES / piece.len())));
    }
    for piece in markdown {
        all.push((BodyFormat::Markdown, piece.repeat(BYTES / piece.len())));
    }
    let languages: String = (0..200)
        .map(|n| format!("<code class=language-{n}>"))
        .collect();
    for formatting in [
        languages,
        (0..200).map(|n| format!("<b lang=x{n}>")).collect(),
    ] {
        let closes = if formatting.starts_with("<b") {
            "</b>"
        } else {
            "</code>"
        };
        all.push((
            BodyFormat::Html,
            format!(
                "<p>{formatting}</p>{}{}",
                "<p>x".repeat(200_000),
                closes.repeat(200)
            ),
        ));
        all.push((
            BodyFormat::Html,
            format!("{formatting}{}", "<table><td>x</table>".repeat(40_000)),
        ));
    }
    all.push((
        BodyFormat::Html,
        "<h1>".repeat(100_000) + &"</h1>".repeat(100_000),
    ));
    let paragraphs = format!("{}\n\n", "a ".repeat(200)).repeat(1_000);
    all.push((
        BodyFormat::Markdown,
        format!("# {}\n\n{paragraphs}", "x".repeat(500_000)),
    ));
    all.push((
        BodyFormat::Markdown,
        (0..100_000).map(|n| format!("[](a{n})")).collect(),
    ));
    let attributes: String = (0..90_000).map(|n| format!(" a{n}=1")).collect();
    all.push((BodyFormat::Html, format!("<p{attributes}>x</p>")));
    all.push((BodyFormat::Markdown, format!("<p{attributes}>x</p>\n")));
    all.push((
        BodyFormat::Markdown,
        format!("{}\n\n[^a]: note\n", "[^a] ".repeat(190_000)),
    ));
    all.push((
        BodyFormat::Markdown,
        format!(
            "|{}\n|{}\n{}",
            "a|".repeat(5_000),
            "-|".repeat(5_000),
            "|\n".repeat(400_000)
        ),
    ));
    all.push((
        BodyFormat::Markdown,
        format!("[a]: /{}\n\n{}", "x".repeat(2_000), "[a] ".repeat(200_000)),
    ));
    all
}

#[test]
#[ignore = "takes minutes: tests/long bombs"]
fn every_bomb_is_refused_or_costs_what_it_weighs() {
    bounded(&bombs());
}

#[test]
fn the_worst_bombs_are_refused_or_cost_what_they_weigh() {
    let shorter: Vec<(BodyFormat, String)> = bombs()
        .into_iter()
        .map(|(f, s)| (f, s.chars().take(4_000).collect()))
        .collect();
    bounded(&shorter);
}

fn bounded(bombs: &[(BodyFormat, String)]) {
    for (format, source) in bombs {
        let name: String = source.chars().take(40).collect();
        let steps = tidied(*format, source).steps;
        assert!(
            steps <= STEPS_PER_BYTE * source.len() + 10_000,
            "{name:?} took {steps} steps for {} bytes",
            source.len()
        );
        let mut checked = None;
        let looked = looked::during(|| {
            checked = page_within_budget(*format, source).ok();
            resolve_template_tags(source);
            take_first_h1(*format, source);
        });
        assert!(
            looked <= LOOKED_PER_BYTE * source.len() + 10_000,
            "{name:?} was looked at {looked} times for {} bytes",
            source.len()
        );
        let allowed = checked.is_some();
        let page = checked.unwrap_or_else(|| render(*format, source, &KeepLinks));
        assert!(
            !allowed || page.html.len() <= PAGE_MAX_BYTES,
            "{name:?} became {} bytes",
            page.html.len()
        );
        let under = |said: &Option<String>| said.as_ref().map_or(0, String::len);
        let passages = page.passages.iter();
        let passages: usize = passages
            .map(|p| p.text.len() + under(&p.heading) + under(&p.anchor))
            .sum();
        assert!(
            passages <= 8 * source.len() + 10_000,
            "{name:?} has {passages} bytes of passages"
        );
        // Even one that is stored already stays below what it is made of, times a tag for each sign.
        assert!(
            page.html.len() <= 60 * source.len() + 10_000,
            "{name:?} became {} bytes of {}",
            page.html.len(),
            source.len()
        );
    }
}

#[test]
fn a_body_beyond_the_budget_is_refused_and_says_what_to_do() {
    let code = |format, source: &str| page_within_budget(format, source).err().map(|e| e.code);
    let attributes = |n: usize| {
        format!(
            "<p{}>x</p>",
            (0..n).map(|n| format!(" a{n}=1")).collect::<String>()
        )
    };
    assert_eq!(
        code(BodyFormat::Html, &attributes(101)),
        Some("too_many_attributes")
    );
    assert_eq!(code(BodyFormat::Html, &attributes(100)), None);
    let marks = |n: usize| format!("{}\n\n[^a]: note\n", "x[^a] ".repeat(n));
    assert_eq!(
        code(BodyFormat::Markdown, &marks(1_001)),
        Some("too_many_footnotes")
    );
    assert_eq!(code(BodyFormat::Markdown, &marks(999)), None);
    assert_eq!(
        code(BodyFormat::Html, &"<div>".repeat(201)),
        Some("too_deep")
    );
    assert_eq!(code(BodyFormat::Html, &"<div>".repeat(199)), None);
    assert_eq!(
        code(BodyFormat::Html, &"<div></x></div>".repeat(2_000)),
        None
    );
    assert_eq!(code(BodyFormat::Text, &"<".repeat(50_000)), None);
    assert_eq!(
        code(BodyFormat::Text, &"&\"".repeat(480_000)),
        Some("too_large")
    );
    let places = |n: usize| "# a\n\n[b](c) ![d](e)\n\n".repeat(n);
    assert_eq!(code(BodyFormat::Markdown, &places(6_666)), None);
    assert_eq!(
        code(BodyFormat::Markdown, &places(6_667)),
        Some("too_many_places")
    );
    let told = page_within_budget(BodyFormat::Html, &"<div>".repeat(201))
        .unwrap_err()
        .detail;
    assert!(
        told.contains("200") && told.contains("close each element"),
        "{told}"
    );
}
