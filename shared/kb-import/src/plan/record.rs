//! One line of a JSONL file as an article.

use super::Asked;
use super::text::shown;
use super::title::{fitting, without_heading};
use crate::access::{self, marks};
use crate::fields::{text_of, texts_of};
use crate::jsonl::Record;
use crate::language;
use crate::layout;
use crate::said::Said;
use kb_actions::import::{Folder, Item};
use kb_domain::{Body, BodyFormat, Locale};

/// The name of the category for articles that name none.
const ROOT: &str = "general";

/// A line as an article.
pub fn from_record(record: Record, asked: &Asked) -> Item {
    let Record { id, fields } = record;
    let said = Said::of(&fields, "");
    let mut warnings = said.warnings.clone();
    let text = |names: &[&str]| {
        let mut found = fields.all(names).filter_map(|(_, value)| text_of(value));
        found.next()
    };
    let html = text(&["html", "bodyhtml"]);
    let body = text(&["body", "text", "content"]);
    if html.is_some() && body.is_some() {
        warnings.push("html: there is a body, too; the HTML was taken".to_owned());
    }
    let (format, source) = match (html, body) {
        (Some(html), _) => (BodyFormat::Html, html),
        (None, body) => (
            format(text(&["format", "bodyformat"]), &mut warnings),
            body.unwrap_or_default(),
        ),
    };
    let made_up = said.title.is_none();
    let title = said
        .title
        .unwrap_or_else(|| without_heading("", format, &source));
    let (title, cut) = fitting(&title);
    warnings.extend(cut);
    let mut access = access::judge(&fields, asked.now);
    access.add(marks::in_text(&source, &title, asked.now));
    let (plain, pictures) = shown(format, &source);
    if plain.trim().is_empty() && !pictures && !made_up {
        access.forbid("it has a title and no text".to_owned());
    }
    warnings.extend(access.warnings.clone());
    warnings.extend(
        access
            .reasons
            .iter()
            .map(|reason| format!("kept as a draft: {reason}")),
    );
    let mut notes = Vec::new();
    let locale = said.locale.or_else(|| {
        let seen =
            language::seen(&format!("{title} {plain}")).filter(|_| asked.locale.is_none())?;
        if seen.locale != Locale::en() {
            notes.push(format!(
                "taken for {} by its text, {}% sure",
                seen.locale, seen.sure
            ));
        }
        Some(seen.locale)
    });
    let path = fields
        .all(&["path", "folders", "breadcrumbs", "breadcrumb"])
        .next();
    let path = path.map_or_else(Vec::new, |(_, value)| texts_of(value, &[',']));
    Item {
        name: id.clone(),
        external_id: id,
        known_as: Vec::new(),
        locale,
        folders: folders(&path),
        title,
        summary: said.summary.unwrap_or_default(),
        body: Body { format, source },
        kind: said.kind,
        article_type: said.article_type,
        labels: said.labels,
        audience: access.audience,
        redirects: said.redirects,
        position: said.weight.map(|weight| crate::order::ranks(&[weight])[0]),
        order: None,
        draft: !access.reasons.is_empty(),
        pictures,
        warnings,
        notes,
        portal: None,
        origin: None,
    }
}

fn format(said: Option<String>, warnings: &mut Vec<String>) -> BodyFormat {
    let word = said.map(|word| word.trim().to_lowercase());
    match word.as_deref() {
        None | Some("text" | "txt" | "plain" | "text/plain") => BodyFormat::Text,
        Some("markdown" | "md" | "text/markdown" | "mdx" | "gfm") => BodyFormat::Markdown,
        Some("html" | "htm" | "text/html") => BodyFormat::Html,
        Some(other) => {
            warnings.push(format!(
                "format: \"{other}\" is none of text, markdown, html; it was taken for text"
            ));
            BodyFormat::Text
        }
    }
}

fn folders(path: &[String]) -> Vec<Folder> {
    let spelled = match path {
        [] => vec![ROOT.to_owned(), ROOT.to_owned()],
        [one] => vec![one.clone(), one.clone()],
        many => many.to_vec(),
    };
    let folder = |depth: usize| Folder {
        external: spelled[..depth].join("/"),
        name: layout::display_name(&spelled[depth - 1]),
        summary: None,
        others: Vec::new(),
        position: None,
        language: None,
    };
    (1..=spelled.len()).map(folder).collect()
}
