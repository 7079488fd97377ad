//! What levels, roles, scopes and states are called in the interface.

use kb_domain::{Area, Grant, Level, PersonState, Role};
use kb_pages::{Pick, Texts};
use kb_store::repo::KeyScope;

/// The levels that somebody can stand at, from the outside in.
pub(crate) const LEVELS: [(&str, Level); 4] = [
    ("public", Level::Public),
    ("customer", Level::Customer),
    ("employee", Level::Employee),
    ("agent", Level::Agent),
];
/// Every scope of a key, as a form sends it.
pub(crate) const SCOPES: [(&str, KeyScope); 7] = [
    ("read", KeyScope::Read),
    ("suggest", KeyScope::Suggest),
    ("write", KeyScope::Write),
    ("publish", KeyScope::Publish),
    ("moderate", KeyScope::Moderate),
    ("people", KeyScope::People),
    ("admin", KeyScope::Admin),
];

pub(crate) fn level(texts: Texts, level: Level) -> String {
    texts.t(match level {
        Level::Public => "level-public",
        Level::Customer => "level-customer",
        Level::Employee => "level-employee",
        Level::Agent => "level-agent",
    })
}

pub(crate) fn state(texts: Texts, state: PersonState) -> String {
    texts.t(match state {
        PersonState::Invited => "state-invited",
        PersonState::Active => "state-active",
        PersonState::Left => "state-left",
    })
}

pub(crate) fn role(texts: Texts, role: Role) -> String {
    texts.t(match role {
        Role::Agent => "role-agent",
        Role::Author => "role-author",
        Role::Editor => "role-editor",
        Role::Reviewer => "role-reviewer",
        Role::Publisher => "role-publisher",
        Role::Moderator => "role-moderator",
        Role::Analyst => "role-analyst",
        Role::PeopleAdmin => "role-people-admin",
        Role::Admin => "role-admin",
    })
}

fn scope(texts: Texts, scope: KeyScope) -> String {
    texts.t(match scope {
        KeyScope::Read => "scope-read",
        KeyScope::Suggest => "scope-suggest",
        KeyScope::Write => "scope-write",
        KeyScope::Publish => "scope-publish",
        KeyScope::Moderate => "scope-moderate",
        KeyScope::People => "scope-people",
        KeyScope::Admin => "scope-admin",
    })
}

/// Roles in a row; those that do not hold everywhere say so.
pub(crate) fn roles(texts: Texts, grants: &[Grant]) -> String {
    if grants.is_empty() {
        return texts.t("roles-none");
    }
    let named = grants.iter().map(|grant| match grant.area {
        Area::Everything => role(texts, grant.role),
        Area::Portal(_) => format!(
            "{} ({})",
            role(texts, grant.role),
            texts.t("role-in-portal")
        ),
    });
    named.collect::<Vec<_>>().join(&texts.t("reason-between"))
}

pub(crate) fn scopes<'a>(texts: Texts, of: impl IntoIterator<Item = &'a KeyScope>) -> String {
    let named: Vec<String> = of.into_iter().map(|s| scope(texts, *s)).collect();
    named.join(&texts.t("reason-between"))
}

/// Things to choose among, each with what the form sends.
pub(crate) fn picks<T: Copy>(
    of: &[(&str, T)],
    text: impl Fn(T) -> String,
    chosen: impl Fn(&str) -> bool,
) -> Vec<Pick> {
    let picks = of.iter().map(|(value, thing)| Pick {
        value: (*value).to_owned(),
        text: text(*thing),
        hint: String::new(),
        chosen: chosen(value),
    });
    picks.collect()
}

/// The scopes to choose among.
pub(crate) fn scope_picks(texts: Texts, chosen: impl Fn(&str) -> bool) -> Vec<Pick> {
    picks(&SCOPES, |s| scope(texts, s), chosen)
}
