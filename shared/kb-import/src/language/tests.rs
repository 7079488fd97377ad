use super::*;

#[test]
fn words_folders_and_names_say_a_language() {
    for (word, tag) in [
        ("zh-CN", "zh-Hans"),
        ("zh_TW", "zh-Hant"),
        ("ZH", "zh-Hans"),
        ("en_US.UTF-8", "en"),
        ("English", "en"),
        ("简体中文", "zh-Hans"),
        ("Traditional Chinese", "zh-Hant"),
        ("ja", "ja"),
        ("zh-Hant-HK", "zh-Hant"),
        ("th", "th"),
    ] {
        assert_eq!(
            named(word).map(|l| l.to_string()).as_deref(),
            Some(tag),
            "{word}"
        );
    }
    for word in ["klingon", "go", "python", "", "c++", "zz"] {
        assert_eq!(named(word), None, "{word}");
    }
    for (folder, tag) in [
        ("EN", "en"),
        ("ZH", "zh-Hans"),
        ("zh_TW", "zh-Hant"),
        ("intl.en-US", "en"),
        ("简体中文", "zh-Hans"),
        ("English", "en"),
        ("zh-hans", "zh-Hans"),
    ] {
        assert_eq!(
            of_folder(folder).map(|(l, _)| l.to_string()).as_deref(),
            Some(tag),
            "{folder}"
        );
    }
    for folder in [
        "hr",
        "it",
        "v1.2",
        "18f",
        "no-reply",
        "es-modules",
        "de-duplication",
        "cn",
        "tw",
        "en-route",
        "go",
    ] {
        assert_eq!(of_folder(folder), None, "{folder}");
    }
    for (stem, before, tag) in [
        ("a.zh-CN", "a", "zh-Hans"),
        ("a.zh", "a", "zh-Hans"),
        ("README_zh-TW", "README", "zh-Hant"),
        ("a-pt-br", "a", "pt-BR"),
        ("a_en", "a", "en"),
        ("README_CN", "README", "zh-Hans"),
    ] {
        let found = of_stem(stem, |other| other == before);
        assert_eq!(
            found.map(|(b, l)| (b, l.to_string())),
            Some((before, tag.to_owned())),
            "{stem}"
        );
    }
    for stem in ["a_en", "v1.2", "how-to-de", "a.b", "x_it", ".en"] {
        assert_eq!(of_stem(stem, |_| false), None, "{stem}");
    }
}

#[test]
fn scripts_and_words_say_a_language_and_how_sure_that_is() {
    for (text, tag) in [
        (
            "请在七天之内提交退货申请，仓库收到包裹以后退款。",
            "zh-Hans",
        ),
        (
            "請在七天之內提交退貨申請，倉庫收到包裹以後退款。",
            "zh-Hant",
        ),
        (
            "使用 VPN 客户端连接 gateway 的步骤：先打开设置。",
            "zh-Hans",
        ),
        (
            "七日以内に返品を申請してください。倉庫に届いたあとで返金されます。",
            "ja",
        ),
        ("칠 일 이내에 반품을 신청해 주십시오.", "ko"),
        ("กรุณาส่งคำขอคืนสินค้าภายในเจ็ดวัน", "th"),
        (
            "Подайте заявку на возврат в течение семи дней после получения заказа.",
            "ru",
        ),
        (
            "Please hand in your request within seven days of receiving the parcel, and keep the receipt.",
            "en",
        ),
        (
            "Bitte reichen Sie den Antrag innerhalb von sieben Tagen nach Erhalt des Pakets bei uns ein und bewahren Sie den Beleg auf.",
            "de",
        ),
    ] {
        let found = seen(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(found.locale.as_str(), tag, "{text}");
        assert!((50..=100).contains(&found.sure), "{text}: {found:?}");
    }
    assert_eq!(seen("Text."), None);
    assert_eq!(seen("12345 !!"), None);
}
