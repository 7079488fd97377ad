//! Fields of forms, as they were entered and with what is wrong with them.

/// A field that one writes in.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// What stands in it.
    pub value: String,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// One of several things to choose.
#[derive(Clone, Debug)]
pub struct Pick {
    /// What the form sends.
    pub value: String,
    /// What it is called.
    pub text: String,
    /// What it means; empty where the name says it.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{Field, Pick};
    use crate::samples::text;

    pub(crate) fn wrong() -> Field {
        Field {
            value: text(),
            fault: Some(text()),
        }
    }

    pub(crate) fn picks() -> Vec<Pick> {
        let pick = |n: u8, chosen| Pick {
            value: format!("v{n}"),
            text: text(),
            hint: if chosen { text() } else { String::new() },
            chosen,
        };
        vec![pick(1, true), pick(2, false)]
    }
}
