//! The language of the interface.

use super::address::Address;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use kb_domain::Locale;
use kb_pages::{Language, Texts};
use percent_encoding::percent_decode_str;
use std::convert::Infallible;

/// The interface in the reader's language: the one in the address, else the one that its query asks for, else the browser's
/// first that there is, else English.
#[derive(Clone, Copy)]
pub struct Interface(pub Texts);

impl<S: Send + Sync> FromRequestParts<S> for Interface {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Texts::of(&reader_locale(&parts.uri, &parts.headers))))
    }
}

/// The languages of the interface, each with the address of the same page in it.
pub fn interface_languages(texts: Texts, url: impl Fn(&str) -> String) -> Vec<Language> {
    let languages = Texts::LANGUAGES.iter().map(|(tag, name)| Language {
        tag: (*tag).to_owned(),
        name: (*name).to_owned(),
        url: url(tag),
        current: *tag == texts.tag(),
    });
    languages.collect()
}

/// A language's name in itself.
pub(super) fn name_of(locale: &Locale) -> String {
    let known = Texts::LANGUAGES
        .iter()
        .find(|(tag, _)| *tag == locale.as_str());
    known.map_or_else(|| locale.to_string(), |(_, name)| (*name).to_owned())
}

/// The language of the interface that a reader of this address gets.
pub(crate) fn reader_locale(uri: &Uri, headers: &HeaderMap) -> Locale {
    let address = Address::of(uri.path());
    let pairs = uri.query().unwrap_or_default().split('&');
    let asked = pairs.filter_map(|pair| pair.strip_prefix("locale="));
    let asked = asked.map(|text| percent_decode_str(text).decode_utf8_lossy());
    let accepted = accepted(headers);
    let offered = Texts::locales();
    let mut wanted = std::iter::once(address.locale)
        .chain(asked)
        .chain(accepted.into_iter().map(Into::into));
    wanted
        .find_map(|text| fitting(&text, &offered))
        .unwrap_or_else(Locale::en)
}

/// The first of the languages that a browser asks for that is offered; `None` when it asks for none of them.
pub fn accepted_locale(headers: &HeaderMap, offered: &[Locale]) -> Option<Locale> {
    accepted(headers)
        .iter()
        .find_map(|text| fitting(text, offered))
}

/// Languages that are looked at: a header that names more has no reader behind it.
const ACCEPTED_MAX: usize = 20;

/// What a browser asks for, the dearest first; what it refuses is left out (RFC 9110, 12.5.4).
fn accepted(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::ACCEPT_LANGUAGE).into_iter();
    let values = values.filter_map(|v| v.to_str().ok());
    let parts = values.flat_map(|v| v.split(',')).take(ACCEPTED_MAX);
    let mut weighed: Vec<(u32, String)> = parts
        .filter_map(|part| {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = rest
                .trim()
                .strip_prefix("q=")
                .map_or(Some(1.0), |q| q.trim().parse().ok());
            let thousandths = (weight.filter(|q: &f32| (0.0..=1.0).contains(q))? * 1_000.0) as u32;
            (thousandths > 0).then(|| (thousandths, tag.trim().to_owned()))
        })
        .collect();
    weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    weighed.into_iter().map(|(_, tag)| tag).collect()
}

/// What there is of a language.
fn fitting(text: &str, offered: &[Locale]) -> Option<Locale> {
    let wanted: Locale = text.trim().parse().ok()?;
    let found = wanted.chain(offered, &wanted, &wanted);
    found.filter(|l| l.language() == wanted.language()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_interface_speaks_the_language_of_the_address_else_the_asked_one_else_the_browsers() {
        for (address, accept, expected) in [
            ("/help/zh-Hant/x?locale=en", "zh-CN", "zh-Hant"),
            ("/agent/inbox?locale=zh-TW", "en", "zh-Hant"),
            ("/agent/inbox?a=b&locale=zh%2DTW", "en", "zh-Hant"),
            ("/sign-in", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
            ("/sign-in", "fr, zh-HK;q=0.5", "zh-Hant"),
            ("/sign-in", "en;q=0.5, zh-CN", "zh-Hans"),
            ("/sign-in", "zh-CN;q=0.2,en;q=0.8,zh-TW;q=0.9", "zh-Hant"),
            ("/sign-in", "zh-CN;q=0, en;q=0.1", "en"),
            ("/sign-in", "zh;q=2, ,;q=1, zh-TW;q=x", "en"),
            ("/sign-in", "fr", "en"),
            ("/sign-in?locale=", "*", "en"),
            ("/sign-in?locale=fr", "zh-CN", "zh-Hans"),
            ("/sign-in?locale=not%20a%20tag", "", "en"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
            let found = reader_locale(&address.parse().unwrap(), &headers);
            assert_eq!(found.as_str(), expected, "{address} {accept}");
        }
    }
}
