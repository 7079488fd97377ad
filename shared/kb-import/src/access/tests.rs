use super::marks::in_text;
use super::*;
use crate::front_matter::split;

const NOW: &str = "2026-11-29T12:00:00Z";

fn of(block: &str) -> Access {
    let found = split(&format!("---\n{block}\n---\nText.\n"));
    let now = NOW.parse().unwrap();
    let mut access = judge(&found.fields, now);
    access.add(judge_lines(&found.lines, now));
    access
}

#[test]
fn every_usual_word_for_not_public_or_not_yet_keeps_a_draft() {
    for block in [
        "draft: true",
        "Draft: TRUE",
        "is_draft: yes",
        "isDraft: 1",
        "draft: \"true\"",
        "draft: 'yes'",
        "draft: on # soon",
        "draft : true",
        "draft:true",
        "drfat: true",
        "DRAFT: Y",
        "published: false",
        "published: no",
        "publish: off",
        "published: \"False\"",
        "status: draft",
        "Status: In Review",
        "state: pending",
        "visibility: private",
        "visibility: Internal",
        "visiblity: private",
        "private: true",
        "hidden: true",
        "internal: true",
        "access: internal",
        "access: restricted",
        "access:\n  roles: [hr]",
        "permissions:\n  - hr\n  - it",
        "permissions: {view: managers}",
        "unlisted: true",
        "listed: false",
        "noindex: true",
        "robots: noindex, nofollow",
        "expired: true",
        "expires: 2020-01-01",
        "expiryDate: 2020-01-01T00:00:00Z",
        "publishDate: 2031-01-01",
        "date: 2031-01-01",
        "publish_date: 01.02.2031",
        "publishDate: Jan 5, 2031",
        "embargo: 2031-01-01",
        "embargo: true",
        "go_live: soon",
        "audience: developers",
        "audience: [hr, it]",
        "password: secret",
        "public: false",
        "tags: [draft]",
        "tags: news, internal",
        "category: Drafts",
        "labels:\n  - confidential",
        "_build:\n  render: never",
        "params:\n  draft: true",
        "extra:\n  private: true",
        "seo: {noindex: true}",
        "sitemap: false",
        "search:\n  exclude: true",
        "classification: confidential",
        "tlp: \"TLP:RED\"",
        "login_required: true",
        "user_segment_id: 4711",
        "archived: true",
        "deleted_at: 2020-01-01",
        "status:\n  - draft",
        "layout: draft",
        "title: A: b\ndraft: true",
        "title: A: b\n  draft: true",
        "title: [x\nprivate: yes",
        "草稿: 是",
        "状态: 草稿",
        "page.draft: true",
        "wip: true",
        "staff_only: true",
        "approved: false",
        "scheduled: true",
        "draft: maybe",
        "published: later",
        "visible: no",
        "restricted_to: hr",
        "\"draft\": \"true\"",
        "draft：true",
    ] {
        let access = of(block);
        assert!(!access.reasons.is_empty(), "{block}: {access:?}");
    }
}

#[test]
fn what_is_for_everybody_is_not_kept_back() {
    for block in [
        "title: Draft beer",
        "draft: false",
        "draft:",
        "draft: ''",
        "published: true",
        "publish: yes",
        "status: published",
        "status: Active",
        "status: beta",
        "visibility: public",
        "visibility: everyone",
        "access: open",
        "hidden: false",
        "private: no",
        "listed: true",
        "noindex: false",
        "robots: index, follow",
        "expires: never",
        "publishDate: 2020-01-01",
        "date: 2020-01-01",
        "date: 2019",
        "published: 2019-05-01",
        "embargo: 2020-01-01",
        "audience: public",
        "audience: everyone",
        "tags: [vpn, mail]",
        "publisher: O'Reilly",
        "user_segment_id: null",
        "password:",
        "restrictions: none",
        "summary: internal use of draft words",
        "author: Private Smith",
        "sidebar_position: 3",
        "roles: [everyone]",
        "search: true",
        "permalink: /a/",
        "layout: page",
        "type: guide",
        "version: 1.2",
    ] {
        let access = of(block);
        assert!(access.reasons.is_empty(), "{block}: {access:?}");
        assert!(
            access
                .audience
                .as_ref()
                .is_none_or(kb_domain::access::is_public),
            "{block}"
        );
    }
    let later = of("expires: 2031-01-01");
    assert!(later.reasons.is_empty() && later.warnings.len() == 1);
}

#[test]
fn an_audience_that_is_named_is_taken_and_two_are_a_doubt() {
    for block in [
        "audience: segment:hr",
        "Audience: \" Segment:HR \"",
        "visibility: employees",
        "access: agents",
        "audience: [segment:hr]",
    ] {
        let access = of(block);
        assert!(access.reasons.is_empty(), "{block}: {access:?}");
        assert!(
            !kb_domain::access::is_public(&access.audience.unwrap()),
            "{block}"
        );
    }
    assert!(
        !of("audience: segment:hr\naccess: agents")
            .reasons
            .is_empty()
    );
}

#[test]
fn signs_in_the_text_keep_a_draft() {
    let now = NOW.parse().unwrap();
    for text in [
        "<!-- draft -->\nText",
        "Text\n<!-- draft: true -->",
        "<!--\nstatus: draft\n-->\nText",
        "<!-- audience: segment:hr -->\nx",
        "[//]: # (draft: true)\nText",
        "{/* draft */}\nText",
        "{% comment %}private{% endcomment %}\nText",
        "%% internal %%\nText",
        "Status: draft\n\nText",
        "**Status:** Draft\n\nText",
        "Visibility: internal\nText",
        "> **INTERNAL USE ONLY**\n\nText",
        "CONFIDENTIAL\n\nText",
        "Text\n\n_Do not publish_\n",
        "仅供内部使用\n\n正文",
        "::: only segment=hr\nx\n:::",
        "> ::: only level=agent\n> x\n> :::",
        ":::onyl\nx\n:::",
        "::: note segment=hr\nx\n:::",
        "::: include key=k3v9q2ha",
        "[!INCLUDE [x](y.md)]",
        "<div data-only=\"hr\">x</div>",
        "<p visibility='private'>x</p>",
        "<Restricted>x</Restricted>",
        "<!-- draft",
        "- ::: only x",
    ] {
        assert!(!in_text(text, "A page", now).reasons.is_empty(), "{text}");
    }
    for title in [
        "[DRAFT] Plan",
        "DRAFT: Plan",
        "Plan (internal only)",
        "【草稿】计划",
        "Draft",
    ] {
        assert!(!in_text("Text", title, now).reasons.is_empty(), "{title}");
    }
    for text in [
        "Text",
        "# Draft beer\n\nA draft is a kind of pull.",
        "Access: open the door and go in at once.",
        "```\n<!-- draft -->\n::: only x\n```\nText",
        "Use `<!-- draft -->` for it.",
        "::: tip\nx\n:::",
        "::: code-group\n:::",
        "<p role=\"note\">x</p>\n<svg visibility=\"hidden\"></svg>",
        "Note: the status is shown.",
        "<!-- prettier-ignore -->\nText",
        "<!-- TODO: more -->\nText",
        "Date: 2020-01-01\n\nText",
    ] {
        let access = in_text(text, "A page", now);
        assert!(access.reasons.is_empty(), "{text}: {access:?}");
    }
}

/// Whatever the spelling of a key and a value, the strictest of what a block says holds.
#[test]
fn spellings_by_a_seed_never_open_what_a_plain_spelling_closes() {
    let mut seed = 7_u64;
    let mut next = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let pairs = [
        ("draft", "true"),
        ("published", "false"),
        ("visibility", "private"),
        ("hidden", "yes"),
        ("status", "draft"),
        ("publish-date", "2031-05-01"),
        ("audience", "staff"),
        ("no_index", "1"),
        ("unlisted", "on"),
    ];
    for _ in 0..400 {
        let (key, value) = pairs[next(pairs.len())];
        let case = |text: &str, how: usize| match how {
            0 => text.to_uppercase(),
            1 => text[..1].to_uppercase() + &text[1..],
            _ => text.to_owned(),
        };
        let key = case(key, next(3));
        let value = match next(4) {
            0 => format!("\"{}\"", case(value, next(3))),
            1 => format!("'{value}'  "),
            2 => format!("{}   # why", case(value, next(3))),
            _ => case(value, next(3)),
        };
        let colon = [": ", " : ", ":\t", ":   "][next(4)];
        let others = [
            "title: A",
            "title: A: b",
            "tags: [a]",
            "weight: -1",
            "x: @y",
        ];
        let (before, after) = (others[next(5)], others[next(5)]);
        let ends = ["\n", "\r\n"][next(2)];
        let fence = ["---", "---  ", "---\t"][next(3)];
        let lead = ["", "\u{feff}", "<!-- made -->\n", "\n\n"][next(4)];
        let text = format!(
            "{lead}{fence}{ends}{before}{ends}{key}{colon}{value}{ends}{after}2{ends}---{ends}Text{ends}"
        );
        let found = split(&text);
        let now = NOW.parse().unwrap();
        let mut access = judge(&found.fields, now);
        access.add(judge_lines(&found.lines, now));
        assert!(!access.reasons.is_empty(), "{text:?}");
        assert_eq!(
            found.body.trim_end().lines().last(),
            Some("Text"),
            "{text:?}"
        );
    }
}
