//! Kinds of faults that came with sources of other programs, each as a property that holds for sources made by a seed.

use super::*;
use encoding_rs::GB18030;
use kb_text::document::{KeepLinks, plain_text, render, same_title, without_title};

/// What a reader sees below the title.
fn read(item: &Item) -> String {
    let page = render(item.body.format, &item.body.source, &KeepLinks);
    let shown = without_title(&page, &item.title).unwrap_or(&page.html);
    plain_text(BodyFormat::Html, shown)
}

/// A title that stands in the block of a text, or in the head of a page, and again above its text is read once, however both are
/// spelled; another heading stays, and so does the rest of the text.
#[test]
fn a_title_that_is_said_twice_is_read_once() {
    let titles = [
        "Reset your password",
        "重置密码",
        "What's new in 3.2?",
        "Plans and prices, 2026",
        "安装（Windows）",
        "Сброс пароля",
        "VPN: how it works",
    ];
    for seed in 0..400 {
        let mut next = dice(seed);
        let title = titles[next(titles.len())];
        let repeated = next(4) > 0;
        let said = if repeated { title } else { "Another heading" };
        let comment = ["", "\n", "<!-- made by a program -->\n\n"][next(3)];
        let html = next(4) == 0;
        let text = if html {
            format!(
                "<html><head><title>{title}</title></head><body>{comment}<h1 class=\"a\"><b>{said}</b></h1><p>Open it.</p><h2>More</h2><p>Then {title} is done.</p></body></html>"
            )
        } else {
            let block = match next(5) {
                0 => format!("---\ntitle: \"{title}\"\nweight: 3\n---\n"),
                1 => format!("---\r\ntags: [a]\r\ntitle: \"{title}\"\r\n---\r\n"),
                2 => format!("+++\ntitle = \"{title}\"\n+++\n"),
                3 => format!(";;;\n{{\"title\": \"{title}\"}}\n;;;\n"),
                _ => format!("Title: {title}\nTags: a\n\n"),
            };
            let heading = match next(9) {
                0 => format!("# {said}"),
                1 => format!("## {said} ##"),
                2 => format!("# **{said}**"),
                3 => format!("# {said} {{#own}}"),
                4 => format!("{said}\n====="),
                5 => format!("<h1>{said}</h1>"),
                6 => format!("# {}", said.to_uppercase()),
                7 => format!("#  {said}!"),
                _ => format!("### <a id=\"top\"></a>{said}"),
            };
            format!("{block}{comment}{heading}\n\nOpen it.\n\n## More\n\nThen {title} is done.\n")
        };
        let path = if html { "guide/a.html" } else { "guide/a.md" };
        let item = one(path, &text);
        let read = read(&item);
        let named = if html { said } else { title };
        assert_eq!(item.title, named, "seed {seed}: {text}");
        let again = read.lines().filter(|line| same_title(line, &item.title));
        assert_eq!(again.count(), 0, "seed {seed}: {text}\n{read}");
        let heading = read.lines().any(|line| same_title(line, said));
        assert_eq!(heading, !repeated && !html, "seed {seed}: {text}\n{read}");
        let rest = format!("Open it.\nMore\nThen {title} is done.");
        assert!(read.ends_with(&rest), "seed {seed}: {text}\n{read}");
    }
}

/// A text file has the same paragraphs, with the same lines, in the ways in which systems encode a text and end its lines.
#[test]
fn a_text_file_is_the_same_from_any_system() {
    let lines = [
        "请先备份数据，然后更新固件。",
        "如果无法登录，请联系管理员重置密码。",
        "a < b & c, *as it is*",
        "# 1. Setup",
        "{{ name }} <path>",
    ];
    for seed in 0..400 {
        let mut next = dice(seed);
        let end = ["\n", "\r\n", "\r"][next(3)];
        let mut text = String::new();
        let mut paragraphs = Vec::new();
        for n in 0..=next(4) {
            if n > 0 {
                let blank = ["", " ", "\t", "\u{3000}"][next(4)];
                text.push_str(&format!("{end}{blank}{end}"));
            }
            // Enough Chinese to tell its encoding by.
            let mut paragraph = vec![lines[0], lines[1]];
            paragraph.extend((0..next(4)).map(|_| lines[next(lines.len())]));
            text.push_str(&paragraph.join(end));
            paragraphs.push(paragraph.join("\n"));
        }
        text.push_str(["", end][next(2)]);
        let units: Vec<u16> = text.encode_utf16().collect();
        let bytes: Vec<u8> = match next(5) {
            0 => text.into_bytes(),
            1 => ["\u{feff}".as_bytes(), text.as_bytes()].concat(),
            2 => [0xfeff]
                .iter()
                .chain(&units)
                .flat_map(|u| u.to_le_bytes())
                .collect(),
            3 => [0xfeff]
                .iter()
                .chain(&units)
                .flat_map(|u| u.to_be_bytes())
                .collect(),
            _ => GB18030.encode(&text).0.into_owned(),
        };
        let planned = plan(listing_of(&[("kb/notes.txt", &bytes)]), &asked());
        let [Planned::Article(item)] = planned.as_slice() else {
            panic!("seed {seed}: {planned:?}");
        };
        let html = render(item.body.format, &item.body.source, &KeepLinks).html;
        let shown: Vec<String> = html
            .split("</p>")
            .filter_map(|p| p.split_once("<p>"))
            .map(|(_, p)| plain_text(BodyFormat::Html, p))
            .collect();
        assert_eq!(shown, paragraphs, "seed {seed}: {html}");
    }
}

/// A link between double brackets leads to the text of that name, shows its own words, and leaves no bracket, wherever it stands.
#[test]
fn a_link_of_a_wiki_leads_to_its_text() {
    let names = ["b", "Second page", "guide/b", "重置密码", "C sharp"];
    for seed in 0..200 {
        let mut next = dice(seed);
        let name = names[next(names.len())];
        let heading = ["", "#Top part"][next(2)];
        let words = ["", "|the other page", "|那一页"][next(3)];
        let link = format!("[[{name}{heading}{words}]]");
        let around = [
            "{}",
            "- {}",
            "> See {}.",
            "**{}**",
            "| a |\n|---|\n| {} |",
            "1. x\n\n   {}",
        ];
        let around = around[next(around.len())];
        // In a table the sign between name and words is escaped.
        let link = if around.starts_with('|') {
            link.replace('|', "\\|")
        } else {
            link
        };
        let source = format!("# A\n\n{}\n", around.replace("{}", &link));
        let files = [
            ("guide/a.md", source.as_str()),
            ("guide/b.md", "# B\n\nText."),
            ("guide/Second page.md", "# Second\n\nText."),
            ("guide/重置密码.md", "# 重置\n\nText."),
            ("guide/C sharp.md", "# C#\n\nText."),
        ];
        let all = items(&files);
        let item = all.iter().find(|i| i.name == "guide/a.md").unwrap();
        let page = render(item.body.format, &item.body.source, &KeepLinks);
        assert_eq!(page.links.len(), 1, "seed {seed}: {source}\n{}", page.html);
        let said = words.trim_start_matches('|');
        if !said.is_empty() {
            assert_eq!(page.links[0].text, said, "seed {seed}: {source}");
        }
        let signs = ["[[", "]]", "|the", "\\"];
        for sign in signs {
            assert!(
                !page.plain.contains(sign),
                "seed {seed}: {source}\n{}",
                page.plain
            );
        }
    }
}
