//! The Help Center's answers.

use super::answer::{Answer, good, refuse};
use super::paging::PAGING;
use super::says::Says;
use super::state::Article;
use super::{Asked, FakeZendesk, Lie, absent};
use serde_json::{Value, json};

/// Articles on a page of the export.
const EXPORT_PAGE: usize = 1_000;
const YEAR: i64 = 366 * 86_400;

impl FakeZendesk {
    pub(super) fn help_center(&self, asked: &Asked, path: &str) -> Result<Answer, Answer> {
        if asked.method != http::Method::GET {
            return Err(refuse(405, "MethodNotAllowed", "it is read only here"));
        }
        if self.says().lies.contains(&Lie::GoodError) {
            return Ok(good(
                json!({"error": "InternalError", "description": "it went wrong"}),
            ));
        }
        let list = |more: &[&str]| asked.demand_only(&[&PAGING[..], more].concat());
        let parts: Vec<&str> = path.split('/').collect();
        match parts[..] {
            ["locales"] => {
                asked.demand_only(&[])?;
                let languages = self.state().languages.clone();
                Ok(good(
                    json!({"locales": languages, "default_locale": languages.first()}),
                ))
            }
            ["categories"] => {
                list(&["include", "sort_by", "sort_order"])?;
                let with_texts = includes(asked, &["translations"])?;
                self.paged(asked, "categories", self.categories(with_texts))
            }
            ["sections"] => {
                list(&["include", "sort_by", "sort_order"])?;
                let with_texts = includes(asked, &["translations", "categories", "users"])?;
                self.paged(asked, "sections", self.sections(with_texts))
            }
            ["user_segments"] => {
                list(&["built_in"])?;
                self.paged(asked, "user_segments", self.segments())
            }
            ["articles"] => {
                list(&["include", "sort_by", "sort_order", "label_names"])?;
                let with_texts =
                    includes(asked, &["translations", "sections", "categories", "users"])?;
                self.paged(asked, "articles", self.articles(with_texts))
            }
            ["incremental", "articles"] => self.export(asked),
            ["articles", id] => {
                asked.demand_only(&["include"])?;
                let with_texts =
                    includes(asked, &["translations", "sections", "categories", "users"])?;
                let says = self.says();
                let article =
                    self.of_article(id, |number, a| says.article(number, a, with_texts))?;
                Ok(good(json!({"article": article})))
            }
            ["articles", id, "translations"] => {
                list(&[])?;
                let says = self.says();
                let texts = self.of_article(id, |number, article| says.texts(number, article))?;
                let numbered = (1..).zip(texts).collect();
                self.paged(asked, "translations", numbered)
            }
            ["articles", id, "attachments"] => {
                list(&[])?;
                let says = self.says();
                let files = self.of_article(id, |number, article| says.files(number, article))?;
                let numbered = (1..).zip(files).collect();
                self.paged(asked, "article_attachments", numbered)
            }
            _ => Err(absent()),
        }
    }

    /// What is said of an article that is in use.
    fn of_article<A>(&self, id: &str, say: impl FnOnce(u64, &Article) -> A) -> Result<A, Answer> {
        let number: u64 = id.parse().map_err(|_| absent())?;
        let state = self.state();
        let article = state.articles.get(&number).filter(|a| !a.is_archived);
        article
            .map(|article| say(number, article))
            .ok_or_else(absent)
    }

    /// What changed since a second, the oldest first; a page of it, and where it ends.
    fn export(&self, asked: &Asked) -> Result<Answer, Answer> {
        asked.demand_only(&["start_time", "include"])?;
        let with_texts = includes(asked, &["users", "sections", "categories", "translations"])?;
        let start = asked
            .parameter("start_time")
            .and_then(|t| t.parse::<i64>().ok());
        let start = start
            .ok_or_else(|| refuse(400, "InvalidParameter", "start_time is a number of seconds"))?;
        let says = self.says();
        let state = self.state();
        let in_use = state.articles.iter().filter(|(_, a)| !a.is_archived);
        let mut changed: Vec<(&u64, &Article)> = in_use
            .filter(|(_, a)| a.changed_at.unix_seconds() >= start)
            .collect();
        changed.sort_by_key(|(number, article)| (article.changed_at, **number));
        changed.truncate(EXPORT_PAGE);
        let end = changed
            .last()
            .map_or(start, |(_, a)| a.changed_at.unix_seconds());
        let end = match () {
            () if says.lies.contains(&Lie::EndAhead) => end + YEAR,
            () if says.lies.contains(&Lie::EndBack) => start - 86_400,
            () => end,
        };
        let articles = changed
            .iter()
            .map(|(number, article)| says.article(**number, article, with_texts));
        let path = format!("/api/v2/help_center/incremental/articles.json?start_time={end}");
        Ok(good(json!({
            "articles": articles.collect::<Vec<_>>(),
            "count": changed.len(),
            "end_time": end,
            "next_page": self.address(&path),
        })))
    }

    /// Everything in use that a listing has, by number.
    fn articles(&self, with_texts: bool) -> Vec<(u64, Value)> {
        let says = self.says();
        let half = says.lies.contains(&Lie::HalfListed);
        let state = self.state();
        let in_use = state.articles.iter().filter(|(_, a)| !a.is_archived);
        let listed = in_use.enumerate().filter(|(n, _)| !half || n % 2 == 0);
        let said = listed.map(|(_, (number, a))| (*number, says.article(*number, a, with_texts)));
        said.collect()
    }

    fn categories(&self, with_texts: bool) -> Vec<(u64, Value)> {
        let says = self.says();
        let state = self.state();
        let all = state.categories.iter();
        all.map(|(number, c)| (*number, says.category(*number, c, with_texts)))
            .collect()
    }

    fn sections(&self, with_texts: bool) -> Vec<(u64, Value)> {
        let says = self.says();
        let state = self.state();
        let all = state.sections.iter();
        all.map(|(number, s)| (*number, says.section(*number, s, with_texts)))
            .collect()
    }

    fn segments(&self) -> Vec<(u64, Value)> {
        let state = self.state();
        let all = state.segments.iter();
        all.map(|(number, s)| (*number, Says::segment(*number, s)))
            .collect()
    }

    fn says(&self) -> Says {
        let state = self.state();
        Says {
            host: self.host(),
            language: state.languages.first().cloned().unwrap_or_default(),
            lies: state.skies.lies.clone(),
        }
    }
}

/// Whether texts are to stand beside things. Errors: something else is to that is not known.
fn includes(asked: &Asked, known: &[&str]) -> Result<bool, Answer> {
    let asked = asked.parameter("include").unwrap_or_default();
    let words: Vec<&str> = asked.split(',').filter(|w| !w.is_empty()).collect();
    match words.iter().find(|word| !known.contains(word)) {
        Some(word) => Err(refuse(
            400,
            "InvalidParameter",
            &format!("{word} cannot be included"),
        )),
        None => Ok(words.contains(&"translations")),
    }
}
