use super::*;
use crate::{InboxEntry, InboxMessage, InboxPage, OpenTicket, SignInPage, StartPage, TicketPage};
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
        person: Some(HOSTILE.into()),
        door: true,
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
        exact: true,
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
    let sign_in = SignInPage {
        shell: shell.clone(),
        used: true,
        fault: Some(text()),
    };
    let nobody = Shell {
        person: None,
        ..shell.clone()
    };
    let start = StartPage {
        shell: shell.clone(),
        allowed: true,
    };
    let pages = [
        sign_in.render(),
        SignInPage {
            shell: nobody.clone(),
            ..sign_in
        }
        .render(),
        start.render(),
        StartPage {
            allowed: false,
            ..start.clone()
        }
        .render(),
        StartPage {
            shell: nobody,
            ..start
        }
        .render(),
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
        SearchPage {
            total: 1_000,
            exact: false,
            ..search.clone()
        }
        .render(),
        message.render(),
    ];
    pages
        .into_iter()
        .chain(agent_samples(tag))
        .map(Result::unwrap)
        .collect()
}

/// The pages beside a ticket, the same way.
fn agent_samples(tag: &str) -> Vec<askama::Result<String>> {
    let texts = Texts::of(&tag.parse().unwrap());
    let text = || HOSTILE.to_owned();
    let message = InboxMessage {
        author: "customer",
        at: Some(("2026-11-24".into(), "24 Nov 2026".into())),
        lines: vec![text(), format!("> {HOSTILE}")],
    };
    let open = OpenTicket {
        subject: text(),
        lang: "en".into(),
        recipients: vec![text()],
        messages: vec![message],
        reply: "/x".into(),
        draft: text(),
        fault: Some(text()),
        json: format!("{{\"subject\":\"{HOSTILE}\"}}"),
    };
    let entry = InboxEntry {
        subject: text(),
        from: text(),
        lang: "en".into(),
        url: "/x".into(),
        current: true,
    };
    let inbox = InboxPage {
        texts,
        person: text(),
        languages: shell(tag).languages,
        tickets: vec![entry],
        more: Some("/x".into()),
        open: Some(open),
    };
    let empty = InboxPage {
        tickets: vec![],
        open: None,
        ..inbox.clone()
    };
    let languages = vec![("en".to_owned(), "English".to_owned())];
    let ticket = TicketPage::new(texts, &[text()], (text(), text()), languages);
    vec![inbox.render(), empty.render(), ticket.render()]
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
            // The only script of a page is a module of ours by its address.
            let page = page.replace("<script type=\"module\" src=\"/assets/", "");
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
        include_str!("../../templates/sign_in.html"),
        include_str!("../../templates/start.html"),
        include_str!("../../templates/ticket.html"),
        include_str!("../../templates/inbox.html"),
    ] {
        let named = template
            .split(".t(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        for key in named.chain(["customer", "agent", "system"]) {
            assert_ne!(shell("en").t(key), key, "{key}");
        }
    }
}
