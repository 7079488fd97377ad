//! `POST /api/v1/suggestions`.

use axum::extract::State;
use kb_actions::search::PlacedHit;
use kb_actions::suggest;
use kb_domain::{
    Action, ArticleId, Audience, AudienceId, Channel, Locale, RevisionId, SuggestionId, Ticket,
};
use kb_http::route::post;
use kb_http::{
    Answer, Api, Caller, Deps, Interface, Param, PassageAnswer, ReadersAnswer, Rejection,
    StrictJson, snippet, strength,
};
use kb_pages::Texts;
use kb_search::Reason;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

pub(crate) fn routes() -> Api {
    Api::new().with(
        post("/api/v1/suggestions", find)
            .needs(Action::Suggest)
            .doc("Articles for a ticket with its whole conversation")
            .query(&[Param(
                "locale",
                "the language of the reasons; else the first of Accept-Language that there is",
            )])
            .takes::<SuggestBody>()
            .answers::<SuggestAnswer>(),
    )
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SuggestBody {
    /// The ticket.
    ticket: Ticket,
    /// How many, 1 to 20; 5 by default.
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
struct SuggestAnswer {
    id: SuggestionId,
    /// Key terms of the ticket, most telling first.
    terms: Vec<String>,
    suggestions: Vec<Suggestion>,
}

#[derive(Serialize, ToSchema)]
struct Suggestion {
    article: ArticleId,
    revision: RevisionId,
    locale: Locale,
    title: String,
    url: String,
    path: Vec<String>,
    passage: PassageAnswer,
    #[serde(flatten)]
    readers: ReadersAnswer,
    strength: String,
    reason: ReasonAnswer,
}

#[derive(Serialize, ToSchema)]
struct ReasonAnswer {
    terms: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<String>,
    /// The same in words, in the caller's language.
    text: String,
}

impl Suggestion {
    fn of(
        placed: PlacedHit,
        reason: Reason,
        audiences: &BTreeMap<AudienceId, Audience>,
        texts: Texts,
    ) -> Self {
        let hit = placed.hit;
        let audience = hit.audience.and_then(|id| audiences.get(&id));
        Self {
            article: hit.article,
            revision: hit.revision,
            locale: hit.locale,
            title: hit.title,
            url: placed.url,
            path: placed.path,
            passage: PassageAnswer {
                anchor: hit.anchor,
                heading: hit.heading,
                snippet: snippet(&hit.snippet),
            },
            readers: ReadersAnswer::of(audience),
            strength: strength(hit.strength).to_owned(),
            reason: ReasonAnswer::of(reason, texts),
        }
    }
}

impl ReasonAnswer {
    fn of(reason: Reason, texts: Texts) -> Self {
        Self {
            text: texts.reason(&reason.terms, reason.heading.as_deref()),
            terms: reason.terms,
            heading: reason.heading,
        }
    }
}

async fn find(
    State(deps): State<Deps>,
    Caller(ctx): Caller,
    Interface(texts): Interface,
    StrictJson(body): StrictJson<SuggestBody>,
) -> Result<Answer, Rejection> {
    let limit = body.limit.unwrap_or(5);
    if !(1..=20).contains(&limit) {
        let detail = "1 to 20 suggestions fit beside a ticket";
        return Err(kb_domain::Error::field("/limit", "range", detail).into());
    }
    let found = suggest::suggest(&deps.kb, &ctx, body.ticket, limit, Channel::Api).await?;
    let audiences = deps.kb.registry(&ctx.gate).await?;
    let suggestions = found.suggestions.into_iter();
    let suggestions =
        suggestions.map(|(hit, reason)| Suggestion::of(hit, reason, &audiences, texts));
    Ok(Answer::ok(&SuggestAnswer {
        id: found.id,
        terms: found.terms,
        suggestions: suggestions.collect(),
    }))
}
