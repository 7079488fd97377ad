//! Texts of the interface, by Fluent.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use kb_domain::{Locale, Timestamp};
use std::sync::OnceLock;

const SOURCES: [(&str, &str); 3] = [
    ("en", include_str!("../locales/en.ftl")),
    ("zh-Hans", include_str!("../locales/zh-Hans.ftl")),
    ("zh-Hant", include_str!("../locales/zh-Hant.ftl")),
];

type Bundle = FluentBundle<FluentResource>;

/// The texts of a language, by its place among the sources. A language is read when somebody first asks for it.
fn bundle(at: usize) -> &'static Bundle {
    static BUNDLES: [OnceLock<Bundle>; SOURCES.len()] = [const { OnceLock::new() }; SOURCES.len()];
    BUNDLES[at].get_or_init(|| {
        let (tag, source) = SOURCES[at];
        let language = tag.parse().expect("the tags of this file are well formed");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(false);
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        // A key that stands twice keeps its first text; the test of the files would have told.
        let _ = bundle.add_resource(resource);
        bundle
    })
}

/// The interface in one language.
#[derive(Clone, Copy)]
pub struct Texts {
    tag: &'static str,
    bundle: &'static Bundle,
}

impl Texts {
    /// The interface for a reader of `locale`: the language itself, else English.
    pub fn of(locale: &Locale) -> Self {
        let wanted = match (locale.language(), locale.script()) {
            ("zh", Some("Hant")) => "zh-Hant",
            ("zh", _) => "zh-Hans",
            _ => "en",
        };
        let at = SOURCES.iter().position(|(tag, _)| *tag == wanted);
        let at = at.unwrap_or_default();
        Self {
            tag: SOURCES[at].0,
            bundle: bundle(at),
        }
    }

    /// The languages of the interface: tag, and name in itself.
    pub const LANGUAGES: [(&'static str, &'static str); 3] = [
        ("en", "English"),
        ("zh-Hans", "简体中文"),
        ("zh-Hant", "繁體中文"),
    ];

    /// The languages of the interface as locales.
    pub fn locales() -> Vec<Locale> {
        let tags = Self::LANGUAGES
            .iter()
            .filter_map(|(tag, _)| tag.parse().ok());
        tags.collect()
    }

    /// The language's tag.
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// A text.
    pub fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text with a number in it: `n` decides between one and many, `shown` is what is read.
    pub fn count(&self, key: &str, n: &u64) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("n", *n);
        arguments.set("shown", grouped(*n));
        self.format(key, Some(&arguments))
    }

    /// A text about something that a person wrote.
    pub fn about(&self, key: &str, subject: &str) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("subject", subject);
        self.format(key, Some(&arguments))
    }

    /// Why an article is suggested: the words that it has in common with a ticket, and the section in which they stand.
    pub fn reason(&self, words: &[String], heading: Option<&str>) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("words", words.join(&self.t("reason-between")));
        let Some(heading) = heading else {
            return self.format("reason-words", Some(&arguments));
        };
        arguments.set("heading", heading.to_owned());
        self.format("reason-words-in", Some(&arguments))
    }

    fn format(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|m| m.value()) else {
            return key.to_owned();
        };
        self.bundle
            .format_pattern(pattern, arguments, &mut Vec::new())
            .into_owned()
    }
}

/// A number with commas between thousands, as all three languages write it.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A language in two characters, for a frame of 280 pixels.
pub(crate) fn short(tag: &str) -> String {
    match tag {
        "zh-Hans" => "简".to_owned(),
        "zh-Hant" => "繁".to_owned(),
        _ => tag.chars().take(2).collect::<String>().to_uppercase(),
    }
}

/// A day as a reader of the interface's language writes it.
pub fn date(at: Timestamp, texts: Texts) -> String {
    let day = at.day();
    let mut parts = day.split('-').map(|p| p.trim_start_matches('0'));
    let (year, month, date) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    if texts.tag() == "en" {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let month = month
            .parse::<usize>()
            .ok()
            .and_then(|m| MONTHS.get(m.wrapping_sub(1)))
            .unwrap_or(&"");
        return format!("{date} {month} {year}");
    }
    format!("{year}年{month}月{date}日")
}

/// A moment as a reader of the interface's language writes it; it says that it is by universal time.
pub fn moment(at: Timestamp, texts: Texts) -> String {
    let clock: String = at.to_string().chars().skip(11).take(5).collect();
    format!("{} {clock} UTC", date(at, texts))
}

/// Since when a browser is signed in, and when it was last used.
pub fn session_times(since: Timestamp, seen: Timestamp, texts: Texts) -> String {
    let mut arguments = FluentArgs::new();
    arguments.set("since", moment(since, texts));
    arguments.set("seen", moment(seen, texts));
    texts.format("session-times", Some(&arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_files_have_the_same_keys() {
        let keys = |source: &str| -> Vec<String> {
            source
                .lines()
                .filter(|l| l.starts_with(char::is_alphabetic))
                .filter_map(|l| Some(l.split_once(" =")?.0.to_owned()))
                .collect()
        };
        assert_eq!(keys(SOURCES[0].1), keys(SOURCES[1].1));
        assert_eq!(keys(SOURCES[0].1), keys(SOURCES[2].1));
    }

    #[test]
    fn numbers_and_dates_read_well() {
        let en = Texts::of(&Locale::en());
        assert_eq!(
            (en.count("results", &1), en.count("results", &3)),
            ("1 article".to_owned(), "3 articles".to_owned())
        );
        for (n, expected) in [(999, "999"), (1_284, "1,284"), (1_000_000, "1,000,000")] {
            assert_eq!(grouped(n), expected);
        }
        let hant = Texts::of(&"zh-TW".parse().unwrap());
        assert_eq!(hant.about("search-results", "a"), "「a」的搜尋結果");
        assert_eq!(
            date(Timestamp(1_795_478_400_000_000), en),
            "24 November 2026"
        );
        assert_eq!(
            date(Timestamp(1_795_478_400_000_000), hant),
            "2026年11月24日"
        );
        assert_eq!(
            moment(Timestamp(1_795_507_260_000_000), en),
            "24 November 2026 08:01 UTC"
        );
    }
}
