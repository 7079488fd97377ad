//! The parts of a page's address.

use kb_domain::PublicKey;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// `/{portal}/{locale}{rest}`: how the addresses of portals are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// The first segment, decoded.
    pub portal: Cow<'a, str>,
    /// The second segment, decoded; empty when there is none.
    pub locale: Cow<'a, str>,
    /// What follows, as it stands in the address, with its slash.
    pub rest: &'a str,
}

impl<'a> Address<'a> {
    /// Splits the path of an address.
    pub fn of(path: &'a str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (portal, behind) = path.split_once('/').unwrap_or((path, ""));
        let end = behind.find('/').unwrap_or(behind.len());
        let (locale, rest) = behind.split_at(end);
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy();
        Self {
            portal: decoded(portal),
            locale: decoded(locale),
            rest,
        }
    }

    /// The words of the last segment, without the key before them: what a reader of a dead address may have looked for.
    pub fn words(&self) -> String {
        let last = self.rest.rsplit('/').next().unwrap_or_default();
        let text = percent_decode_str(last).decode_utf8_lossy();
        // An id has no words.
        if text
            .rsplit('_')
            .next()
            .is_some_and(|digits| digits.len() == 26)
        {
            return String::new();
        }
        let slug = match PublicKey::from_segment(&text) {
            Some(key) => text.trim_start_matches(key.as_str()),
            None => &text,
        };
        let words = slug.split(['-', '_', '.', ' ']);
        let words: Vec<&str> = words.filter(|w| !w.is_empty()).collect();
        words.join(" ").chars().take(100).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_portal_a_language_and_a_rest() {
        for (path, portal, locale, rest) in [
            ("/", "", "", ""),
            ("/help", "help", "", ""),
            ("/help/", "help", "", ""),
            ("/help/en", "help", "en", ""),
            ("/help/en/", "help", "en", "/"),
            ("/h%65lp/zh-Hans/a/b%20c", "help", "zh-Hans", "/a/b%20c"),
        ] {
            let address = Address::of(path);
            let parts = (&*address.portal, &*address.locale, address.rest);
            assert_eq!(parts, (portal, locale, rest), "{path}");
        }
    }

    #[test]
    fn a_dead_address_still_says_what_was_looked_for() {
        for (path, words) in [
            (
                "/help/en/articles/zzzzzzzz-reset-your-password",
                "reset your password",
            ),
            (
                "/help/zh-Hans/articles/zzzzzzzz-%E9%87%8D%E7%BD%AE%E5%AF%86%E7%A0%81",
                "重置密码",
            ),
            ("/help/en/old_page.html", "old page html"),
            ("/help/en/comments/cmt_01m8693837f8ytafxxwjq5qvdt", ""),
            ("/help/en/", ""),
            ("/help", ""),
        ] {
            assert_eq!(Address::of(path).words(), words, "{path}");
        }
    }
}
