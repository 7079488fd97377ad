//! `votes`: how readers voted, a line for each article.

use super::export::title;
use super::printable;
use crate::app::App;
use crate::cli::Votes as Asked;
use crate::exit::{Exit, Failure};
use crate::output::Lines;
use kb_actions::{RequestContext, articles, votes};
use kb_domain::{ArticleId, ErrorKind, VoteCounts, VoteReason};
use kb_store::repo::ArticleWithTexts;
use serde_json::{Value, json};

pub(crate) async fn run(app: &App, asked: &Asked, lines: &Lines) -> Result<(), Failure> {
    let kb = &app.kb;
    let ctx = RequestContext::load(kb, App::operator()).await;
    let ctx = ctx.map_err(Failure::environment)?;
    let mut found = 0_u64;
    if let Some(id) = &asked.article {
        let id: ArticleId = id.parse().map_err(Failure::usage)?;
        let whole = articles::read(kb, &ctx, id).await.map_err(failure)?;
        let counts = votes::counts(kb, &ctx, id).await.map_err(failure)?;
        say(&whole, &counts, lines).await?;
        found = 1;
    } else {
        let mut cursor = None;
        loop {
            let (page, next) = votes::counted(kb, &ctx, cursor).await.map_err(failure)?;
            for (whole, counts) in &page {
                say(whole, counts, lines).await?;
            }
            found += page.len() as u64;
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
    }
    let text = match asked.article {
        Some(_) => String::new(),
        None => format!("{found} articles with votes"),
    };
    super::end(lines, Exit::Done, text, json!({"articles": found})).await
}

async fn say(whole: &ArticleWithTexts, counts: &VoteCounts, lines: &Lines) -> Result<(), Failure> {
    let (article, title) = (whole.head.value.id, title(whole));
    let (yes, no, net) = (counts.yes, counts.no, counts.net());
    let each = |(reason, n): (&VoteReason, &u64)| format!("{} {n}", reason.as_str());
    let mut reasons = counts
        .reasons
        .iter()
        .map(each)
        .collect::<Vec<_>>()
        .join(", ");
    if !reasons.is_empty() {
        reasons = format!(" ({reasons})");
    }
    let text = format!(
        "{article}  {yes} yes, {no} no, net {net}{reasons}  {}",
        printable(title)
    );
    let reasons = counts.reasons.iter();
    let reasons: serde_json::Map<String, Value> = reasons
        .map(|(reason, n)| (reason.as_str().to_owned(), json!(n)))
        .collect();
    let json = json!({"article": article, "title": title, "yes": yes, "no": no, "net": net, "reasons": reasons});
    Ok(lines.fact(text, json).await?)
}

fn failure(error: kb_actions::Error) -> Failure {
    if error.kind() == ErrorKind::NotFound {
        Failure::refused(error)
    } else {
        Failure::environment(error)
    }
}
