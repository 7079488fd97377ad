use crate::samples::{shell, templates};
use crate::{account, agent, console, reader};

const LANGUAGES: [&str; 3] = ["en", "zh-Hans", "zh-Hant"];

fn samples(tag: &str) -> Vec<String> {
    let pages = [
        reader::samples,
        agent::samples,
        account::samples,
        console::samples,
    ];
    let rendered = pages.iter().flat_map(|samples| samples(tag));
    rendered.map(Result::unwrap).collect()
}

#[test]
fn every_page_is_whole_and_escapes_what_people_write() {
    for tag in LANGUAGES {
        for page in samples(tag) {
            assert_eq!(page.matches("<h1").count(), 1, "{page}");
            assert!(
                page.contains(&format!("<html lang=\"{tag}\""))
                    && page.contains("<main id=\"main\"")
            );
            // The only scripts of a page are modules of ours by their addresses.
            let page = page.replace("<script type=\"module\" src=\"/assets/", "");
            assert!(
                !page.contains("<script") && !page.contains("<img") && !page.contains(" style="),
                "{page}"
            );
            for element in [
                "main", "header", "footer", "nav", "aside", "article", "section", "div", "ul",
                "ol", "li", "dl", "a", "p", "span", "form", "button", "details", "summary", "svg",
            ] {
                let opened = page.matches(&format!("<{element}>")).count()
                    + page.matches(&format!("<{element} ")).count();
                assert_eq!(
                    opened,
                    page.matches(&format!("</{element}>")).count(),
                    "{element} in {page}"
                );
            }
        }
    }
}

#[test]
fn every_id_of_a_page_is_its_only_one() {
    for page in samples("en") {
        let mut seen = std::collections::HashSet::new();
        for id in page.split(" id=\"").skip(1) {
            let id = id.split('"').next().unwrap();
            assert!(seen.insert(id), "{id} twice in {page}");
        }
    }
}

#[test]
fn every_template_with_a_page_of_its_own_has_samples() {
    let sources: Vec<String> = ["reader", "agent", "account", "console"]
        .iter()
        .flat_map(|area| {
            let folder = format!("{}/src/{area}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_dir(folder).unwrap()
        })
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let mut pages = 0;
    for (name, text) in templates() {
        if text.starts_with("{% extends") && name.contains('/') {
            pages += 1;
            let source = sources.iter().find(|s| s.contains(&format!("\"{name}\"")));
            let source = source.unwrap_or_else(|| panic!("no context renders {name}"));
            assert!(
                source.contains("pub(super) fn samples(tag: &str)"),
                "{name} has no samples"
            );
        }
    }
    assert!(pages >= 9, "{pages}");
}

#[test]
fn every_text_that_a_template_names_is_there() {
    for (name, template) in templates() {
        let named = template
            .split(".t(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        for key in named.chain(["customer", "agent", "system"]) {
            assert_ne!(shell("en").t(key), key, "{key} in {name}");
        }
    }
}
