//! Icons, drawn into the page: a page loads no file for them, and they take the color of the text beside them.

use std::fmt;

/// The icons in use, each on a line of its own, on a grid of 20 pixels.
const SHEET: &str = include_str!("../assets/icons.svg");

/// What a sheet's line begins with, up to the name of the icon.
const SYMBOL: &str = "<symbol id=\"";
const SHAPES: &str = "\" viewBox=\"0 0 20 20\">";

/// An icon. It is decoration: the word beside it says what it means.
pub(crate) struct Icon {
    class: &'static str,
    shapes: &'static str,
}

/// The icon of this name; a name that the sheet lacks is a fault of the template, and the tests find it.
pub(crate) fn icon(name: &str) -> Icon {
    let found = icons().find(|(known, _)| *known == name);
    Icon {
        class: "i",
        shapes: found.map_or("", |(_, shapes)| shapes),
    }
}

impl Icon {
    /// Larger and thinner, for tiles.
    pub(crate) fn big(self) -> Self {
        Self {
            class: "i big",
            ..self
        }
    }

    /// Turned around where one reads from right to left.
    pub(crate) fn flip(self) -> Self {
        Self {
            class: "i flip",
            ..self
        }
    }
}

impl askama::filters::HtmlSafe for Icon {}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, shapes } = self;
        write!(
            f,
            "<svg class=\"{class}\" viewBox=\"0 0 20 20\" aria-hidden=\"true\">{shapes}</svg>"
        )
    }
}

fn icons() -> impl Iterator<Item = (&'static str, &'static str)> {
    SHEET.lines().filter_map(|line| {
        let symbol = line.strip_prefix(SYMBOL)?;
        symbol.strip_suffix("</symbol>")?.split_once(SHAPES)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::templates;
    use std::collections::BTreeSet;

    #[test]
    fn the_sheet_holds_the_icons_that_templates_draw_and_no_other() {
        let drawn: BTreeSet<String> = templates()
            .iter()
            .flat_map(|(_, template)| template.split("icon(\"").skip(1))
            .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
            .collect();
        let known: BTreeSet<String> = icons().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(drawn, known);
    }
}
