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

const fn of(name: &'static str, bytes: &'static [u8], content_type: &'static str) -> Asset {
    Asset {
        name,
        bytes,
        content_type,
    }
}

/// Every file: the style sheets, the icon, and a small module for each page that has one.
const ASSETS: [Asset; 6] = [
    of("icon.svg", include_bytes!("../assets/icon.svg"), IMAGE),
    of(
        "sidenote.css",
        include_bytes!("../assets/sidenote.css"),
        CSS,
    ),
    of("agent.css", include_bytes!("../assets/agent.css"), CSS),
    of("sidebar.js", include_bytes!("../assets/sidebar.js"), SCRIPT),
    of("inbox.js", include_bytes!("../assets/inbox.js"), SCRIPT),
    of("sign-in.js", include_bytes!("../assets/sign-in.js"), SCRIPT),
];

/// The file of this name.
pub fn asset(name: &str) -> Option<Asset> {
    ASSETS.into_iter().find(|a| a.name == name)
}

/// The address of a file; a name that no file has is a fault of the template, and the tests find it.
pub(crate) fn url(name: &str) -> &'static str {
    static URLS: OnceLock<Vec<(&str, String)>> = OnceLock::new();
    let urls = URLS.get_or_init(|| {
        let address = |asset: &Asset| {
            let digest = Sha256::digest(asset.bytes);
            let hash: String = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
            (asset.name, format!("/assets/{hash}/{}", asset.name))
        };
        ASSETS.iter().map(address).collect()
    });
    urls.iter()
        .find(|(known, _)| *known == name)
        .map_or("", |(_, url)| url)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(url(asset.name).ends_with(asset.name));
        }
    }
}
