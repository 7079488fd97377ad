//! What stands around the pages of a portal.

use super::language::name_of;
use kb_domain::{Locale, Portal, Viewer};
use kb_pages::{Language, Shell, Texts};

/// The shell of a page of a portal; `url_in` returns the address of the same page in another language.
pub fn portal_shell(
    viewer: &Viewer,
    portal: &Portal,
    locale: &Locale,
    title: &str,
    url_in: impl Fn(&Locale) -> String,
) -> Shell {
    let languages = portal.locales.iter().map(|offered| Language {
        tag: offered.to_string(),
        name: name_of(offered),
        url: url_in(offered),
        current: offered == locale,
    });
    let home = format!("/{}/{locale}/", portal.handle);
    Shell {
        texts: Texts::of(locale),
        title: title.to_owned(),
        portal: portal.name_in(locale).to_owned(),
        search: format!("{home}search"),
        home,
        query: String::new(),
        languages: languages.collect(),
        person: viewer.user().map(|_| viewer.name.clone()),
        door: true,
    }
}
