//! Kinds of faults that came with texts of other programs, each as a property that holds for texts made by a seed.

use super::properties::{ROUNDS, Seeded};
use super::*;

/// A piece of a source, what a reader must find of it, and what its page must hold.
struct Said {
    source: String,
    words: Vec<String>,
    html: Vec<String>,
}

/// A piece by its pattern: each `{n}` becomes the number, each word that ends with `x` behind it is read.
fn said(pattern: &str, n: usize, html: &[&str]) -> Said {
    let numbered = |text: &str| text.replace("{n}", &n.to_string());
    let source = numbered(pattern);
    let end = format!("{n}x");
    let words = source
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.ends_with(&end) && !word.starts_with("hidden"));
    Said {
        words: words.map(str::to_owned).collect(),
        html: html.iter().map(|text| numbered(text)).collect(),
        source,
    }
}

/// Plain text of any system has the same paragraphs, with the same lines, and every sign in it is a sign.
#[test]
fn plain_text_is_the_same_whatever_system_wrote_it() {
    let lines = [
        "First line",
        "第一行，a < b & c",
        "# no heading",
        "* no list",
        "{{ x }} {% y %}",
        "<path> </p>",
        "1. one",
        "> no quote",
        "---",
        "a\tb  c",
        "https://example.com",
        "“quoted” &amp; more",
    ];
    for seed in 0..ROUNDS * 4 {
        let mut seeded = Seeded(seed);
        let ends = ["\n", "\r\n", "\r"];
        let own = ends[seeded.next(3)];
        let mixed = seeded.next(4) == 0;
        let end = |seeded: &mut Seeded| if mixed { seeded.one(&ends) } else { own };
        let mut source = seeded.one(&["", "", "\u{feff}"]).to_owned();
        let mut expected = String::new();
        for n in 0..=seeded.next(5) {
            if n > 0 {
                source.push_str(match seeded.next(6) {
                    0 => "\u{c}",
                    1 => "\u{2029}",
                    _ => "",
                });
                if !source.ends_with(['\u{c}', '\u{2029}']) {
                    let end = end(&mut seeded);
                    let blank = seeded.one(&["", "", " ", "\t ", "\u{3000}", "\u{a0}"]);
                    source.push_str(&format!("{end}{blank}{end}"));
                    source.push_str(&end.repeat(seeded.next(3)));
                }
            }
            expected.push_str("<p>");
            for line in 0..=seeded.next(4) {
                if line > 0 {
                    let soft = seeded.one(&["", "", "", "\u{85}", "\u{2028}", "\u{b}"]);
                    let hard = end(&mut seeded);
                    source.push_str(if soft.is_empty() { hard } else { soft });
                    expected.push_str("<br>\n");
                }
                let text = seeded.one(&lines);
                source.push_str(seeded.one(&["", "", "  ", "\t"]));
                source.push_str(text);
                source.push_str(seeded.one(&["", "", " ", "\t"]));
                expected.push_str(&page::escape(text));
            }
            expected.push_str("</p>\n");
        }
        source.push_str(seeded.one(&["", "\n", "\r\n\r\n", " ", "\u{1a}", "\n\u{1a}", "\u{c}"]));
        let shown = render(BodyFormat::Text, &source, &KeepLinks);
        let read = page::unescape(&shown.html);
        let expected = page::unescape(&expected);
        assert_eq!(read, expected, "seed {seed}: {source:?}");
    }
}

/// Whatever a page does not show leaves what it said: a film its address, a field its value, a picture its words, and a part of a
/// text its direction.
#[test]
fn what_is_taken_away_leaves_what_it_said() {
    let pieces: [(&str, &[&str]); 46] = [
        (
            "<iframe src=\"https://film.example/{n}\" title=\"film{n}x\"></iframe>",
            &["href=\"https://film.example/{n}\""],
        ),
        (
            "<iframe src=\"https://www.youtube.com/embed/v{n}\"></iframe>",
            &["href=\"https://www.youtube.com/watch?v=v{n}\""],
        ),
        ("<iframe>inside{n}x</iframe>", &[]),
        (
            "<video controls><source src=\"/m/{n}.mp4\">old</video>",
            &["href=\"/m/{n}.mp4\""],
        ),
        ("<video>without{n}x</video>", &[]),
        (
            "<audio src=\"/m/{n}.mp3\" title=\"talk{n}x\"></audio>",
            &["href=\"/m/{n}.mp3\""],
        ),
        (
            "<embed src=\"/m/{n}.pdf\" title=\"sheet{n}x\">",
            &["href=\"/m/{n}.pdf\""],
        ),
        (
            "<object data=\"/m/{n}.pdf\">sheet</object>",
            &["href=\"/m/{n}.pdf\""],
        ),
        ("<object type=\"a/b\"><p>instead{n}x</p></object>", &[]),
        (
            "<label><input type=\"checkbox\" checked> done{n}x</label>",
            &["☑ done{n}x"],
        ),
        (
            "<label><input type=radio> open{n}x</label>",
            &["☐ open{n}x"],
        ),
        ("<input type=\"submit\" value=\"send{n}x\">", &[]),
        ("<button type=button>save{n}x</button>", &[]),
        ("<input type=\"image\" src=\"a.png\" alt=\"go{n}x\">", &[]),
        ("<input name=\"a\" value=\"name{n}x\">", &[]),
        ("<input type=\"email\" placeholder=\"hint{n}x\">", &[]),
        ("<input type=\"hidden\" value=\"secret\">word{n}x", &[]),
        ("<textarea rows=2>draft{n}x</textarea>", &[]),
        (
            "<select><option>one{n}x</option><optgroup label=\"group{n}x\"><option label=\"two{n}x\"></option></optgroup></select>",
            &[],
        ),
        (
            "<map><area href=\"/a{n}\" alt=\"place{n}x\"></map>",
            &["href=\"/a{n}\""],
        ),
        (
            "<img src=\"local{n}.png\" alt=\"chart{n}x\">",
            &["<span class=\"image\">chart{n}x</span>"],
        ),
        (
            "<img src=\"https://a.example/{n}.png\" title=\"map{n}x\">",
            &["alt=\"map{n}x\""],
        ),
        (
            "<picture><source srcset=\"a.webp\"><img src=\"a.png\" alt=\"photo{n}x\"></picture>",
            &[],
        ),
        (
            "<figure><img src=a.png><figcaption>below{n}x</figcaption></figure>",
            &[],
        ),
        (
            "<svg viewBox=\"0 0 1 1\"><title>logo{n}x</title><g><text x=1>label{n}x</text></g></svg>",
            &[],
        ),
        ("<strike>old{n}x</strike>", &["<s>old{n}x</s>"]),
        ("<tt>code{n}x</tt>", &["<code>code{n}x</code>"]),
        (
            "<acronym title=\"long{n}x\">short{n}x</acronym>",
            &["title=\"long{n}x\""],
        ),
        (
            "<abbr title=\"long{n}x\">short{n}x</abbr>",
            &["title=\"long{n}x\""],
        ),
        (
            "<div dir=\"rtl\">right{n}x</div>",
            &["<div dir=\"rtl\">right{n}x"],
        ),
        (
            "<p dir=auto lang=\"ar\">left{n}x</p>",
            &["dir=\"auto\"", "lang=\"ar\""],
        ),
        (
            "<bdo dir=\"rtl\">turned{n}x</bdo>",
            &["<bdo dir=\"rtl\">turned{n}x"],
        ),
        (
            "<ol start=\"5\" type=\"a\" reversed><li value=\"7\">item{n}x</li></ol>",
            &["start=\"5\"", "type=\"a\"", "reversed", "value=\"7\""],
        ),
        ("<menu><li>entry{n}x</li></menu>", &["<ul><li>entry{n}x"]),
        (
            "<details open><summary>more{n}x</summary>folded{n}x</details>",
            &["<details open", "<summary>more{n}x</summary>"],
        ),
        ("<ruby>字<rt>sound{n}x</rt></ruby>", &["<rt>sound{n}x</rt>"]),
        ("<math><mrow><mi>sum{n}x</mi></mrow></math>", &[]),
        (
            "<table><caption>cap{n}x</caption><tr><th colspan=\"2\">head{n}x</th></tr><tr><td align=\"right\">cell{n}x</td><td>b</td></tr></table>",
            &["colspan=\"2\"", "align=\"right\""],
        ),
        ("<noscript>plain{n}x</noscript>", &[]),
        ("<template>model{n}x</template>", &[]),
        ("<dialog>asks{n}x</dialog><canvas>drawn{n}x</canvas>", &[]),
        (
            "<fieldset><legend>about{n}x</legend>field{n}x</fieldset>",
            &[],
        ),
        ("<progress value=1 max=2>half{n}x</progress>", &[]),
        (
            "<font color=red>red{n}x</font> <center>mid{n}x</center>",
            &[],
        ),
        ("<marquee>runs{n}x</marquee> <nobr>stays{n}x</nobr>", &[]),
        (
            "H<sub>2</sub>O{n}x <kbd>key{n}x</kbd> <q>says{n}x</q>",
            &["<sub>2</sub>", "<q>says{n}x</q>"],
        ),
    ];
    let around = [
        ("", ""),
        ("<div>", "</div>"),
        ("<section><b>before</b> ", "</section>"),
        ("<ul><li>", "</li></ul>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<blockquote>", "</blockquote>"),
    ];
    for seed in 0..ROUNDS {
        let mut seeded = Seeded(seed);
        let parts: Vec<Said> = (0..6)
            .map(|n| {
                let (piece, html) = pieces[seeded.next(pieces.len())];
                let mut part = said(piece, n, html);
                let (open, shut) = around[seeded.next(around.len())];
                part.source = format!("{open}{}{shut}", part.source);
                part
            })
            .collect();
        let source: Vec<&str> = parts.iter().map(|p| p.source.as_str()).collect();
        for (format, source) in [
            (BodyFormat::Html, source.join("\n")),
            (BodyFormat::Markdown, source.join("\n\n")),
        ] {
            let shown = render(format, &source, &KeepLinks);
            let read = [shown.plain.as_str(), &shown.html].concat();
            for part in &parts {
                for word in &part.words {
                    assert!(
                        read.contains(word.as_str()),
                        "seed {seed}, {format:?}: {word} is gone from {}\n{}",
                        part.source,
                        shown.html
                    );
                }
                for html in &part.html {
                    assert!(
                        shown.html.contains(html.as_str()),
                        "seed {seed}, {format:?}: {html} is not in the page of {}\n{}",
                        part.source,
                        shown.html
                    );
                }
            }
            assert!(!read.contains("secret"), "seed {seed}: {}", shown.html);
        }
    }
}

/// Whatever a site generator or a wiki adds to Markdown, every word of the text is read, in its order, and no sign of theirs.
#[test]
fn no_sign_of_a_site_generator_is_read_and_every_word_is() {
    let pieces = [
        // MkDocs.
        "!!! warning \"head{n}x\"\n\n    text{n}x **bold{n}x**\n\n    - point{n}x",
        "???+ tip \"head{n}x\"\n    text{n}x",
        "=== \"tab{n}x\"\n\n    text{n}x",
        "text{n}x :material-check: more{n}x",
        "[link{n}x](https://example.com){ .md-button target=_blank } after{n}x",
        "![photo{n}x](https://example.com/a.png){ width=\"300\" }",
        "text{n}x\n{: .note #own }",
        "--8<-- \"hidden{n}x.md\"\n\ntext{n}x",
        "[TOC]\n\ntext{n}x",
        // Docusaurus, VitePress, Starlight, Mintlify.
        ":::tip[head{n}x]\n\ntext{n}x **bold{n}x**\n\n:::",
        "::: warning head{n}x\ntext{n}x\n:::",
        "::: details head{n}x\ntext{n}x\n:::",
        "::::note\ntext{n}x\n:::tip\ninner{n}x\n:::\nouter{n}x\n::::",
        "::: code-group\n\n```js [file.js]\ncode{n}x\n```\n\n:::",
        "<Tabs>\n<TabItem value=\"a\" label=\"tab{n}x\">\n\ntext{n}x **bold{n}x**\n\n</TabItem>\n</Tabs>",
        "<Aside type=\"tip\" title=\"head{n}x\">\ntext{n}x **bold{n}x**\n</Aside>",
        "<Steps>\n<Step title=\"head{n}x\">\ntext{n}x\n</Step>\n</Steps>",
        "<Note>text{n}x</Note>",
        "import hidden{n}x from 'y';\n\ntext{n}x",
        "export const hidden{n}x = 1;\n\ntext{n}x",
        "{/* hidden{n}x */}\n\ntext{n}x",
        "<!-- hidden{n}x -->\n\ntext{n}x",
        "## head{n}x {#own-{n}}\n\ntext{n}x",
        "```js {1,3} title=\"file{n}x\"\ncode{n}x\n```",
        "[[toc]]\n\ntext{n}x",
        // GitHub, Obsidian, Docsify.
        "> [!NOTE]\n> text{n}x **bold{n}x**",
        "> [!info]- head{n}x\n> text{n}x",
        "- [x] done{n}x\n- [ ] open{n}x",
        "text{n}x %%hidden{n}x%% more{n}x",
        "%%\nhidden{n}x\n%%\n\ntext{n}x",
        "!> text{n}x **bold{n}x**",
        "?> text{n}x\nmore{n}x",
        // Hugo.
        "{{< note >}}text{n}x{{< /note >}}",
        "{{% notice info \"head{n}x\" %}}\ntext{n}x **bold{n}x**\n{{% /notice %}}",
        "{{< figure src=\"https://example.com/a.png\" alt=\"photo{n}x\" >}}",
        "{{< tabs >}}\n{{< tab \"tab{n}x\" >}}\ntext{n}x\n{{< /tab >}}\n{{< /tabs >}}",
        "[link{n}x]({{< ref \"x.md\" >}}) after{n}x",
        "{{< highlight go >}}\ncode{n}x\n{{< /highlight >}}",
        "{{/* hidden{n}x */}}text{n}x {{ .Site.Title }}",
        "{{< youtube film{n}x >}}",
        // Jekyll and GitBook.
        "{% hint style=\"info\" %}\ntext{n}x **bold{n}x**\n{% endhint %}",
        "{% tabs %}\n{% tab title=\"tab{n}x\" %}\ntext{n}x\n{% endtab %}\n{% endtabs %}",
        "{% include hidden{n}x.html %}text{n}x {{ site.title }}",
        "{:toc}\n\ntext{n}x",
        "{% highlight ruby %}\ncode{n}x\n{% endhighlight %}",
        "{% comment %}hidden{n}x{% endcomment %}text{n}x",
        "{% if a %}text{n}x{% else %}more{n}x{% endif %}",
        "{% content-ref url=\"x.md\" %}\n[link{n}x](x.md)\n{% endcontent-ref %}",
        "{% embed url=\"https://example.com/film{n}x\" %}",
        // DocFX.
        "[!INCLUDE [hidden{n}x](../x.md)]\n\ntext{n}x",
        "> [!div class=\"nextstepaction\"]\n> [link{n}x](x.md)",
        ":::image type=\"content\" source=\"a.png\" alt-text=\"photo{n}x\":::",
        "::: zone pivot=\"a\"\ntext{n}x\n::: zone-end",
        ":::row:::\n:::column span=\"2\":::\ntext{n}x\n:::column-end:::\n:::row-end:::",
        "> [!VIDEO https://example.com/film{n}x]",
        // MyST.
        ":::{note}\ntext{n}x\n:::",
    ];
    let signs = [
        "!!!",
        "???",
        ":::",
        "===",
        "[!",
        "{{",
        "{%",
        "{:",
        "{#",
        "{.",
        "{ ",
        "%%",
        "--8<--",
        "import",
        "export",
        "<",
        "```",
        ":material",
        "[TOC]",
        "[[",
        "**",
        "!>",
        "?>",
        "hidden",
        "[x]",
        "[ ]",
    ];
    for seed in 0..ROUNDS * 2 {
        let mut seeded = Seeded(seed);
        let mut source = String::new();
        let mut words = Vec::new();
        for n in 0..5 {
            let part = said(seeded.one(&pieces), n, &[]);
            // Modules stand at the beginning of a line only.
            let module = ["import ", "export "]
                .iter()
                .any(|m| part.source.starts_with(m));
            let nested = seeded.next(3) == 0 && !module;
            if nested {
                source.push_str(&format!("{n}. step{n}x\n\n"));
                words.push(format!("step{n}x"));
            }
            for line in part.source.lines() {
                let indent = if nested && !line.is_empty() {
                    "    "
                } else {
                    ""
                };
                source.push_str(&format!("{indent}{line}\n"));
            }
            source.push_str(&format!("\nbetween{n}x\n\n"));
            words.extend(part.words);
            words.push(format!("between{n}x"));
        }
        let (resolved, _) = resolve_template_tags(&source);
        let page = page(&resolved);
        let mut rest = page.plain.as_str();
        for word in &words {
            let found = rest.split_once(word.as_str());
            assert!(
                found.is_some(),
                "seed {seed}: {word} is gone, or not in its place\n{source}\n{}\n{}",
                page.plain,
                page.html
            );
            rest = found.map_or("", |(_, rest)| rest);
        }
        for sign in signs {
            assert!(
                !page.plain.contains(sign),
                "seed {seed}: {sign} is read\n{source}\n{}\n{resolved}",
                page.plain
            );
        }
    }
}

fn page(source: &str) -> Rendered {
    render(BodyFormat::Markdown, source, &KeepLinks)
}
