//! `/agent/inbox`: the demo's ticket list with a conversation, a reply box and the sidebar in a frame.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use kb_actions::{Error, RequestContext, tickets};
use kb_domain::{Action, Author, FieldError, Message, Resource, Ticket};
use kb_http::route::{form, page};
use kb_http::{
    Api, At, Caller, Deps, Entered, Form, Interface, PageError, Rejection, StrictQuery, field_text,
    interface_languages, refused_page, see_other,
};
use kb_pages::{InboxEntry, InboxMessage, InboxPage, OpenTicket, StaffShell, Texts, date};
use serde::Deserialize;
use serde_json::json;

const INBOX: &str = "/agent/inbox";
const TICKET: &str = "/agent/inbox/{ticket}";
/// The system that the demo's tickets live in.
const SYSTEM: &str = "demo";
/// Tickets on one page of the list.
const PAGE: usize = 50;
/// Name of the list, for its cursors.
const LIST: &str = "inbox";

pub(crate) fn routes() -> Api {
    Api::new()
        .with(
            page(INBOX, list)
                .needs(Action::SeeTickets)
                .doc("The demo's tickets"),
        )
        .with(
            page(TICKET, read)
                .needs(Action::SeeTickets)
                .doc("A ticket of the demo with its suggestions"),
        )
        .with(
            form(TICKET, reply)
                .needs(Action::SeeTickets)
                .doc("Add a message to a ticket of the demo"),
        )
}

#[derive(Deserialize)]
struct InboxQuery {
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct Reply {
    text: String,
    author: Author,
}

/// A reply that was not taken, to be shown again with what is wrong.
struct Refused {
    entered: Entered,
    faults: Vec<FieldError>,
}

async fn list(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    StrictQuery(query): StrictQuery<InboxQuery>,
) -> Result<Response, PageError> {
    let mut page = listed(&deps, &ctx, texts, query.cursor.as_deref()).await?;
    if let Some(first) = page.1.first().cloned() {
        show(&mut page.0, &first, None);
    }
    Ok(kb_http::page(page.0.render()))
}

async fn read(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At(id): At<String>,
    StrictQuery(query): StrictQuery<InboxQuery>,
) -> Result<Response, PageError> {
    let (mut page, _) = listed(&deps, &ctx, texts, query.cursor.as_deref()).await?;
    let ticket = tickets::read(&deps.kb, &ctx, SYSTEM, &id).await?.value;
    show(&mut page, &ticket, None);
    Ok(kb_http::page(page.render()))
}

/// Adds a message to the conversation, as the agent or, to see what changes, as the customer.
async fn reply(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    At(id): At<String>,
    Form { sent, entered }: Form<Reply>,
) -> Result<Response, PageError> {
    demo_only(&deps)?;
    let faults = match sent {
        Err(faults) => faults,
        Ok(reply) if reply.text.trim().is_empty() => vec![empty()],
        Ok(reply) => match add(&deps, &ctx, &id, reply).await {
            Ok(()) => return Ok(see_other(&address(&id, texts.tag()), None)),
            Err(Error::Domain(kb_domain::Error::Fields(faults))) => faults,
            Err(error) => return Err(error.into()),
        },
    };
    let ticket = tickets::read(&deps.kb, &ctx, SYSTEM, &id).await?.value;
    let (mut page, _) = listed(&deps, &ctx, texts, None).await?;
    show(&mut page, &ticket, Some(&Refused { entered, faults }));
    Ok(refused_page(page.render()))
}

async fn add(deps: &Deps, ctx: &RequestContext, id: &str, reply: Reply) -> Result<(), Error> {
    let message = Message {
        author: reply.author,
        text: reply.text.replace("\r\n", "\n"),
        at: Some(ctx.now),
    };
    tickets::reply(&deps.kb, ctx, (SYSTEM, id), message).await
}

fn empty() -> FieldError {
    FieldError {
        pointer: "/text".to_owned(),
        code: "required".to_owned(),
        detail: "write something first".to_owned(),
    }
}

fn demo_only(deps: &Deps) -> Result<(), Error> {
    if deps.settings.demo {
        Ok(())
    } else {
        Err(Error::NotFound(Resource::Page))
    }
}

/// The page with its list and nothing open, and the tickets of the list.
async fn listed(
    deps: &Deps,
    ctx: &RequestContext,
    texts: Texts,
    cursor: Option<&str>,
) -> Result<(InboxPage, Vec<Ticket>), Rejection> {
    demo_only(deps)?;
    let from = match cursor {
        None => None,
        Some(cursor) => Some(deps.cursors.open(LIST, cursor).await?),
    };
    let (found, next) = tickets::list(&deps.kb, ctx, SYSTEM, PAGE, from).await?;
    let more = match next {
        None => None,
        Some(next) => Some(deps.cursors.seal(LIST, &next).await?),
    };
    let tickets: Vec<Ticket> = found.into_iter().map(|t| t.value).collect();
    let page = InboxPage {
        shell: StaffShell {
            texts,
            title: texts.t("inbox-title"),
            person: Some(ctx.viewer.name.clone()),
            languages: interface_languages(texts, |tag| format!("{INBOX}?locale={tag}")),
            rail: Vec::new(),
        },
        tickets: tickets.iter().map(|t| entry(t, texts)).collect(),
        more: more.map(|c| format!("{INBOX}?locale={}&cursor={c}", texts.tag())),
        open: None,
    };
    Ok((page, tickets))
}

/// Opens a ticket on the page.
fn show(page: &mut InboxPage, ticket: &Ticket, refused: Option<&Refused>) {
    let texts = page.shell.texts;
    let here = address(&ticket.id, texts.tag());
    for entry in &mut page.tickets {
        entry.current = entry.url == here;
    }
    page.shell.languages = interface_languages(texts, |tag| address(&ticket.id, tag));
    page.open = Some(opened(ticket, texts, refused));
}

fn entry(ticket: &Ticket, texts: Texts) -> InboxEntry {
    InboxEntry {
        subject: subject(ticket),
        from: ticket.recipients.first().cloned().unwrap_or_default(),
        lang: lang(ticket),
        url: address(&ticket.id, texts.tag()),
        current: false,
    }
}

fn opened(ticket: &Ticket, texts: Texts, refused: Option<&Refused>) -> OpenTicket {
    let first = Message {
        author: Author::Customer,
        text: ticket.description.clone(),
        at: None,
    };
    let messages = std::iter::once(&first)
        .filter(|m| !m.text.is_empty())
        .chain(&ticket.messages);
    let faults = refused.map(|r| r.faults.as_slice()).unwrap_or_default();
    OpenTicket {
        subject: subject(ticket),
        lang: lang(ticket),
        recipients: ticket.recipients.clone(),
        messages: messages.map(|m| message(m, texts)).collect(),
        reply: address(&ticket.id, texts.tag()),
        draft: refused.map_or_else(String::new, |r| r.entered.get("text").to_owned()),
        fault: faults.first().map(|fault| field_text(texts, fault)),
        json: json!(ticket).to_string(),
    }
}

fn message(message: &Message, texts: Texts) -> InboxMessage {
    InboxMessage {
        author: match message.author {
            Author::Customer => "customer",
            Author::Agent => "agent",
            Author::System => "system",
        },
        at: message.at.map(|at| (at.to_string(), date(at, texts))),
        lines: message.text.lines().map(str::to_owned).collect(),
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

fn address(id: &str, tag: &str) -> String {
    let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
    format!("{INBOX}/{id}?locale={tag}")
}
