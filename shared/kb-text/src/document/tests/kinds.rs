//! Kinds of texts that other programs write, each with what a reader must find in the page.

use super::*;

fn markdown(source: &str) -> Rendered {
    render(BodyFormat::Markdown, source, &KeepLinks)
}

/// Each source is shown with each of these words in its plain text, and with none of the others.
fn shows(cases: &[(&str, &[&str], &[&str])]) {
    for (source, there, gone) in cases {
        let page = markdown(source);
        for words in *there {
            assert!(
                page.plain.contains(words),
                "{source:?} lost {words:?}: {:?}\n{}",
                page.plain,
                page.html
            );
        }
        for words in *gone {
            assert!(
                !page.plain.contains(words),
                "{source:?} shows {words:?}: {:?}\n{}",
                page.plain,
                page.html
            );
        }
    }
}

#[test]
fn no_element_takes_readable_text_with_it() {
    shows(&[
        (
            "<Card title=\"Before you start\">\n\nUnplug the device.\n\n</Card>\n\nEnd.\n",
            &["Before you start", "Unplug the device.", "End."],
            &["<", "Card"],
        ),
        (
            "<Frame>\n  ![Overview](/images/a.png)\n</Frame>\n\n<Embed>\nSee it.\n</Embed>\n\nEnd.\n",
            &["Overview", "See it.", "End."],
            &["<", "Frame", "Embed"],
        ),
        (
            "Copy the file to <path>, then restart the service.\n\n## Next\n\nStays.\n",
            &[
                "Copy the file to <path>, then restart the service.",
                "Next\nStays.",
            ],
            &[],
        ),
        (
            "The <title> element is shown in the tab.\n\n## Next\n\nStays.\n",
            &["The <title> element is shown in the tab.", "Next\nStays."],
            &[],
        ),
        (
            "Click in the <textarea> and paste.\n\nStays.\n",
            &["Click in the <textarea> and paste.", "Stays."],
            &[],
        ),
        (
            "<Text>Read this first.</Text>\n\n<List>\n\n- one\n- two\n\n</List>\n\n<View>Body of the view.</View>\n\nEnd.\n",
            &["Read this first.", "one\ntwo", "Body of the view.", "End."],
            &["<"],
        ),
        (
            "<Steps>\n  <Step title=\"Open\">\n    Press **Start**.\n\n    ```bash\n    run\n    ```\n  </Step>\n</Steps>\n\nEnd.\n",
            &["Open", "Press Start.", "run", "End."],
            &["*", "```", "<"],
        ),
        (
            "Type <script> to begin, <style> to dress, <iframe> to frame.\n\n**After** it.\n",
            &[
                "Type <script> to begin, <style> to dress, <iframe> to frame.",
                "After it.",
            ],
            &["*"],
        ),
        (
            "<textarea> holds text.\n\n# Next\n\n**Stays.**\n",
            &["<textarea> holds text.", "Next\nStays."],
            &["*", "#"],
        ),
        (
            "<title> is one, and <option> another.\n**Stays.**\n",
            &["<title> is one, and <option> another.", "Stays."],
            &["*"],
        ),
        (
            "Use <xmp>, <plaintext>, <noscript>, <select>, <template>, <svg> and <math>.\n\nStays.\n",
            &[
                "Use <xmp>, <plaintext>, <noscript>, <select>, <template>, <svg> and <math>.",
                "Stays.",
            ],
            &[],
        ),
        (
            "A <div> is a box, <b> is bold, <table> a table, an <img> a picture; </form> ends one.\n\nStays.\n",
            &[
                "A <div> is a box, <b> is bold, <table> a table, an <img> a picture; </form> ends one.",
                "Stays.",
            ],
            &[],
        ),
        (
            "Use <title>My page</title> here.\n\nStays.\n",
            &["My page", "Stays."],
            &[],
        ),
        (
            "<noscript>Works without scripts.</noscript>\n\n<select><option>One</option><option>Two</option></select>\n",
            &["Works without scripts.", "One\nTwo"],
            &[],
        ),
        (
            "Text <script>let x = '<b>';</script> on.\n\n<style>\np { color: red }\n</style>\n\nStays.\n",
            &["Text", "on.", "Stays."],
            &["let", "color"],
        ),
        (
            "<details>\n<summary>More</summary>\n\nHidden text.\n\n</details>\n",
            &["More", "Hidden text."],
            &[],
        ),
    ]);
    let html = |source: &str| render(BodyFormat::Html, source, &KeepLinks).plain;
    assert_eq!(
        html(
            "<h1>A</h1><p>Set the <limit>daily</limit> amount, then press <in>Enter</in>.</p><view>Shown text</view><p>End.</p>"
        ),
        "A\nSet the daily amount, then press Enter.\nShown text\nEnd."
    );
    assert_eq!(
        html(
            "<html><head><title>T</title><style>p{}</style></head><body><p>One<p>Two</body></html>"
        ),
        "One\nTwo"
    );
    assert_eq!(
        html(
            "<title>T</title><p>One <title> two</p><p>Three <textarea> four</p><xmp><b>x</b></xmp>"
        ),
        "One <title> two\nThree <textarea> four\n<b>x</b>"
    );
    assert_eq!(
        html("<p>a < b and c <d</p><p>stays"),
        "a < b and c <d\nstays"
    );
    assert_eq!(
        html("<p>one <script>two</p><p>three</p>"),
        "one <script>two\nthree"
    );
}

#[test]
fn a_word_between_angle_brackets_that_is_no_element_is_a_word() {
    shows(&[
        (
            "Sign in as <username> with <password>.\n",
            &["Sign in as <username> with <password>."],
            &[],
        ),
        (
            "在 List<String> 中填写 Map<K, V>，然后保存。\n",
            &["在 List<String> 中填写 Map<K, V>，然后保存。"],
            &[],
        ),
        (
            "Run `git clone <url>` or git clone <url> in <your folder>.\n",
            &["git clone <url> or git clone <url> in <your folder>."],
            &[],
        ),
        (
            "| Field | Value |\n|---|---|\n| id | <id> |\n",
            &["id | <id>"],
            &[],
        ),
        (
            "- Open <host>:<port>\n\n> Ask <name>.\n",
            &["Open <host>:<port>", "Ask <name>."],
            &[],
        ),
        (
            "# Use of <T>\n\nVec<T> and Option<Box<T>>.\n",
            &["Use of <T>", "Vec<T> and Option<Box<T>>."],
            &[],
        ),
        (
            "[see <topic>](a.md) and **<topic>**\n",
            &["see <topic> and <topic>"],
            &["*"],
        ),
        (
            "<account-id>\n\nis yours; see <https://example.com>.\n",
            &["<account-id>", "https://example.com"],
            &["<https"],
        ),
    ]);
}

#[test]
fn literal_asterisks_stay() {
    shows(&[
        (
            "手机号 138****0000 会收到短信，密码显示为 ******。\n",
            &["138****0000", "密码显示为 ******。"],
            &[],
        ),
        (
            "138****0000 和 139****1111，张****明和李****华\n",
            &["138****0000 和 139****1111", "张****明和李****华"],
            &[],
        ),
        ("The limit is 2**10 = 1024 bytes.\n", &["2**10 = 1024"], &[]),
        (
            "2**10 and 3**10, 2*3*4 = 24, x**y + z**w.\n",
            &["2**10 and 3**10, 2*3*4 = 24, x**y + z**w."],
            &[],
        ),
        (
            "体积=长*宽*高，12*30*2 个，价格*不含税，运费*另计\n",
            &["长*宽*高", "12*30*2", "价格*不含税，运费*另计"],
            &[],
        ),
        (
            "Match src/**/*.ts in the list, lib/**/*.js too.\n",
            &["src/**/*.ts in the list, lib/**/*.js too."],
            &[],
        ),
        (
            "`*.ts` and *.js, *.css、*.html; COUNT(*) and SUM(*)\n",
            &["*.js, *.css、*.html; COUNT(*) and SUM(*)"],
            &[],
        ),
        (
            "| Phone | State |\n|---|---|\n| 138****0000 | ok |\n| 139****0000 | ok |\n",
            &["138****0000", "139****0000"],
            &[],
        ),
        (
            "密码：****，确认：****。******，******。\n",
            &["密码：****，确认：****。******，******。"],
            &[],
        ),
        (
            "Price* and fee**, \\*escaped\\* and **bold**, *slanted*, ***both***.\n",
            &["Price* and fee**, *escaped* and bold, slanted, both."],
            &[],
        ),
        (
            "共**3**台，**注意：**您好，请*务必*保存，foo**bar**baz\n",
            &["共3台，注意：您好，请务必保存，foobarbaz"],
            &["*"],
        ),
    ]);
}

#[test]
fn a_sign_that_stands_by_itself_is_bold() {
    shows(&[
        (
            "点击 **删除** 按钮 **，** 出现提示。\n",
            &["点击 删除 按钮 ， 出现提示。"],
            &["*"],
        ),
        (
            "**详情参见** [IVR](a.md) **。**\n",
            &["详情参见 IVR 。"],
            &["*"],
        ),
    ]);
}

#[test]
fn nothing_in_code_is_touched() {
    let lines = [
        "*************************** 1. row ***************************",
        "------------------------------ Summary",
        "> > > > > > > > > > > > > > > > > > > > > > > > > deep",
        "!!! note",
        "::: tip",
        "=== \"Tab\"",
        "1~3 and 5~10 ~~x~~",
        "[注]: 说明",
        "[//]: # comment",
        "<!-- kept -->",
        "[^9] and [^9]: note",
        "<textarea> <title> </b> <path>",
        "https://example.com，x",
        "{.class} {#id} %%kept%% {{ x }}",
        "2**10 138****0000",
        "- [x] done",
        "[!NOTE] [[link]]",
    ];
    for open in ["```", "~~~", "````text", "```js title='a'"] {
        let fence: String = open
            .chars()
            .take_while(|c| matches!(c, '`' | '~'))
            .collect();
        for prefix in ["", "   ", "> ", "> > "] {
            let first = if prefix == "   " { "1. Step\n\n" } else { "" };
            for line in lines {
                let source = format!("{first}{prefix}{open}\n{prefix}{line}\n{prefix}{fence}\n");
                let page = markdown(&source);
                assert!(page.plain.contains(line), "{source:?}: {:?}", page.plain);
            }
        }
    }
    for line in lines {
        let indented = markdown(&format!("Do it:\n\n    {line}\n\nDone.\n"));
        assert!(indented.plain.contains(line), "{line}: {}", indented.plain);
        let inline = markdown(&format!("Write `{line}` here.\n"));
        assert_eq!(inline.plain, format!("Write {line} here."));
    }
    let code = "<pre><code>a ** b &lt;path&gt;\n  !!! note</code></pre>";
    assert!(
        markdown(code)
            .html
            .contains("a ** b &lt;path&gt;\n  !!! note")
    );
}

#[test]
fn comments_are_never_shown_and_never_a_title() {
    shows(&[
        (
            "<!--\n# Internal notes\n-->\n\nVisible.\n",
            &["Visible."],
            &["Internal"],
        ),
        (
            "Text <!-- internal --> on.\n\n# Head <!-- internal -->\n",
            &["Text on.", "Head"],
            &["nternal"],
        ),
        (
            "[//]: # (internal)\n\nVisible.\n\n[comment]: <> (internal)\n",
            &["Visible."],
            &["nternal"],
        ),
        (
            "[//]: # internal words\n[//]: # \"internal\"\nVisible.\n",
            &["Visible."],
            &["nternal"],
        ),
        (
            "- item <!-- internal -->\n- other\n\n> quote <!-- internal\n> internal -->\n",
            &["item\nother", "quote"],
            &["nternal"],
        ),
        (
            "| a <!-- internal --> | b |\n|---|---|\n| 1 | 2 |\n",
            &["a | b"],
            &["nternal"],
        ),
    ]);
    let title = |format, source: &str| take_first_h1(format, source).0;
    for hidden in [
        "<!--\n# Internal\n-->\n\nText.\n",
        "<!-- # Internal -->\nText.\n",
        "```\n# no\n```\n",
        "> # quoted\n",
        "1. x\n\n   ```\n   # no\n   ```\n",
        "~~~~\n~~~\n# no\n~~~~\n",
        "    # no\n",
        "[//]: # (Internal)\n",
    ] {
        assert_eq!(title(BodyFormat::Markdown, hidden), None, "{hidden}");
    }
    for hidden in [
        "<!-- <h1>Internal</h1> --><p>x</p>",
        "<script>'<h1>Internal</h1>'</script>",
        "<!--><h1 hidden",
    ] {
        assert_eq!(title(BodyFormat::Html, hidden), None, "{hidden}");
    }
    let (found, rest) = take_first_h1(
        BodyFormat::Html,
        "<!-- <h1>Internal</h1> --><h1>Public <b>title</b></h1><p>Text.</p>",
    );
    assert_eq!(found.as_deref(), Some("Public title"));
    assert!(rest.ends_with("--><p>Text.</p>"), "{rest}");
    let (found, rest) = take_first_h1(
        BodyFormat::Markdown,
        "intro\r\n\r\nTitle of\r\n========\r\n\r\nText.\r\n",
    );
    assert_eq!(
        (found.as_deref(), rest.contains("==")),
        (Some("Title of"), false)
    );
    assert!(rest.contains("intro") && rest.contains("Text."));
}

#[test]
fn a_title_is_the_same_in_other_spelling() {
    assert!(same_title(
        "Reset your password",
        "Reset  your **Password**!"
    ));
    assert!(same_title("重置密码", "重置密码："));
    assert!(!same_title("Reset your password", "Reset your key"));
    assert!(!same_title("", "!"));
    let page = |source: &str| markdown(source);
    let twice = page("# Reset your password\n\nOpen the page.\n\n# Reset your password\n");
    let left = without_title(&twice, "Reset your Password").unwrap();
    assert!(
        left.trim_start().starts_with("<p>Open the page.</p>"),
        "{left}"
    );
    assert!(without_title(&page("## 重置密码\n\n打开。"), "重置密码").is_some());
    for other in [
        "# Other\n\nText.",
        "Text.\n\n# Reset your password\n",
        "Text only.",
        "",
    ] {
        assert_eq!(
            without_title(&page(other), "Reset your password"),
            None,
            "{other}"
        );
    }
}

#[test]
fn notes_of_site_generators_are_notes() {
    for source in [
        "!!! note \"\"\n\n    支持一键备份，见 [说明](b.md)。\n\n    - 第一步\n",
        "> [!NOTE]\n> 支持一键备份，见 [说明](b.md)。\n>\n> - 第一步\n",
        "> [!info] \n> 支持一键备份，见 [说明](b.md)。\n> - 第一步\n",
        "::: info\n支持一键备份，见 [说明](b.md)。\n\n- 第一步\n:::\n",
        ":::note\n\n支持一键备份，见 [说明](b.md)。\n\n- 第一步\n\n:::\n",
        "> **Note**\n> 支持一键备份，见 [说明](b.md)。\n> - 第一步\n",
    ] {
        let page = markdown(source);
        assert!(
            page.html.contains("<aside class=\"note\">"),
            "{source}: {}",
            page.html
        );
        assert_eq!(
            page.plain, "Note\n支持一键备份，见 说明。\n第一步",
            "{source}: {}",
            page.html
        );
        assert_eq!(page.links[0].href, "b.md");
        let named = name_notes(&page.html, &|kind| format!("说明 <{kind}>"));
        assert!(
            named.contains("<p class=\"kind\">说明 &lt;note&gt;</p>"),
            "{named}"
        );
    }
    shows(&[
        (
            "!!! danger \"Mind the **gap**\"\n    Text.\n\nAfter.\n",
            &["Mind the gap\nText.\nAfter."],
            &["!!!", "*", "danger"],
        ),
        (
            "??? tip \"Folded\"\n    Text.\n",
            &["Folded\nText."],
            &["???"],
        ),
        (
            "::: warning 请注意\n先备份。\n:::\n\nAfter.\n",
            &["请注意\n先备份。\nAfter."],
            &[":::"],
        ),
        (
            ":::tip[My title]\nA\n:::\n:::danger\nB\n:::\n",
            &["My title\nA", "Caution\nB"],
            &[":::"],
        ),
        (
            ":::: warning\nOuter\n::: tip\nInner\n:::\nOuter again\n::::\n",
            &["Warning\nOuter\nTip\nInner\nOuter again"],
            &[":::"],
        ),
        (
            "::: details Click\nHidden `:::`\n```\n:::\n```\n:::\nAfter.\n",
            &["Click\nHidden :::\n:::\nAfter."],
            &["::: details"],
        ),
        (
            "1. Step\n\n    !!! note\n        In a list.\n\n2. Next\n",
            &["Step\nNote\nIn a list.\nNext"],
            &["!!!"],
        ),
        (
            "=== \"macOS\"\n\n    Run it.\n\n=== \"Linux\"\n\n    ```\n    code\n    ```\n",
            &["macOS\nRun it.\nLinux\ncode"],
            &["===", "```"],
        ),
        (
            "> [!question]- Why?\n> Because.\n",
            &["Why?\nBecause."],
            &["[!"],
        ),
        ("::: whatever\nText\n:::\n", &["Text"], &[]),
        (
            "!!! 三个感叹号\n\nWow!!! note this. ::: and === \"x\n",
            &["!!! 三个感叹号", "Wow!!! note this. ::: and ==="],
            &[],
        ),
    ]);
    let folded = markdown("??? tip \"Folded\"\n    Text.\n").html;
    assert!(
        folded.starts_with("<details>") && folded.contains("<summary>Folded</summary>"),
        "{folded}"
    );
}

#[test]
fn marks_of_site_generators_are_not_shown() {
    shows(&[
        (
            "[Read more](https://example.com){.link-chevron-right} now.\n",
            &["Read more now."],
            &["{"],
        ),
        (
            "![图](https://example.com/a.png){ width=\"900px\" } `x`{.sh} [y](z.md){target=_blank}\n",
            &["图", "x", "y"],
            &["{"],
        ),
        (
            "- [x] Back up the data\n- [ ] Update the firmware\n",
            &["☑ Back up the data\n☐ Update the firmware"],
            &["["],
        ),
        (
            "```js {1,3} title=\"src/app.js\"\ncode\n```\n",
            &["src/app.js\ncode"],
            &["title"],
        ),
        (
            "<Tabs>\n<TabItem value=\"mac\" label=\"macOS\">\n\nRun **it**.\n\n</TabItem>\n</Tabs>\n",
            &["macOS\nRun it."],
            &["<", "*"],
        ),
        (
            "<Card title=\"A\">\nSee [b](b.md) and **c**.\n</Card>\n",
            &["A\nSee b and c."],
            &["*", "["],
        ),
    ]);
}

#[test]
fn what_a_page_cannot_show_leaves_what_it_said() {
    let frame = markdown(
        "Watch it:\n\n<iframe width=\"560\" src=\"https://www.youtube.com/embed/abc123\"></iframe>\n\nAfter.\n",
    );
    assert!(
        frame
            .html
            .contains("href=\"https://www.youtube.com/watch?v=abc123\""),
        "{}",
        frame.html
    );
    assert!(frame.plain.ends_with("After."), "{}", frame.plain);
    let player = render(
        BodyFormat::Html,
        "<video controls><source src='/m/a.mp4'>Old browser</video><audio src=\"https://example.com/a.mp3\" title=\"Interview\"></audio><embed src=\"//example.com/x\"><iframe srcdoc=\"x\"></iframe>",
        &KeepLinks,
    );
    let links: Vec<(&str, &str)> = player
        .links
        .iter()
        .map(|l| (l.href.as_str(), l.text.as_str()))
        .collect();
    assert_eq!(
        links,
        [
            ("/m/a.mp4", "/m/a.mp4"),
            ("https://example.com/a.mp3", "Interview"),
            ("https://example.com/x", "https://example.com/x")
        ]
    );
    let evil = markdown(
        "<iframe src=\"javascript:alert(1)\" title=\"x\"></iframe><iframe src=\"data:text/html,x\"></iframe>",
    );
    assert!(evil.links.is_empty(), "{}", evil.html);
    let rtl = markdown("<div dir=\"rtl\">\n\nمرحبا بك في مركز المساعدة\n\n</div>\n");
    assert!(rtl.html.contains("<div dir=\"rtl\">"), "{}", rtl.html);
    let picture = markdown(
        "![The settings screen](a.png)\n\n![](b.png)\n\n![Logo](https://example.com/l.png)\n",
    );
    assert!(
        picture
            .html
            .contains("<span class=\"image\">The settings screen</span>"),
        "{}",
        picture.html
    );
    assert!(
        !picture.html.contains("b.png")
            && picture
                .html
                .contains("<img loading=\"lazy\" src=\"https://example.com/l.png\" alt=\"Logo\">"),
        "{}",
        picture.html
    );
    assert_eq!(picture.images.len(), 3);
    let html = |source: &str| render(BodyFormat::Html, source, &KeepLinks);
    assert!(
        html("<p>Price <strike>10</strike> 8</p>")
            .html
            .contains("<s>10</s>")
    );
    assert!(
        html("<ol type=\"a\" reversed><li value=\"5\">x</ol>")
            .html
            .contains("<ol type=\"a\" reversed=\"\"><li value=\"5\">")
    );
    assert_eq!(html("<input type=checkbox checked> Done <input type='radio'> Open <button>Save</button> <input type=submit value=Send>").plain, "☑ Done ☐ Open Save Send");
    assert_eq!(html("<map><area href='a.html' alt='Europe'></map><p lang=\"zh\">漢<ruby>字<rt>zì</rt></ruby></p>").links[0].text, "Europe");
    assert_eq!(
        html("<section>A</section><article>B</article><center>C</center>").plain,
        "A\nB\nC"
    );
    assert!(
        html("<abbr title=\"Hyper Text\">HT</abbr>")
            .html
            .contains("title=\"Hyper Text\"")
    );
}

#[test]
fn anchors_of_the_source_work() {
    for (source, target) in [
        (
            "Go to [it](#q3).\n\n<a id=\"q3\"></a>\n\n**How?**\n",
            "name=\"q3\"",
        ),
        (
            "Go to [it](#q3).\n\n<a name=\"q3\"></a>\n\n## How?\n",
            "name=\"q3\"",
        ),
        (
            "See [it](#setup-1).\n\n## Setup\n\na\n\n## Setup\n\nb\n",
            "id=\"setup-1\"",
        ),
        (
            "[it](#about-plans)\n\n## About plans{#about-plans}\n\nx\n",
            "name=\"about-plans\"",
        ),
        (
            "[it](#安装windows)\n\n## 安装（Windows）\n\nx\n",
            "name=\"安装windows\"",
        ),
        (
            "[it](#limit).\n\n<span id=\"limit\">Limit</span> is ten.\n",
            "name=\"limit\"",
        ),
        ("[it](#-start).\n\n## 🚀 Start\n", "name=\"-start\""),
        (
            "[it](#row-2)\n\n<table><tr><td>1</td></tr><tr id=\"row-2\"><td>2</td></tr></table>\n",
            "<td><a name=\"row-2\"></a>2",
        ),
        (
            "[it](#part)\n\n<Section id=\"part\">\n\nText\n\n</Section>\n",
            "name=\"part\"",
        ),
    ] {
        let page = markdown(source);
        assert!(page.html.contains(target), "{source}: {}", page.html);
        let href = page
            .html
            .split("href=\"#")
            .nth(1)
            .and_then(|r| r.split('"').next())
            .unwrap();
        let name = percent_encoding::percent_decode_str(href).decode_utf8_lossy();
        let leads = page.html.contains(&format!("name=\"{name}\""))
            || page.html.contains(&format!("id=\"{name}\""));
        assert!(leads, "{source}: {}", page.html);
        assert!(!page.plain.contains('{'), "{}", page.plain);
    }
    let loose =
        markdown("[a](#what-is-new-in-3-2) [b](#What_is_new_in_3.2)\n\n## What is new in 3.2?\n");
    assert_eq!(
        loose.html.matches("href=\"#what-is-new-in-3-2\"").count(),
        2,
        "{}",
        loose.html
    );
    let note = markdown(
        "The plan renews every year[^1], always[^注].\n\n[^1]: Unless it is cancelled.\n[^注]: 真的。\n",
    );
    for place in [
        "href=\"#fn-1\"",
        "name=\"fn-1\"",
        "href=\"#fnref-1\"",
        "name=\"fnref-1\"",
    ] {
        assert!(note.html.contains(place), "{place}: {}", note.html);
    }
    assert_eq!(
        note.plain,
        "The plan renews every year [1], always [2].\nUnless it is cancelled.\n真的。"
    );
    let unused = markdown("Text.\n\n[^1]: Nobody leads here.\n");
    assert!(
        unused.plain.contains("Nobody leads here."),
        "{}",
        unused.plain
    );
}

#[test]
fn plain_chinese_text_is_not_read_as_markup() {
    shows(&[
        (
            "每天1~3次，每次5~10分钟。\n",
            &["每天1~3次，每次5~10分钟。"],
            &[],
        ),
        (
            "价格100~200元，约3~5天送达，\\~完，~/目录~。\n",
            &["价格100~200元，约3~5天送达，~完，~/目录~。"],
            &[],
        ),
        (
            "[注]: 本产品不支持退换。\n\n正文\n",
            &["[注]: 本产品不支持退换。", "正文"],
            &[],
        ),
        (
            "文件名_版本_日期，a_b_c，__内部__\n",
            &["文件名_版本_日期，a_b_c"],
            &[],
        ),
        (
            "#1 优惠，+86 138，1、第一 2.第二\n",
            &["#1 优惠，+86 138，1、第一 2.第二"],
            &[],
        ),
        ("原价~~100~~元\n", &["原价100元"], &[]),
    ]);
    assert!(!markdown("每天1~3次，每次5~10分钟。").html.contains("<del>"));
    assert!(markdown("原价~~100~~元").html.contains("<del>100</del>"));
    for (source, address, after) in [
        (
            "详见https://example.com/help，谢谢。",
            "https://example.com/help",
            "，谢谢。",
        ),
        (
            "帮助中心（https://example.com/a）已上线。",
            "https://example.com/a",
            "）已上线。",
        ),
        (
            "访问https://example.com查看详情",
            "https://example.com",
            "查看详情",
        ),
        (
            "见 www.example.com。再见",
            "http://www.example.com",
            "。再见",
        ),
        ("邮件 a@example.com，电话", "mailto:a@example.com", "，电话"),
        (
            "“https://example.com/x?a=1&b=2”。",
            "https://example.com/x?a=1&b=2",
            "”。",
        ),
    ] {
        let page = markdown(source);
        assert_eq!(page.links[0].href, address, "{}", page.html);
        assert!(
            page.plain.ends_with(after) && page.html.contains(&format!("</a>{after}")),
            "{}",
            page.html
        );
    }
    let two = markdown("https://a.example/x，https://b.example/y。");
    assert_eq!(
        two.links
            .iter()
            .map(|l| l.href.as_str())
            .collect::<Vec<_>>(),
        ["https://a.example/x", "https://b.example/y"]
    );
    assert_eq!(
        markdown("https://zh.example.org/wiki/密码 好").links[0].text,
        "https://zh.example.org/wiki/密码"
    );
}

#[test]
fn plain_text_has_the_paragraphs_of_any_system() {
    let html = |source: &str| render(BodyFormat::Text, source, &KeepLinks).html;
    for source in [
        "One.\n\nTwo\nlines.\n",
        "One.\r\n\r\nTwo\r\nlines.\r\n",
        "One.\r\rTwo\rlines.\r",
        "\u{feff}One.\n \t \nTwo\nlines.",
        "One.\u{c}Two\u{2028}lines.",
        "One.\n\u{3000}\n\nTwo\u{b}lines.\n\n\n",
    ] {
        assert_eq!(
            html(source),
            "<p>One.</p>\n<p>Two<br>\nlines.</p>\n",
            "{source:?}"
        );
    }
    assert_eq!(
        render(
            BodyFormat::Text,
            "a < b **c** {{ d }} <path> &amp; # e",
            &KeepLinks
        )
        .plain,
        "a < b **c** {{ d }} <path> &amp; # e"
    );
}
