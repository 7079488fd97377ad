//! What there is for programs. It is for programmers and in their language, as the API is.

use crate::shell::Shell;
use askama::Template;

/// One operation.
#[derive(Clone, Debug)]
pub struct ApiLine {
    /// The method.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Who may call it.
    pub callers: String,
}

/// Every operation of the API, with how to call it.
#[derive(Clone, Template)]
#[template(path = "reader/api.html")]
pub struct ApiPage {
    /// Around it.
    pub shell: Shell,
    /// The address of this server, for the samples.
    pub server: String,
    /// The operations.
    pub operations: Vec<ApiLine>,
}

#[cfg(test)]
pub(super) fn samples(tag: &str) -> Vec<askama::Result<String>> {
    use crate::samples::{shell, text};

    let line = ApiLine {
        method: "GET".into(),
        path: "/api/v1/articles/{article}",
        summary: "An article",
        callers: text(),
    };
    let page = ApiPage {
        shell: shell(tag),
        server: text(),
        operations: vec![line],
    };
    vec![page.render()]
}
