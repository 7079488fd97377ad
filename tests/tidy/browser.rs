//! Every page is looked at in a browser.

use crate::operations::functions;
use crate::tree::top;
use kb_http::OperationKind;
use std::collections::BTreeSet;

/// Addresses that answer no page: what crawlers and browsers fetch, and what leads on to another address.
const NO_PAGE: [&str; 8] = [
    "/",
    "/assets/{hash}/{name}",
    "/robots.txt",
    "/sitemap.xml",
    "/{portal}",
    "/{portal}/",
    "/{portal}/{locale}/sections/{segment}/sitemap.xml",
    "/{portal}/{locale}/sitemap.xml",
];
/// Answers the page of the address with a slash.
const SAME_PAGE: &str = "/{portal}/{locale}";

#[test]
fn every_page_is_looked_at_in_a_browser() {
    let walk = std::fs::read_to_string(top().join("tests/browser/pages.py")).unwrap();
    let mut unseen = BTreeSet::new();
    for (_, api) in functions() {
        let pages = api.operations().iter().filter(|o| o.method == "GET");
        for page in pages.filter(|o| o.kind == OperationKind::Page) {
            let path = page.path;
            if path != SAME_PAGE && !walk.contains(&format!("\"{path}\"")) {
                unseen.insert(path);
            }
        }
    }
    assert_eq!(unseen, BTreeSet::from(NO_PAGE), "add it to PAGES");
}
