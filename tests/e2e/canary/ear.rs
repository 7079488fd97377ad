//! Hears what an answer tells, in whatever form it is written.

use super::base::Thing;
use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use kb_testkit::Answered;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeSet;

/// The secrets of all things in all forms.
pub(super) struct Ear {
    forms: AhoCorasick,
    /// By form: the thing and the secret.
    told: Vec<(usize, String)>,
}

impl Ear {
    pub fn new(things: &[Thing]) -> Self {
        let mut told = Vec::new();
        let mut patterns = Vec::new();
        for (n, thing) in things.iter().enumerate() {
            for secret in &thing.secrets {
                for form in forms(secret) {
                    patterns.push(form);
                    told.push((n, secret.clone()));
                }
            }
        }
        let forms = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(patterns)
            .unwrap();
        Self { forms, told }
    }

    /// The things that an answer names, each with the first secret of it; what was asked, `said`, may come back as an echo.
    pub fn heard(&self, answer: &Answered, said: &[&str]) -> BTreeSet<(usize, &str)> {
        let mut text = answer.text.clone();
        for (name, value) in &answer.headers {
            text.push_str(&format!(
                "\n{name}: {}",
                String::from_utf8_lossy(value.as_bytes())
            ));
        }
        for echo in said
            .iter()
            .flat_map(|word| [(*word).to_owned(), encoded(word)])
        {
            text = text.replace(&echo, "");
        }
        let hits = self.forms.find_overlapping_iter(&text);
        hits.map(|hit| &self.told[hit.pattern().as_usize()])
            .map(|(thing, secret)| (*thing, secret.as_str()))
            .collect()
    }
}

pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// As it is, escaped for HTML, for an address, in hexadecimal, and in base 64 wherever it begins.
fn forms(secret: &str) -> BTreeSet<String> {
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    let hex: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
    let mut forms = BTreeSet::from([secret.to_owned(), html, encoded(secret), hex]);
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend(secret.bytes());
        // The outer characters depend on the neighbors.
        let whole = STANDARD_NO_PAD.encode(&bytes[..bytes.len() / 3 * 3]);
        let inside = &whole[(before * 4).div_ceil(3)..];
        if inside.len() >= 6 {
            forms.insert(inside.to_owned());
        }
    }
    forms
}

#[test]
fn the_ear_hears_a_secret_in_every_form() {
    let thing = Thing {
        name: "x",
        seen_by: Vec::new(),
        secrets: vec!["qxhiddenwordzv".to_owned()],
    };
    let ear = Ear::new(&[thing]);
    let answer = |text: String| Answered {
        status: 200,
        headers: axum::http::HeaderMap::new(),
        text,
    };
    for text in [
        "a qxHiddenWordzv b".to_owned(),
        format!("a{}b", STANDARD_NO_PAD.encode("0#qxhiddenwordzv#1")),
        format!("a{}b", STANDARD_NO_PAD.encode("00#qxhiddenwordzv#1")),
        format!("a{}b", STANDARD_NO_PAD.encode("qxhiddenwordzv#1")),
        "71786869646465 6e776f72647a76".replace(' ', ""),
    ] {
        assert_eq!(ear.heard(&answer(text.clone()), &[]).len(), 1, "{text}");
    }
    assert!(
        ear.heard(&answer("qxhiddenwordzv".to_owned()), &["qxhiddenwordzv"])
            .is_empty()
    );
    assert!(
        ear.heard(&answer("hidden words".to_owned()), &[])
            .is_empty()
    );
}
