//! A message of a ticket without what says nothing about it: quoted threads, signatures, greetings, addresses.

use regex::Regex;
use std::sync::OnceLock;

/// What stands before a quoted message, at the beginning of a line.
const QUOTE_HEADS: [&str; 12] = [
    "-----original message",
    "----- original message",
    "begin forwarded message",
    "________________________________",
    "发件人:",
    "发件人：",
    "寄件者:",
    "寄件者：",
    "发送时间:",
    "在您的邮件中",
    "原始邮件",
    "-----原始邮件",
];

/// Beginnings of a closing line; what follows it is a signature.
const CLOSINGS: [&str; 14] = [
    "best regards",
    "kind regards",
    "regards,",
    "many thanks,",
    "thanks,",
    "thank you,",
    "cheers,",
    "sincerely",
    "yours ",
    "sent from my",
    "此致",
    "顺祝商祺",
    "祝好",
    "敬上",
];

fn patterns() -> &'static [Regex; 3] {
    static PATTERNS: OnceLock<[Regex; 3]> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let compile = |text| Regex::new(text).expect("the pattern is a constant of this file");
        [
            compile(r"(?i)\b(?:https?://|www\.)\S+"),
            compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"),
            compile(r"\b[0-9a-fA-F]{16,}\b"),
        ]
    })
}

/// The message itself. A text that would lose everything is kept as it is.
pub fn clean(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines() {
        let bare = line.trim();
        let lower = bare.to_lowercase();
        let quoted = bare.starts_with('>') || bare.starts_with('|');
        let quote_follows = QUOTE_HEADS.iter().any(|head| lower.starts_with(head))
            || (lower.starts_with("on ") && lower.ends_with("wrote:"))
            || bare.ends_with("写道：")
            || bare.ends_with("寫道：");
        let signature = line == "-- "
            || bare == "--"
            || CLOSINGS.iter().any(|c| lower.starts_with(c)) && lower.chars().count() < 40;
        if quote_follows || (signature && kept.iter().any(|k| !k.trim().is_empty())) {
            break;
        }
        if !quoted {
            kept.push(line);
        }
    }
    let mut clean = kept.join("\n");
    for pattern in patterns() {
        clean = pattern.replace_all(&clean, " ").into_owned();
    }
    if clean.trim().is_empty() {
        text.to_owned()
    } else {
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_signatures_and_addresses_go() {
        let mail = "Hello,\nthe gateway is down, see https://x.example/a?b=1\n> old text about invoices\nBest regards\nAda Smith\nCEO of Invoices";
        let clean = clean(mail);
        assert!(clean.contains("gateway is down"));
        assert!(
            !clean.contains("invoices") && !clean.contains("Ada") && !clean.contains("example")
        );
    }

    #[test]
    fn a_thread_below_is_left_out_and_a_mere_quote_is_kept() {
        assert_eq!(
            clean("打印机坏了\n发件人: 李雷\n别的事").trim(),
            "打印机坏了"
        );
        assert_eq!(clean("> only this"), "> only this");
    }
}
