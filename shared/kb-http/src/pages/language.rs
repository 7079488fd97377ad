//! The language of the interface.

use super::address::Address;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use kb_domain::Locale;
use kb_pages::{Language, Texts};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;
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
    let asked = query_values(uri, "locale=");
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let accepted = accepted
        .split(',')
        .take(10)
        .filter_map(|part| part.split(';').next());
    let offered = Texts::locales();
    let mut wanted = std::iter::once(address.locale)
        .chain(asked)
        .chain(accepted.map(Into::into));
    wanted
        .find_map(|text| fitting(&text, &offered))
        .unwrap_or_else(Locale::en)
}

fn query_values<'a>(uri: &'a Uri, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let asked = pairs.filter_map(move |pair| pair.strip_prefix(name));
    asked.map(|text| percent_decode_str(text).decode_utf8_lossy())
}

/// A value of an address's query, where a page does not mind what else stands there.
pub fn query_value(uri: &Uri, name: &str) -> Option<String> {
    let name = format!("{name}=");
    query_values(uri, &name).next().map(Cow::into_owned)
}

/// `&name=value` for an address, encoded; nothing for no value.
pub fn query_part(name: &str, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    format!("&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
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
