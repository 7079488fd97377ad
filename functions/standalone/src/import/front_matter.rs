//! The YAML block at the top of a Markdown file.

use kb_domain::{ArticleType, Audience, Kind};
use serde::Deserialize;

/// What a block may say about its article; keys that are not known are left alone, they belong to other programs.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub struct FrontMatter {
    /// The title.
    pub title: Option<String>,
    /// One or two sentences.
    #[serde(alias = "description")]
    pub summary: Option<String>,
    /// The article's type.
    #[serde(rename = "type")]
    pub article_type: Option<String>,
    /// The kind of knowledge.
    pub kind: Option<String>,
    /// Who may read it, in the short form.
    pub audience: Option<String>,
    /// Labels.
    pub labels: OneOrMany,
    /// Labels under the name that other programs use.
    #[serde(alias = "keywords")]
    pub tags: OneOrMany,
    /// Addresses it had before.
    #[serde(alias = "redirects")]
    pub redirect_from: OneOrMany,
    /// Its place among its siblings.
    #[serde(alias = "nav_order", alias = "weight", alias = "order")]
    pub position: Option<u32>,
    /// Not to be published.
    pub draft: bool,
}

/// A list, or one text with commas.
#[derive(Debug, Default, PartialEq)]
pub struct OneOrMany(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Many(Vec<Option<String>>),
            One(String),
            Nothing(()),
        }
        Ok(Self(match Either::deserialize(deserializer)? {
            Either::Many(list) => list.into_iter().flatten().collect(),
            Either::One(text) => text
                .split(',')
                .map(|t| t.trim().to_owned())
                .filter(|t| !t.is_empty())
                .collect(),
            Either::Nothing(()) => Vec::new(),
        }))
    }
}

impl FrontMatter {
    /// The type it names. Errors: a type that is no slug.
    pub fn article_type(&self) -> Result<Option<ArticleType>, String> {
        self.article_type
            .as_deref()
            .map(|t| t.parse().map_err(|e| format!("front matter: type: {e}")))
            .transpose()
    }

    /// The kind it names. Errors: none of the three.
    pub fn kind(&self) -> Result<Option<Kind>, String> {
        self.kind
            .as_deref()
            .map(|word| {
                Kind::ALL
                    .into_iter()
                    .find(|k| k.as_str() == word)
                    .ok_or_else(|| {
                        format!(
                            "front matter: kind: \"{word}\" is none of explicit, implicit, tacit"
                        )
                    })
            })
            .transpose()
    }

    /// The audience it names. Errors: not of the short form.
    pub fn audience(&self) -> Result<Option<Audience>, String> {
        self.audience
            .as_deref()
            .map(|a| a.parse().map_err(|e| format!("front matter: {e}")))
            .transpose()
    }

    /// Labels and tags together, each once, tidied to what a label may be.
    pub fn labels(&self) -> Vec<String> {
        tidy_labels(self.labels.0.iter().chain(&self.tags.0))
    }
}

/// Labels as the domain wants them: no commas, no control characters, at most 80 characters, each once, at most 50.
pub fn tidy_labels<'a>(labels: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut tidy: Vec<String> = Vec::new();
    for label in labels {
        let clean: String = label
            .chars()
            .map(|c| if c == ',' || c.is_control() { ' ' } else { c })
            .collect();
        let clean: String = clean.trim().chars().take(80).collect();
        let clean = clean.trim_end().to_owned();
        if !clean.is_empty() && !tidy.contains(&clean) && tidy.len() < 50 {
            tidy.push(clean);
        }
    }
    tidy
}

/// The block and the text below it. A file without a block has an empty one. Errors: the block is not YAML of this form;
/// the sentence names the line.
pub fn split(text: &str) -> Result<(FrontMatter, &str), String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(rest) = text
        .strip_prefix("---\n")
        .or_else(|| text.strip_prefix("---\r\n"))
    else {
        return Ok((FrontMatter::default(), text));
    };
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            let block = &rest[..at];
            let body = &rest[at + line.len()..];
            if block.trim().is_empty() {
                return Ok((FrontMatter::default(), body));
            }
            return serde_saphyr::from_str(block)
                .map(|front| (front, body))
                .map_err(|e| format!("front matter: {}", first_line(&e.to_string())));
        }
        at += line.len();
    }
    // A rule at the top of a text that is never closed is a rule.
    Ok((FrontMatter::default(), text))
}

fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read_and_the_rest_is_the_body() {
        let (front, body) = split(
            "---\ntitle: \"Reset: your password\"\nlabels: [product:vpn, howto]\ntags: a, b\nkind: implicit\naudience: segment:hr\nredirect_from:\n  - /old/\nunknown: {x: 1}\n---\n# Body\n",
        )
        .unwrap();
        assert_eq!(front.title.as_deref(), Some("Reset: your password"));
        assert_eq!(front.labels(), ["product:vpn", "howto", "a", "b"]);
        assert_eq!(front.redirect_from.0, ["/old/"]);
        assert_eq!(front.kind().unwrap(), Some(Kind::Implicit));
        assert!(front.audience().unwrap().is_some());
        assert_eq!(body, "# Body\n");
    }

    #[test]
    fn no_block_an_empty_block_and_an_open_one_leave_the_text_alone() {
        assert_eq!(split("# A\n").unwrap().1, "# A\n");
        assert_eq!(split("---\n---\n# A\n").unwrap().1, "# A\n");
        assert_eq!(
            split("---\ntext without an end\n").unwrap().1,
            "---\ntext without an end\n"
        );
    }

    #[test]
    fn a_block_that_is_no_yaml_is_an_error_and_so_is_an_unknown_audience() {
        assert!(split("---\ntitle: [unclosed\n---\nx").is_err());
        let (front, _) = split("---\naudience: everyone\nkind: vague\n---\nx").unwrap();
        assert!(front.audience().is_err());
        assert!(front.kind().is_err());
    }
}
