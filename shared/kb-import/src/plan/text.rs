//! One file as a text: what it says about itself, its title, its body, its language.

use super::Asked;
use super::title::{Titled, fitting, titled};
use crate::access::{self, Access, marks, names};
use crate::encoding;
use crate::entry::{Entry, extension};
use crate::front_matter::{Split, split};
use crate::language::{self, Seen};
use crate::layout::{Layout, Place};
use crate::links;
use crate::page::{self, Page};
use crate::said::Said;
use kb_actions::import::Folder;
use kb_domain::{Body, BodyFormat, Locale};
use kb_text::document::{self, KeepLinks};

/// A file, read.
pub(super) struct Text {
    pub path: String,
    pub place: Place,
    /// The folders it stands in; filled in when all files are read.
    pub folders: Vec<Folder>,
    pub said: Said,
    pub access: Access,
    pub locale: Option<Locale>,
    pub title: String,
    /// Whether the title is no more than the name of the file.
    pub title_is_made_up: bool,
    pub body: Body,
    pub warnings: Vec<String>,
    pub notes: Vec<String>,
    /// Whether it shows pictures.
    pub pictures: bool,
    /// Its words, without markup.
    plain: String,
}

impl Text {
    /// Reads a file. Errors: it is no text.
    pub fn read(entry: &Entry, layout: &Layout, asked: &Asked) -> Result<Self, String> {
        let decoded = encoding::decode(&entry.bytes, asked.encoding)?;
        let format = match extension(&entry.path).as_str() {
            "html" | "htm" => BodyFormat::Html,
            "txt" => BodyFormat::Text,
            _ => BodyFormat::Markdown,
        };
        let front = split(&decoded.text);
        let place = layout.place(&entry.path);
        let page = match format {
            BodyFormat::Html => page::read(&front.body),
            _ => Page::default(),
        };
        let said = Said::of(&front.fields, "front matter: ");
        let mut warnings: Vec<String> = decoded
            .note
            .into_iter()
            .chain(front.warnings.clone())
            .collect();
        warnings.extend(said.warnings.clone());
        let mut source = front.body.trim_start_matches(['\n', '\r']).to_owned();
        if format == BodyFormat::Markdown {
            let (resolved, removed) =
                document::resolve_template_tags(&links::without_tags(&source));
            source = resolved;
            warnings.extend(removed.into_iter().map(|w| w.to_string()));
        }
        let said_title = said.title.as_deref();
        let Titled {
            title,
            body,
            made_up,
        } = titled(said_title, &page, format, source, &place.stem);
        let (title, cut) = fitting(&title);
        warnings.extend(cut);
        let access = judged(&front, &page, &title, entry, asked);
        warnings.extend(access.warnings.clone());
        let (plain, pictures) = shown(format, &body);
        let mut text = Self {
            path: entry.path.clone(),
            place,
            folders: Vec::new(),
            said,
            access,
            locale: None,
            title,
            title_is_made_up: made_up,
            body: Body {
                format,
                source: body,
            },
            warnings,
            notes: Vec::new(),
            pictures,
            plain,
        };
        text.locale = text.language(page.lang.as_deref(), asked);
        if text.is_empty() {
            text.access.forbid("it has a title and no text".to_owned());
        }
        Ok(text)
    }

    /// Whether there is nothing to read but a title.
    pub fn is_empty(&self) -> bool {
        self.plain.trim().is_empty()
    }

    /// The language it is written in; `None` where nothing says one.
    fn language(&mut self, of_page: Option<&str>, asked: &Asked) -> Option<Locale> {
        let told = self
            .said
            .locale
            .clone()
            .or_else(|| self.place.locale.clone());
        if told.is_some() {
            return told;
        }
        let words = format!("{} {}", self.title, self.plain);
        let seen = language::seen(&words);
        if let Some(told) = of_page.and_then(language::named) {
            // Templates of pages are copied with the language they say.
            return match seen {
                Some(seen) if seen.by_script && seen.locale.language() != told.language() => {
                    self.warnings.push(format!(
                        "the page says that it is {told}, and its letters are {}: {}% sure",
                        seen.locale, seen.sure
                    ));
                    Some(seen.locale)
                }
                _ => Some(told),
            };
        }
        if asked.locale.is_some() {
            return None;
        }
        let Seen { locale, sure, .. } = seen?;
        if locale != Locale::en() {
            let told = format!("taken for {locale} by its text, {sure}% sure");
            if sure < 80 {
                self.warnings
                    .push(format!("{told}; say it with --locale or in a `lang` line"));
            } else {
                self.notes.push(told);
            }
        }
        Some(locale)
    }
}

/// The words of a body without markup, and whether it shows pictures.
pub(super) fn shown(format: BodyFormat, body: &str) -> (String, bool) {
    if format == BodyFormat::Text {
        return (body.to_owned(), false);
    }
    let rendered = document::render(format, body, &KeepLinks);
    (rendered.plain, !rendered.images.is_empty())
}

/// What every sign says about readers.
fn judged(front: &Split, page: &Page, title: &str, entry: &Entry, asked: &Asked) -> Access {
    let mut access = access::judge(&front.fields, asked.now);
    access.add(access::judge_lines(&front.lines, asked.now));
    access.add(access::judge(&page.fields, asked.now));
    access.add(marks::in_text(&front.body, title, asked.now));
    if let Some(class) = &page.class {
        access.forbid(format!("its page is of class {class}"));
    }
    if let Some(reason) = names::kept_back(&entry.path) {
        access.forbid(reason);
    }
    access
}
