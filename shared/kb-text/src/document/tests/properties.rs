//! What holds for every text, on texts made by a seed.

use super::*;

/// SplitMix64: equal seeds, equal texts.
pub(super) struct Seeded(pub u64);

impl Seeded {
    pub fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % below as u64).unwrap()
    }

    pub fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.next(of.len())]
    }
}

/// Rounds of each property, every one with a seed of its own.
pub(super) const ROUNDS: u64 = 150;

fn page(source: &str) -> Rendered {
    render(BodyFormat::Markdown, source, &KeepLinks)
}

#[test]
fn no_word_is_lost_whatever_stands_around_it() {
    let inline = [
        "<Card>",
        "</Card>",
        "<path>",
        "<title>",
        "</title>",
        "<textarea>",
        "<script>",
        "<style>",
        "<b>",
        "</b>",
        "<div>",
        "</div>",
        "<iframe>",
        "<noscript>",
        "<xmp>",
        "<plaintext>",
        "<select>",
        "<option>",
        "<svg>",
        "<template>",
        "<a href=\"x.md\">",
        "</a>",
        "<li>",
        "<td>",
        "<p>",
        "</p>",
        "<x-y a=\"b\">",
        "<Tab/>",
        "<T, U>",
        "< ",
        "<3 ",
        "&amp;",
        "**",
        "*",
        "_",
        "~~",
        "~",
        "`",
        "[",
        "](",
        ")",
        "{",
        "}",
        "{{ x }}",
        "{% if x %}",
        "{% endif %}",
        "${{ y }}",
        "{:z}",
        "!",
        "\\",
        "|",
        "$",
        "==",
        "^",
        "[^1]",
    ];
    let lines = [
        "\n",
        "\n\n",
        "\n\n- ",
        "\n\n> ",
        "\n\n1. ",
        "\n\n## ",
        "\n\n    ",
        "\n\n| a | b |\n|---|---|\n| ",
        "\n\n::: tip\n",
        "\n:::\n",
        "\n\n!!! note\n    ",
        "\n\n---\n\n",
    ];
    for seed in 0..ROUNDS {
        let mut seeded = Seeded(seed);
        let mut words = Vec::new();
        let mut source = String::new();
        for n in 0..40 {
            let word = if seeded.next(3) == 0 {
                format!("词{n}尾")
            } else {
                format!("w{n}x")
            };
            source.push_str(&word);
            source.push(' ');
            words.push(word);
            for _ in 0..seeded.next(3) {
                source.push_str(seeded.one(&inline));
            }
            if seeded.next(5) == 0 {
                source.push_str(seeded.one(&lines));
            } else {
                source.push(' ');
            }
        }
        // What ends a script makes one of it.
        let (resolved, _) = resolve_template_tags(&source);
        for (format, text) in [
            (BodyFormat::Markdown, &source),
            (BodyFormat::Markdown, &resolved),
            (BodyFormat::Html, &source),
            (BodyFormat::Text, &source),
        ] {
            let shown = render(format, text, &KeepLinks);
            for word in &words {
                // A word may have become the address of a link, or the language of a block of code.
                let there = shown.plain.contains(word)
                    || shown.html.contains(word)
                    || shown
                        .html
                        .contains(&word.replace('词', "%E8%AF%8D").replace('尾', "%E5%B0%BE"));
                assert!(
                    there,
                    "seed {seed}, {format:?}: {word} is gone from {text:?}\n{}",
                    shown.html
                );
            }
        }
    }
}

#[test]
fn running_text_is_shown_as_it_is_written() {
    let parts = [
        "138****0000",
        "******",
        "2**10",
        "2*3*4",
        "src/**/*.ts",
        "1~3次",
        "100~200元",
        "<path>",
        "List<String>",
        "Map<K, V>",
        "{:id}",
        "{name}",
        "{{ name }}",
        "${{ secrets.X }}",
        "长*宽*高",
        "文件名_版本_日期",
        "a_b_c",
        "C:\\dir",
        "50%",
        "a|b",
        "#1",
        "$5",
        "x^2",
        "<b",
        "a < b",
        "[x]",
        "（注）",
        "《书》",
        "w",
        "字",
        "100%%",
    ];
    let signs = [" ", "，", "。", "、", "；", " 和 ", " and ", ", "];
    for seed in 0..ROUNDS * 4 {
        let mut seeded = Seeded(seed);
        let mut text = "甲".to_owned();
        for _ in 0..=seeded.next(8) {
            text.push_str(seeded.one(&signs));
            text.push_str(seeded.one(&parts));
        }
        text.push('乙');
        let expected = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (resolved, _) = resolve_template_tags(&text);
        assert_eq!(resolved, text, "seed {seed}");
        assert_eq!(page(&text).plain, expected, "seed {seed}");
        assert_eq!(page(&format!("- {text}\n")).plain, expected, "seed {seed}");
        assert_eq!(page(&format!("## {text}\n")).plain, expected, "seed {seed}");
    }
}

#[test]
fn code_is_shown_byte_for_byte() {
    let bits = [
        "**",
        "~",
        "{{ x }}",
        "{% y %}",
        "<b>",
        "</title>",
        "<!-- c -->",
        "[^1]",
        "!!! note",
        ":::",
        "&lt;",
        "\\",
        "$",
        "_",
        "#",
        "https://a.b，c",
        "[[w]]",
        "import a from 'b'",
        "> > > ",
        "- - - ",
        "|",
        "字",
        "x",
    ];
    for seed in 0..ROUNDS {
        let mut seeded = Seeded(seed);
        let mut lines = Vec::new();
        for _ in 0..=seeded.next(5) {
            let line: Vec<&str> = (0..=seeded.next(4)).map(|_| seeded.one(&bits)).collect();
            lines.push(line.join(" ").trim_end().to_owned());
        }
        let (prefix, first) = [
            ("", ""),
            ("> ", ""),
            ("   ", "1. step\n\n"),
            ("  ", "- step\n\n"),
            ("    ", "text\n\n"),
        ][seeded.next(5)];
        let fenced = prefix != "    ";
        let mut source = first.to_owned();
        let body: Vec<String> = if fenced {
            let fence = ["```", "~~~~", "````yaml"][seeded.next(3)];
            let mut body = vec![fence.to_owned()];
            body.extend(lines.clone());
            body.push(fence.trim_end_matches("yaml").to_owned());
            body
        } else {
            lines.clone()
        };
        for line in body {
            source.push_str(&format!("{prefix}{line}\n"));
        }
        source.push_str("\nend\n");
        assert_eq!(resolve_template_tags(&source).0, source, "seed {seed}");
        let html = page(&source).html;
        let code = html
            .split("<code")
            .nth(1)
            .and_then(|c| c.split_once('>'))
            .and_then(|(_, c)| c.split("</code>").next())
            .unwrap_or_default();
        assert_eq!(
            page::unescape(code),
            lines.join("\n") + "\n",
            "seed {seed}: {source}\n{html}"
        );
    }
}

#[test]
fn what_is_hidden_stays_hidden_and_what_is_shown_stays_shown() {
    let hide = [
        ("<!-- ", " -->"),
        ("\n\n<!--\n# ", "\n\n- x\n-->\n\n"),
        ("{/* ", " */}"),
        ("{% comment %}", "{% endcomment %}"),
        ("\n\n[//]: # (", ")\n\n"),
        ("\n\n[//]: # ", "\n\n"),
        ("{{/* ", " */}}"),
        ("{{!-- ", " --}}"),
        (" %%", "%% "),
        ("\n\n%%\n", "\n%%\n\n"),
        ("<script>", "</script>"),
        ("<style>", "</style>"),
        ("{::comment}", "{:/comment}"),
        ("\n\nimport ", " from './a';\n\n"),
        ("\n\nexport const ", " = 1;\n\n"),
    ];
    for seed in 0..ROUNDS {
        let mut seeded = Seeded(seed);
        let mut source = "start".to_owned();
        for n in 0..12 {
            source.push_str(&format!(
                " shown{n}x {}",
                seeded.one(&["", "\n\n", "\n\n- ", "\n\n> ", "\n\n## "])
            ));
            if seeded.next(2) == 0 {
                let (open, shut) = hide[seeded.next(hide.len())];
                source.push_str(&format!("{open}hidden{n}x{shut}"));
            }
        }
        let shown = page(&resolve_template_tags(&source).0);
        assert!(
            !shown.html.contains("hidden"),
            "seed {seed}: {source}\n{}",
            shown.html
        );
        for n in 0..12 {
            assert!(
                shown.plain.contains(&format!("shown{n}x")),
                "seed {seed}: {n} of {source}\n{}",
                shown.html
            );
        }
        let title = take_first_h1(BodyFormat::Markdown, &source).0;
        assert!(
            title.is_none_or(|t| !t.contains("hidden")),
            "seed {seed}: {source}"
        );
    }
}

#[test]
fn every_link_within_a_page_leads_somewhere() {
    let names = [
        "setup",
        "about-plans",
        "安装windows",
        "q3",
        "limit_2",
        "a.b",
    ];
    for seed in 0..ROUNDS {
        let mut seeded = Seeded(seed);
        let mut source = String::new();
        for name in names {
            let place = match seeded.next(7) {
                0 => format!("<a id=\"{name}\"></a>\n\ntext"),
                1 => format!("<a name=\"{name}\"></a>\n\n## Head {}", seeded.next(3)),
                2 => format!("## Same {{#{name}}}"),
                3 => format!("## Same{{#{name}}}"),
                4 => format!("text <span id=\"{name}\">x</span>"),
                5 => format!("<Part id=\"{name}\">\n\ntext\n\n</Part>"),
                _ => format!("<table><tr><td>a</td></tr><tr id=\"{name}\"><td>b</td></tr></table>"),
            };
            source.push_str(&format!("[to](#{name})\n\n{place}\n\n"));
        }
        let html = page(&source).html;
        for href in html
            .split("href=\"#")
            .skip(1)
            .filter_map(|r| r.split('"').next())
        {
            let name = percent_encoding::percent_decode_str(href)
                .decode_utf8_lossy()
                .into_owned();
            let there = html.contains(&format!("name=\"{name}\""))
                || html.contains(&format!("id=\"{name}\""));
            assert!(there, "seed {seed}: {name} in {html}");
        }
        assert_eq!(html.matches("href=\"#").count(), names.len());
    }
}
