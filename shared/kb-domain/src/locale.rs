//! Locales: BCP 47 in canonical case, folded at the edge to what content is written in.

use crate::clock::clip;
use crate::error::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A content locale such as `en`, `zh-Hans` or `pt-BR`, in canonical case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locale(String);

impl Locale {
    /// English.
    pub fn en() -> Self {
        Self("en".to_owned())
    }

    /// The text, canonical.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language subtag: `zh` of `zh-Hans`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    /// The script subtag, `Hans` of `zh-Hans`, if the locale names one.
    pub fn script(&self) -> Option<&str> {
        self.0.split('-').nth(1).filter(|s| s.len() == 4)
    }

    /// The locales to try, in order: asked, same language and script, same language in another script, the portal's
    /// default, the source. `available` is what exists; the first of the answer is what is served.
    pub fn chain<'a>(
        &self,
        available: &'a [Locale],
        default: &Locale,
        source: &Locale,
    ) -> Option<&'a Locale> {
        let pick = |want: &dyn Fn(&Locale) -> bool| available.iter().find(|l| want(l));
        pick(&|l| l == self)
            .or_else(|| pick(&|l| l.language() == self.language() && l.script() == self.script()))
            .or_else(|| pick(&|l| l.language() == self.language()))
            .or_else(|| pick(&|l| l == default))
            .or_else(|| pick(&|l| l == source))
            .or_else(|| available.first())
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Locale {
    type Err = Error;

    /// Reads any well-formed tag of language, script and region; folds the usual aliases (`zh-CN` to `zh-Hans`, `zh-TW` to
    /// `zh-Hant`, `en-US` to `en`).
    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = || Error::Malformed {
            what: "locale",
            detail: format!(
                "\"{}\" is not a locale such as en, zh-Hans or zh-Hant",
                clip(text)
            ),
        };
        if text.is_empty() || text.len() > 35 || !text.is_ascii() {
            return Err(malformed());
        }
        let mut parts = text.split(['-', '_']);
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        if !(2..=3).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_lowercase()) {
            return Err(malformed());
        }
        let (mut script, mut region) = (None, None);
        for part in parts {
            let alphabetic = part.bytes().all(|b| b.is_ascii_alphabetic());
            let numeric = part.bytes().all(|b| b.is_ascii_digit());
            match part.len() {
                4 if alphabetic && script.is_none() && region.is_none() => {
                    let lower = part.to_ascii_lowercase();
                    script = Some(lower[..1].to_ascii_uppercase() + &lower[1..]);
                }
                2 if alphabetic && region.is_none() => region = Some(part.to_ascii_uppercase()),
                3 if numeric && region.is_none() => region = Some(part.to_owned()),
                _ => return Err(malformed()),
            }
        }
        if language == "zh" {
            let script = script.unwrap_or_else(|| match region.as_deref() {
                Some("TW" | "HK" | "MO") => "Hant".to_owned(),
                _ => "Hans".to_owned(),
            });
            return Ok(Self(format!("zh-{script}")));
        }
        if language == "en" && region.as_deref().is_none_or(|r| r == "US") && script.is_none() {
            return Ok(Self::en());
        }
        let mut tag = language;
        for part in [script, region].into_iter().flatten() {
            tag.push('-');
            tag.push_str(&part);
        }
        Ok(Self(tag))
    }
}

impl Serialize for Locale {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Locale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn l(text: &str) -> Locale {
        text.parse().unwrap()
    }

    #[test]
    fn aliases_fold_to_what_content_is_written_in() {
        for (from, to) in [
            ("zh-CN", "zh-Hans"),
            ("zh_sg", "zh-Hans"),
            ("zh", "zh-Hans"),
            ("zh-TW", "zh-Hant"),
            ("ZH-hk", "zh-Hant"),
            ("zh-hant-TW", "zh-Hant"),
            ("en-us", "en"),
            ("EN", "en"),
            ("en-GB", "en-GB"),
            ("pt-br", "pt-BR"),
        ] {
            assert_eq!(l(from).as_str(), to, "{from}");
        }
    }

    #[test]
    fn malformed_locales_are_refused() {
        for bad in [
            "",
            "e",
            "english",
            "zh-",
            "en--US",
            "en-USAA1",
            "中文",
            "en-US-x-private",
            "../en",
        ] {
            assert!(bad.parse::<Locale>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_chain_never_dead_ends() {
        let available = [l("en"), l("zh-Hans")];
        let (en, hans) = (l("en"), l("zh-Hans"));
        assert_eq!(l("zh-TW").chain(&available, &en, &en), Some(&hans));
        assert_eq!(l("fr").chain(&available, &hans, &en), Some(&hans));
        assert_eq!(l("fr").chain(&available[..1], &hans, &hans), Some(&en));
        assert_eq!(l("fr").chain(&[], &hans, &en), None);
    }
}
