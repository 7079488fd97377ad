//! The desk's pages: its articles are edited, moved and archived here, and its weather is made.

use super::Desk;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kb_actions::Error;
use kb_connectors::demo::DESK;
use kb_connectors::fakes::zendesk::{NewText, Shown, Weather};
use kb_domain::{Action, FieldError, Resource};
use kb_http::route::{form, page};
use kb_http::{
    Api, Form, Interface, PageError, field_text, interface_languages, refused_page, see_other,
};
use kb_pages::{DeskArticlePage, DeskLine, DeskPage, Field, Pick, Shell, Texts};
use serde::Deserialize;

/// What it is like to call: the word of a form, the key of its text, and what it is.
const WEATHERS: [(&str, &str, Weather); 4] = [
    ("clear", "desk-clear", Weather::Clear),
    ("busy", "desk-busy", Weather::Busy(Some(60))),
    ("down", "desk-down", Weather::Down),
    ("silent", "desk-silent", Weather::Silent),
];

pub(super) fn routes(desk: &Desk) -> Api {
    let [shown, weather, article, changed] = [(); 4].map(|()| desk.clone());
    Api::new()
        .with(
            page("/demo/desk/", async move |Interface(texts): Interface| {
                kb_http::page(list(&shown, texts).render())
            })
            .needs(Action::Configure)
            .doc("The help desk inside the demo"),
        )
        .with(
            form(
                "/demo/desk/weather",
                async move |Interface(texts): Interface, sent: Form<SentWeather>| {
                    make_weather(&weather, texts, sent)
                },
            )
            .needs(Action::Configure)
            .doc("Change how the help desk inside the demo answers"),
        )
        .with(
            page(
                "/demo/desk/articles/{number}",
                async move |Interface(texts): Interface, Path(number): Path<String>| {
                    let found = find(&article, &number)?;
                    let page = one(&article, texts, &found, &[]);
                    Ok::<_, PageError>(kb_http::page(page.render()))
                },
            )
            .needs(Action::Configure)
            .doc("An article of the help desk inside the demo"),
        )
        .with(
            form(
                "/demo/desk/articles/{number}",
                async move |Interface(texts): Interface,
                            Path(number): Path<String>,
                            sent: Form<SentArticle>| {
                    change(&changed, texts, &number, sent)
                },
            )
            .needs(Action::Configure)
            .doc("Edit, move, archive or restore an article of the help desk inside the demo"),
        )
}

fn shell(texts: Texts, title: &str, here: &str) -> Shell {
    Shell {
        portal: texts.t("desk-of"),
        home: format!("{DESK}/?locale={}", texts.tag()),
        languages: interface_languages(texts, |tag| format!("{here}?locale={tag}")),
        ..Shell::plain(texts, title)
    }
}

fn list(Desk(desk): &Desk, texts: Texts) -> DeskPage {
    let (now, sections) = (desk.weather(), desk.shown_sections());
    let name = |number: u64| {
        let found = sections.iter().find(|(n, _)| *n == number);
        found.map_or_else(String::new, |(_, name)| name.clone())
    };
    let tag = texts.tag();
    let line = |article: Shown| DeskLine {
        url: format!("{DESK}/articles/{}?locale={tag}", article.number),
        title: article.title,
        section: name(article.section),
        archived: article.is_archived,
    };
    DeskPage {
        shell: shell(texts, &texts.t("desk-of"), &format!("{DESK}/")),
        url: DESK.to_owned(),
        connections: format!("/console/connections?locale={tag}"),
        weathers: WEATHERS
            .iter()
            .map(|(word, key, weather)| Pick {
                value: (*word).to_owned(),
                text: texts.t(key),
                hint: String::new(),
                chosen: *weather == now,
            })
            .collect(),
        grants: desk.grants().0.to_string(),
        articles: desk.shown_articles().into_iter().map(line).collect(),
    }
}

#[derive(Deserialize)]
struct SentWeather {
    weather: String,
}

fn make_weather(Desk(desk): &Desk, texts: Texts, sent: Form<SentWeather>) -> Response {
    let word = sent.sent.map(|s| s.weather).unwrap_or_default();
    if word == "revoke" {
        desk.revoke_grants();
    }
    if let Some((.., weather)) = WEATHERS.iter().find(|(known, ..)| *known == word) {
        desk.set_weather(*weather);
    }
    see_other(&format!("{DESK}/?locale={}", texts.tag()), None)
}

fn find(Desk(desk): &Desk, number: &str) -> Result<Shown, Error> {
    let mut all = desk.shown_articles().into_iter();
    let found = all.find(|a| a.number.to_string() == number);
    found.ok_or(Error::NotFound(Resource::Article))
}

fn one(Desk(desk): &Desk, texts: Texts, article: &Shown, faults: &[FieldError]) -> DeskArticlePage {
    let here = format!("{DESK}/articles/{}", article.number);
    let tag = texts.tag();
    DeskArticlePage {
        shell: shell(texts, &article.title, &here),
        url: format!("{here}?locale={tag}"),
        back: format!("{DESK}/?locale={tag}"),
        lang: article.language.clone(),
        title: Field {
            value: article.title.clone(),
            fault: faults.first().map(|fault| field_text(texts, fault)),
        },
        body: article.body.clone(),
        sections: desk
            .shown_sections()
            .into_iter()
            .map(|(number, name)| Pick {
                value: number.to_string(),
                text: name,
                hint: String::new(),
                chosen: number == article.section,
            })
            .collect(),
        archived: article.is_archived,
    }
}

#[derive(Deserialize)]
struct SentArticle {
    act: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    section: String,
}

fn change(
    desk: &Desk,
    texts: Texts,
    number: &str,
    sent: Form<SentArticle>,
) -> Result<Response, PageError> {
    let mut article = find(desk, number)?;
    let sent = sent.sent.map_err(kb_domain::Error::Fields);
    let sent = sent.map_err(Error::from)?;
    let Desk(fake) = desk;
    match sent.act.as_str() {
        "archive" => {
            fake.archive_article(article.number);
        }
        "restore" => {
            fake.restore_article(article.number);
        }
        _ if sent.title.trim().is_empty() => {
            article.body = sent.body;
            article.title = String::new();
            let fault = FieldError {
                pointer: "/title".to_owned(),
                code: "required".to_owned(),
                detail: "a title".to_owned(),
            };
            let page = one(desk, texts, &article, &[fault]);
            return Ok(refused_page(page.render()));
        }
        _ => {
            let text = NewText::published(&article.language, sent.title.trim(), &sent.body);
            fake.edit_article(article.number, text);
            let known = |n: &u64| fake.shown_sections().iter().any(|(number, _)| number == n);
            let section = sent.section.parse().ok().filter(known);
            if let Some(section) = section.filter(|n| *n != article.section) {
                fake.move_article(article.number, section);
            }
        }
    }
    let to = format!("{DESK}/articles/{number}?locale={}", texts.tag());
    Ok(see_other(&to, None))
}
