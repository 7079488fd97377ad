//! Files that pages link to, addressed by their content so that browsers may keep them.

use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// A file.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its content.
    pub bytes: &'static [u8],
    /// Its media type.
    pub content_type: &'static str,
}

/// Name of the style sheet.
pub const STYLE: &str = "sidenote.css";

/// The file of this name.
pub fn asset(name: &str) -> Option<Asset> {
    (name == STYLE).then_some(Asset {
        bytes: include_bytes!("../assets/sidenote.css"),
        content_type: "text/css; charset=utf-8",
    })
}

/// The address of the style sheet.
pub(crate) fn style_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let digest = Sha256::digest(include_bytes!("../assets/sidenote.css"));
        let hash: String = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
        format!("/assets/{hash}/{STYLE}")
    })
}
