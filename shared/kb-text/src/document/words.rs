//! The length of a text in words, whatever its script.

/// The number of words: runs of letters and digits count one each, and two characters of Han or kana
/// count one word (rounded up), because a Chinese word has about two characters.
pub fn word_count(text: &str) -> usize {
    half_words(text).div_ceil(2)
}

/// Twice the number of words, not rounded: that of lines is the sum of the lines.
pub(super) fn half_words(text: &str) -> usize {
    let mut words = 0;
    let mut cjk_chars = 0;
    let mut in_word = false;
    super::looked::at(text.len());
    for c in text.chars() {
        if is_cjk(c) {
            cjk_chars += 1;
            in_word = false;
        } else if c.is_alphanumeric() {
            if !in_word {
                words += 1;
            }
            in_word = true;
        } else if !matches!(c, '\'' | '’' | '_') {
            in_word = false;
        }
    }
    2 * words + cjk_chars
}

/// Whether a character belongs to a script written without spaces between words: Han or kana.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(
        c,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::word_count;

    #[test]
    fn counts_latin_words_and_pairs_of_han_characters() {
        assert_eq!(word_count(""), 0);
        assert_eq!(word_count("Don't reset user_name 2FA."), 4);
        assert_eq!(word_count("重置密码"), 2);
        assert_eq!(word_count("重置VPN密码了"), 1 + 3);
    }
}
