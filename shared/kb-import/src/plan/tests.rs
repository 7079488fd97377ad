use super::*;
use crate::entry::{Entry, Refused};
use kb_domain::BodyFormat;

mod generators;
mod ids;
mod readers;
mod records;

fn asked() -> Asked {
    Asked {
        now: "2026-11-29T12:00:00Z".parse().unwrap(),
        ..Asked::default()
    }
}

fn listing_of(files: &[(&str, &[u8])]) -> Listing {
    Listing {
        entries: files
            .iter()
            .map(|(p, t)| Entry {
                path: (*p).into(),
                bytes: t.to_vec(),
            })
            .collect(),
        ..Listing::default()
    }
    .finish()
}

fn planned(files: &[(&str, &str)]) -> Vec<Planned> {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(p, t)| (*p, t.as_bytes())).collect();
    plan(listing_of(&files), &asked())
}

fn items(files: &[(&str, &str)]) -> Vec<Item> {
    let articles = planned(files).into_iter().filter_map(|p| match p {
        Planned::Article(item) => Some(*item),
        _ => None,
    });
    articles.collect()
}

fn one(path: &str, text: &str) -> Item {
    items(&[(path, text)]).remove(0)
}

/// Numbers below a bound, by a seed.
fn dice(seed: u64) -> impl FnMut(usize) -> usize {
    let mut seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |below| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    }
}

fn titles(items: &[Item]) -> Vec<&str> {
    items.iter().map(|i| i.title.as_str()).collect()
}

#[test]
fn every_entry_is_named_with_what_becomes_of_it() {
    let mut listing = listing_of(&[
        ("LICENSE.md", b"x"),
        ("a/b/c.md", b"# C\ntext"),
        ("a/p.png", b""),
        ("bad.md", b"\0\x01\x02"),
        ("a/.draft.md", b"x"),
    ]);
    listing.refused.push(Refused {
        path: "../x.md".into(),
        reason: "its path leaves the archive".into(),
    });
    let planned = plan(listing, &asked());
    let count = |is: &dyn Fn(&Planned) -> bool| planned.iter().filter(|p| is(p)).count();
    assert_eq!(count(&|p| matches!(p, Planned::Article(_))), 1);
    assert_eq!(count(&|p| matches!(p, Planned::Failed { .. })), 2);
    assert_eq!(count(&|p| matches!(p, Planned::Skipped { .. })), 3);
}

#[test]
fn a_title_comes_from_front_matter_heading_file_name_or_text() {
    let found = items(&[
        ("s/1.md", "---\ntitle: Front\n---\n# Heading\n\nx"),
        ("s/2.md", "# Heading {#id .concept}\nbody"),
        ("s/file-name.md", "only text"),
        ("s/index.md", "first words of the text"),
    ]);
    assert_eq!(
        titles(&found),
        ["Front", "Heading", "File name", "first words of the text"]
    );
    assert_eq!(found[1].body.source.trim(), "body");
    assert_eq!(one("kb/12345.html", "<!DOCTYPE html><html><head><title>Reset the router - Help Center</title></head><body><h2>Steps</h2><p>Hold.</p></body></html>").title, "Reset the router - Help Center");
    assert_eq!(one("guide/a.htm", "<html><head><title>休假制度</title></head><body><p class=MsoTitle><b>休假制度</b></p><p class=MsoNormal>年假五天</p></body></html>").title, "休假制度");
    let appendix = one(
        "guide/restart-device.md",
        "Hold the button.\n\n## Steps\n\nOne.\n\n# Appendix\n\nParts.\n",
    );
    assert_eq!(appendix.title, "Restart device");
    assert!(appendix.body.source.contains("# Appendix"));
    assert_eq!(
        one(
            "guide/run-script.md",
            "~~~~\n~~~\n# stop\n~~~\n~~~~\n\nText.\n"
        )
        .title,
        "Run script"
    );
    let long = one("faq/a.md", &format!("# {}\n\n打开。\n", "如何".repeat(150)));
    assert_eq!(long.title.chars().count(), 250);
    assert!(long.warnings.iter().any(|w| w.contains("cut")));
}

#[test]
fn folder_pages_name_their_folder_in_each_language() {
    let found = items(&[
        (
            "en/account/_index.md",
            "---\ntitle: Your account\nsummary: All of it\n---\n",
        ),
        ("zh-CN/account/_index.md", "---\ntitle: 您的账户\n---\n"),
        ("en/account/a.md", "text"),
        ("zh-CN/account/a.md", "正文"),
    ]);
    let names: Vec<&str> = found.iter().map(|i| i.folders[0].name.as_str()).collect();
    assert_eq!(names, ["Your account", "您的账户"]);
    assert_eq!(found[0].external_id, found[1].external_id);
    assert_eq!(found[0].folders.len(), 2, "an article stands in a section");
    let found = items(&[
        ("en/a/_index.md", "---\ntitle: Apples\n---\n"),
        (
            "zh-CN/a/_index.md",
            "---\ntitle: 苹果\ndescription: 水果\n---\n",
        ),
        ("en/a/b/c.md", "# C\ntext"),
    ]);
    let zh = "zh-Hans".parse().unwrap();
    assert_eq!(found[0].folders[0].name, "Apples");
    assert_eq!(
        found[0].folders[0].others,
        [(zh, "苹果".to_owned(), Some("水果".to_owned()))]
    );
}

#[test]
fn a_page_without_a_body_names_its_folder_or_is_a_draft_and_an_empty_one_is_left_out() {
    let planned = planned(&[
        ("kb/README.md", "# How to purchase\n"),
        ("kb/other.md", "# Other\n\nText.\n"),
        ("kb/stub.md", "# Stub\n"),
        ("kb/empty.md", ""),
        ("kb/blank.html", "<p> </p>"),
        ("kb/front.md", "---\ntitle: Only a title\n---\n"),
        ("x/a.md", "# A\n\ntext"),
    ]);
    assert!(
        !planned.iter().any(|p| matches!(p, Planned::Failed { .. })),
        "{planned:?}"
    );
    let drafts: Vec<&str> = planned
        .iter()
        .filter_map(|p| match p {
            Planned::Article(item) if item.draft => Some(item.name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(drafts, ["kb/front.md", "kb/stub.md"]);
    let named = planned.iter().find_map(|p| match p {
        Planned::Article(item) if item.name == "kb/other.md" => Some(item.folders[0].name.clone()),
        _ => None,
    });
    assert_eq!(named.as_deref(), Some("How to purchase"));
}

#[test]
fn links_are_led_and_those_that_lead_nowhere_are_told() {
    let found = items(&[
        (
            "a/1.md",
            "[ok](2.md) [up](/b/3.md#x) [gone](gone.md) [web](https://example.com/x.md) [f](files/form.pdf)",
        ),
        ("a/2.md", "x"),
        ("b/3.md", "x"),
    ]);
    assert_eq!(
        found[0].body.source,
        "[ok](2.md) [up](../b/3#x) [gone](gone.md) [web](https://example.com/x.md) [f](files/form.pdf)"
    );
    assert_eq!(found[0].warnings.len(), 2);
}

#[test]
fn languages_are_told_by_block_folder_name_page_and_text() {
    for (path, text, tag) in [
        (
            "guide/a.md",
            "---\ntitle: 退货流程\nlang: zh-CN\n---\n\n请在七天之内提交退货申请。",
            "zh-Hans",
        ),
        (
            "售后/退货.md",
            "# 退货流程\n\n请在七天之内提交退货申请，仓库收到包裹以后退款。",
            "zh-Hans",
        ),
        (
            "faq/a.html",
            "<html lang=\"zh-CN\"><head><title>退货</title></head><body><h1>退货</h1><p>七天之内。</p></body></html>",
            "zh-Hans",
        ),
        (
            "faq/a.html",
            "<html lang=\"en\"><body><h1>退货流程</h1><p>请在七天之内提交退货申请，仓库收到包裹以后退款。</p></body></html>",
            "zh-Hans",
        ),
        ("ZH/faq/a.md", "# 甲\n\n文字。", "zh-Hans"),
        ("faq/a.zh-TW.md", "# 甲\n\n文字。", "zh-Hant"),
        (
            "faq/a.md",
            "# 退貨流程\n\n請在七天之內提交退貨申請，倉庫收到包裹以後退款。",
            "zh-Hant",
        ),
    ] {
        let item = one(path, text);
        assert_eq!(
            item.locale.map(|l| l.to_string()).as_deref(),
            Some(tag),
            "{path} {text}"
        );
    }
    let both = items(&[
        ("EN/faq/a.md", "# A\n\nText.\n"),
        ("ZH/faq/a.md", "# 甲\n\n文字。\n"),
    ]);
    assert_eq!(both[0].external_id, both[1].external_id);
    let told = one(
        "售后/退货.md",
        "# 退货流程\n\n请在七天之内提交退货申请，仓库收到包裹以后退款。",
    );
    assert!(told.notes[0].contains("% sure"), "{:?}", told.notes);
    let mut asked = asked();
    asked.locale = Some("ja".parse().unwrap());
    let named = plan(
        listing_of(&[("a/b.md", "请在七天之内提交退货申请".as_bytes())]),
        &asked,
    );
    assert!(matches!(&named[0], Planned::Article(item) if item.locale.is_none()));
}

#[test]
fn names_and_weights_give_the_order() {
    let steps: Vec<String> = (1..=20)
        .rev()
        .map(|n| format!("faq/{n:02}-step.md"))
        .collect();
    let files: Vec<(&str, &str)> = steps.iter().map(|p| (p.as_str(), "x")).collect();
    let found = items(&files);
    let orders: Vec<u32> = found.iter().map(|i| i.order.unwrap()).collect();
    assert!(orders.is_sorted() && orders[0] < orders[19], "{orders:?}");
    assert_eq!(found[19].name, "faq/20-step.md");
    let mut listing = listing_of(&[("z/a.md", b"x"), ("a/b.md", b"x"), ("a/c.md", b"x")]);
    listing.navigation.push(Entry {
        path: "mkdocs.yml".into(),
        bytes: b"nav:\n  - z/a.md\n  - C: a/c.md\n".to_vec(),
    });
    let planned = plan(listing, &asked());
    let names: Vec<&str> = planned
        .iter()
        .filter_map(|p| match p {
            Planned::Article(item) => Some(item.name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["z/a.md", "a/c.md", "a/b.md"]);
    let weighted = items(&[
        ("g/zeta.md", "---\nsidebar_position: 1\n---\nx"),
        ("g/alpha.md", "---\nsidebar_position: 2\n---\nx"),
        ("h/a.md", "---\nweight: 1.5\n---\nx"),
        ("h/b.md", "---\nweight: -1\n---\nx"),
    ]);
    let at = |name: &str| weighted.iter().find(|i| i.name == name).unwrap().position;
    assert!(at("g/zeta.md") < at("g/alpha.md") && at("h/b.md") < at("h/a.md"));
}
