//! What stands around the pages of a portal.

use super::language::{interface_languages, name_of};
use kb_domain::{Action, Locale, Portal, Viewer};
use kb_pages::{Language, RailLink, Shell, StaffShell, Texts};

/// The pages of the console: address, the key of its name, its icon, and the right that it needs.
const CONSOLE: [(&str, &str, &str, Action); 4] = [
    ("/console/comments", "comments", "chat", Action::Moderate),
    ("/console/people", "people-title", "people", Action::People),
    ("/console/keys", "keys-title", "key", Action::Configure),
    (
        "/console/connections",
        "connections-title",
        "link",
        Action::Configure,
    ),
];

/// The shell of a page of the console, with the way to every other one that the viewer may see; `here` is the address of the one that
/// it belongs to.
pub fn console_shell(viewer: &Viewer, texts: Texts, title: &str, here: &str) -> StaffShell {
    let open = CONSOLE.iter().filter(|(.., right)| viewer.may(*right));
    let rail = open.map(|(url, name, icon, _)| RailLink {
        url: format!("{url}?locale={}", texts.tag()),
        name: texts.t(name),
        icon,
        current: *url == here,
    });
    StaffShell {
        texts,
        title: title.to_owned(),
        person: Some(viewer.name.clone()),
        languages: interface_languages(texts, |tag| format!("{here}?locale={tag}")),
        rail: rail.collect(),
    }
}

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
