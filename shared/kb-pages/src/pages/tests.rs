use super::*;
use kb_domain::Locale;

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

fn shell(tag: &str) -> Shell {
    let locale: Locale = tag.parse().unwrap();
    let language = Language {
        tag: tag.into(),
        name: HOSTILE.into(),
        url: "/help/en/".into(),
        current: true,
    };
    Shell {
        texts: Texts::of(&locale),
        title: HOSTILE.into(),
        portal: HOSTILE.into(),
        home: "/help/en/".into(),
        search: "/help/en/search".into(),
        query: HOSTILE.into(),
        languages: vec![language],
    }
}

/// Every page with hostile text in every field that a person writes, and empty.
fn samples(tag: &str) -> Vec<String> {
    let shell = shell(tag);
    let text = || HOSTILE.to_owned();
    let crumb = Crumb {
        name: text(),
        url: "/x".into(),
    };
    let section = HomeSection {
        name: text(),
        url: "/x".into(),
    };
    let card = Card {
        name: text(),
        url: "/x".into(),
        description: text(),
        children: vec![section],
    };
    let entry = Entry {
        title: text(),
        url: "/x".into(),
        summary: text(),
        lang: "en".into(),
    };
    let node = NodePage {
        shell: shell.clone(),
        path: vec![crumb.clone()],
        description: text(),
        sections: vec![card.clone()],
        articles: vec![entry.clone()],
        more: Some("/x".into()),
    };
    let article = ArticlePage {
        shell: shell.clone(),
        path: vec![crumb],
        lang: "en".into(),
        other_language: true,
        audience: Some(text()),
        summary: text(),
        body: CleanHtml("<h2 id=\"a\">A</h2><p>b</p>".into()),
        outline: vec![Outline {
            text: text(),
            anchor: "a".into(),
            level: 2,
        }],
        updated: Some(("2026-11-24".into(), "24 Nov 2026".into())),
    };
    let piece = Piece {
        text: text(),
        marked: true,
    };
    let search = SearchPage {
        shell: shell.clone(),
        total: 1,
        hits: vec![(entry, vec![piece])],
        more: Some("/x".into()),
    };
    let message = MessagePage {
        shell: shell.clone(),
        text: text(),
        request: Some(text()),
    };
    let home = HomePage {
        shell: shell.clone(),
        categories: vec![card],
    };
    let pages = [
        HomePage {
            categories: vec![],
            ..home.clone()
        }
        .render(),
        home.render(),
        NodePage {
            sections: vec![],
            articles: vec![],
            ..node.clone()
        }
        .render(),
        node.render(),
        ArticlePage {
            outline: vec![],
            updated: None,
            ..article.clone()
        }
        .render(),
        article.render(),
        SearchPage {
            hits: vec![],
            total: 0,
            ..search.clone()
        }
        .render(),
        search.render(),
        message.render(),
    ];
    pages.into_iter().map(Result::unwrap).collect()
}

#[test]
fn every_page_is_whole_and_escapes_what_people_write() {
    for tag in ["en", "zh-Hans", "zh-Hant"] {
        for page in samples(tag) {
            assert_eq!(page.matches("<h1").count(), 1, "{page}");
            assert!(
                page.contains(&format!("<html lang=\"{tag}\""))
                    && page.contains("<main id=\"main\"")
            );
            assert!(
                !page.contains("<script") && !page.contains("<img") && !page.contains(" style="),
                "{page}"
            );
            for element in [
                "main", "header", "nav", "ul", "ol", "li", "a", "p", "form", "section", "div",
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
fn every_text_that_a_template_names_is_there() {
    for template in [
        include_str!("../../templates/base.html"),
        include_str!("../../templates/home.html"),
        include_str!("../../templates/node.html"),
        include_str!("../../templates/article.html"),
        include_str!("../../templates/search.html"),
        include_str!("../../templates/message.html"),
    ] {
        for key in template
            .split("shell.t(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert_ne!(shell("en").t(key), key, "{key}");
        }
    }
}
