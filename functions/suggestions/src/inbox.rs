//! `/agent/inbox`: the demo's ticket list with a conversation, a reply box and the sidebar in a frame.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use kb_actions::{Error, tickets};
use kb_domain::{Action, Author, ErrorKind, Message, Resource, Ticket};
use kb_http::{Caller, Deps, Rejection, failed_page, interface_locale, page, see_other};
use kb_pages::{
    InboxEntry, InboxMessage, InboxPage, Language, MessagePage, OpenTicket, Shell, StaffShell,
    Texts, date,
};
use serde::Deserialize;
use serde_json::json;

/// The system that the demo's tickets live in.
const SYSTEM: &str = "demo";
/// Tickets on one page of the list.
const PAGE: usize = 50;
/// Name of the list, for its cursors.
const LIST: &str = "inbox";

#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    locale: Option<String>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Reply {
    text: String,
    author: Author,
}

pub(crate) async fn list(
    state: State<Deps>,
    caller: Caller,
    headers: HeaderMap,
    asked: Query<Asked>,
) -> Result<Response, Rejection> {
    show(state, caller, headers, asked, None).await
}

pub(crate) async fn one(
    state: State<Deps>,
    caller: Caller,
    headers: HeaderMap,
    asked: Query<Asked>,
    Path(id): Path<String>,
) -> Result<Response, Rejection> {
    show(state, caller, headers, asked, Some(id)).await
}

async fn show(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
    id: Option<String>,
) -> Result<Response, Rejection> {
    let locale = interface_locale(asked.locale.as_deref(), &headers, &Texts::locales())?;
    let texts = Texts::of(&locale);
    if !deps.settings.demo {
        return Err(Error::NotFound(Resource::Page).into());
    }
    if !ctx.viewer.may(Action::SeeTickets) {
        return Ok(stranger(
            texts,
            ctx.viewer.user().map(|_| ctx.viewer.name.as_str()),
        ));
    }
    let cursor = match asked.cursor {
        None => None,
        Some(cursor) => Some(deps.cursors.open(LIST, &cursor).await?),
    };
    let (found, next) = tickets::list(&deps.kb, &ctx, SYSTEM, PAGE, cursor).await?;
    let open = match &id {
        None => found.first().map(|t| t.value.clone()),
        Some(id) => match tickets::read(&deps.kb, &ctx, SYSTEM, id).await {
            Ok(ticket) => Some(ticket.value),
            Err(Error::NotFound(_)) => return Ok(absent(texts)),
            Err(error) => return Err(error.into()),
        },
    };
    let more = match next {
        None => None,
        Some(next) => Some(deps.cursors.seal(LIST, &next).await?),
    };
    let address = |id: &str, tag: &str| format!("/agent/inbox/{}?locale={tag}", encoded(id));
    let shown = open.as_ref().map(|t| t.id.clone());
    let here = |tag: &str| {
        shown.as_ref().map_or_else(
            || format!("/agent/inbox?locale={tag}"),
            |id| address(id, tag),
        )
    };
    let languages = Texts::LANGUAGES.map(|(tag, name)| Language {
        tag: tag.to_owned(),
        name: name.to_owned(),
        url: here(tag),
        current: tag == texts.tag(),
    });
    let entry = |ticket: &Ticket| InboxEntry {
        subject: subject(ticket),
        from: ticket.recipients.first().cloned().unwrap_or_default(),
        lang: lang(ticket),
        url: address(&ticket.id, texts.tag()),
        current: Some(&ticket.id) == shown.as_ref(),
    };
    Ok(page(
        InboxPage {
            shell: StaffShell {
                texts,
                title: texts.t("inbox-title"),
                person: Some(ctx.viewer.name.clone()),
                languages: languages.into(),
            },
            tickets: found.iter().map(|t| entry(&t.value)).collect(),
            more: more.map(|c| format!("/agent/inbox?locale={}&cursor={c}", texts.tag())),
            open: open.map(|ticket| opened(&ticket, texts)),
        }
        .render(),
    ))
}

/// `POST /agent/inbox/{id}`: adds a message to the conversation, as the agent or, to see what changes, as the customer.
pub(crate) async fn reply(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Form(reply): Form<Reply>,
) -> Result<Response, Rejection> {
    if !deps.settings.demo {
        return Err(Error::NotFound(Resource::Page).into());
    }
    if reply.text.trim().is_empty() {
        tickets::read(&deps.kb, &ctx, SYSTEM, &id).await?;
    } else {
        let message = Message {
            author: reply.author,
            text: reply.text.replace("\r\n", "\n"),
            at: Some(ctx.now),
        };
        tickets::reply(&deps.kb, &ctx, (SYSTEM, &id), message).await?;
    }
    let locale = asked.locale.unwrap_or_default();
    let there = format!("/agent/inbox/{}?locale={}", encoded(&id), encoded(&locale));
    Ok(see_other(&there, None))
}

/// The page for those who are not signed in, or may not see tickets.
fn stranger(texts: Texts, person: Option<&str>) -> Response {
    let shell = Shell {
        person: person.map(str::to_owned),
        door: true,
        ..Shell::plain(texts, &texts.t("inbox-title"))
    };
    page(
        MessagePage {
            shell,
            text: texts.t("agents-only"),
            request: None,
        }
        .render(),
    )
}

/// The page for a ticket that is not there.
fn absent(texts: Texts) -> Response {
    let page = MessagePage {
        shell: Shell::plain(texts, &texts.t("not-found-title")),
        text: texts.t("sidebar-no-such-ticket"),
        request: None,
    };
    failed_page(page.render(), ErrorKind::NotFound)
}

fn opened(ticket: &Ticket, texts: Texts) -> OpenTicket {
    let first = Message {
        author: Author::Customer,
        text: ticket.description.clone(),
        at: None,
    };
    let messages = std::iter::once(&first)
        .filter(|m| !m.text.is_empty())
        .chain(&ticket.messages);
    OpenTicket {
        subject: subject(ticket),
        lang: lang(ticket),
        recipients: ticket.recipients.clone(),
        messages: messages
            .map(|m| InboxMessage {
                author: match m.author {
                    Author::Customer => "customer",
                    Author::Agent => "agent",
                    Author::System => "system",
                },
                at: m.at.map(|at| (at.to_string(), date(at, texts))),
                lines: m.text.lines().map(str::to_owned).collect(),
            })
            .collect(),
        reply: format!(
            "/agent/inbox/{}?locale={}",
            encoded(&ticket.id),
            texts.tag()
        ),
        json: json!(ticket).to_string(),
    }
}

fn subject(ticket: &Ticket) -> String {
    let text = [&ticket.subject, &ticket.description]
        .into_iter()
        .chain(ticket.messages.iter().map(|m| &m.text))
        .find(|t| !t.trim().is_empty());
    let text: String = text.map_or_else(|| ticket.id.clone(), |t| t.chars().take(80).collect());
    text.lines().next().unwrap_or_default().to_owned()
}

fn lang(ticket: &Ticket) -> String {
    ticket
        .locale
        .as_ref()
        .map_or_else(|| "en".to_owned(), ToString::to_string)
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
