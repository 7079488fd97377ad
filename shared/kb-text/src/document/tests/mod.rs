use super::*;
use proptest::prelude::*;

mod bombs;
mod generators;
mod kinds;
mod properties;
mod tags;

fn html(format: BodyFormat, source: &str) -> String {
    render(format, source, &KeepLinks).html
}

#[test]
fn an_xml_document_without_a_fence_is_shown_as_it_stands() {
    let text = "* Example\n\n  <? xml version=\"1.0\" ? >\n  <Rule>\n    <Role>acs:1746****:role</Role>\n  </Rule>\n\n* Next **one**";
    let html = html(BodyFormat::Markdown, text);
    assert!(
        html.contains("&lt;Role&gt;acs:1746****:role&lt;/Role&gt;"),
        "{html}"
    );
    assert!(html.contains("<strong>one</strong>"), "{html}");
}

#[test]
fn markdown_traps() {
    let page = html(
        BodyFormat::Markdown,
        "# 标题 {#id .class}\n\n**注意：**您好\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    );
    assert!(
        page.contains("<h1 id=\"h-id\"><a name=\"标题\"></a><a name=\"id\"></a>标题</h1>"),
        "{page}"
    );
    assert!(page.contains("<strong>注意：</strong>您好"), "{page}");
    assert!(
        page.contains("<div class=\"table\" role=\"region\" tabindex=\"0\"><table>"),
        "{page}"
    );
}

#[test]
fn passages_have_anchors_and_the_plain_text_has_everything() {
    let rendered = render(
        BodyFormat::Markdown,
        "Intro.\n\n## Lost phone\n\nCall us.\n\n## Lost phone\n\n![chart of fees](fees.png)\n",
        &KeepLinks,
    );
    let anchors: Vec<_> = rendered
        .passages
        .iter()
        .map(|p| p.anchor.as_deref())
        .collect();
    assert_eq!(anchors, [None, Some("lost-phone"), Some("lost-phone-1")]);
    assert_eq!(
        rendered.plain,
        "Intro.\nLost phone\nCall us.\nLost phone\nchart of fees"
    );
    assert_eq!(rendered.images[0].alt, "chart of fees");
}

#[test]
fn questions_become_pairs() {
    let rendered = render(
        BodyFormat::Markdown,
        "## How much?\n\nTen.\n\n### Detail\n\nMore.\n\n## 为什么？\n\n因为。\n\n## Other\n\nx\n",
        &KeepLinks,
    );
    let pairs: Vec<_> = rendered
        .faq
        .iter()
        .map(|p| (p.question.as_str(), p.answer_text.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [("How much?", "Ten.\nMore."), ("为什么？", "因为。")]
    );
}

#[test]
fn case_024_hostile_html_is_harmless() {
    for source in [
        "<script>alert(1)</script>x",
        "<img src=x onerror=alert(1)>",
        "<a href=\"java\tscript:alert(1)\">x</a>",
        "<a href=\"&#106;avascript:alert(1)\">x</a>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<form action=//evil><input></form><base href=//evil><meta http-equiv=refresh content=0>",
        "<a href=\"//evil.example\">x</a><iframe srcdoc=\"<script>\"></iframe>",
        "<p style=\"background:url(javascript:1)\" class=x id=location>x</p>",
        "<a href=\"data:text/html,<script>\">x</a>",
    ] {
        for format in [BodyFormat::Html, BodyFormat::Markdown] {
            let page = html(format, source).to_lowercase();
            // What is left of an attack stands in escaped text only.
            let tags: String = page
                .split('<')
                .skip(1)
                .filter_map(|t| t.split_once('>').map(|(tag, _)| tag.to_owned() + "\n"))
                .collect();
            for bad in [
                "script",
                "onerror",
                "style",
                "srcdoc",
                "javascript:",
                "data:",
                "//evil",
                "form",
                "base ",
                "meta",
                "id=\"location",
            ] {
                assert!(!tags.contains(bad), "{bad} in {page} from {source}");
            }
        }
    }
}

/// Answers every address with one and the same.
struct Hostile(&'static str);

impl LinkResolver for Hostile {
    fn link(&self, _: &str) -> Option<String> {
        Some(self.0.to_owned())
    }

    fn image(&self, _: &str) -> Option<String> {
        Some(self.0.to_owned())
    }
}

#[test]
fn case_026_an_address_that_a_resolver_gives_is_held_to_the_same_rules_as_an_authored_one() {
    let source = "[x](a.md) ![y](b.png) <a href=\"c.md\">z</a>\n\n[x][1]\n\n[1]: d.md 'e'\n";
    for hostile in [
        "javascript:evil",
        "JaVaScRiPt:evil",
        " \u{1}javascript:evil",
        "java\tscript:evil",
        "java\nscript\r:evil",
        "vbscript:evil",
        "data:text/html,evil",
        "feed:javascript:evil",
        "//evil.example",
        " //evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "\u{1}//evil.example",
    ] {
        let html = render(BodyFormat::Markdown, source, &Hostile(hostile)).html;
        assert!(!html.contains("evil"), "{hostile:?} became {html}");
    }
    for good in [
        "/help/en/a?b=c:d#e",
        "https://example.com/a:b",
        "mailto:a@example.com",
        "a.md",
        "#b",
    ] {
        let html = render(BodyFormat::Markdown, source, &Hostile(good)).html;
        // A picture that came beside the text is not kept; what it would say stands in its place.
        let pictures = usize::from(good.contains([':', '?']));
        assert_eq!(
            html.matches(good).count(),
            3 + pictures,
            "{good} became {html}"
        );
    }
    let markup = render(
        BodyFormat::Markdown,
        source,
        &Hostile("x\"><img src=x onerror=evil>"),
    )
    .html;
    assert!(
        !markup.contains("<img src=x") && !markup.contains("onerror=evil>\""),
        "{markup}"
    );
}

#[test]
fn case_028_an_address_without_a_scheme_leads_to_no_other_host() {
    for spelled in [
        "//evil.example",
        " //evil.example",
        "/&#9;/evil.example",
        "&#1;//evil.example",
        "/&#10;/evil.example",
        "\\\\evil.example",
        "/\\evil.example",
    ] {
        let source = format!("<a href=\"{spelled}\">x</a><img src='{spelled}' alt=y>");
        let html = html(BodyFormat::Html, &source);
        assert!(!html.contains("evil"), "{spelled} became {html}");
    }
}

#[test]
fn a_title_is_taken_out_once_and_never_from_code() {
    let (title, rest) = take_first_h1(
        BodyFormat::Markdown,
        "```\n# no\n```\n\n# Yes {#top}\n\nText\n",
    );
    assert_eq!(title.as_deref(), Some("Yes"));
    assert!(rest.contains("# no") && !rest.contains("Yes"));
    assert_eq!(
        take_first_h1(BodyFormat::Markdown, "Old\n===\ntext")
            .0
            .as_deref(),
        Some("Old")
    );
    assert_eq!(
        take_first_h1(BodyFormat::Html, "<H1 class=a>Big <b>one</b></H1><p>x")
            .0
            .as_deref(),
        Some("Big one")
    );
    assert_eq!(take_first_h1(BodyFormat::Text, "# x").0, None);
}

#[test]
fn template_tags_go_and_code_stays() {
    let (text, warnings) = resolve_template_tags(
        "See [x]({{ site.baseurl }}{% link a/b.md %}).\n{% include nav.html %}\n`{% raw %}`\n```\n{{ kept }}\n```\n## T {#t}\n{: .note}\n",
    );
    assert_eq!(
        text,
        "See [x](a/b.md).\n\n`{% raw %}`\n```\n{{ kept }}\n```\n## T {#t}\n\n"
    );
    assert_eq!(warnings.len(), 1);
    assert_eq!(
        warnings[0].to_string(),
        "line 2: {% include nav.html %} removed"
    );
}

proptest! {
    #[test]
    fn no_input_makes_a_script_or_a_handler(source in "(<[a-z]{1,6}( [a-z]{2,8}=[\"']?[a-z:(]{0,12}[\"']?)?>|[\\PC]{0,6}|\\*\\*|\\[x\\]\\(){0,12}") {
        for format in [BodyFormat::Html, BodyFormat::Markdown, BodyFormat::Text] {
            let page = html(format, &source);
            for tag in page.split('<').skip(1).filter_map(|t| t.split_once('>')).map(|(tag, _)| tag) {
                prop_assert!(!tag.starts_with("script") && !tag.contains(" on") && !tag.contains("javascript:"), "{}", page);
            }
        }
    }
}
