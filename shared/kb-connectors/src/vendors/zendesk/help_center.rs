//! The Help Center as a source of articles. Facts: the vendor's pages on articles, incremental export, pagination and translations.

use super::articles::{article, files, has_files, version};
use super::json::{as_id, id, list, missing, text};
use super::shape;
use crate::client::{Call, Reply, VendorClient};
use crate::port::{Change, ChangeFeed, Fault, KnowledgeSource, Next, Page, Since, State};
use async_trait::async_trait;
use kb_domain::Timestamp;
use kb_domain::remote::{Cursor, Gone, RemoteArticle, RemoteId, RemoteVersion, Shape};
use serde_json::Value;
use std::sync::Arc;

/// The allowance of the incremental export: ten calls a minute.
pub(super) const EXPORT: &str = "export";
/// Things on a page of their export; a page that has so many is full.
const EXPORT_PAGE: usize = 1_000;
/// How far behind the end of the export the cursor rests: what is written at one moment appears in another order.
const OVERLAP_SECONDS: i64 = 60;
/// Articles on a page of a listing: with texts in three languages each it stays far below what we read of an answer.
const LISTED_PAGE: usize = 50;
/// The largest page that they give.
const PAGE_MAX: usize = 100;
/// No list that is read whole has so many pages, but for one that never ends.
const PAGES_MAX: usize = 200;

const ARTICLES: &str = "api/v2/help_center/articles";

/// The Help Center of a connection.
pub(super) struct HelpCenter {
    client: Arc<dyn VendorClient>,
    /// Things on a page of the export.
    full: usize,
}

pub(super) fn one_category() -> Call {
    Call::get("api/v2/help_center/categories").with("page[size]", 1)
}

pub(super) fn one_segment() -> Call {
    Call::get("api/v2/help_center/user_segments").with("page[size]", 1)
}

/// What changed since just now: the call by which one sees whether changes may be asked for at all.
pub(super) fn nothing_new(now: Timestamp) -> Call {
    export(now.unix_seconds() - OVERLAP_SECONDS)
}

fn export(from: i64) -> Call {
    let call = Call::get("api/v2/help_center/incremental/articles").of(EXPORT);
    call.with("start_time", from)
}

impl HelpCenter {
    pub(super) fn new(client: Arc<dyn VendorClient>) -> Self {
        Self {
            client,
            full: EXPORT_PAGE,
        }
    }

    /// One list, whole: part of one may not pass for all of it.
    async fn all(
        &self,
        path: &str,
        name: &str,
        include: Option<&str>,
    ) -> Result<Vec<Value>, Fault> {
        let mut call = Call::get(path).with("page[size]", PAGE_MAX);
        if let Some(include) = include {
            call = call.with("include", include);
        }
        let mut found = Vec::new();
        for _ in 0..PAGES_MAX {
            let json = self.client.call(call).await?.json;
            found.extend(list(&json, name)?.iter().cloned());
            match next_link(&json)? {
                Some(next) => call = self.client.follow(&next)?,
                None => return Ok(found),
            }
        }
        Err(Fault::Unreachable(format!(
            "a list of \"{name}\" without end"
        )))
    }

    async fn one(&self, wanted: &RemoteId) -> Result<Change<RemoteArticle>, Fault> {
        if as_id(&Value::from(wanted.0.as_str())).is_none() {
            return Err(Fault::Refused {
                code: "id".to_owned(),
                detail: "it is no id of an article".to_owned(),
            });
        }
        let reply = match self.client.call(Call::get(ARTICLES).at(&wanted.0)).await {
            Ok(reply) => reply,
            Err(fault) if fault.is_absence() => {
                let said_at = self.client.now();
                return Ok(change(wanted, None, said_at, State::Gone(Gone::Unseen)));
            }
            Err(fault) => return Err(fault),
        };
        // The earliest moment counts: what is young then is looked at once more.
        let said_at = reply.at;
        let own = &reply.json["article"];
        if id(own, "id").as_ref() != Some(wanted) {
            return Err(missing("article"));
        }
        let below = |what: &str| format!("{ARTICLES}/{wanted}/{what}");
        let texts = match self.all(&below("translations"), "translations", None).await {
            Err(fault) if fault.is_absence() => {
                return Ok(change(wanted, None, said_at, State::Gone(Gone::Unseen)));
            }
            texts => texts?,
        };
        let mut whole = match article(own, &texts, said_at) {
            Ok(whole) => whole,
            Err(why) => {
                return Ok(change(
                    wanted,
                    version(own, said_at),
                    said_at,
                    State::Unreadable(why),
                ));
            }
        };
        if has_files(&texts) {
            let path = below("attachments");
            let listed = self.all(&path, "article_attachments", None).await?;
            whole.files = files(&listed);
        }
        let version = Some(whole.version);
        Ok(change(
            wanted,
            version,
            said_at,
            State::Whole(Box::new(whole)),
        ))
    }

    /// A page of the listing. Texts stand beside the articles, unless that makes it larger than we read.
    async fn listing(&self, call: Call) -> Result<Reply, Fault> {
        match self.client.call(call.clone()).await {
            Err(Fault::Refused { code, .. }) if code == "too_large" => {
                self.client.call(call.without("include")).await
            }
            answer => answer,
        }
    }
}

fn change(
    id: &RemoteId,
    version: Option<RemoteVersion>,
    said_at: Timestamp,
    state: State<RemoteArticle>,
) -> Change<RemoteArticle> {
    Change {
        id: id.clone(),
        version,
        said_at,
        state,
    }
}

/// One line of a listing: whole, where its texts stand beside it and no file must be listed.
fn line(value: &Value, said_at: Timestamp) -> Result<Change<RemoteArticle>, Fault> {
    let id = id(value, "id").ok_or_else(|| missing("id"))?;
    let state = match value["translations"].as_array() {
        Some(texts) if !has_files(texts) => match article(value, texts, said_at) {
            Ok(whole) => State::Whole(Box::new(whole)),
            Err(_) => State::NeedsFetch,
        },
        _ => State::NeedsFetch,
    };
    Ok(change(&id, version(value, said_at), said_at, state))
}

/// The address of the next page; `None` at the end, which they must say.
fn next_link(json: &Value) -> Result<Option<String>, Fault> {
    match json["meta"]["has_more"].as_bool() {
        Some(false) => Ok(None),
        Some(true) => text(&json["links"], "next")
            .map(Some)
            .ok_or_else(|| missing("next")),
        None => Err(missing("has_more")),
    }
}

#[async_trait]
impl ChangeFeed<RemoteArticle> for HelpCenter {
    /// The export names each article once with one language of it, so all of them are asked for.
    async fn changed(&self, since: Since<'_>, _limit: usize) -> Result<Page<RemoteArticle>, Fault> {
        let from = match since {
            Since::Floor(at) => at.unix_seconds().max(1),
            Since::Cursor(cursor) => cursor.0.parse().map_err(|_| Fault::CursorExpired)?,
        };
        let reply = self.client.call(export(from)).await?;
        let articles = list(&reply.json, "articles")?;
        let end = reply.json["end_time"].as_i64();
        let end = end.ok_or_else(|| missing("end_time"))?;
        // An end before the beginning, or ahead of their own clock, would lead back or past what is still to come.
        let end = end.min(reply.at.unix_seconds()).max(from);
        let is_full = articles.len() >= self.full;
        let cursor = |at: i64| Cursor(at.to_string());
        let next = match is_full {
            true if end == from => {
                let second = RemoteVersion(from * 1_000_000);
                Next::Overflow(cursor(from + 1), second)
            }
            true => Next::More(cursor(end)),
            false => Next::CaughtUp(cursor((end - OVERLAP_SECONDS).max(from))),
        };
        let named = articles.iter().map(|a| {
            let id = id(a, "id").ok_or_else(|| missing("id"))?;
            Ok(change(
                &id,
                version(a, reply.at),
                reply.at,
                State::NeedsFetch,
            ))
        });
        Ok(Page {
            items: named.collect::<Result<_, Fault>>()?,
            next,
        })
    }

    async fn listed(
        &self,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<RemoteArticle>, Fault> {
        let call = match from {
            Some(next) => self.client.follow(&next.0)?,
            None => Call::get(ARTICLES)
                .with("include", "translations")
                .with("page[size]", limit.clamp(1, LISTED_PAGE)),
        };
        let reply = self.listing(call).await?;
        let lines = list(&reply.json, "articles")?.iter();
        let items = lines.map(|a| line(a, reply.at)).collect::<Result<_, _>>()?;
        let next = match next_link(&reply.json)? {
            Some(next) => Next::More(Cursor(next)),
            None => Next::CaughtUp(Cursor(String::new())),
        };
        Ok(Page { items, next })
    }

    async fn fetch(&self, ids: &[RemoteId]) -> Result<Vec<Change<RemoteArticle>>, Fault> {
        let mut found = Vec::new();
        for id in ids {
            found.push(self.one(id).await?);
        }
        Ok(found)
    }

    async fn count(&self) -> Result<Option<u64>, Fault> {
        let call = Call::get(ARTICLES).with("per_page", 1);
        Ok(self.client.call(call).await?.json["count"].as_u64())
    }
}

#[async_trait]
impl KnowledgeSource for HelpCenter {
    async fn shape(&self) -> Result<Shape, Fault> {
        let locales = self
            .client
            .call(Call::get("api/v2/help_center/locales"))
            .await?;
        let languages = shape::languages(&locales.json)?;
        let with_texts = Some("translations");
        let categories = self.all("api/v2/help_center/categories", "categories", with_texts);
        let categories = categories.await?;
        let sections = self.all("api/v2/help_center/sections", "sections", with_texts);
        let sections = sections.await?;
        let segments = self.all("api/v2/help_center/user_segments", "user_segments", None);
        Ok(Shape {
            places: shape::places(&categories, &sections, &languages)?,
            readers: shape::readers(&segments.await?)?,
            languages,
        })
    }
}
