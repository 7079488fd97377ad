//! The readable part of addresses and anchors.

use unicode_normalization::UnicodeNormalization;

/// The longest slug in characters, so that addresses stay short enough to read and to mail.
const MAX_CHARS: usize = 80;

/// A title as the readable part of an address: NFKC, lower case, letters and digits of every script kept,
/// everything else one `-`, at most 80 characters; empty when the title has no letter or digit.
pub fn slug(title: &str) -> String {
    let mut out = String::new();
    let mut chars = 0;
    let mut gap = false;
    for c in title.nfkc().flat_map(char::to_lowercase) {
        // Apostrophes and invisible characters stand inside words and must not tear them apart.
        if matches!(c, '\'' | '’') || is_invisible(c) {
            continue;
        }
        if !c.is_alphanumeric() && c != '_' {
            gap = true;
            continue;
        }
        let needed = if gap && chars > 0 { 2 } else { 1 };
        if chars + needed > MAX_CHARS {
            break;
        }
        if needed == 2 {
            out.push('-');
        }
        out.push(c);
        chars += needed;
        gap = false;
    }
    out
}

/// Whether a character has no shape of its own: soft hyphen, zero-width and direction marks, selectors.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn keeps_han_and_joins_words_with_a_dash() {
        assert_eq!(slug("Reset your password!"), "reset-your-password");
        assert_eq!(slug("重置  密码（VPN）"), "重置-密码-vpn");
        assert_eq!(slug("Don’t panic"), "dont-panic");
        assert_eq!(slug("ＡＢＣ １２３"), "abc-123");
        assert_eq!(slug("—!?—"), "");
        assert_eq!(slug(""), "");
    }

    #[test]
    fn a_long_title_is_cut_at_80_characters_without_a_dash_at_the_end() {
        let long = slug(&"ab ".repeat(60));
        assert!(long.chars().count() <= 80);
        assert!(!long.ends_with('-'));
        assert_eq!(slug(&"密".repeat(100)).chars().count(), 80);
    }

    #[test]
    fn twins_by_normalization_and_invisible_characters_give_one_slug() {
        assert_eq!(slug("Cafe\u{301}"), slug("Café"));
        assert_eq!(slug("pass\u{200b}word\u{202e}"), "password");
    }
}
