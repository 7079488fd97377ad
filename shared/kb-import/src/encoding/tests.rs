use super::*;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, SHIFT_JIS, WINDOWS_1251};

const SIMPLIFIED: &str =
    "# 退货流程\n\n请在七天之内提交退货申请，仓库收到包裹以后会在两个工作日内退款。\n";
const TRADITIONAL: &str =
    "# 退貨流程\n\n請在七天之內提交退貨申請，倉庫收到包裹以後會在兩個工作日內退款。\n";
const JAPANESE: &str =
    "# 返品の手順\n\n七日以内に返品を申請してください。倉庫に届いたあとで返金されます。\n";
const KOREAN: &str =
    "# 반품 절차\n\n칠 일 이내에 반품을 신청해 주십시오. 창고에 도착한 후 환불됩니다.\n";
const RUSSIAN: &str =
    "# Возврат товара\n\nПодайте заявку на возврат в течение семи дней после получения заказа.\n";
const FRENCH: &str =
    "# Café\n\nLa crème brûlée est servie jusqu'à neuf heures, près de l'entrée.\n";

fn bytes(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

fn utf_16(text: &str, little: bool) -> Vec<u8> {
    let unit = |u: u16| {
        if little {
            u.to_le_bytes()
        } else {
            u.to_be_bytes()
        }
    };
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn texts_of_other_encodings_are_read_and_the_report_says_how_sure_that_is() {
    for (encoding, text) in [
        (GB18030, SIMPLIFIED),
        (BIG5, TRADITIONAL),
        (SHIFT_JIS, JAPANESE),
        (EUC_JP, JAPANESE),
        (EUC_KR, KOREAN),
        (WINDOWS_1251, RUSSIAN),
        (WINDOWS_1252, FRENCH),
    ] {
        let found = decode(&bytes(encoding, text), None).unwrap();
        assert_eq!(found.text, text, "{}", encoding.name());
        assert!(found.note.unwrap().contains("% sure"));
    }
    for little in [true, false] {
        for text in [SIMPLIFIED, FRENCH, "plain\n"] {
            let mut marked = utf_16("\u{feff}", little);
            marked.extend(utf_16(text, little));
            for bytes in [utf_16(text, little), marked] {
                let found = decode(&bytes, None).unwrap();
                assert_eq!(found.text, text);
                assert!(found.note.is_some());
            }
        }
    }
    let wide: Vec<u8> = "\u{feff}甲 a\n"
        .chars()
        .flat_map(|c| (c as u32).to_le_bytes())
        .collect();
    assert_eq!(decode(&wide, None).unwrap().text, "甲 a\n");
}

#[test]
fn a_short_text_and_a_title_alone_are_read_too() {
    for (encoding, text) in [
        (GB18030, "# 退货流程\n"),
        (BIG5, "# 退貨流程\n"),
        (GB18030, "保修条款\n"),
        (WINDOWS_1252, "Café\n"),
    ] {
        assert_eq!(
            decode(&bytes(encoding, text), None).unwrap().text,
            text,
            "{}",
            encoding.name()
        );
    }
}

#[test]
fn what_a_file_or_the_command_says_holds_and_utf_8_needs_no_word() {
    let page = "<html><head><meta charset=\"gb2312\"><title>退款</title></head>退款说明";
    let found = decode(&bytes(GB18030, page), None).unwrap();
    assert_eq!((found.text.as_str(), found.note), (page, None));
    let old = "<meta http-equiv=Content-Type content='text/html; charset=iso-8859-1'>é";
    assert_eq!(decode(&bytes(WINDOWS_1252, old), None).unwrap().text, old);
    let cyrillic = bytes(WINDOWS_1251, "да");
    assert_eq!(decode(&cyrillic, Some(WINDOWS_1251)).unwrap().text, "да");
    for text in ["plain", "中文", "\u{feff}marked"] {
        let found = decode(text.as_bytes(), Some(GB18030)).unwrap();
        assert_eq!(
            (found.text.as_str(), found.note),
            (text.trim_start_matches('\u{feff}'), None)
        );
    }
    assert_eq!(decode(b"a\rb\r", None).unwrap().text, "a\nb\n");
    assert!(named("gbk").is_ok() && named("klingon").is_err());
}

#[test]
fn what_is_no_text_is_said_to_be_none() {
    for bytes in [
        &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"[..],
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0",
        &[0xFF, 0xFE, 0, 0, 1],
    ] {
        assert!(decode(bytes, None).is_err(), "{bytes:?}");
    }
}

#[test]
fn names_of_other_systems_are_read_together() {
    let name = |encoding, text| bytes(encoding, text);
    for (encoding, all) in [
        (GB18030, ["售后/退货流程.md", "售后/保修条款.md"]),
        (BIG5, ["售後/退貨流程.md", "售後/保固條款.md"]),
        (SHIFT_JIS, ["案内/返品の手順.md", "案内/よくある質問.md"]),
    ] {
        let raw: Vec<Vec<u8>> = all.iter().map(|n| name(encoding, n)).collect();
        let raw: Vec<&[u8]> = raw.iter().map(Vec::as_slice).collect();
        assert_eq!(names(&raw, None), all);
    }
    assert_eq!(
        names(&[b"Caf\x82.md", b"M\x81ller.md", b"a.md"], None),
        ["Café.md", "Müller.md", "a.md"]
    );
    assert_eq!(names(&["é.md".as_bytes()], None), ["é.md"]);
}

/// Whatever sentence of a language, in whatever encoding of it: it is read as it was written, or the report says how unsure it is.
#[test]
fn sentences_by_a_seed_come_back_as_they_were_written() {
    let mut seed = 11_u64;
    let mut next = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let words = [
        "请在",
        "七天",
        "之内",
        "提交",
        "退货",
        "申请",
        "仓库",
        "收到",
        "客户",
        "可以",
        "修改",
        "密码",
        "登录",
        "我们的",
        "服务",
        "订单",
    ];
    for _ in 0..60 {
        let sentence: String = (0..12)
            .map(|_| words[next(words.len())])
            .collect::<Vec<_>>()
            .concat()
            + "。\n";
        let found = decode(&bytes(GB18030, &sentence), None).unwrap();
        assert_eq!(found.text, sentence);
        assert_eq!(
            decode(&utf_16(&sentence, next(2) == 0), None).unwrap().text,
            sentence
        );
    }
}
