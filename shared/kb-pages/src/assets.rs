//! Files that pages link to, addressed by their content so that browsers may keep them.

use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// A file.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its name.
    pub name: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
    /// Its media type.
    pub content_type: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const IMAGE: &str = "image/svg+xml";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The files of the folder `assets` with these names; the ending says the media type.
macro_rules! assets {
    ($($name:literal),* $(,)?) => {
        &[$(Asset {
            name: $name,
            bytes: include_bytes!(concat!("../assets/", $name)),
            content_type: content_type($name),
        }),*]
    };
}

/// Every file. A new one is a line here.
const ASSETS: &[Asset] = assets![
    "icon.svg",
    "tokens.css",
    "parts.css",
    "staff.css",
    "contents.js",
    "dialog.js",
    "frame.js",
    "inbox.js",
    "menu.js",
    "search.js",
    "sidebar.js",
    "sign-in.js",
];

/// The file of this name.
pub fn asset(name: &str) -> Option<Asset> {
    ASSETS.iter().find(|a| a.name == name).copied()
}

/// The address of a file, worked out when it is first linked to; a name that no file has is a fault of the template, and the tests
/// find it.
pub(crate) fn url(name: &str) -> &'static str {
    static URLS: [OnceLock<String>; ASSETS.len()] = [const { OnceLock::new() }; ASSETS.len()];
    let Some(at) = ASSETS.iter().position(|asset| asset.name == name) else {
        return "";
    };
    URLS[at].get_or_init(|| {
        let digest = Sha256::digest(ASSETS[at].bytes);
        let hash: String = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
        format!("/assets/{hash}/{name}")
    })
}

const fn content_type(name: &str) -> &'static str {
    match name.as_bytes() {
        [.., b'.', b'c', b's', b's'] => CSS,
        [.., b'.', b's', b'v', b'g'] => IMAGE,
        [.., b'.', b'j', b's'] => SCRIPT,
        _ => panic!("an ending without a media type"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::templates;

    #[test]
    fn scripts_are_small_and_hold_no_text_of_the_interface_and_no_markup() {
        for asset in ASSETS.iter().filter(|a| a.content_type == SCRIPT) {
            let source = std::str::from_utf8(asset.bytes).unwrap();
            assert!(source.len() < 15_000, "{}", asset.name);
            for banned in [
                "innerHTML",
                "outerHTML",
                "insertAdjacent",
                "eval(",
                "document.write",
            ] {
                assert!(!source.contains(banned), "{banned} in {}", asset.name);
            }
        }
    }

    #[test]
    fn templates_link_every_file_and_no_other() {
        let templates = templates();
        let linked = |name: &str| {
            let call = format!("url(\"{name}\")");
            templates.iter().any(|(_, text)| text.contains(&call))
        };
        for asset in ASSETS {
            assert!(linked(asset.name), "{}", asset.name);
            assert!(url(asset.name).ends_with(asset.name));
        }
        let calls = templates
            .iter()
            .flat_map(|(_, text)| text.matches("url(\""))
            .count();
        let known: usize = ASSETS
            .iter()
            .map(|a| format!("url(\"{}\")", a.name))
            .map(|call| {
                templates
                    .iter()
                    .map(|(_, text)| text.matches(&call).count())
                    .sum::<usize>()
            })
            .sum();
        assert_eq!(calls, known, "a template links a file that is not there");
    }
}
